"""The replay in a real browser, by its buttons. GRADVIZ_BROWSER names a Python that has QtWebEngine, where this one has none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradviz.debugger.session import Session
from gradviz.export.replay import to_html
from gradviz.lessons import first
from gradviz.recording.file.gvrec import load

NO_BROWSER = 3


def clicked(folder: Path, session: Session, size: str, buttons: list[str]) -> list[Any]:
    """What the page shows after each click."""
    page = folder / "replay.html"
    page.write_text(to_html(session, "Lesson"))
    command = [os.environ.get("GRADVIZ_BROWSER", sys.executable), str(Path(__file__).parent / "browser.py"), str(page), size, *buttons]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    if done.returncode == NO_BROWSER:
        pytest.skip("no browser on this machine")
    assert done.returncode == 0, done.stderr
    told: list[Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def test_on_a_phone_the_card_of_the_step_is_in_sight_and_large_enough(tmp_path: Path) -> None:
    told = clicked(tmp_path, Session(load(str(first.RECORDING))), "500,844", ["next"] * 24)  # headless Chromium has no narrower window
    for _, caption, _, _, cards, (left, top, width, height) in told:
        assert width > 450, "the script stands below the graph"
        for x, y, wide, high in cards[:1]:
            assert wide >= 100, caption
            assert left <= x + wide / 2 <= left + width and top <= y + high / 2 <= top + height, caption


def test_the_buttons_of_a_replay_step_through_the_recording(tmp_path: Path) -> None:
    session = Session(load(str(first.RECORDING)))
    told = clicked(tmp_path, session, "1280,800", ["next"] * 20 + ["back", "end", "back", "start"])
    rows = session.columns.steps.tolist()
    places = [*range(20), 18, len(rows) - 1, len(rows) - 2, -1]
    for (count, caption, cards, line, *_), at in zip(told, places, strict=True):
        assert count == f"{at + 1} of {len(rows)}"
        if at < 0:
            assert caption == "At the start. Press Step."
            continue
        session.seek(rows[at])
        moment = session.moment()
        assert caption == moment.caption
        assert line == (str(moment.line) if moment.line else "")
        assert cards >= sum(1 for state in moment.states.values() if state.status)

"""The budget through the real window: seen, set, kept to; what it let go of is computed again; a killed window leaves its run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from tests.ui.conftest import Opener, keep
from ui.settings import Settings
from ui.timeline.unfinished import begin_journal, left_behind, offer_unfinished
from ui.window.main_window import MainWindow

TRAINING = """import torch
torch.manual_seed(0)
w = torch.randn(3000, requires_grad=True)
x = torch.randn(3000)
for step in range(300):
    loss = ((w * x - 1) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""
DRIFTING = TRAINING.replace("torch.manual_seed(0)", "import time; torch.manual_seed(time.time_ns() % 1000003)")


def run(window: MainWindow, source: str, folder: Path, qtbot: QtBot, megabytes: int = 512) -> Session:
    script = folder / "script.py"
    script.write_text(source)
    window.bridge.set_memory(megabytes)
    window.workbench.open(str(script))
    window.workbench.trust_and_run()
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=20_000)
    session = window.bridge.session
    assert session is not None
    return session


def vjp_of_step(session: Session, step: int) -> int:
    columns = session.columns
    return int(np.flatnonzero((columns.step == step) & (columns.kind == int(Kind.VJP)))[2])


def values_on_the_canvas(session: Session) -> dict[int, np.ndarray | None]:
    """The numbers of each node at the cursor; None where only their statistics are there."""
    return {node: state.value.array for node, state in session.moment().states.items() if state.value is not None}


def test_the_user_sees_and_sets_the_budget(window: MainWindow, settings: Settings, tmp_path: Path, qtbot: QtBot) -> None:
    session = run(window, TRAINING, tmp_path, qtbot)
    button = window.timeline.memory
    assert button.text() == f"{session.recording.memory >> 20} of 512 MB"
    assert session.recording.memory > 20 << 20
    button.choose(16)
    assert session.recording.memory <= 16 << 20
    assert button.text().endswith("of 16 MB")
    assert settings.memory == 16
    keep(window, "memory")


def test_numbers_beyond_the_budget_come_back_when_the_cursor_rests(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    session = run(window, TRAINING, tmp_path, qtbot)
    at = vjp_of_step(session, 5)
    window.bridge.seek(at)
    whole = values_on_the_canvas(session)
    assert len(whole) > 5
    assert all(array is not None for array in whole.values())
    window.bridge.set_memory(16)
    for step in range(60, 300, 10):  # elsewhere, so that step 5 is not what was looked at last
        window.bridge.seek(vjp_of_step(session, step))
    session.recording.budget = session.recording.memory - session.recording.value_bytes  # nothing is left
    session.recording.budget = 16 << 20
    window.bridge.seek(-1)
    window.bridge.set_session(Session(session.recording))
    fresh = window.bridge.session
    assert fresh is not None
    window.bridge.seek(at)
    assert any(array is None for array in values_on_the_canvas(fresh).values())
    # What a first look asks for is computed first, and what the panels ask for then in a second run.
    qtbot.waitUntil(lambda: all(array is not None for array in values_on_the_canvas(fresh).values()), timeout=20_000)
    now = values_on_the_canvas(fresh)
    assert now.keys() == whole.keys()
    for node, array in whole.items():
        found = now[node]
        assert found is not None and array is not None
        assert found.tobytes() == array.tobytes()
    assert fresh.recording.memory <= 16 << 20
    assert fresh.derivation()


def test_a_script_that_cannot_be_repeated_is_told_of(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    session = run(window, DRIFTING, tmp_path, qtbot)
    session.recording.budget = 0
    session.recording.budget = 64 << 20
    window.bridge.set_session(Session(session.recording))
    window.bridge.seek(vjp_of_step(session, 7))
    qtbot.waitUntil(lambda: "cannot be repeated" in window.message.text, timeout=20_000)
    assert "random numbers without a seed" in window.message.text
    assert session.recording.filled == 0


def test_a_recording_of_an_untrusted_folder_runs_nothing(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    run(window, TRAINING, tmp_path, qtbot)
    other = tmp_path / "mail"
    other.mkdir()
    assert window.workbench.save_recording(str(other / "got.gvrec"))
    window.workbench.open(str(other / "got.gvrec"))
    qtbot.waitUntil(lambda: not window.workbench.opening.busy)
    session = window.bridge.session
    assert session is not None
    session.recording.budget = 0
    session.recording.budget = 64 << 20
    window.bridge.seek(vjp_of_step(session, 7))
    session.moment()
    qtbot.waitUntil(lambda: "were not kept" in window.message.text, timeout=10_000)
    assert not window.recomputing.working


def test_a_run_is_on_the_disk_while_it_goes_on_and_gone_afterwards(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "endless.py"
    script.write_text("import torch\nw = torch.ones(2, requires_grad=True)\nwhile True:\n    (w * 2).sum().backward()\n")
    window.workbench.open(str(script))
    window.workbench.trust_and_run()
    runs = window.settings.folder / "runs"
    qtbot.waitUntil(lambda: any(path.stat().st_size > 100_000 for path in runs.glob("*.gvrec")), timeout=20_000)
    assert left_behind(window.settings.folder) == []  # its window lives
    window.workbench.stop()
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=10_000)
    qtbot.waitUntil(lambda: not list(runs.glob("*.gvrec")), timeout=20_000)  # a thread takes it away: the window does not wait for the disk


@pytest.fixture
def dead() -> str:
    """The number of a process that is no more."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return str(gone.pid)


def test_a_killed_window_leaves_its_run_and_the_next_one_offers_it(opened: Opener, tmp_path: Path, qtbot: QtBot, dead: str) -> None:
    window = opened()
    session = run(window, TRAINING, tmp_path, qtbot)
    folder = window.settings.folder
    journal = begin_journal(folder, 1 << 20)
    assert journal is not None
    from gradviz.recording.file.export import chunks_of

    for data in chunks_of(session.recording):
        journal.append(data)
    journal.close()
    path, older = (folder / "runs" / f"{dead}-{number}.gvrec" for number in (0, 1))
    os.replace(journal.path, path)
    shutil.copyfile(path, older)
    os.utime(older, (0, 0))
    window.workbench.open_lesson()
    offer_unfinished(window.settings.folder, window.message, window.workbench.open_left_behind)
    assert "ended while a script was being recorded" in window.message.text
    button = window.message.button("Open it")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: not window.workbench.opening.busy)
    shown = window.bridge.session
    assert shown is not None
    assert shown.length == session.length
    assert window.source.text == TRAINING
    assert not path.exists()
    assert left_behind(folder) == [older]  # nobody has thrown it away
    offer_unfinished(window.settings.folder, window.message, window.workbench.open_left_behind)
    button = window.message.button("Throw it away")
    assert button is not None
    button.click()
    assert left_behind(folder) == []

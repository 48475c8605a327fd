"""A recording is saved while the window stays awake, and whole whatever comes between."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.debugger.session import Session
from gradviz.recording.file.gvrec import load
from gradviz.running.recorded import record_text
from ui.window.main_window import MainWindow

SOURCE = """import torch
w = torch.ones(400, requires_grad=True)
for k in range(700):
    loss = (w * k).pow(2).sum()
    loss.backward()
"""


@pytest.fixture
def target(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A long recording is on the screen, and the file is chosen that it is to be saved to."""
    recording, _ = record_text("long.py", SOURCE, silent=True)
    window.workbench.show_recorded("long.py", SOURCE, Session(recording))
    chosen = tmp_path / "long.gvrec"
    monkeypatch.setattr("ui.window.files.file_to_write", lambda *_: str(chosen))
    return chosen


def save(window: MainWindow) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)


def test_the_window_can_be_stepped_while_a_recording_is_saved(window: MainWindow, target: Path, qtbot: QtBot) -> None:
    session = window.bridge.session
    assert session is not None
    save(window)
    assert window.workbench.saving.active
    assert window.statusBar().currentMessage() == "Saving long.gvrec…"
    QTest.keyClick(window.canvas, Qt.Key.Key_F11)
    assert session.position >= 0
    assert not target.exists()
    qtbot.waitUntil(target.exists, timeout=20_000)
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Saved long.gvrec")
    again = load(str(target))
    assert len(again) == session.length
    last = next(event.writes[0].value for event in map(session.trace.event, reversed(range(session.length))) if event.writes)
    mine, theirs = session.recording.array(last), again.array(last)
    assert mine is not None and theirs is not None
    assert mine.tobytes() == theirs.tobytes()


def test_a_window_that_is_closed_meanwhile_writes_the_rest(window: MainWindow, target: Path) -> None:
    save(window)
    assert not target.exists()
    window.close()
    assert len(load(str(target))) > 0
    assert [path.name for path in target.parent.iterdir() if path.name.endswith(".part")] == []


def test_a_place_that_cannot_be_written_is_told(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Path, qtbot: QtBot
) -> None:
    monkeypatch.setattr("ui.window.files.file_to_write", lambda *_: str(tmp_path / "nowhere" / target.name))
    save(window)
    qtbot.waitUntil(lambda: window.message.text.startswith("The recording was not saved: "), timeout=20_000)
    assert not window.workbench.saving.active

"""The row of frames above the timeline: it says where the cursor stands, and each frame goes to where it begins."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.conftest import keep
from ui.window.main_window import MainWindow

SCRIPT = """import torch
w = torch.ones(3, requires_grad=True)

def model(x):
    h = x * 2
    return h.sum()

for epoch in range(2):
    loss = model(w)
    loss.backward()
"""


def test_a_click_on_a_frame_goes_to_its_beginning_and_to_its_line(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "model.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: window.bridge.session is not None and not window.bridge.running, timeout=20_000)
    session, crumbs = window.bridge.session, window.timeline.crumbs
    assert session is not None
    row = next(e.index for e in session.recording if e.kind == Kind.OP and e.line == 6 and e.epoch == 1)
    window.bridge.seek(row)
    assert [place.text for place in crumbs.places] == ["epoch 1", "forward", "line 9", "model, line 6", "loss"]
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: crumbs._buttons[4].isVisible(), timeout=2000)
    assert not crumbs.rest.isVisible()
    keep(window, "crumbs")
    QTest.mouseClick(crumbs._buttons[2], Qt.MouseButton.LeftButton)
    assert session.event is not None
    assert (session.event.line, session.event.epoch, session.event.kind) == (5, 1, Kind.OP)
    assert window.source.current_line() == 9
    QTest.mouseClick(crumbs._buttons[0], Qt.MouseButton.LeftButton)
    assert session.position == session.frames.epoch_start(row, 0)
    crumbs.resize(120, crumbs.height())
    assert crumbs.rest.isVisible()
    crumbs.rest.menu().aboutToShow.emit()
    assert [action.text() for action in crumbs.rest.menu().actions()] == [
        place.text for place in crumbs.places[1 : len(crumbs._hidden) + 1]
    ]

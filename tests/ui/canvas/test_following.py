"""The eye follows the event: wherever it is, a card of it is in sight."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from ui.window.main_window import MainWindow

LONG = """\
import torch
wh = torch.ones(3, 3, requires_grad=True)
wx = torch.ones(3, 2, requires_grad=True)
for epoch in range(2):
    h = torch.zeros(3)
    for t in range(14):
        h = torch.tanh(wh @ h + wx @ torch.ones(2))
    h.sum().backward()
    with torch.no_grad():
        wh -= 0.1 * wh.grad
        wx -= 0.1 * wx.grad
    wh.grad = None
    wx.grad = None
"""


def test_nodes_that_stand_far_apart_do_not_lead_the_eye_to_the_empty_paper_between(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    script = tmp_path / "long.py"
    script.write_text(LONG)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    session, canvas = window.bridge.session, window.canvas
    assert session is not None
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(canvas, key, Qt.KeyboardModifier.ControlModifier)
        moment = canvas.moment
        assert moment is not None
        rects = [canvas.geometry_.rect(node) for node in moment.current]
        assert not rects or any(canvas.shown.contains(rect) for rect in rects)
    apart = [canvas.geometry_.rect(node).center().x() for node in canvas.moment.current] if canvas.moment is not None else []
    assert max(apart) - min(apart) > canvas.shown.width(), "the last event is at cards that do not fit into the window together"


def test_the_card_of_the_event_is_not_left_under_the_minimap(window: MainWindow) -> None:
    canvas = window.canvas
    y = next(n.id for n in canvas.geometry_.nodes if n.title == "y")
    while canvas.moment is None or canvas.moment.current != (y,):
        QTest.keyClick(canvas, Qt.Key.Key_F11)
    moment = canvas.moment
    card = canvas.geometry_.rect(moment.current[0])
    minimap = canvas.covered()[-1]
    QTest.keyClick(canvas, Qt.Key.Key_F11, Qt.KeyboardModifier.ControlModifier)
    canvas.pan_to(QPointF(minimap.right() - 30, canvas.height() - 80) - card.bottomRight() * canvas.scale)
    assert canvas.shown.contains(card) and canvas.covered()[-1] == minimap
    QTest.keyClick(canvas, Qt.Key.Key_F11)
    moment = canvas.moment
    assert moment is not None and card == canvas.geometry_.rect(moment.current[0])
    here = QRectF(card.topLeft() * canvas.scale + canvas.offset, card.size() * canvas.scale)
    assert canvas.shown.contains(card) and not any(box.intersects(here) for box in canvas.covered())


def test_a_look_at_an_event_without_a_node_is_one_at_the_node_before_it(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    kinds = session.columns.kind
    last = max(row for row in range(session.length) if kinds[row] == int(Kind.BOUNDARY))
    window.bridge.seek(last)
    assert not session.moment().current
    window.canvas.pan_to(QPointF(0, 0))
    window.canvas.fit_current()
    assert window.canvas.shown.contains(window.canvas.geometry_.rect(session.latest_site))

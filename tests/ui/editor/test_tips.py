"""What the tooltip says where the mouse rests."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.editor.pilot import Pilot, build


def rest_at(pilot: Pilot, point: QPoint) -> None:
    """The mouse goes there and stays until Qt asks what the tooltip says."""
    QTest.mouseMove(pilot.view, point - QPoint(1, 0))
    QTest.mouseMove(pilot.view, point)
    QApplication.sendEvent(pilot.view, QHelpEvent(QHelpEvent.Type.ToolTip, point, pilot.view.mapToGlobal(point)))


def test_a_block_is_told_by_its_tooltip_as_it_is_after_the_last_edit(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    rest_at(pilot, pilot.title("x"))
    assert QToolTip.text().startswith("x: ") and "shape (), float32" in QToolTip.text()
    pilot.set_value("x", "[1, 2, 3]")
    rest_at(pilot, pilot.title("x"))
    assert "shape (3,), float32" in QToolTip.text()
    nowhere = pilot.view.rect().bottomRight() - QPoint(30, 30)
    assert not pilot.view.shapes.at(pilot.view.to_graph(nowhere.toPointF()))
    rest_at(pilot, nowhere)
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    assert pilot.view.toolTip() == ""

"""From the palette to the canvas: by keys, behind the selected node; by the mouse, into a wire."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import keep
from tests.ui.editor.pilot import LEFT, NOTHING, Pilot, build
from ui.editor.panels.palette import MIME


def take(pilot: Pilot, text: str) -> None:
    """Typed into the palette's line, and Enter."""
    line = pilot.window.room.panel.palette_.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()


def drop(pilot: Pilot, op: str, at: QPointF) -> None:
    mime = QMimeData()
    mime.setData(MIME, op.encode())
    pilot.view.dragMoveEvent(QDragMoveEvent(at.toPoint(), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))
    keep(pilot.window, f"editor-over-{'a-wire' if pilot.view.chosen_wire else 'nothing'}")
    pilot.view.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, mime, LEFT, NOTHING))


def test_what_is_taken_from_the_palette_reads_the_selected_node(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(200, 300))
    pilot.set_value("x", "randn(4, 1, 8, 8)")
    take(pilot, "nn.Conv2d")
    document = pilot.window.room.desk.document
    assert document.wires[pilot.block("conv2d").id, "input"].source == pilot.block("x").id
    assert pilot.block("conv2d").params == {"in_channels": 1}
    line = pilot.view.inline.line
    assert line is not None and line.placeholderText() == "out_channels" and QApplication.focusWidget() is line
    QTest.keyClicks(line, "4")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert pilot.view.inline.line is not None and pilot.view.inline.line.placeholderText() == "kernel_size"
    QTest.keyClicks(pilot.view.inline.line, "3")
    QTest.keyClick(pilot.view.inline.line, Qt.Key.Key_Return)
    assert pilot.view.inline.line is None and QApplication.focusWidget() is pilot.view
    assert pilot.block("conv2d").params == {"in_channels": 1, "out_channels": 4, "kernel_size": 3}
    assert pilot.window.room.desk.ran.values[pilot.block("conv2d").id].shape == (4, 4, 6, 6)


def test_what_is_dropped_on_a_wire_is_put_into_it(pilot: Pilot) -> None:
    build(pilot)
    desk, key = pilot.window.room.desk, (pilot.block("sub").id, "input")
    before = desk.document
    pilot.click(QPoint(20, 600))
    middle = pilot.view.to_widget(pilot.view.shapes.wires[key].pointAtPercent(0.5))
    drop(pilot, "torch.exp", middle)
    assert desk.history.undo_label == "Put exp between add and sub"
    assert desk.document.wires[key].source == pilot.block("exp").id
    assert desk.document.wires[pilot.block("exp").id, "input"].source == pilot.block("add").id
    shapes = pilot.view.shapes.blocks
    assert not shapes[pilot.block("exp").id].rect.intersects(shapes[pilot.block("sub").id].rect)
    assert pilot.view.chosen_wire is None
    keep(pilot.window, "editor-dropped-on-a-wire")
    pilot.undo()
    assert desk.document is before
    drop(pilot, "tensor", pilot.view.to_widget(pilot.view.shapes.wires[key].pointAtPercent(0.5)))  # it has no input
    drop(pilot, "torch.exp", QPointF(300, 620))
    assert desk.document.wires == before.wires and len(desk.document.blocks) == len(before.blocks) + 2

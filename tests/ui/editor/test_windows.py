"""Several windows with nodes copied between them, the direction of the graph, and the names that screen readers say."""

from __future__ import annotations

from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.document.file.text import read, write
from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, SHIFT, Pilot
from ui.editor.asking.quick_add import add_expression

LOSS = "loss = mean((w*x + b - y)**2)"


def build(pilot: Pilot) -> None:
    add_expression(pilot.view, LOSS, QPointF(100, 100))


def test_nodes_are_copied_from_one_window_to_another(pilot: Pilot) -> None:
    build(pilot)
    window = pilot.window
    pilot.key(Qt.Key.Key_A, CONTROL)
    pilot.key(Qt.Key.Key_C, CONTROL)
    pilot.key(Qt.Key.Key_N, CONTROL | SHIFT)
    other: Any = window.windows.open[-1]
    assert other is not window
    assert other.room.active
    assert QTest.qWaitForWindowActive(other)
    other.actions_["paste"].trigger()
    there = other.room.desk
    assert [b.name for b in there.document.blocks.values()] == pilot.names()
    assert there.ran.values[there.ran.loss].tolist() == window.room.desk.ran.values[window.room.desk.ran.loss].tolist()
    there.history.undo()
    assert len(window.room.desk.document.blocks) == 9  # each has a history of its own
    there.history.set_clean()
    other.close()
    assert window.windows.open == [window]
    shiboken6.delete(other)


def test_lines_of_a_program_are_pasted(pilot: Pilot) -> None:
    QApplication.clipboard().setText("x = torch.tensor([1.0, 2.0], requires_grad=True)\nh = torch.relu(x - 1)\nloss = h.sum()")
    pilot.key(Qt.Key.Key_V, CONTROL)
    desk = pilot.window.room.desk
    assert pilot.names() == ["x", "sub", "h", "loss"]
    assert desk.ran.grads[pilot.block("x").id].tolist() == [0.0, 1.0]
    assert len(desk.history) == 1


def test_the_graph_turns_from_top_to_bottom_as_one_edit_and_is_saved_so(pilot: Pilot) -> None:
    build(pilot)
    desk, view = pilot.window.room.desk, pilot.view
    before = write(desk.document)
    pilot.key(Qt.Key.Key_L, CONTROL | SHIFT)
    loss, w = view.shapes.blocks[pilot.block("loss").id], view.shapes.blocks[pilot.block("w").id]
    assert w.rect.bottom() < loss.rect.top()
    assert w.output.y() == w.rect.bottom()
    assert loss.inputs[0][1].y() == loss.rect.top()
    keep(pilot.window, "editor-top-to-bottom")
    assert desk.history.undo_label == "Arrange top to bottom"
    assert read(write(desk.document).encode()).document == desk.document
    pilot.click(QPoint(20, 640))
    assert pilot.add("exp", QPoint(80, 560)) == "exp"
    pilot.connect("w", "exp", "input")
    assert desk.document.wires[pilot.block("exp").id, "input"].source == pilot.block("w").id
    for _ in range(3):
        pilot.undo()
    assert write(desk.document) == before


def test_groups_are_opened_with_enter_and_left_with_backspace(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("mul")
    pilot.key(Qt.Key.Key_G, CONTROL)
    assert len(pilot.view.shapes.groups) == 1
    pilot.key(Qt.Key.Key_Return)
    assert not pilot.view.shapes.groups
    pilot.key(Qt.Key.Key_Backspace)
    assert len(pilot.view.shapes.groups) == 1


def test_everything_that_takes_the_focus_has_a_name_for_screen_readers(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("x")
    panel = pilot.window.room.panel
    silent = []
    for page in range(panel.side.count()):
        panel.side.setCurrentIndex(page)
        QApplication.processEvents()
        for widget in panel.findChildren(QWidget):
            inner = widget.objectName().startswith("qt_")  # a part of one of Qt's own, which has the name
            if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not inner:
                spoken = QAccessible.queryAccessibleInterface(widget)
                if spoken is None or not spoken.text(QAccessible.Text.Name):
                    silent.append(f"{type(widget).__name__} {widget.objectName()} on {panel.side.tabText(page)}")
    assert silent == []


def test_alt_click_on_an_output_cuts_what_goes_out_of_it(pilot: Pilot) -> None:
    build(pilot)
    pilot.click(pilot.output("mul"), Qt.KeyboardModifier.AltModifier)
    desk = pilot.window.room.desk
    assert desk.document.users(pilot.block("mul").id) == []
    assert desk.history.undo_label == "Cut a wire"


@pytest.mark.parametrize("upright", [False, True])
def test_what_is_pasted_is_in_sight_covers_nothing_and_goes_the_way_of_the_graph(pilot: Pilot, upright: bool) -> None:
    build(pilot)
    view = pilot.view
    pilot.select("mul")
    pilot.click(pilot.title("add"), SHIFT)
    pilot.key(Qt.Key.Key_G, CONTROL)
    pilot.key(Qt.Key.Key_A, CONTROL)
    pilot.key(Qt.Key.Key_C, CONTROL)
    if upright:
        pilot.key(Qt.Key.Key_L, CONTROL | SHIFT)
    for times in (2, 3):
        pilot.key(Qt.Key.Key_V, CONTROL)
        new = [pilot.block(f"{name}{times}").id for name in ("w", "x", "mul", "b", "add", "y", "sub", "pow", "loss")]
        shapes = view.shapes.blocks
        assert all(view.shown.contains(shapes[i].rect) for i in new)
        others = [s.rect for i, s in shapes.items() if i not in new]
        assert not any(rect.intersects(shapes[i].rect) for rect in others for i in new)
        way = [shapes[i].rect.top() if upright else shapes[i].rect.left() for i in (new[0], new[2], new[6], new[7], new[8])]
        assert way == sorted(way) and len(set(way)) == len(way)
    inside = [pilot.block(name) for name in ("mul3", "add3")]
    assert (inside[0].y < inside[1].y) if upright else (inside[0].x < inside[1].x)

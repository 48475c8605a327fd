"""What the keys of the node editors do here, what a wire from an input offers, and what is written on a card."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.document import edits
from gradviz.document.model import TENSOR, Value
from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, SHIFT, Pilot
from ui.canvas.cards import _shape_text
from ui.editor.paint import node_of
from ui.editor.quick_add import add_expression

LOSS = "loss = mean((w*x + b - y)**2)"


def build(pilot: Pilot) -> None:
    add_expression(pilot.view, LOSS, QPointF(100, 100))


def test_a_wire_drawn_from_an_input_offers_what_can_feed_it_and_a_tensor_that_fits(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    matrix = Value((2, 3), tuple(map(float, range(6))))
    made, block = edits.add(desk.document, TENSOR, 0, 420, name="m", value=matrix)
    made, product = edits.add(made, "torch.matmul", 260, 420)
    desk.do("Add", edits.connect(made, block, product, "input"))
    pilot.view.fit()
    start = pilot.input("matmul", "other")
    pilot.drag(start, start + QPoint(-40, 60))
    offered = [choice.text for choice in pilot.picker._choices]
    assert offered[0] == "tensor" and "exp" in offered and "mean" not in offered
    pilot.pick("tensor")
    assert desk.document.wires[product, "other"].source == desk.selected[0]
    assert desk.problem_of(product) == ""


def test_an_unknown_shape_is_no_scalar(pilot: Pilot) -> None:
    assert pilot.add("exp", QPoint(300, 300)) == "exp"
    node, _ = node_of(pilot.window.room.desk, pilot.block("exp"))
    assert _shape_text(node) == "?"


def test_shapes_values_and_gradients_are_left_out_by_keys(pilot: Pilot) -> None:
    build(pilot)
    pilot.key(Qt.Key.Key_0, CONTROL)  # a small card writes no shape
    pictures = [pilot.view.grab().toImage()]
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        pilot.key(key, Qt.KeyboardModifier.AltModifier)
        pictures.append(pilot.view.grab().toImage())
    assert all(a != b for a, b in pairwise(pictures))
    keep(pilot.window, "editor-without-labels")
    pilot.window.turn_theme()
    assert pilot.window.bridge.theme.hidden == {"shapes", "values", "grads"}
    pilot.window.turn_theme()
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        pilot.key(key, Qt.KeyboardModifier.AltModifier)
    assert pilot.view.grab().toImage() == pictures[0]


def test_long_words_above_the_canvas_take_no_room_from_the_palette(pilot: Pilot) -> None:
    build(pilot)
    panel = pilot.window.room.panel
    before = panel.palette_.width()
    made, block = edits.add(pilot.window.room.desk.document, "torch.exp", 0, 400, name="a_name_that_is_" + "very_" * 30 + "long")
    pilot.window.room.desk.do("Add", made)
    assert "very_very" in panel.status.text()
    QApplication.processEvents()
    assert panel.palette_.width() == before
    assert block in pilot.window.room.desk.troubled()


def test_a_closed_group_is_taken_apart(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("mul")
    pilot.key(Qt.Key.Key_G, CONTROL)
    assert len(pilot.view.shapes.groups) == 1
    pilot.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert not pilot.view.shapes.groups and not pilot.window.room.desk.document.frames


def test_properties_are_gone_to_and_training_begins_by_keys(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("w")
    pilot.key(Qt.Key.Key_Return, CONTROL)
    panel = pilot.window.room.panel
    assert panel.side.currentWidget() is panel.properties
    QTest.keyClick(pilot.window, Qt.Key.Key_F5, CONTROL)
    assert panel.training.running
    panel.training.end()

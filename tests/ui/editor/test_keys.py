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
from ui.canvas.cards.card import _shape_text
from ui.editor.asking.quick_add import add_expression
from ui.editor.painting.paint import node_of

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
    made, block = edits.add(pilot.window.room.desk.document, "torch.matmul", 0, 400, name="a_name_that_is_" + "very_" * 30 + "long")
    for port in ("input", "other"):  # of numbers there is no product of matrices
        made = edits.connect(made, pilot.block("w").id, block, port)
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


def test_an_expression_of_matrices_runs_as_it_was_typed(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    pilot.pick("att = softmax(q @ k.T / 2, dim=-1) @ v")
    desk = pilot.window.room.desk
    assert not desk.troubled() and desk.ran.values[pilot.block("att").id].shape == (3, 3)
    assert pilot.block("q").id in desk.ran.grads
    pilot.view.fit()
    keep(pilot.window, "editor-attention")
    pilot.key(Qt.Key.Key_Escape)
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("att[0]")  # brackets are an expression, too
    assert desk.ran.values[desk.selected[0]].shape == (3,)


def test_a_field_that_is_needed_is_gone_to_and_escape_goes_back_to_the_canvas(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(200, 300))
    pilot.set_value("x", "randn(4, 3)")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("nn.Linear")
    panel, desk = pilot.window.room.panel, pilot.window.room.desk
    pilot.key(Qt.Key.Key_Return, CONTROL)
    field = panel.properties.field("out_features")
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, "2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is pilot.view
    assert desk.document.blocks[desk.selected[0]].params["out_features"] == 2
    pilot.key(Qt.Key.Key_N)
    name = QApplication.focusWidget()
    QTest.keyClicks(name, "half")
    QTest.keyClick(name, Qt.Key.Key_Escape)  # not taken, and not taken later
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("relu")
    assert pilot.names() == ["x", "linear", "relu"]
    QTest.keyClicks(panel.palette_.line, "mean")
    QTest.keyClick(panel.palette_.line, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is pilot.view


def test_a_node_that_waits_is_what_is_said_to_be_missing(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    pilot.pick("logits = nn.Linear(4, 3)(x)")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("F.cross_entropy")
    panel, desk = pilot.window.room.panel, pilot.window.room.desk
    assert panel.status.text() == "cross_entropy waits for target"
    start = pilot.input("cross_entropy", "target")
    pilot.drag(start, start + QPoint(-50, 90))
    pilot.pick("tensor")
    target = pilot.block("target")  # the name of the port
    assert target.value is not None and (target.value.shape, target.value.dtype) == ((2,), "int64")
    assert set(desk.ran.values[target.id].tolist()) <= {0, 1, 2}
    assert panel.status.text().startswith("cross_entropy = ")
    pilot.select("cross_entropy")
    pilot.key(Qt.Key.Key_Delete)
    pilot.select("logits")
    pilot.key(Qt.Key.Key_Delete)
    pilot.select("x")
    pilot.key(Qt.Key.Key_R)
    assert panel.status.text() == "Nothing reads x yet"


def test_what_is_added_after_an_expression_reads_its_result(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    pilot.pick("s = w*x + b")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("sigmoid")
    assert pilot.window.room.desk.document.wires[pilot.block("sigmoid").id, "input"].source == pilot.block("s").id


def test_an_input_that_may_stay_empty_tells_its_name_where_somebody_looks_at_the_node(pilot: Pilot) -> None:
    loss = pilot.add("cross_entropy", QPoint(420, 300))
    at = {port: pilot.input(loss, port) for port in ("input", "weight")}

    def written(port: str) -> bool:
        """Whether something stands left of a port."""
        box = pilot.view.grab().toImage().copy(at[port].x() - 36, at[port].y() - 6, 26, 12)
        colours = [box.pixel(x, y) for x in range(box.width()) for y in range(box.height())]
        return len(colours) - colours.count(max(set(colours), key=colours.count)) > 25

    assert written("input") and written("weight")
    pilot.click(QPoint(700, 640))
    QTest.mouseMove(pilot.view, QPoint(700, 600))
    QApplication.processEvents()
    assert written("input") and not written("weight")

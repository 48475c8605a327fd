"""Less typing: a name is a tensor, numbers are computed, tensors that were only drawn follow, and the next step of a recurrence is one key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, SHIFT, Pilot, build


def reads(pilot: Pilot, name: str) -> list[str]:
    document = pilot.window.room.desk.document
    return [document.blocks[w.source].name for w in document.inputs(pilot.block(name).id).values()]


@pytest.mark.parametrize("grouped", [False, True])
def test_a_recurrent_cell_is_unrolled_by_three_presses_of_a_key(pilot: Pilot, grouped: bool) -> None:
    build(pilot, "h1 = tanh(x1 @ W + h0 @ U + b)")
    if grouped:
        pilot.key(Qt.Key.Key_G, CONTROL)
    desk = pilot.window.room.desk
    for _ in range(3):
        pilot.key(Qt.Key.Key_D, CONTROL | SHIFT)
    assert {f"h{k}" for k in range(5)} | {f"x{k}" for k in range(1, 5)} <= set(pilot.names())
    assert {"W2", "U2", "b2", "h02"}.isdisjoint(pilot.names())
    assert "h3" in {n for name in pilot.names() if name != "h4" and name.startswith("matmul") for n in reads(pilot, name)}
    assert len({b.value.seed for b in desk.document.blocks.values() if b.value is not None and b.name.startswith("x")}) == 4
    assert desk.ran.problems == {} and desk.document.blocks[desk.ran.loss].name == "h4"
    assert len(desk.document.frames) == (4 if grouped else 0) and all(f.collapsed for f in desk.document.frames.values())
    keep(pilot.window, f"editor_unrolled_{grouped}")
    for _ in range(3):
        pilot.undo()
    assert "h2" not in pilot.names()


def test_nodes_without_such_names_say_what_is_needed(pilot: Pilot) -> None:
    build(pilot)
    before = pilot.names()
    pilot.key(Qt.Key.Key_D, CONTROL | SHIFT)
    assert pilot.names() == before and "names such as h1 and h0" in pilot.window.message.text


def test_a_layer_in_a_step_has_weights_of_its_own_and_that_is_said(pilot: Pilot) -> None:
    build(pilot, "h1 = tanh(Linear(3, 3)(h0))")
    pilot.select("h1")  # all that it is computed by is meant
    pilot.key(Qt.Key.Key_D, CONTROL | SHIFT)
    assert reads(pilot, "linear2") == ["h1"] and reads(pilot, "h2") == ["linear2"]
    assert "weights of its own" in pilot.window.message.text


def test_a_letter_with_enter_is_a_tensor_and_the_beginning_of_a_word_is_the_node(pilot: Pilot) -> None:
    for typed in ("x", "w1", "targets"):
        pilot.key(Qt.Key.Key_Tab)
        pilot.pick(typed)
    assert pilot.names() == ["x", "w1", "targets"]
    assert [pilot.block(n).requires_grad for n in pilot.names()] == [False, True, False]
    pilot.key(Qt.Key.Key_Tab)
    QTest.keyClicks(pilot.picker.line, "sig")
    assert pilot.picker.list.item(0).text().startswith("sigmoid")
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Escape)
    pilot.key(Qt.Key.Key_Tab)
    QTest.keyClicks(pilot.picker.line, "x")
    assert not pilot.picker.list.item(0).text().startswith("x  ")  # there is one
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Escape)


def test_weights_that_were_only_drawn_follow_the_data(pilot: Pilot) -> None:
    build(pilot, "loss = bce(sigmoid(x @ w + b), y)")
    pilot.view.fit()
    pilot.set_value("x", "randn(8, 2)")
    desk = pilot.window.room.desk
    assert desk.ran.problems == {} and pilot.block("w").value.shape == (2, 3)  # type: ignore[union-attr]
    assert "w is (2, 3) now" in pilot.window.message.text and "Undo takes all back" in pilot.window.message.text
    pilot.set_value("y", "randint(0, 2, (8, 1))")
    assert desk.ran.problems == {} and pilot.block("w").value.shape == (2, 1)  # type: ignore[union-attr]
    assert pilot.block("y").value.dtype == "float32"  # type: ignore[union-attr]
    assert "w is (2, 1) now" in pilot.window.message.text
    pilot.undo()
    assert not pilot.window.message.isVisible()  # it was said of that edit
    pilot.undo()
    QApplication.processEvents()
    assert pilot.block("w").value.shape == (3, 3)  # type: ignore[union-attr]
    assert desk.ran.problems == {}


def test_an_optimizer_that_is_typed_sets_the_training_and_the_loops_of_a_script_are_pasted(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    for text in ("Adam(lr=0.01)", "StepLR(step_size=5)"):
        build(pilot, text)
        assert "The training is set: Adam" in pilot.window.message.text
    desk, training = pilot.window.room.desk, pilot.window.room.panel.training
    qtbot.waitUntil(lambda: training.scheduler.currentText() == "StepLR")  # the panel follows when the hands rest
    assert (training.optimizer.currentText(), training.options.text(), training.scheduler.currentText()) == ("Adam", "lr=0.01", "StepLR")
    pilot.undo()
    pilot.undo()
    assert desk.document.training.optimizer == "SGD" and "loss" in pilot.names()
    loop = "weights = torch.ones(3, requires_grad=True)\nfor epoch in range(3):\n    out = (weights * 3).sum()\n    out.backward()\n"
    QApplication.clipboard().setText(loop)
    pilot.key(Qt.Key.Key_V, CONTROL)
    pilot.key(Qt.Key.Key_F5, CONTROL)
    qtbot.waitUntil(lambda: not training.running)
    last = training.table.columnCount() - 1
    assert [training.table.item(k, last).text() for k in range(3)] == ["3, 3, 3", "6, 6, 6", "9, 9, 9"]  # type: ignore[union-attr]


def test_what_is_typed_goes_on_from_the_selected_node(pilot: Pilot) -> None:
    build(pilot, "h = w * 3")
    for text in ("/ 2", ".tanh()", "** 2"):
        pilot.key(Qt.Key.Key_Tab)
        assert "go on from" in pilot.picker.label.text()
        pilot.pick(text)
    ran = pilot.window.room.desk.ran
    assert pilot.names() == ["w", "h", "div", "tanh", "pow"] and ran.problems == {}
    assert reads(pilot, "div") == ["h"] and reads(pilot, "tanh") == ["div"] and reads(pilot, "pow") == ["tanh"]
    pilot.window.room.desk.select(())
    build(pilot, "[1, 2, 3]")  # a tensor, as before
    assert pilot.names()[-1] == "x"


def test_a_node_that_is_added_reads_all_that_is_selected_in_that_order(pilot: Pilot) -> None:
    for name in ("a", "c", "v"):
        pilot.key(Qt.Key.Key_Tab)
        pilot.pick(name)
    pilot.view.fit()
    pilot.select("c")
    pilot.click(pilot.title("a"), CONTROL)
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("sub")
    assert reads(pilot, "sub") == ["c", "a"]
    pilot.select("v")
    pilot.click(pilot.title("sub"), CONTROL)
    pilot.click(pilot.title("a"), CONTROL)  # sub reads it: sub is meant
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("stack")
    assert reads(pilot, "stack") == ["v", "sub"]
    pilot.undo()
    pilot.undo()
    assert pilot.names() == ["a", "c", "v"]

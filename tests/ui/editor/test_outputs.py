"""Nodes that give several tensors: a port for each, by mouse and by keys; moved wires stay at their output."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.document.model import Wire
from tests.ui.conftest import keep
from tests.ui.editor.pilot import LEFT, NOTHING, Pilot, build
from ui.editor.asking.quick_add import add_expression


def built(pilot: Pilot) -> None:
    add_expression(pilot.view, "m = max(x, 1)", pilot.view.to_widget(pilot.view.shown.center()))
    pilot.click(QPoint(20, 640))
    pilot.set_value("x", "[[1, 5], [7, 3]]")
    pilot.view.fit()


def test_each_output_has_a_port_with_its_name(pilot: Pilot) -> None:
    built(pilot)
    desk, shape = pilot.window.room.desk, pilot.view.shapes.blocks[pilot.block("m").id]
    assert shape.names == ("values", "indices")
    pilot.drag(pilot.at(shape.outputs[1]), pilot.at(shape.outputs[1]) + QPoint(150, 120))
    pilot.pick("argmax")
    assert desk.document.wires[pilot.block("argmax").id, "input"] == Wire(pilot.block("m").id, 1)
    keep(pilot.window, "editor-outputs")
    pilot.undo()
    assert pilot.add("exp", QPoint(500, 520)) == "exp"
    end = (pilot.block("exp").id, "input")
    pilot.drag(pilot.at(shape.outputs[1]), pilot.input("exp", "input"))
    assert desk.document.wires[end] == Wire(pilot.block("m").id, 1)
    assert desk.ran.values[end[0]].tolist() == pytest.approx([2.718282, 1.0])
    assert pilot.add("sin", QPoint(500, 200)) == "sin"
    pilot.drag(pilot.input("exp", "input"), pilot.input("sin", "input"))
    assert desk.document.wires[pilot.block("sin").id, "input"] == Wire(pilot.block("m").id, 1)


def test_a_layer_of_two_results_says_that_backward_begins_behind_one_of_them(pilot: Pilot) -> None:
    build(pilot, "x = randn(5, 3, 4)")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("RNN")
    pilot.type("6")
    assert pilot.window.room.panel.status.text() == "rnn gives 2 results: backward begins behind one of them"
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("mean")
    assert pilot.window.room.panel.status.text().startswith("mean = ")


def test_an_input_pulled_to_an_output_and_the_choice_by_keys(pilot: Pilot) -> None:
    built(pilot)
    desk, shape = pilot.window.room.desk, pilot.view.shapes.blocks[pilot.block("m").id]
    pilot.click(QPoint(20, 640))
    assert pilot.add("exp", QPoint(500, 520)) == "exp"
    pilot.drag(pilot.input("exp", "input"), pilot.at(shape.outputs[1]))
    key = (pilot.block("exp").id, "input")
    assert desk.document.wires[key].output == 1
    pilot.select("m")
    pilot.key(Qt.Key.Key_W)
    pilot.pick("values to input of exp")
    assert desk.document.wires[key].output == 0
    QTest.mouseClick(pilot.view, LEFT, NOTHING, QPoint(20, 640))

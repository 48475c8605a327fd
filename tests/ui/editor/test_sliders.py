"""Sliders: dragged, stepped by keys, and given other ends, in whatever way these are written."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from gradviz.document import edits, values
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document
from gradviz.document.run.evaluate import evaluate
from tests.ui.editor.pilot import CONTROL, SHIFT, Pilot, build


def number(pilot: Pilot, name: str) -> float:
    value = pilot.block(name).value
    assert value is not None
    return value.data[0]


def test_a_slider_is_stepped_by_keys_as_one_edit_and_the_loss_follows(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    pilot.select("w")
    before, edits = desk.document, len(desk.history)
    for k in range(1, 4):
        pilot.key(Qt.Key.Key_Period)
        assert number(pilot, "w") == pytest.approx(1 + k / 10)
        assert desk.ran.values[pilot.block("loss").id].item() == pytest.approx((1 + k / 10) ** 2, rel=1e-5)
    pilot.key(Qt.Key.Key_Comma)
    assert len(desk.history) == edits + 1 and desk.history.undo_label == "Set w"
    pilot.click(pilot.title("b"), SHIFT)
    pilot.key(Qt.Key.Key_Comma)
    assert number(pilot, "w") == pytest.approx(1.1) and number(pilot, "b") == pytest.approx(0.9)
    pilot.undo()
    pilot.undo()
    assert desk.document.blocks == before.blocks
    pilot.set_value("w", "5")
    pilot.key(Qt.Key.Key_Period)
    assert number(pilot, "w") == 5  # its end
    pilot.select("mul")
    pilot.key(Qt.Key.Key_Period)
    assert "have a slider" in pilot.window.message.text


def test_a_number_that_was_typed_by_mistake_leaves_no_endless_slider(pilot: Pilot) -> None:
    name = pilot.add("tensor", QPoint(300, 300))

    def ends(text: str) -> tuple[float, float]:
        pilot.set_value(name, text)
        value = pilot.block(name).value
        assert value is not None
        return value.low, value.high

    assert ends("2") == (-5, 5)
    assert ends("100000") == (-5, 163840)
    assert ends("2.5") == (-5, 5)
    assert ends("30") == (-5, 40)
    assert ends("3") == (-5, 40)  # that is near enough
    pilot.select(name)
    desk, value = pilot.window.room.desk, pilot.block(name).value
    assert value is not None
    desk.do("Set the slider", edits.set_value(desk.document, pilot.block(name).id, values.with_ends(value, "0 1000")))
    assert ends("1") == (0, 1000)  # somebody chose it


ENDS = {
    "0 … 1": (0, 1), "-1..1": (-1, 1), "-1 to 1": (-1, 1), "0,5 1,5": (0.5, 1.5), "[0, 1]": (0, 1), "0;2": (0, 2), "0,1": (0, 1),
    "−3–3": (-3, 3), "-2 - 2": (-2, 2), "0.5...1.5": (0.5, 1.5), "-1e-3 … 1e3": (-0.001, 1000),
}  # fmt: skip
REFUSED = {"0": "needs two numbers", "a b": "needs two numbers", "1 0": "below its second", "-1e40 1e40": "between -1e+30 and 1e+30"}


def test_the_ends_of_a_slider_are_written_in_many_ways(pilot: Pilot) -> None:
    name = pilot.add("tensor", QPoint(300, 300))
    pilot.set_value(name, "0.7")
    pilot.key(Qt.Key.Key_Return, CONTROL)  # the form
    line = pilot.window.room.panel.properties.field("slider")
    assert isinstance(line, QLineEdit)

    def write(text: str) -> tuple[float, float]:
        line.setFocus()
        line.selectAll()
        line.insert(text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        value = pilot.block(name).value
        assert value is not None
        return value.low, value.high

    for text, ends in ENDS.items():
        low, high = write(text)
        assert low == ends[0] and high == pytest.approx(ends[1]), text
    before = write("-1 1")
    for text, words in REFUSED.items():
        assert write(text) == before and words in pilot.window.message.text


def test_a_number_without_end_is_no_warning_of_pytorch() -> None:
    document, _ = read_expression(Document(), "loss = mean((w*x)**2)")
    for name, text in (("w", "1e30"), ("x", "1e30")):
        block = next(b for b in document.blocks.values() if b.name == name)
        assert block.value is not None
        document = edits.set_value(document, block.id, values.parse(text, block.value))
    with np.errstate(all="warn"):  # as in a thread that has not loaded the engine
        ran = evaluate(document)
    assert ran.warnings == {} and np.isinf(ran.values[ran.loss])

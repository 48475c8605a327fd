"""A GAN by hand: two losses with an optimizer each, noise that each step draws anew, and LBFGS, by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gradviz.document.model import Part
from tests.gradviz.document.test_parts import GAN
from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, LEFT, Pilot
from ui.editor.painting.paint import badges_of


def choose(field: QWidget | None, text: str) -> None:
    """A line of a list, found by typing."""
    assert field is not None
    field.setFocus()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_a_gan_is_trained_by_hand(pilot: Pilot, qtbot: QtBot) -> None:
    QApplication.clipboard().setText(GAN)
    pilot.key(Qt.Key.Key_V, CONTROL)
    desk, panel = pilot.window.room.desk, pilot.window.room.panel
    names = {b.name: b.id for b in desk.document.blocks.values()}
    train = panel.training
    panel.side.setCurrentWidget(train)
    qtbot.waitUntil(train.parts.add.isVisible)
    assert not train.moves.isVisible()  # one optimizer moves all
    QTest.mouseClick(train.parts.add, LEFT)
    plan = desk.document.training
    assert (plan.loss, plan.others) == (names["g_loss"], (Part(names["d_loss"], "SGD", {"lr": 0.1}),))
    QTest.mouseClick(train.train, LEFT)  # not yet: both would move all
    assert "two optimizers move g" in train.words.text()
    assert train.moves.isVisible()
    train.moves.setFocus()
    QTest.keyClicks(train.moves, "nobody\r")
    assert desk.document.training == plan
    train.moves.clear()
    QTest.keyClicks(train.moves, "g\r")
    assert desk.document.training.moves == (names["g"],)
    row = train.parts.rows[0]
    assert row.moves.placeholderText() == "the others: d"
    choose(row.optimizer, "Adam")
    assert desk.document.training.others == (Part(names["d_loss"], "Adam", {"lr": 0.1}),)
    desk.select([names["z"]])
    panel.side.setCurrentWidget(panel.properties)
    QApplication.processEvents()
    choose(panel.properties.field("anew"), "anew")
    noise = desk.document.blocks[names["z"]].value
    assert noise is not None
    assert noise.anew
    assert "drawn anew in each step" in pilot.view.describe(names["z"])
    panel.side.setCurrentWidget(train)
    qtbot.waitUntil(train.train.isVisible)
    QTest.mouseClick(train.train, LEFT)
    qtbot.waitUntil(lambda: not train.running, timeout=10_000)
    assert list(train.curve.others) == ["d_loss"]
    assert "g_loss" in train.words.text() and "d_loss" in train.words.text()
    keep(pilot.window, "editor_gan")
    QTest.mouseClick(row.remove, LEFT)
    assert desk.document.training.others == () and desk.document.training.moves == ()
    pilot.undo()
    desk.rest()
    assert len(train.parts.rows) == len(desk.document.training.others) == 1


def test_lbfgs_has_no_second_loss_and_no_say_when_grads_are_cleared(pilot: Pilot, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("loss = mean((w * x + b - y)**2)")
    pilot.key(Qt.Key.Key_V, CONTROL)
    train = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(train)
    qtbot.waitUntil(train.parts.isVisible)
    choose(train.optimizer, "LBFGS")
    assert not train.parts.isVisible() and not train.policy.isVisible()
    train.options.setFocus()
    train.options.selectAll()
    QTest.keyClicks(train.options, "lr=0.5, line_search_fn=strong_wolfe\r")
    QTest.mouseClick(train.train, LEFT)
    qtbot.waitUntil(lambda: not train.running, timeout=10_000)
    assert len(train.epochs_done) == 20
    assert train.epochs_done[-1].loss < 1e-4


def test_a_layer_gets_the_weights_of_another_one(pilot: Pilot) -> None:
    QApplication.clipboard().setText("a = Linear(2, 1)(x)\nc = Linear(2, 1)(y)\nloss = (a - c).square().mean()")
    pilot.key(Qt.Key.Key_V, CONTROL)
    desk, form = pilot.window.room.desk, pilot.window.room.panel.properties
    names = {b.name: b.id for b in desk.document.blocks.values()}
    desk.select([names["c"]])
    pilot.window.room.panel.side.setCurrentWidget(form)
    QApplication.processEvents()
    before = desk.ran.values[names["c"]]
    choose(form.field("weights"), "of a")
    assert desk.document.blocks[names["c"]].layer == names["a"]
    assert (desk.ran.values[names["c"]] != before).any()
    assert badges_of(desk, desk.document.blocks[names["c"]]) == ("weights of a",)
    assert "has the weights of a" in pilot.view.describe(names["c"])
    desk.select([names["x"]])
    QApplication.processEvents()
    assert form.field("weights") is None
    pilot.undo()
    assert desk.document.blocks[names["c"]].layer == ""


def test_gradients_are_clipped_as_the_field_says(pilot: Pilot, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("loss = (w - 100).square().mean()")
    pilot.key(Qt.Key.Key_V, CONTROL)
    desk, train = pilot.window.room.desk, pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(train)
    qtbot.waitUntil(train.clip.isVisible)
    train.clip.setValue(0.5)
    assert desk.document.training.clip == 0.5
    before = pilot.block("w").value
    QTest.mouseClick(train.train, LEFT)
    qtbot.waitUntil(lambda: not train.running, timeout=10_000)
    after = pilot.block("w").value
    assert before is not None and after is not None
    assert abs(after.data[0] - before.data[0]) == pytest.approx(20 * 0.1 * 0.5, rel=1e-4)  # epochs, lr, length
    choose(train.optimizer, "LBFGS")
    assert not train.clip.isVisible()

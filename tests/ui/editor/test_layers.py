"""Networks of layers: what a layer needs is asked for, its input says the rest, and what does not fit can be made to."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from gradviz.document.model import Wire
from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, NOTHING, Pilot, build


def follow(pilot: Pilot, text: str, *answers: str) -> str:
    """A new node behind the selected one, and an answer to each thing that it asks; gives its name."""
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick(text)
    for answer in answers:
        line = pilot.view.inline.line
        assert line is not None, f"{text} asks for nothing"
        QTest.keyClicks(line, answer)
        QTest.keyClick(line, Qt.Key.Key_Return)
        QApplication.processEvents()
    assert pilot.view.inline.line is None
    return pilot.names()[-1]


def network(pilot: Pilot) -> None:
    """x of (6, 3), a layer to 8, relu, a layer to 2: by the keyboard."""
    assert pilot.add("tensor", QPoint(80, 300)) == "x"
    pilot.set_value("x", "randn(6, 3)")
    pilot.select("x")
    assert follow(pilot, "linear", "8") == "linear"
    assert follow(pilot, "relu") == "relu"
    assert follow(pilot, "linear", "2") == "linear2"


def test_a_network_is_built_by_typing_and_stands_in_a_row(pilot: Pilot) -> None:
    network(pilot)
    desk = pilot.window.room.desk
    assert not desk.troubled()
    assert desk.ran.values[pilot.block("linear2").id].shape == (6, 2)
    assert pilot.block("linear2").params == {"in_features": 8, "out_features": 2}
    cards = [pilot.view.shapes.blocks[pilot.block(n).id].rect for n in ("x", "linear", "relu", "linear2")]
    assert all(a.right() < b.left() for a, b in itertools.pairwise(cards))  # each behind the one that it reads, under the mouse or not
    assert all(pilot.view.shown.contains(card) for card in cards[-2:])
    keep(pilot.window, "editor-network")


def test_esc_leaves_what_is_asked_to_the_form_and_the_node_stays(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(80, 300))
    pilot.set_value("x", "randn(6, 3)")
    pilot.select("x")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("linear")
    line = pilot.view.inline.line
    assert line is not None
    QTest.keyClicks(line, "no number at all")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert pilot.view.inline.line is line  # refused, with what was typed
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert pilot.view.inline.line is None
    assert pilot.window.room.desk.problem_of(pilot.block("linear").id) == "Linear needs out_features"
    pilot.key(Qt.Key.Key_Return, CONTROL)
    field = QApplication.focusWidget()
    assert field is not None and field.accessibleName() == "out_features"


def test_a_wire_tells_a_layer_what_it_reads(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(80, 300))
    pilot.set_value("x", "randn(6, 3)")
    pilot.click(QPoint(600, 600))
    pilot.add("Linear", QPoint(500, 300))
    assert pilot.view.inline.line is not None
    pilot.type("4")
    assert pilot.block("linear").params == {"out_features": 4}
    pilot.connect("x", "linear", "input")
    assert pilot.block("linear").params == {"out_features": 4, "in_features": 3}
    assert pilot.window.room.desk.history.undo_label == "Connect x to linear"
    pilot.undo()
    assert pilot.block("linear").params == {"out_features": 4}


def test_sizes_that_do_not_fit_any_more_are_set_by_a_key_or_a_button(pilot: Pilot) -> None:
    network(pilot)
    window, desk = pilot.window, pilot.window.room.desk
    panel = window.room.panel
    pilot.set_value("x", "randn(6, 5)")
    assert desk.problem_of(pilot.block("linear").id)
    pilot.select("linear")
    desk.rest()
    button = panel.properties.findChild(QPushButton, "fit sizes")
    assert button is not None and button.isVisible() and button.text() == "Set in_features to 5"
    keep(window, "editor-fit-sizes")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not desk.troubled() and pilot.block("linear").params["in_features"] == 5
    assert not button.isVisible()
    pilot.undo()
    pilot.select("linear")
    pilot.key(Qt.Key.Key_Return, CONTROL)
    out = panel.properties.field("out_features")
    out.setFocus()  # type: ignore[union-attr]
    out.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(out, "7")
    QTest.keyClick(out, Qt.Key.Key_Return)
    pilot.view.setFocus()
    desk.select(())
    assert len(desk.troubled()) == 1  # what follows cannot be known
    pilot.key(Qt.Key.Key_Z)
    assert not desk.troubled()
    assert pilot.block("linear").params["in_features"] == 5 and pilot.block("linear2").params["in_features"] == 7
    assert desk.history.undo_label == "Fit the sizes of linear, linear2"
    steps = len(desk.history)
    pilot.key(Qt.Key.Key_Z)
    assert len(desk.history) == steps  # nothing is to be done any more


def test_a_wire_that_does_not_fit_may_change_the_layer(pilot: Pilot) -> None:
    network(pilot)
    pilot.click(QPoint(40, 640))
    assert pilot.add("tensor", QPoint(80, 560)) == "w"
    pilot.set_value("w", "randn(6, 9)")
    pilot.view.fit()
    desk = pilot.window.room.desk
    pilot.connect("w", "linear", "input")
    menu = next(m for m in pilot.view.findChildren(QMenu) if m.objectName() == "refused")
    (fitting,) = [a for a in menu.actions() if a.text() == "Set in_features to 9"]
    fitting.trigger()
    menu.close()
    assert pilot.block("linear").params["in_features"] == 9 and not desk.troubled()
    assert desk.document.wires[pilot.block("linear").id, "input"] == Wire(pilot.block("w").id)
    assert desk.history.undo_label == "Connect, and set in_features to 9"


def test_by_keys_too_a_wire_is_led_through_what_makes_it_fit_two_ops_where_one_is_not_enough(pilot: Pilot) -> None:
    assert pilot.add("tensor", QPoint(80, 200)) == "x"
    pilot.set_value("x", "randn(6, 1)")
    pilot.select("x")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("bce")
    pilot.click(QPoint(40, 640))
    assert pilot.add("tensor", QPoint(80, 500)) == "w"
    pilot.set_value("w", "randint(0, 2, (6,))")
    desk = pilot.window.room.desk
    desk.select((pilot.block("w").id,))
    pilot.key(Qt.Key.Key_W)
    QTest.keyClicks(pilot.picker.line, "target")
    lines = [pilot.picker.list.item(k).text().strip() for k in range(pilot.picker.list.count())]
    assert "must be the same as input size" in lines[0]
    assert lines[1] == "Put float() and unsqueeze(dim=1) between"
    keep(pilot.window, "editor-rescue-by-keys")
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Return)
    assert desk.history.undo_label == "Connect through float() and unsqueeze(dim=1)"
    assert not desk.troubled() and not desk.ran.problems
    path, reads = [], desk.document.wires[pilot.block("binary_cross_entropy_with_logits").id, "target"].source
    while reads != pilot.block("w").id:
        path.append(desk.document.blocks[reads].op)
        reads = desk.document.inputs(reads)["input"].source
    assert path == ["torch.unsqueeze", "Tensor.float"]
    pilot.undo()
    assert desk.problem_of(pilot.block("binary_cross_entropy_with_logits").id) == ""


def test_a_training_of_layers_shows_the_rate_and_how_long_their_gradients_are(pilot: Pilot, qtbot: QtBot) -> None:
    network(pilot)
    follow(pilot, "square")
    follow(pilot, "mean")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.training)
    training = panel.training
    training.epochs.setValue(4)
    training.scheduler.setFocus()
    QTest.keyClicks(training.scheduler, "Step")
    training.scheduler.activated.emit(training.scheduler.currentIndex())
    training.scheduler_options.setText("")
    QTest.keyClicks(training.scheduler_options, "step_size=2, gamma=0.1")
    QTest.keyClick(training.scheduler_options, Qt.Key.Key_Return)
    QTest.mouseClick(training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not training.running)
    table = training.table
    heads = [table.horizontalHeaderItem(k).text() for k in range(table.columnCount())]
    assert heads == ["epoch", "loss", "lr", "‖linear.grad‖", "‖linear2.grad‖"]
    rows = [[table.item(r, k).text() for k in range(table.columnCount())] for r in range(table.rowCount())]
    assert [row[2] for row in rows] == ["0.1", "0.1", "0.01", "0.01"]
    assert all(float(row[3]) > 0 and float(row[4]) > 0 for row in rows)
    keep(pilot.window, "editor-trained-layers")


def test_a_forgotten_node_is_put_in_by_keys_and_the_layer_behind_it_told_its_new_size(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(80, 300))
    pilot.set_value("x", "randn(5, 1, 8, 8)")
    pilot.select("x")
    assert follow(pilot, "conv2d", "4", "3") == "conv2d"
    assert follow(pilot, "max pool", "2") == "max_pool2d"
    assert follow(pilot, "linear", "10") == "linear"
    desk = pilot.window.room.desk
    assert desk.ran.values[pilot.block("linear").id].shape == (5, 4, 3, 10)  # nothing is flat yet
    desk.select((pilot.block("max_pool2d").id,))
    pilot.key(Qt.Key.Key_I)
    assert "between max_pool2d and what reads it" in pilot.picker.label.text()
    pilot.pick("nn.Flatten")
    flatten, linear = pilot.block("flatten").id, pilot.block("linear").id
    assert desk.document.wires[linear, "input"].source == flatten
    assert desk.document.wires[flatten, "input"].source == pilot.block("max_pool2d").id
    assert desk.history.undo_label == "Put Flatten behind max_pool2d"
    rects = {name: pilot.view.shapes.blocks[pilot.block(name).id].rect for name in pilot.names()}
    assert not any(a != b and rects[a].intersects(rects[b]) for a in rects for b in rects)
    assert desk.problem_of(linear)
    desk.select((linear,))
    pilot.key(Qt.Key.Key_Z)
    assert not desk.troubled() and desk.ran.values[linear].shape == (5, 10)
    assert pilot.block("linear").params["in_features"] == 36
    keep(pilot.window, "editor-cnn")


def test_a_table_with_labels_in_words_is_dropped_and_learned(pilot: Pilot, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "flowers.csv"
    rows = [f"{k % 3 + 0.1 * (k % 5)},{2 - k % 3},{('rose', 'tulip', 'iris')[k % 3]}" for k in range(30)]
    file.write_text("\n".join(["width,height,kind", *rows]))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    pilot.view.dropEvent(QDropEvent(QPointF(80, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING))
    said = pilot.window.message.text
    assert said.startswith("flowers holds width, height, kind (rose = 0, tulip = 1, iris = 2).") and "y = flowers[:, 2]" in said
    build(pilot, "x = flowers[:, :2]")
    build(pilot, "y = flowers[:, 2].long()")
    pilot.select("x")
    follow(pilot, "linear", "3")
    follow(pilot, "cross entropy")
    desk = pilot.window.room.desk
    desk.select((pilot.block("y").id,))
    pilot.key(Qt.Key.Key_W)
    pilot.pick("target of cross")
    training = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(training)
    training.epochs.setValue(300)
    before = float(desk.ran.values[desk.ran.loss])
    QTest.mouseClick(training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not training.running)
    assert float(desk.ran.values[desk.ran.loss]) < before / 4
    keep(pilot.window, "editor-table-learned")

"""Single things that hands do in the editor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, LEFT, NOTHING, SHIFT, Pilot, build
from ui.editor.asking.quick_add import add_expression
from ui.editor.panels.palette import MIME
from ui.window.main_window import MainWindow


def test_an_expression_typed_on_the_canvas_becomes_a_graph_and_one_undo_takes_it_back(pilot: Pilot) -> None:
    build(pilot)
    assert pilot.window.room.desk.ran.loss == pilot.block("loss").id
    assert pilot.window.room.desk.history.undo_label == "Build loss = mean((w*x + b - y)**2)"
    pilot.undo()
    assert pilot.names() == []


def test_dragging_a_slider_runs_forward_and_backward_and_is_one_edit(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    pilot.click(QPoint(20, 600))
    shape = pilot.view.shapes.blocks[pilot.block("w").id]
    edits_before = len(desk.history)
    losses: list[float] = []
    desk.changed.connect(lambda: losses.append(float(desk.ran.values[desk.ran.loss])))
    middle = shape.slider.center()
    pilot.drag(pilot.at(middle), pilot.at(QPointF(shape.slider.right() - 2, middle.y())))
    value = pilot.block("w").value
    assert value is not None and value.data[0] > 4.5
    assert len(set(losses)) > 3
    np.testing.assert_allclose(desk.ran.grads[pilot.block("w").id], 2 * value.data[0], rtol=1e-5)
    assert len(desk.history) == edits_before + 1
    assert desk.history.undo_label == "Set w"


def test_a_wire_that_does_not_fit_says_why_and_offers_a_node_between(pilot: Pilot) -> None:
    build(pilot)
    pilot.set_value("x", "[1, 2, 3]")
    assert pilot.add("tensor", QPoint(300, 560)) == "a"
    pilot.set_value("a", "[1, 2, 3, 4]")
    desk, before = pilot.window.room.desk, pilot.window.room.desk.document
    start, end = pilot.output("a"), pilot.input("sub", "other")
    QTest.mousePress(pilot.view, LEFT, NOTHING, start)
    for k in range(1, 6):
        QTest.mouseMove(pilot.view, start + (end - start) * k / 5)
    drag = pilot.view.gesture
    assert "(3,) to (4,)" in drag.reason  # type: ignore[union-attr]
    keep(pilot.window, "editor-refused")
    QTest.mouseRelease(pilot.view, LEFT, NOTHING, end)
    assert desk.document is before
    menu = next(m for m in pilot.view.findChildren(QMenu) if m.objectName() == "refused")
    texts = [a.text() for a in menu.actions()]
    assert "broadcast of (3,) to (4,)" in texts[0]
    menu.actions()[texts.index("Put mean() between")].trigger()
    menu.close()
    assert "mean" in pilot.names()
    assert not desk.ran.problems
    assert desk.history.undo_label == "Connect through mean()"


def test_a_circle_is_refused(pilot: Pilot) -> None:
    build(pilot)
    before = pilot.window.room.desk.document
    pilot.drag(pilot.output("sub"), pilot.input("mul", "input"))
    for menu in pilot.view.findChildren(QMenu):
        menu.close()
    assert pilot.window.room.desk.document is before


def test_delete_duplicate_copy_paste_and_reconnect(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    pilot.select("add")
    pilot.key(Qt.Key.Key_Delete, CONTROL)
    assert "add" not in pilot.names()
    assert desk.document.wires[(pilot.block("sub").id, "input")].source == pilot.block("mul").id
    pilot.select("mul")
    pilot.key(Qt.Key.Key_D, CONTROL)
    assert desk.document.inputs(pilot.block("mul2").id).keys() == {"input", "other"}
    pilot.key(Qt.Key.Key_A, CONTROL)
    pilot.key(Qt.Key.Key_C, CONTROL)
    count = len(desk.document.blocks)
    assert "mul = w * x" in QApplication.clipboard().text()
    pilot.key(Qt.Key.Key_V, CONTROL)
    assert len(desk.document.blocks) == 2 * count
    pilot.key(Qt.Key.Key_X, CONTROL)
    assert len(desk.document.blocks) == count
    QApplication.clipboard().setText("relu(x) * 2")
    pilot.key(Qt.Key.Key_V, CONTROL)
    assert "relu" in pilot.names()


def test_flags_and_frames_by_single_keys(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    w = pilot.block("w").id
    pilot.select("w")
    pilot.key(Qt.Key.Key_R)
    assert w not in desk.ran.grads
    pilot.key(Qt.Key.Key_R)
    assert w in desk.ran.grads
    pilot.select("mul")
    pilot.key(Qt.Key.Key_G)
    assert w not in desk.ran.grads
    keep(pilot.window, "editor-no-grad")
    pilot.key(Qt.Key.Key_G)
    pilot.key(Qt.Key.Key_M)
    assert pilot.block("mul").muted
    pilot.key(Qt.Key.Key_M)
    pilot.key(Qt.Key.Key_D)
    assert "detach" in pilot.names()
    assert w not in desk.ran.grads
    pilot.undo()
    pilot.select("mul")
    pilot.key(Qt.Key.Key_C)
    pilot.type("the line")
    assert [f.text for f in desk.document.frames.values()] == ["the line"]


def test_knots_cuts_and_wires_that_are_moved(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    key = (pilot.block("sub").id, "input")
    middle = pilot.at(pilot.view.shapes.wires[key].pointAtPercent(0.5))
    QTest.mouseDClick(pilot.view, LEFT, NOTHING, middle)
    assert "reroute" in pilot.names()
    pilot.undo()
    above = pilot.at(pilot.view.shapes.wires[key].pointAtPercent(0.5) + QPointF(0, -40))
    below = pilot.at(pilot.view.shapes.wires[key].pointAtPercent(0.5) + QPointF(3, 40))
    QTest.mousePress(pilot.view, Qt.MouseButton.RightButton, CONTROL, above)
    QTest.mouseMove(pilot.view, below)
    on_wire = pilot.at(pilot.view.shapes.wires[key].pointAtPercent(0.2))
    assert pilot.view.grab().toImage().pixelColor(on_wire) == QColor(pilot.view.theme.error)  # it is seen what would be cut
    QTest.mouseRelease(pilot.view, Qt.MouseButton.RightButton, CONTROL, below)
    assert key not in desk.document.wires and desk.history.undo_label == "Cut a wire"
    pilot.undo()
    assert key in desk.document.wires
    pilot.drag(pilot.input("sub", "input"), QPoint(30, 620))  # pulled off, into the empty
    assert key not in desk.document.wires


def test_all_wires_of_an_output_are_taken_to_another_one_with_control(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    assert pilot.add("tensor", QPoint(250, 620)) == "a"
    pilot.connect("b", "mul", "other")
    readers = [(pilot.block("mul").id, "other"), (pilot.block("add").id, "other")]
    assert set(desk.document.users(pilot.block("b").id)) == set(readers)
    before = desk.document
    pilot.drag(pilot.output("b"), pilot.output("a"), CONTROL)
    assert desk.history.undo_label == "Move 2 wires to a"
    assert {desk.document.wires[key].source for key in readers} == {pilot.block("a").id}
    pilot.undo()
    assert desk.document is before
    pilot.drag(pilot.output("b"), pilot.output("b") + QPoint(3, 0), CONTROL)  # back to where they were
    assert desk.document is before
    pilot.drag(pilot.output("b"), pilot.output("pow"), CONTROL)  # which is computed from them
    menu = next(m for m in pilot.view.findChildren(QMenu) if m.objectName() == "refused")
    assert "a circle: pow is computed from" in menu.actions()[0].text()
    menu.close()
    assert desk.document is before
    pilot.drag(pilot.output("b"), QPoint(40, 40), CONTROL)
    assert desk.history.undo_label == "Take 2 wires off"
    assert not desk.document.users(pilot.block("b").id)


def test_everything_by_keyboard_alone(pilot: Pilot) -> None:
    pilot.view.setFocus()
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("tensor")
    pilot.key(Qt.Key.Key_Return)
    pilot.type("[1, 2]")
    pilot.key(Qt.Key.Key_R)
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("exp")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("sum")
    desk = pilot.window.room.desk
    np.testing.assert_allclose(desk.ran.grads[pilot.block("x").id], np.exp([1, 2]), rtol=1e-6)
    pilot.key(Qt.Key.Key_Left)
    assert desk.selected == (pilot.block("exp").id,)
    pilot.key(Qt.Key.Key_Escape)
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("mul")
    pilot.key(Qt.Key.Key_Left)
    desk.select((pilot.block("sum").id,))
    pilot.key(Qt.Key.Key_W)
    pilot.pick("input of mul")
    desk.select((pilot.block("exp").id,))
    pilot.key(Qt.Key.Key_W)
    pilot.pick("other of mul")
    assert set(desk.document.inputs(pilot.block("mul").id)) == {"input", "other"}
    pilot.key(Qt.Key.Key_W, SHIFT)
    pilot.pick("to other of mul")
    assert set(desk.document.inputs(pilot.block("mul").id)) == {"input"}
    assert desk.history.undo_label == "Cut a wire"
    desk.select((pilot.block("mul").id,))
    pilot.key(Qt.Key.Key_W, SHIFT)
    pilot.pick("input from")
    assert not desk.document.inputs(pilot.block("mul").id)
    pilot.key(Qt.Key.Key_W, SHIFT)
    assert "mul has no wire" in pilot.window.message.text
    pilot.key(Qt.Key.Key_Right, SHIFT)
    assert "Move" in desk.history.undo_label


def test_the_table_shows_and_changes_the_same_graph(pilot: Pilot) -> None:
    build(pilot)
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.table)
    table = panel.table.table
    assert [table.item(r, 0).text() for r in range(table.rowCount())] == pilot.names()
    table.selectRow(2)
    assert pilot.window.room.desk.selected == (pilot.window.room.panel.table._rows[2],)
    row = next(r for r in range(table.rowCount()) if table.item(r, 0).text() == "x")
    table.item(row, 4).setText("[1, 2]")
    value = pilot.block("x").value
    assert value is not None and value.data == (1.0, 2.0)
    table.item(row, 0).setText("data")
    assert "data" in pilot.names()


def test_the_form_changes_parameters_and_refuses_nonsense(pilot: Pilot) -> None:
    build(pilot, "m = mean(x * w)")
    form = pilot.window.room.panel.properties
    pilot.set_value("x", "[[1, 2], [3, 4]]")
    pilot.select("m")
    line = form.field("dim")
    QTest.keyClicks(line, "1")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert pilot.block("m").params == {"dim": 1}
    assert pilot.window.room.desk.ran.values[pilot.block("m").id].shape == (2,)
    QTest.keyClicks(line, "7")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "Dimension out of range" in pilot.window.room.desk.problem_of(pilot.block("m").id)
    keep(pilot.window, "editor-problem")
    name = form.field("name")
    name.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(name, "2 wrong")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert "cannot be the name" in pilot.window.message.text
    assert "m" in pilot.names()


def test_a_spreadsheet_is_pasted_into_the_grid(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(200, 200))
    pilot.set_value("x", "[[0, 0], [0, 0]]")
    QApplication.clipboard().setText("1\t2\t3\n4\t5\t6\n")
    grid = pilot.window.room.panel.properties._grid
    assert grid is not None
    QTest.keyClick(grid, Qt.Key.Key_V, CONTROL)
    value = pilot.block("x").value
    assert value is not None and value.shape == (2, 3) and value.data == (1, 2, 3, 4, 5, 6)


def test_a_node_dragged_from_the_palette_lands_where_it_is_dropped(pilot: Pilot) -> None:
    mime = QMimeData()
    mime.setData(MIME, b"torch.exp")
    pilot.view.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))
    block = pilot.block("exp")
    assert abs(pilot.view.to_widget(QPointF(block.x, block.y)).x() - 300) < 12


def test_code_and_canvas_select_together(pilot: Pilot) -> None:
    build(pilot)
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.code)
    pilot.window.room.desk.rest()
    assert "loss = torch.mean(pow)" in panel.code.edit.toPlainText()
    line = panel.code.code.lines[pilot.block("sub").id]
    cursor = panel.code.edit.textCursor()
    cursor.setPosition(panel.code.edit.document().findBlockByNumber(line - 1).position())
    panel.code.edit.setFocus()
    panel.code.edit.setTextCursor(cursor)
    assert pilot.window.room.desk.selected == (pilot.block("sub").id,)


def test_the_docks_of_the_recording_come_back(window: MainWindow) -> None:
    before = {name: dock.isVisible() for name, dock in window.docks.items()}
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    assert not any(d.isVisible() for d in window.docks.values())
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    assert {name: dock.isVisible() for name, dock in window.docks.items()} == before


def test_a_recording_is_edited_as_a_graph(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL | Qt.KeyboardModifier.AltModifier)
    desk = window.room.desk
    assert window.room.active
    assert "weights" in {b.name for b in desk.document.blocks.values()}
    assert not desk.ran.problems
    assert desk.modified
    keep(window, "editor-recording")
    desk.new()


def test_training_can_be_paused_and_stopped(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    panel = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(panel)
    panel.epochs.setValue(1_000_000)
    QTest.mouseClick(panel.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.epochs_done) > 20, timeout=10_000)
    QTest.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    done = len(panel.epochs_done)
    QApplication.processEvents()
    assert len(panel.epochs_done) == done
    QTest.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.epochs_done) > done, timeout=10_000)
    QTest.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    assert not panel.running
    assert pilot.window.room.desk.history.undo_label.startswith("Train ")


@pytest.mark.parametrize(("policy", "shown"), [("never", ["3", "6", "9"]), ("each", ["3", "3", "3"])])
def test_the_loop_of_the_lesson_built_by_hand_shows_its_gradients(pilot: Pilot, qtbot: QtBot, policy: str, shown: list[str]) -> None:
    build(pilot, "model_output = (weights * 3).sum()")
    pilot.set_value("weights", "[1, 1, 1]")
    panel = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(panel)
    panel.optimizer.setCurrentIndex(0)
    panel.optimizer.activated.emit(0)
    panel.epochs.setValue(3)
    panel.policy.setCurrentIndex(panel.policy.findData(policy))
    panel.policy.activated.emit(panel.policy.currentIndex())
    QTest.mouseClick(panel.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.running, timeout=10_000)
    assert [panel.table.item(r, 2).text() for r in range(3)] == [f"{n}, {n}, {n}" for n in shown]


def test_batches_and_a_scheduler_are_chosen_in_the_panel(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    pilot.set_value("x", "[1, 2, 3, 4]")
    pilot.set_value("y", "[3, 5, 7, 9]")
    panel = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(panel)
    qtbot.waitUntil(panel.batch.isVisible, timeout=10_000)
    assert not panel.shuffle.isVisible()
    panel.batch.setValue(2)
    qtbot.waitUntil(panel.shuffle.isVisible, timeout=10_000)
    panel.shuffle.setFocus()
    QTest.keyClick(panel.shuffle, Qt.Key.Key_Space)
    assert pilot.window.room.desk.history.undo_label == "Set shuffle of the training"
    panel.scheduler.setCurrentText("ExponentialLR")
    panel.scheduler.activated.emit(panel.scheduler.currentIndex())
    assert panel.scheduler_options.text() == "gamma=0.9"
    panel.epochs.setValue(5)
    code = pilot.window.room.desk.document.training
    assert (code.batch, code.shuffle, code.scheduler, dict(code.scheduler_options)) == (2, True, "ExponentialLR", {"gamma": 0.9})
    QTest.mouseClick(panel.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.running, timeout=10_000)
    assert len(panel.epochs_done) == 5
    assert panel.epochs_done[-1].loss < panel.epochs_done[0].loss


def test_a_file_of_numbers_is_dropped_on_the_canvas_or_on_a_tensor(pilot: Pilot, tmp_path: Path) -> None:
    table, array = tmp_path / "my data.csv", tmp_path / "more.npy"
    table.write_text("height,weight\n1.5,2\n3,4\n")
    np.save(array, np.arange(3.0))

    def drop(path: Path, point: QPoint) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        pilot.view.dropEvent(QDropEvent(QPointF(point), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))

    drop(table, QPoint(300, 300))
    value = pilot.block("my_data").value
    assert value is not None and (value.shape, value.data) == ((2, 2), (1.5, 2.0, 3.0, 4.0))
    drop(array, pilot.title("my_data"))
    value = pilot.block("my_data").value
    assert value is not None and (value.shape, value.data) == ((3,), (0.0, 1.0, 2.0))
    assert pilot.window.room.desk.history.undo_label == "Load more.npy"
    table.write_text("a\nb\n")
    drop(table, QPoint(300, 300))
    assert pilot.window.message.text == "my data.csv: it holds no numbers"


def test_several_files_are_as_many_tensors_and_what_is_no_number_is_covered_by_none(pilot: Pilot, tmp_path: Path) -> None:
    build(pilot)
    np.savez(tmp_path / "digits.npz", images=np.ones((2, 3)), labels=np.arange(2))
    (tmp_path / "class.csv").write_text("1\n2\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("digits.npz", "class.csv")])
    before = pilot.names()
    pilot.view.dropEvent(QDropEvent(QPointF(pilot.title("mul")), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))
    assert pilot.names() == [*before, "images", "labels", "x_class"]  # `class` can be no variable
    labels = pilot.block("labels").value
    assert labels is not None and labels.dtype == "int64"
    assert "The file holds float64; images has it as float32" in pilot.window.message.text
    cards = [s.rect for s in pilot.view.shapes.blocks.values()]
    assert not any(a.intersects(b) for k, a in enumerate(cards) for b in cards[k + 1 :])
    pilot.undo()
    assert pilot.names() == before


def test_each_setting_of_the_training_is_an_edit_with_its_name(pilot: Pilot) -> None:
    build(pilot)
    desk, panel = pilot.window.room.desk, pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(panel)
    for epochs in (21, 22, 23):
        panel.epochs.setValue(epochs)
    assert desk.history.undo_label == "Set epochs of the training"
    panel.options.setText("lr=0.3")
    panel.options.editingFinished.emit()
    assert desk.history.undo_label == "Set options of the training"
    panel.scheduler.setCurrentText("StepLR")
    panel.scheduler.activated.emit(0)
    panel.scheduler_options.setText("step_size=5")
    panel.scheduler_options.editingFinished.emit()
    assert desk.history.undo_label == "Set the scheduler's options of the training"
    for _ in range(3):
        desk.history.undo()
    assert (desk.document.training.epochs, dict(desk.document.training.options)) == (23, {"lr": 0.1})
    desk.history.undo()
    assert desk.document.training.epochs == 20


def test_where_the_numbers_of_a_tensor_come_from_is_chosen_in_the_form(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(300, 300))
    pilot.set_value("x", "[[1, 2], [3, 4]]")
    pilot.select("x")
    form, desk = pilot.window.room.panel.properties, pilot.window.room.desk
    source, seed = form.field("source"), form.field("seed")
    assert isinstance(source, QComboBox) and isinstance(seed, QLineEdit)
    assert not seed.isVisible()
    for name in ("normal", "uniform", "randint", "zeros", "randn"):
        source.setCurrentIndex(source.findData(name))
        source.activated.emit(source.currentIndex())
        value = pilot.block("x").value
        assert value is not None and (value.source, value.shape) == (name, (2, 2))
        assert desk.ran.values[pilot.block("x").id].shape == (2, 2)
    assert seed.isVisible()
    before = desk.ran.values[pilot.block("x").id].tolist()
    seed.selectAll()
    QTest.keyClicks(seed, "7")
    QTest.keyClick(seed, Qt.Key.Key_Return)
    drawn = desk.ran.values[pilot.block("x").id].tolist()
    assert drawn != before
    keep(pilot.window, "editor-distribution")
    source.setCurrentIndex(source.findData("data"))
    source.activated.emit(source.currentIndex())
    assert desk.ran.values[pilot.block("x").id].tolist() == drawn  # the same numbers, written out


def test_a_layer_that_is_put_behind_a_node_knows_the_size_of_what_it_reads(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(200, 300))
    pilot.set_value("x", "randn(4, 3)")
    pilot.select("x")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("Linear")
    assert pilot.block("linear").op == "nn.Linear"
    assert pilot.block("linear").params == {"in_features": 3}
    field = pilot.window.room.panel.properties.field("out_features")
    QTest.keyClicks(field, "2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk = pilot.window.room.desk
    assert desk.ran.values[pilot.block("linear").id].shape == (4, 2)
    pilot.drag(pilot.output("linear"), QPoint(500, 560))
    pilot.pick("LSTM")
    assert pilot.block("lstm").params == {"input_size": 2}


def test_a_piece_of_a_spreadsheet_pasted_on_the_canvas_is_a_tensor(pilot: Pilot) -> None:
    for text, shape in (("1\t2\t3\n4\t5\t6\n", (2, 3)), ("[1.5, 2]", (2,)), ("1;2\n3;4", (2, 2))):
        QApplication.clipboard().setText(text)
        pilot.key(Qt.Key.Key_V, CONTROL)
        value = pilot.block(pilot.names()[-1]).value
        assert value is not None and value.shape == shape
    QApplication.clipboard().setText("no numbers here")
    pilot.key(Qt.Key.Key_V, CONTROL)
    assert "no expression" in pilot.window.message.text
    assert len(pilot.names()) == 3


def test_a_spreadsheet_with_titles_and_labels_is_pasted_as_such_a_file_is_read(pilot: Pilot) -> None:
    QApplication.clipboard().setText("length\tkind\n1,5\tcat\n2,5\tdog\n3\tcat\n")
    pilot.key(Qt.Key.Key_V, CONTROL)
    value = pilot.block(pilot.names()[-1]).value
    assert value is not None and value.shape == (3, 2) and value.data == (1.5, 0.0, 2.5, 1.0, 3.0, 0.0)
    assert "length, kind (cat = 0, dog = 1)" in pilot.window.message.text
    QApplication.clipboard().setText("1\t2\n3")
    pilot.key(Qt.Key.Key_V, CONTROL)
    assert "a table that is no tensor: the rows have different lengths: 2 and 1" in pilot.window.message.text
    QApplication.clipboard().setText("[4, 5]")
    pilot.key(Qt.Key.Key_V, CONTROL)  # what was refused is forgotten with the next edit
    assert len(pilot.names()) == 2 and not pilot.window.message.isVisible()


def test_a_formula_from_a_slide_is_typed_and_pasted_as_it_stands_there(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    pilot.picker.line.insert("loss = mean((w·x + b − y)²)")
    pilot.pick("")
    assert [pilot.block(n).op for n in ("mul", "sub", "pow", "loss")] == ["torch.mul", "torch.sub", "torch.pow", "torch.mean"]
    for text, said in (("k = w^2", "a power is written with **"), ("k = 2w + 1", "a product is written with *")):
        QApplication.clipboard().setText(text)
        pilot.key(Qt.Key.Key_V, CONTROL)
        assert said in pilot.window.message.text


def test_an_edit_by_a_key_ends_the_drag_that_goes_on(pilot: Pilot) -> None:
    add_expression(pilot.view, "loss = mean((w*x + b - y)**2)", QPointF(100, 100))
    pilot.view.fit()
    desk, view = pilot.window.room.desk, pilot.view
    for start in (pilot.output("add"), pilot.title("add")):
        before = desk.document
        desk.select((pilot.block("add").id,))
        QTest.mousePress(view, LEFT, NOTHING, start)
        QTest.mouseMove(view, start + QPoint(30, 30))
        QTest.mouseMove(view, start + QPoint(60, 60))
        pilot.key(Qt.Key.Key_Delete)
        assert view.gesture is None and "add" not in pilot.names()
        gone = desk.document
        QTest.mouseMove(view, start + QPoint(90, 40))
        QTest.mouseRelease(view, LEFT, NOTHING, start + QPoint(90, 40))
        assert desk.document is gone
        while desk.document is not before:
            pilot.undo()


def test_escape_during_a_drag_leaves_nothing_to_redo(pilot: Pilot) -> None:
    build(pilot)
    desk, start = pilot.window.room.desk, pilot.title("loss")
    before = desk.document
    QTest.mousePress(pilot.view, LEFT, NOTHING, start)
    for k in range(1, 5):
        QTest.mouseMove(pilot.view, start + QPoint(20 * k, 10 * k))
    assert desk.document is not before
    pilot.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(pilot.view, LEFT, NOTHING, start)
    assert desk.document is before
    assert not desk.history.can_redo
    assert len(desk.history) == 1


@pytest.mark.parametrize(("typed", "shape"), [("[]", (0,)), ("[nan, 1]", (2,)), ("[inf, nan]", (2,)), ("nan", ())])
def test_numbers_that_are_none_and_no_numbers_at_all_are_values_too(pilot: Pilot, typed: str, shape: tuple[int, ...]) -> None:
    pilot.add("tensor", QPoint(200, 200))
    pilot.set_value("x", typed)
    value = pilot.block("x").value
    assert value is not None and value.shape == shape
    assert [np.isnan(number) for number in value.data] == ["nan" in part for part in typed.split(",") if part != "[]"]
    pilot.select("x")
    assert pilot.window.room.panel.properties.field("name") is not None  # the form is made


def test_a_line_and_a_cell_that_are_open_close_with_their_node(pilot: Pilot) -> None:
    build(pilot, "m = mean(x * w)")
    view, desk, table = pilot.view, pilot.window.room.desk, pilot.window.room.panel.table
    view.inline.rename(pilot.block("x").id)
    desk.history.undo()
    assert view.inline.line is None and not desk.document.blocks
    desk.history.redo()
    pilot.window.room.panel.side.setCurrentWidget(table)
    row = next(row for row in range(table.table.rowCount()) if table.table.item(row, 0).text() == "x")
    table.table.setCurrentCell(row, 0)
    table.table.editItem(table.table.item(row, 0))
    desk.select([pilot.block("x").id])
    pilot.window.room.panel.commands.delete()
    table.refresh()  # `rested` says it a moment later
    for still in table.table.viewport().findChildren(QLineEdit):  # whoever types on would name the node that stands there now
        still.setText("other")
        QTest.keyClick(still, Qt.Key.Key_Return)
        QApplication.processEvents()  # Qt commits a cell a moment later
    assert pilot.names() == ["w", "mul", "m"]


def test_what_pytorch_warns_of_is_said_above_the_canvas(pilot: Pilot) -> None:
    build(pilot, "loss = mse_loss(x @ w, y)")
    status = pilot.window.room.panel.status
    assert "warns" not in status.text()
    pilot.set_value("y", "0")
    assert "loss warns: Using a target size" in status.text()  # once more at each run
    pilot.set_value("w", "randn(3, 2)")
    assert "loss warns: Using a target size" in status.toolTip()
    pilot.set_value("y", "zeros(3, 2)")
    assert "warns" not in status.text() + status.toolTip()
    assert not pilot.window.room.desk.ran.warnings

"""What somebody tries first who sees the editor for the first time: typing on a selected tensor, Backspace, a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.editor.pilot import CONTROL, LEFT, NOTHING, Pilot, build


def value(pilot: Pilot, name: str) -> tuple[float, ...]:
    held = pilot.block(name).value
    assert held is not None
    return held.data


def test_digits_that_are_typed_on_a_tensor_are_its_value(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("w")
    before = value(pilot, "w")
    QTest.keyClicks(pilot.view, "3")
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit) and line.text() == "3"
    QTest.keyClicks(line, ".5")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert value(pilot, "w") == before
    QTest.keyClicks(pilot.view, "[")
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "1, 2]\r")
    assert value(pilot, "w") == (1.0, 2.0)
    QTest.keyClicks(pilot.view, "-")
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "4\r")
    assert value(pilot, "w") == (-4.0,)
    pilot.select("mul")
    QTest.keyClicks(pilot.view, "3")
    assert QApplication.focusWidget() is pilot.view


def test_backspace_deletes_what_is_in_no_group(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("b")
    pilot.key(Qt.Key.Key_Backspace)
    assert "b" not in pilot.names()
    pilot.undo()
    assert "b" in pilot.names()
    pilot.select("mul")
    pilot.key(Qt.Key.Key_G, CONTROL)
    pilot.key(Qt.Key.Key_Return)
    frame = next(iter(pilot.window.room.desk.document.frames.values()))
    assert not frame.collapsed
    pilot.key(Qt.Key.Key_Backspace)
    assert "mul" in pilot.names()
    assert next(iter(pilot.window.room.desk.document.frames.values())).collapsed
    pilot.undo()
    wires = pilot.window.room.desk.document.wires
    pilot.view.desk.select(())
    pilot.view.chosen_wire = next(iter(wires))
    pilot.key(Qt.Key.Key_Backspace)
    assert len(pilot.window.room.desk.document.wires) == len(wires) - 1


def picture(gray: bool = False) -> QImage:
    made = QImage(3, 2, QImage.Format.Format_Grayscale8 if gray else QImage.Format.Format_RGB32)
    made.fill(QColor(51, 51, 51) if gray else QColor(255, 51, 0))
    return made


def test_a_picture_is_pasted_as_a_tensor(pilot: Pilot) -> None:
    desk, told = pilot.window.room.desk, list[str]()
    desk.note.connect(lambda _, text: told.append(text))
    QApplication.clipboard().setImage(picture())
    pilot.key(Qt.Key.Key_V, CONTROL)
    (block,) = desk.document.blocks.values()
    assert block.value is not None
    assert block.value.shape == (3, 2, 3)
    assert block.value.data == pytest.approx([1.0] * 6 + [0.2] * 6 + [0.0] * 6)
    assert told == ["x holds red, green and blue of 2 rows and 3 columns, from 0 to 1."]
    large = QImage(2000, 1000, QImage.Format.Format_RGB32)
    large.fill(QColor(255, 51, 0))
    QApplication.clipboard().setImage(large)
    pilot.key(Qt.Key.Key_V, CONTROL)
    assert len(desk.document.blocks) == 1
    assert told[-1].startswith("The clipboard holds a picture: 2,000 x 1,000 points are 6,000,000 numbers")
    QApplication.clipboard().clear()


def test_a_picture_is_dropped_into_a_tensor_and_a_broken_one_refused(pilot: Pilot, tmp_path: Path) -> None:
    desk, told = pilot.window.room.desk, list[str]()
    desk.note.connect(lambda _, text: told.append(text))
    file, broken = tmp_path / "digit.png", tmp_path / "broken.png"
    assert picture(gray=True).save(str(file))
    broken.write_bytes(file.read_bytes()[:40])
    for path in (file, broken):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        enter = QDragEnterEvent(QPoint(200, 200), Qt.DropAction.CopyAction, mime, LEFT, NOTHING)
        QApplication.sendEvent(pilot.view, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(pilot.view, QDropEvent(QPointF(200, 200), Qt.DropAction.CopyAction, mime, LEFT, NOTHING))
    held = pilot.block("digit").value
    assert held is not None
    assert held.shape == (2, 3)
    assert held.data == pytest.approx([0.2] * 6)
    assert told == [
        "digit holds the brightness of 2 rows and 3 columns, from 0 to 1.",
        "broken.png: it is no picture that can be read, or not a whole one",
    ]


def test_a_loss_that_grows_on_far_data_says_how_they_come_near(pilot: Pilot, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("x = [[100.0], [200.0], [300.0]]\ny = [[1.0], [2.0], [3.0]]\nloss = mse(Linear(1, 1)(x), y)")
    pilot.key(Qt.Key.Key_V, CONTROL)
    train = pilot.window.room.panel.training
    pilot.window.room.panel.side.setCurrentWidget(train)
    qtbot.waitUntil(train.train.isVisible)
    QTest.mouseClick(train.train, LEFT)
    qtbot.waitUntil(lambda: not train.running, timeout=10_000)
    assert "x has numbers up to 300: (x - x.mean(0)) / x.std(0) lies around 0." in train.words.text()
    pilot.undo()
    QApplication.clipboard().setText("near = (x - x.mean(0)) / x.std(0)\nsmall = mse(Linear(1, 1)(near), y)")
    pilot.key(Qt.Key.Key_V, CONTROL)
    QTest.mouseClick(train.train, LEFT)
    qtbot.waitUntil(lambda: not train.running, timeout=10_000)
    assert "grew" not in train.words.text()

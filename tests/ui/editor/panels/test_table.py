"""The graph as a table, by the keyboard alone: named, filled, wired and deleted in its rows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, NOTHING, Pilot, build
from ui.editor.panels.table import NAME, NODE, READS, VALUE


@pytest.fixture
def table(pilot: Pilot) -> QTableWidget:
    """The twin of y = w * x, with the keyboard on it."""
    build(pilot, "y = w * x")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.table)
    panel.table.table.setFocus()
    return panel.table.table


def row(table: QTableWidget, name: str) -> int:
    return next(r for r in range(table.rowCount()) if table.item(r, NAME).text() == name)


def text(table: QTableWidget, name: str, column: int) -> str:
    return table.item(row(table, name), column).text()


def put(table: QTableWidget, name: str, column: int, words: str) -> None:
    """F2, text, Enter in a cell."""
    table.setCurrentCell(row(table, name), column)
    QTest.keyClick(table, Qt.Key.Key_F2)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit) and table.isAncestorOf(line)
    assert line.accessibleName().endswith(f" of {name}")
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, words)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_names_values_and_wires_are_typed_into_its_cells(pilot: Pilot, table: QTableWidget) -> None:
    desk = pilot.window.room.desk
    assert text(table, "y", READS) == "input=w, other=x"
    put(table, "w", VALUE, "[2, 3]")
    assert pilot.block("w").value.data == (2.0, 3.0)  # type: ignore[union-attr]
    put(table, "y", NAME, "product")
    put(table, "product", READS, "x, x")
    product = pilot.block("product").id
    assert [wire.source for wire in desk.document.inputs(product).values()] == [pilot.block("x").id] * 2
    assert desk.history.undo_label == "Connect product"
    put(table, "product", READS, "other=w")
    desk.rest()
    assert set(desk.document.inputs(product)) == {"other"}
    assert table.item(row(table, "product"), 6).text() == "waits for input"
    put(table, "product", READS, "")
    assert desk.document.inputs(product) == {}
    keep(pilot.window, "editor-table")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("input=nobody", "there is no node nobody"),
        ("input=y, other=x", "input: y cannot read its own result"),
        ("foot=w", "foot: y has no input “foot”"),
        ("w, x, w", "y has 2 inputs"),
    ],
)
def test_wires_that_cannot_be_are_refused_in_words(pilot: Pilot, table: QTableWidget, words: str, said: str) -> None:
    before = pilot.window.room.desk.document
    put(table, "y", READS, words)
    assert pilot.window.message.text == said
    assert pilot.window.room.desk.document is before
    assert text(table, "y", READS) == "input=w, other=x"


def test_what_is_typed_stays_when_the_numbers_of_the_graph_change_meanwhile(pilot: Pilot, table: QTableWidget) -> None:
    table.setCurrentCell(row(table, "w"), VALUE)
    QTest.keyClick(table, Qt.Key.Key_F2)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, "7")
    pilot.window.room.panel.table.refresh()
    assert line.text() == "7"
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert pilot.block("w").value.data == (7.0,)  # type: ignore[union-attr]


def test_the_keys_of_the_canvas_work_on_its_rows_and_the_keyboard_comes_back(pilot: Pilot, table: QTableWidget) -> None:
    table.setCurrentCell(row(table, "x"), NAME)
    assert text(table, "w", NODE) == "tensor, requires grad"
    QTest.keyClick(table, Qt.Key.Key_R)
    assert pilot.block("x").requires_grad
    QTest.keyClick(table, Qt.Key.Key_W)
    assert "Where should x go" in pilot.picker.accessibleName()
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, Qt.Key.Key_Equal)
    QTest.keyClicks(pilot.picker.line, "z = exp(y)")
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Return)
    assert "z" in pilot.names() and QApplication.focusWidget() is table
    pilot.window.room.desk.rest()
    table.setCurrentCell(row(table, "z"), NAME)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert "z" not in pilot.names()
    QTest.keyClick(table, Qt.Key.Key_Z, CONTROL)
    assert "z" in pilot.names()


def test_a_screen_reader_is_told_of_the_selected_node_and_of_what_enter_takes(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot, "loss = (w - 3)**2")
    view = pilot.view

    def said() -> str:
        return QAccessible.queryAccessibleInterface(view).text(QAccessible.Text.Description)

    pilot.select("w")
    assert said() == "w: tensor, shape (), float32, requires grad, value 1, gradient -4"
    pilot.set_value("w", "5")
    qtbot.waitUntil(lambda: said() == "w: tensor, shape (), float32, requires grad, value 5, gradient 4")
    pilot.select("loss")
    assert said() == "loss: pow, shape (), float32, input from sub, backward begins here, value 4, gradient 1"
    pilot.key(Qt.Key.Key_Tab)
    line = pilot.picker.line
    QTest.keyClicks(line, "me")
    assert line.accessibleDescription().startswith("mean ")
    QTest.keyClick(line, Qt.Key.Key_Down, NOTHING)
    assert line.accessibleDescription() and not line.accessibleDescription().startswith("mean ")
    pilot.picker.close()


@pytest.mark.usefixtures("table")
def test_a_question_above_the_canvas_is_answered_by_keys(pilot: Pilot) -> None:
    answered: list[str] = []
    pilot.window.message.tell("ask", "Shall it be so?", buttons=(("Yes", lambda: answered.append("yes")),))
    seen: list[QWidget | None] = []
    while not isinstance(QApplication.focusWidget(), QPushButton) and len(seen) < 8:
        seen.append(QApplication.focusWidget())
        QTest.keyClick(seen[-1], Qt.Key.Key_F6)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert answered == ["yes"], seen

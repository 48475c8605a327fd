"""The grid of a matrix by the keyboard: its cells take the keys that would else act on the node."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, NOTHING, Pilot, build
from ui.editor.panels.grid import Grid
from ui.editor.panels.table import VALUE


@pytest.fixture
def grid(pilot: Pilot) -> Grid:
    """Of the tensor [[1, 2], [3, 4]], with the keyboard on it."""
    name = pilot.add("tensor", QPoint(200, 200))
    pilot.set_value(name, "[[1, 2], [3, 4]]")
    pilot.window.room.desk.rest()
    found = pilot.window.room.panel.properties.findChild(Grid)
    assert found is not None and found.isVisible()
    found.setFocus()
    found.setCurrentCell(0, 0)
    return found


def numbers(pilot: Pilot) -> tuple[float, ...]:
    (block,) = pilot.window.room.desk.document.blocks.values()
    assert block.value is not None
    return block.value.data


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, key, modifiers)
    QApplication.processEvents()


def write(text: str) -> None:
    """F2, another text, Enter."""
    press(Qt.Key.Key_F2)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    line.selectAll()
    line.insert(text)
    press(Qt.Key.Key_Return)


def test_numbers_are_typed_one_below_the_other(pilot: Pilot, grid: Grid) -> None:
    scale = pilot.view.scale
    press(Qt.Key.Key_Minus)  # opens the cell, and does not zoom
    press(Qt.Key.Key_5)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Period)  # opens the next one, and moves no slider
    press(Qt.Key.Key_7)
    press(Qt.Key.Key_Return)
    assert numbers(pilot) == (-5.0, 2.0, 0.7, 4.0) and pilot.view.scale == scale
    assert pilot.window.room.desk.history.undo_label == "Set x"
    keep(pilot.window, "editor-grid")
    grid.setCurrentCell(0, 1)
    for text, read in (("1,5", 1.5), ("50%", 0.5), ("1 000", 1000.0), ("−2", -2.0), ("-inf", float("-inf"))):
        grid.setCurrentCell(0, 1)
        write(text)
        assert numbers(pilot)[1] == read


@pytest.mark.parametrize(("text", "words"), [("abc", "is no number"), ("1e400", "too large for a number"), ("", "is no number")])
def test_what_is_no_number_is_refused_and_the_cell_shows_the_old_one(pilot: Pilot, grid: Grid, text: str, words: str) -> None:
    write(text)
    assert numbers(pilot) == (1.0, 2.0, 3.0, 4.0) and words in pilot.window.message.text
    item = grid.item(0, 0)
    assert item is not None and item.text() == "1"


def test_cells_are_copied_and_cleared_and_the_node_stays(pilot: Pilot, grid: Grid) -> None:
    press(Qt.Key.Key_A, CONTROL)
    press(Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == "1\t2\n3\t4"
    press(Qt.Key.Key_Down)
    assert (grid.currentRow(), grid.currentColumn()) == (1, 0)
    press(Qt.Key.Key_Delete)
    assert pilot.names() == ["x"] and numbers(pilot) == (1.0, 2.0, 0.0, 4.0)
    pilot.undo()
    assert numbers(pilot) == (1.0, 2.0, 3.0, 4.0)


def test_a_number_is_typed_into_the_table_right_away_and_elsewhere_keys_are_the_canvas_ones(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot, "y = w * x")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.table)
    table = panel.table.table
    table.setFocus()
    table.setCurrentCell(0, VALUE)
    for key in (Qt.Key.Key_Minus, Qt.Key.Key_3, Qt.Key.Key_Return):
        press(key)
    assert pilot.block("w").value.data == (-3.0,)  # type: ignore[union-attr]
    table.setFocus()
    table.setCurrentCell(0, 0)
    press(Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: pilot.block("w").value.data == (-2.9,))  # type: ignore[union-attr]

"""Keys that are pressed beside the canvas are meant for what has the keyboard there, and do nothing to the selected node."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from shiboken6 import isValid

from tests.ui.editor.pilot import CONTROL, NOTHING, Pilot, build
from ui.actions.command_palette import CommandPalette


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, key, modifiers)
    QApplication.processEvents()


@pytest.fixture
def built(pilot: Pilot) -> Pilot:
    """With w selected."""
    build(pilot)
    pilot.select("w")
    return pilot


def focused(pilot: Pilot, page: QWidget, widget: QWidget) -> None:
    pilot.window.room.panel.side.setCurrentWidget(page)
    widget.setFocus()
    assert widget.hasFocus()


def test_an_optimizer_is_found_by_its_letters(built: Pilot) -> None:
    training, desk = built.window.room.panel.training, built.window.room.desk
    focused(built, training, training.optimizer)
    before = desk.document.blocks
    for letter in (Qt.Key.Key_A, Qt.Key.Key_D, Qt.Key.Key_A, Qt.Key.Key_M):  # detach and mute are D and M on the canvas
        press(letter)
    assert training.optimizer.currentText().startswith("Ada")
    assert desk.document.blocks == before


def test_letters_in_the_palette_search_it(built: Pilot) -> None:
    palette, before = built.window.room.panel.palette_, built.window.room.desk.document
    palette.tree.setFocus()
    for letter in (Qt.Key.Key_R, Qt.Key.Key_E, Qt.Key.Key_L, Qt.Key.Key_U):
        press(letter)
    assert palette.line.text() == "relu" and palette.line.hasFocus()
    assert built.window.room.desk.document is before
    first = palette.tree.topLevelItem(0)
    assert first is not None and first.text(0) == "relu"


def test_a_piece_of_the_code_is_copied_and_lines_are_gone_to_by_keys(built: Pilot) -> None:
    panel, desk = built.window.room.panel, built.window.room.desk
    edit = panel.code.findChild(QPlainTextEdit)
    assert edit is not None
    focused(built, panel.code, edit)
    press(Qt.Key.Key_Home, CONTROL)
    for _ in range(3):
        press(Qt.Key.Key_Down)
    assert [desk.document.blocks[i].name for i in desk.selected] == ["x"]  # the line's node
    press(Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    press(Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == "x = torch.tensor(1.0)"
    press(Qt.Key.Key_A, CONTROL)
    press(Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == panel.code.code.text
    before = desk.document
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_M, Qt.Key.Key_D, Qt.Key.Key_G):  # letters are keys of the canvas, and no editing of the code
        press(key)
    assert desk.document is before and "The code is written from the graph" in built.window.message.text


def test_delete_in_the_history_deletes_no_node(built: Pilot) -> None:
    panel = built.window.room.panel
    focused(built, panel.history, panel.history)
    press(Qt.Key.Key_Delete)
    assert "w" in built.names()
    press(Qt.Key.Key_Up)
    assert built.names() == []  # it goes to the state before
    press(Qt.Key.Key_Down)
    assert len(built.names()) == 9


def test_the_way_round_the_parts_of_the_window_leaves_its_menus_alone(built: Pilot) -> None:
    window = built.window
    for room in (window.room.show_recording, window.room.show_editor):
        room()
        for _ in range(12):
            press(Qt.Key.Key_F6)
    for name in ("mul", "w", "loss", "x"):  # the form is made anew for each
        built.select(name)
    for menu in window.menus.by_name.values():
        assert isValid(menu) and all(isValid(action) for action in menu.actions())
    window.activateWindow()
    QTest.keyClick(built.view, Qt.Key.Key_K, CONTROL)
    found = window.findChild(CommandPalette)
    assert found is not None
    found.close()

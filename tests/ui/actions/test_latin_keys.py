"""Shortcuts on keyboards that have no Latin letters: Russian, Greek, Hebrew, Arabic; and what is typed on them stays text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from ui.actions.latin_keys import LatinKeys, is_foreign, place
from ui.editor.asking.quick_add import add_expression
from ui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NOTHING = Qt.KeyboardModifier.NoModifier
F, R, Q, W, C, A, BRACKET = 41, 27, 24, 25, 54, 38, 34  # places of keys, as X11 numbers them


@pytest.fixture
def building(opened: Opener, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window with a graph that is built, and with the focus."""
    window = opened()
    window.workbench.open_lesson()
    window.room.new()
    add_expression(window.room.panel.view, "loss = mean((w*x - y)**2)", QPointF(100, 100))
    qtbot.waitUntil(lambda: QApplication.instance().findChild(LatinKeys) is not None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.room.panel.view.setFocus()
    yield window
    window.room.desk.history.set_clean()


def press(window: QWidget, letter: str, place: int, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
    """What the system sends to the window when a key is pressed that types that letter (measured under X11 with these layouts alone)."""
    key = ord(letter.upper()) if len(letter.upper()) == 1 else ord(letter)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(window.windowHandle(), QKeyEvent(kind, key, modifiers, place, 0, 0, letter))


def chosen(window: MainWindow) -> str:
    (block,) = window.room.desk.selected
    return window.room.desk.document.blocks[block].name


@pytest.mark.parametrize(("language", "letter"), [("Russian", "к"), ("Greek", "ρ"), ("Hebrew", "ר"), ("Arabic", "ق")])
def test_a_letter_without_a_modifier_calls_what_the_latin_letter_at_its_place_calls(
    building: MainWindow, language: str, letter: str
) -> None:
    desk = building.room.desk
    block = next(b for b in desk.document.blocks.values() if b.name == "x")
    desk.select((block.id,))
    before = desk.document.blocks[block.id].requires_grad
    press(building, letter, R)
    assert desk.document.blocks[block.id].requires_grad != before, language
    assert desk.history.undo_label


@pytest.mark.parametrize("letter", ["а", "φ", "כ", "ب"])
def test_control_and_a_letter_call_what_they_call_on_a_latin_keyboard(building: MainWindow, letter: str) -> None:
    called: list[bool] = []
    building.actions_["find"].triggered.connect(lambda: called.append(True))
    press(building, letter, F, CONTROL)
    assert called == [True]
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def test_a_mark_at_the_place_of_a_letter_is_one_once_a_letter_of_that_alphabet_was_typed(building: MainWindow) -> None:
    called: list[bool] = []
    building.actions_["wheel"].triggered.connect(lambda: called.append(True))  # Ctrl+Alt+W; a Hebrew keyboard has ' there
    press(building, "y", Q)  # a letter that calls nothing
    press(building, "'", W, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert called == []  # a keyboard of Dvorak's has Latin letters, and a mark at that place
    press(building, "כ", F, SHIFT | Qt.KeyboardModifier.AltModifier)
    press(building, "'", W, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert called == [True]
    building.turn_wheel()


def test_what_is_typed_in_a_line_stays_text_and_its_commands_work(building: MainWindow, qtbot: QtBot) -> None:
    view = building.room.panel.view
    desk = building.room.desk
    block = next(b for b in desk.document.blocks.values() if b.name == "x")
    desk.select((block.id,))
    before = desk.document
    view.inline.rename(block.id)
    line = view.inline.line
    assert isinstance(line, QLineEdit)
    qtbot.waitUntil(line.hasFocus)
    line.clear()
    press(building, "к", R)
    press(building, "а", F)
    assert line.text() == "ка"
    assert desk.document is before
    press(building, "ф", A, CONTROL)  # all of the line, not all of the graph
    assert line.selectedText() == "ка"
    press(building, "с", C, CONTROL)
    assert QApplication.clipboard().text() == "ка"
    assert len(desk.selected) == 1


def test_a_key_that_types_a_latin_letter_is_that_letter_wherever_it_stands(building: MainWindow) -> None:
    desk = building.room.desk
    block = next(b for b in desk.document.blocks.values() if b.name == "x")
    desk.select((block.id,))
    before = desk.document
    press(building, "p", R)  # on a keyboard of Dvorak's
    press(building, "ä", BRACKET)  # and on a German one
    press(building, "ß", R)
    press(building, "µ", R)
    assert desk.document is before


def test_places_are_those_of_each_system() -> None:
    assert [place("xcb", scan, 0) for scan in (10, 24, 38, 48, 51, 52, 61, 9, 65)] == ["1", "Q", "A", "'", "\\", "Z", "/", "", ""]
    assert place("wayland", F, 0x6C1) == "F"
    assert [place("windows", 0, key) for key in (0x46, 0x31, 0xBA, 0xDE, 0x0D)] == ["F", "1", ";", "'", ""]
    assert [place("cocoa", 1, key) for key in (3, 15, 33, 46, 50, 10, 49, 36)] == ["F", "R", "[", "M", "`", "", "", ""]


def test_letters_accents_and_digits_of_other_alphabets_are_told_from_latin_ones() -> None:
    assert all(map(is_foreign, "жφשقءَ١あ"))
    assert not any(map(is_foreign, "aäßµªœʼḃẞ1;/€"))

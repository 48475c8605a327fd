"""Names in any alphabet, typed through an input method; what is refused, and what finds nothing, is said for as long as it is so."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.conftest import keep
from tests.ui.editor.pilot import Pilot


def compose(widget: QWidget, text: str, *, done: bool = True) -> None:
    """What an input method sends while a word is composed, and when it is taken."""
    event = QInputMethodEvent("" if done else text, [])
    if done:
        event.setCommitString(text)
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()


def test_an_expression_and_a_name_are_typed_in_any_alphabet(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    compose(pilot.picker.line, "потери = mean((вес*данные + 偏置)**2)")
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Return)
    assert {"вес", "данные", "偏置", "потери"} <= set(pilot.names())
    assert pilot.window.room.panel.status.text() == "потери = 4"
    pilot.select("вес")
    pilot.key(Qt.Key.Key_F2)
    line = pilot.view.inline.line
    assert line is not None
    compose(line, "权", done=False)
    compose(line, "\uff37权")  # a full-width W, as such methods type it
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "W权" in pilot.names() and "mul = W权 * данные" in pilot.window.room.desk.code().text
    keep(pilot.window, "editor-alphabets")


def test_a_refusal_goes_with_the_next_edit(pilot: Pilot) -> None:
    pilot.add("tensor", QPoint(300, 300))
    message = pilot.window.message
    pilot.key(Qt.Key.Key_F2)
    line = pilot.view.inline.line
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "2 words")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert message.isVisible() and "cannot be the name" in message.text
    line.selectAll()
    QTest.keyClicks(line, "two_words")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert pilot.names() == ["two_words"] and not message.isVisible()


def test_a_menu_in_which_nothing_fits_says_so(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Tab)
    compose(pilot.picker.line, "ьгд")  # “mul” on the keys of another layout
    assert pilot.picker.list.item(0).text() == "Nothing fits “ьгд”"
    keep(pilot.window, "editor-nothing-fits")
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Return)
    assert not pilot.names()
    pilot.picker.close()

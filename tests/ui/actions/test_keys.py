"""Keys and the wheel as the user wants them: chosen on the page of shortcuts, in all windows, and kept."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QKeySequenceEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener, keep
from ui.actions.actions import TABLE
from ui.actions.shortcuts import KEYS, ShortcutsPage
from ui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NOTHING = Qt.KeyboardModifier.NoModifier


def page_of(window: MainWindow) -> ShortcutsPage:
    window.actions_["shortcuts"].trigger()
    made = window.findChild(ShortcutsPage)
    assert made is not None
    return made


def choose(page: ShortcutsPage, action: str, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """A double-click on the keys of an action, and the key."""
    text = next(row.text for row in TABLE if row.id == action).replace("&", "")
    item = page.table.item(next(k for k in range(page.table.rowCount()) if page.table.item(k, KEYS - 1).text() == text), KEYS)
    page.table.scrollToItem(item)
    at = page.table.visualItemRect(item).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, NOTHING, at)
    QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, NOTHING, at)
    editor = page.table.findChild(QKeySequenceEdit)
    assert editor is not None
    QTest.keyClick(editor, key, modifiers)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert page.table.findChild(QKeySequenceEdit) is None


def test_a_key_is_chosen_works_at_once_in_all_windows_and_is_kept(opened: Opener, qtbot: QtBot) -> None:
    first = opened()
    second = first.another()
    page = page_of(first)
    choose(page, "theme", Qt.Key.Key_F4, NOTHING)
    assert "F4" in page.words.text()
    keep(page, "shortcuts-page")
    page.close()
    for window in (first, second):
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        before = window.bridge.theme.name
        QTest.keyClick(window, Qt.Key.Key_F4)
        assert window.bridge.theme.name != before
        now = window.bridge.theme.name
        QTest.keyClick(window, Qt.Key.Key_T, CONTROL)  # the usual key does nothing any more
        assert window.bridge.theme.name == now
    second.close()
    third = opened()
    assert [s.toString() for s in third.actions_["theme"].shortcuts()] == ["F4"]
    assert "F4" in third.actions_["theme"].toolTip()


def test_a_key_that_another_action_has_changes_hands_and_all_can_be_put_back(window: MainWindow) -> None:
    page = page_of(window)
    choose(page, "theme", Qt.Key.Key_F10, NOTHING)
    assert "“Step over” had it, and has no key now" in page.words.text()
    assert window.actions_["over"].shortcuts() == []
    choose(page, "theme", Qt.Key.Key_Escape, NOTHING)  # leaves it
    assert window.keys.of("theme") == ("F10",)
    choose(page, "find", Qt.Key.Key_Tab, ALT)
    assert window.keys.of("find") == ("Alt+Tab",)
    QTest.mouseClick(page.usual, Qt.MouseButton.LeftButton)
    assert all(window.keys.of(row.id) == row.shortcuts for row in TABLE)
    assert [s.toString() for s in window.actions_["over"].shortcuts()] == ["F10"]
    page.close()


def test_the_wheel_scrolls_where_that_is_wanted_and_zooms_with_control(window: MainWindow) -> None:
    canvas = window.canvas

    def turn(modifiers: Qt.KeyboardModifier = NOTHING) -> tuple[bool, bool]:
        """Whether one notch of the wheel moved the canvas without a zoom, and whether it zoomed."""
        scale, offset = canvas.scale, QPointF(canvas.offset)
        at = QPointF(canvas.rect().center())
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifiers, phase, False)
        QApplication.sendEvent(canvas, event)
        return canvas.scale == scale and canvas.offset != offset, canvas.scale != scale

    assert turn() == (False, True)
    window.actions_["wheel"].trigger()
    assert turn() == (True, False)
    assert turn(CONTROL) == (False, True)
    assert window.settings.wheel_scrolls
    window.actions_["wheel"].trigger()
    assert turn() == (False, True)


def test_the_keyboard_goes_round_the_window_and_out_of_the_script(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()))
    window.bridge.seek(5)
    window.canvas.setFocus()
    met = []
    for _ in range(5):
        QTest.keyClick(window, Qt.Key.Key_F6)
        focused = QApplication.focusWidget()
        assert focused is not None
        dock = next((title for title, dock in window.docks.items() if dock.isAncestorOf(focused)), "")
        met.append(dock or focused.objectName())
    assert met == ["Inspector", "Timeline", "Derivation", "Source", "canvas"]
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.source.editor.hasFocus()
    QTest.keyClick(window.source.editor, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus()


def test_all_that_takes_the_keyboard_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()))
    nameless = set()
    for title, dock in window.docks.items():
        if title == "Lesson":
            continue  # empty without one
        dock.show()
        dock.raise_()
        QApplication.processEvents()
        for widget in window.findChildren(QWidget):
            takes_keys = widget.isVisible() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes_keys and not widget.accessibleName() and not str(getattr(widget, "text", str)()):
                nameless.add((title, type(widget).__name__, widget.objectName()))
    assert nameless == set()


def test_what_the_mouse_does_is_found_by_searching_and_enter_leaves_the_keys_alone(window: MainWindow) -> None:
    page = page_of(window)
    choose(page, "theme", Qt.Key.Key_F4, NOTHING)
    QTest.keyClicks(page.line, "wire cut")
    shown = [r for r in range(page.table.rowCount()) if not page.table.isRowHidden(r)]
    rows = {page.table.item(r, 1).text(): page.table.item(r, KEYS) for r in shown}
    assert list(rows) == ["Cut wires with the knife", "Cut the wires of a port"]
    knife = rows["Cut wires with the knife"]
    assert knife.text() == "Ctrl+Right drag" and not knife.flags() & Qt.ItemFlag.ItemIsEditable
    for words, found in (("tensor digit", "Type a value"), ("backspace", "Delete, or close the group"), ("replace", "Replace by…")):
        page.line.setText(words)
        assert found in [page.table.item(r, 1).text() for r in range(page.table.rowCount()) if not page.table.isRowHidden(r)]
    QTest.keyClick(page.line, Qt.Key.Key_Return)
    assert [s.toString() for s in window.actions_["theme"].shortcuts()] == ["F4"]
    page.close()


def test_the_page_says_all_in_full_and_the_recent_files_once(window: MainWindow) -> None:
    page = page_of(window)
    page.resize(900, 600)
    QApplication.processEvents()
    table = page.table
    rows = [[table.item(k, column).text() for column in range(4)] for k in range(table.rowCount())]
    assert [row[1:3] for row in rows if "ecent file" in row[1]] == [["Recent files 1 to 9", "Ctrl+1 … Ctrl+9"]]
    one_line = min(table.rowHeight(k) for k in range(len(rows)))
    for k, row in enumerate(rows):
        assert table.sizeHintForRow(k) <= table.rowHeight(k), row
        if table.fontMetrics().horizontalAdvance(row[3]) > table.columnWidth(3):
            assert table.rowHeight(k) > one_line, "its end stands below its beginning"
    assert all(table.sizeHintForColumn(column) <= table.columnWidth(column) for column in range(3))
    page.close()

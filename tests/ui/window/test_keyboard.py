"""The window for who works by keys, or listens: what takes the keyboard has a name and shows that it has it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from ui.window.main_window import MainWindow

TAB = Qt.FocusPolicy.TabFocus


def reached(window: MainWindow) -> list[QWidget]:
    """What the Tab key comes to, and is in sight as a whole."""
    found = [w for w in window.findChildren(QWidget) if w.isVisible() and w.isEnabled() and w.focusPolicy() & TAB]
    return [w for w in found if w.visibleRegion().boundingRect() == w.rect()]


def look(window: MainWindow, widget: QWidget) -> QImage:
    """The widget, with what is painted around it."""
    QApplication.processEvents()
    return window.grab(widget.rect().translated(widget.mapTo(window, QPoint(0, 0))).adjusted(-3, -3, 3, 3)).toImage()


def test_what_takes_the_keyboard_has_a_name_and_shows_that_it_has_it(opened: Opener, qtbot: QtBot) -> None:
    window = opened(1920, 1080)
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.actions_["end"].trigger()
    window.bridge.select((window.canvas.geometry_.nodes[3].id,))
    known: set[tuple[str, str]] = set()
    for dock in window.docks.values():
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty())  # type: ignore[misc]
        for widget in reached(window):
            of = (type(widget).__name__, type(widget.parent()).__name__)
            asked = QAccessible.queryAccessibleInterface(widget)
            assert asked.text(QAccessible.Text.Name), (dock.objectName(), *of)
            if of in known:
                continue  # one of a kind is enough
            known.add(of)
            window.setFocus()
            window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, False)  # as after a click
            before = look(window, widget)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)  # as after a key
            widget.update()
            assert look(window, widget) != before, of
    assert len(known) > 30

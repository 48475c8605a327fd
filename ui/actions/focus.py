"""The parts of the window, for who works by keys: F6 goes from one to the next, also out of the script, where Tab indents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from ..window.message_bar import MessageBar

if TYPE_CHECKING:
    from ..editor.room import EditorRoom
    from ..window.panels import PanelledWindow


def go(window: PanelledWindow, editor: EditorRoom, step: int) -> None:
    """Give the keyboard to the next part (1) or the one before (-1), as one reads: from left to right, then down."""
    parts = [part for part in _parts(window, editor) if _inner(part) is not None]
    focused = QApplication.focusWidget()
    here = next((k for k, part in enumerate(parts) if focused is not None and (part is focused or part.isAncestorOf(focused))), -1)
    if parts:
        inner = _inner(parts[(here + step) % len(parts)] if here >= 0 else parts[0])
        if inner is not None:
            inner.setFocus(Qt.FocusReason.TabFocusReason)


def _parts(window: PanelledWindow, editor: EditorRoom) -> list[QWidget]:
    if editor.active:
        panel = editor.panel
        return [*([window.message] if window.message.isVisible() else []), panel.palette_, panel.view, panel.side]
    parts: list[QWidget] = [dock for dock in window.docks.values() if not dock.isFloating() and not dock.visibleRegion().isEmpty()]
    parts += [part for part in (window.message, window.canvas) if part.isVisible()]
    bottom = window.canvas.mapTo(window, QPoint(0, window.canvas.height())).y()

    def place(part: QWidget) -> tuple[bool, int, int]:
        at = part.mapTo(window, QPoint(0, 0))
        return at.y() >= bottom, at.x(), at.y()

    return sorted(parts, key=place)


def _inner(part: QWidget) -> QWidget | None:
    """What in a part takes the keyboard: what had it last, else the first."""
    return next((widget for widget in (part.focusWidget(), *_within(part)) if widget is not None and _takes_keys(widget)), None)


def _within(part: QWidget) -> Iterator[QWidget]:
    """A widget and those in it, as they were made; the answers of a message come before what closes it, tabs before their pages.

    Not by `nextInFocusChain`: PySide takes what a method returns for a part of what it was called on. The window, which follows the last
    widget of a part, would be one of a label, and when that goes, all of the window's menus and actions are taken for gone with it.
    """
    yield part
    firsts = part.answers if isinstance(part, MessageBar) else [part.tabBar()] if isinstance(part, QTabWidget) else []
    yield from firsts
    for child in part.children():
        if isinstance(child, QWidget):
            yield from _within(child)


def _takes_keys(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)

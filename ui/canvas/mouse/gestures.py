"""What a mouse drag is: a class with move, end and cancel; and the one that every graph knows, which moves the paper."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter


class Gesture(Protocol):
    """A drag from press to release."""

    def move(self, at: QPointF) -> None:
        """The mouse is at `at` (widget coordinates)."""

    def end(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Escape, or the window lost the mouse."""

    def paint(self, p: QPainter) -> None:
        """Draw what the gesture shows, in widget coordinates."""


class Movable(Protocol):
    """What can be moved under the mouse."""

    offset: QPointF

    def pan_to(self, offset: QPointF) -> None:
        """Put its origin at a point of the widget."""

    def setCursor(self, shape: Qt.CursorShape, /) -> None:
        """What the mouse looks like over it."""

    def unsetCursor(self) -> None:
        """As over everything."""


class Pan:
    """Move the canvas under the mouse."""

    def __init__(self, view: Movable, at: QPointF) -> None:
        self._view = view
        self._at = at
        self._start = QPointF(view.offset)
        view.setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, at: QPointF) -> None:
        self._view.pan_to(self._start + at - self._at)

    def end(self) -> None:
        self._view.unsetCursor()

    def cancel(self) -> None:
        self._view.pan_to(self._start)
        self._view.unsetCursor()

    def paint(self, p: QPainter) -> None:
        """Nothing but the moved canvas."""

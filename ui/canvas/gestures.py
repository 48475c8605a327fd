"""What a mouse drag on the canvas does: one class a gesture, with move, end and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

if TYPE_CHECKING:
    from .graph_widget import GraphWidget
    from .view import CanvasView


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


class Pan:
    """Move the canvas under the mouse."""

    def __init__(self, view: GraphWidget, at: QPointF) -> None:
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


class BoxSelect:
    """Select what a rectangle touches."""

    def __init__(self, view: CanvasView, at: QPointF, add: bool) -> None:
        self._view = view
        self._start = self._at = at
        self._before = view.bridge.selected if add else ()

    @property
    def box(self) -> QRectF:
        """The rectangle so far."""
        return QRectF(self._start, self._at).normalized()

    def move(self, at: QPointF) -> None:
        self._at = at
        self._view.update()

    def end(self) -> None:
        box = self.box
        if box.width() < 4 and box.height() < 4:
            self._view.bridge.select(self._before)
            return
        found = self._view.geometry_.inside(QRectF(self._view.to_graph(box.topLeft()), self._view.to_graph(box.bottomRight())))
        self._view.bridge.select(tuple(dict.fromkeys((*self._before, *found))))

    def cancel(self) -> None:
        self._view.update()

    def paint(self, p: QPainter) -> None:
        colour = QColor(self._view.bridge.theme.selection)
        p.setPen(QPen(colour, 1.2))
        colour.setAlphaF(0.15)
        p.setBrush(colour)
        p.drawRect(self.box)

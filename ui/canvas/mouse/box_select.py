"""The drag over the canvas that selects the cards which it touches."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from ..surface import Surface


class BoxSelect:
    """Select what a rectangle touches."""

    def __init__(self, view: Surface, at: QPointF, add: bool) -> None:
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

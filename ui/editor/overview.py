"""The whole graph in a corner of the canvas, with a frame around what is in sight; there while some of it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ..canvas.painting.minimap import place
from .layout.shape import ABOVE, BELOW, BESIDE

if TYPE_CHECKING:
    from .paper import Paper

EDGE = 6.0
LEAST = 1.5  # pixels of a card
FEW = 300  # selected cards that are lit up
CARD = np.array([BESIDE, ABOVE, -BESIDE, -BELOW])


class Overview(QWidget):
    """A press or a drag in it moves the eye."""

    def __init__(self, view: Paper) -> None:
        super().__init__(view)
        self.setObjectName("overview")
        self.setAccessibleName("Overview of the graph")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("The whole graph; the frame is what you see. Press or drag to go elsewhere.")
        self.setVisible(False)
        self._view = view
        self._picture: tuple[object, QPixmap] | None = None
        self._told: object = None  # what it shows over the cards
        view.desk.selection_changed.connect(self.follow)
        view.desk.opened.connect(self._renew)
        view.desk.rested.connect(self._renew)

    def _renew(self) -> None:
        """Cards may stand elsewhere: looked at when edits rest, because thousands of them cost more than an edit does."""
        self._picture = self._told = None
        self.follow()
        if self.isVisible():
            self.repaint()

    def follow(self) -> None:
        """The graph, the eye or the drag is another."""
        view = self._view
        bounds = view.shapes.bounds
        wanted = view.gesture is None and not bounds.isEmpty() and not view.shown.contains(bounds)
        if wanted:
            box = place(view.width(), view.height(), bounds).toRect()
            if box != self.geometry():
                self.setGeometry(box)
            shows = (view.shown.getRect(), bounds.getRect(), [rect.getRect() for rect in self._selected()], view.theme)
            if shows != self._told:
                self._told = shows
                self.update()
        if wanted == self.isHidden():
            self.setVisible(wanted)

    def _selected(self) -> list[QRectF]:
        """The cards that are lit up."""
        blocks = self._view.shapes.blocks
        return [blocks[block].rect for block in self._view.desk.selected[:FEW] if block in blocks]

    def _scale(self, bounds: QRectF) -> float:
        """Pixels for one unit of the graph."""
        return min((self.width() - 2 * EDGE) / max(bounds.width(), 1.0), (self.height() - 2 * EDGE) / max(bounds.height(), 1.0))

    def _at(self, point: QPointF) -> QPointF:
        """A point of the graph."""
        bounds = self._view.shapes.bounds
        return QPointF(self.rect().center()) + (point - bounds.center()) * self._scale(bounds)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.drawPixmap(0, 0, self._cards())
        shown, scale = self._view.shown, self._scale(self._view.shapes.bounds)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor(self._view.theme.selection))
        for rect in self._selected():
            at = self._at(rect.topLeft())
            p.drawRect(QRectF(at.x(), at.y(), max(rect.width() * scale, 2 * LEAST), max(rect.height() * scale, 2 * LEAST)))
        p.setPen(QPen(QColor(self._view.theme.selection), 1.4))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(QRectF(self._at(shown.topLeft()), self._at(shown.bottomRight())).intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))
        p.end()

    def _cards(self) -> QPixmap:
        """All but the frame and what is selected."""
        view, theme, ratio = self._view, self._view.theme, self.devicePixelRatioF()
        key = (theme.name, self.size().toTuple(), ratio)
        if self._picture is None or self._picture[0] != key:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(QColor(theme.surface))
            p = QPainter(made)
            p.setPen(QPen(QColor(theme.border), 1))
            p.drawRect(self.rect().adjusted(0, 0, -1, -1))
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(theme.muted))
            scale, origin = self._scale(view.shapes.bounds), self._at(QPointF(0, 0))
            sides = view.shapes.boxes.sides.T + CARD  # without the room that is kept around a card
            places = np.unique(np.rint(sides * scale * 2).astype(np.int64), axis=0) / 2  # of thousands many fall on the same pixels
            for left, top, right, bottom in places.tolist():
                p.drawRect(QRectF(origin.x() + left, origin.y() + top, max(right - left, LEAST), max(bottom - top, LEAST)))
            p.end()
            self._picture = key, made
        return self._picture[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        """What lies under the mouse comes to the middle."""
        view, bounds = self._view, self._view.shapes.bounds
        there = bounds.center() + (event.position() - QPointF(self.rect().center())) / self._scale(bounds)
        view.pan_to(view.middle - there * view.scale)

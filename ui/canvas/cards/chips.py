"""Chips: a few words at a card, the most common of what is painted over the cards of a canvas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ...style.theme import SMALL_PX, Theme, ui_font
from ..geometry import Geometry, touching
from ..painting.overlay import Overlay
from ..surface import Surface

_GROWTH = 1.7  # how much larger a chip may get against its card
_READABLE = 0.35  # scale from which on chips have words


class Chip(NamedTuple):
    """A few words at a card.

    Attributes:
        colour: what it is called in the theme ("warning").
        below: under the card, not above it.
    """

    text: str
    colour: str
    below: bool = False


class Chips(Overlay):
    """The chips of one author on a canvas, by the ids of the nodes; the canvas is painted anew where they change."""

    def __init__(self, canvas: Surface) -> None:
        self._canvas = canvas
        self.shown: dict[int, Chip] = {}

    def show(self, chips: dict[int, Chip]) -> None:
        """These, and no others."""
        if chips == self.shown:
            return
        self.shown = chips
        overlays = self._canvas.overlays
        if chips and self not in overlays:
            overlays.append(self)
        elif not chips and self in overlays:
            overlays.remove(self)
        self._canvas.repaint_all()

    def paint(self, p: QPainter, geometry: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """See Overlay."""
        for node, (text, colour, below) in self.shown.items():
            row = geometry.row.get(node)
            if row is None:
                continue
            rect = QRectF(*geometry.rects[row])
            if shown.intersects(rect.adjusted(0, -40, 0, 40)):
                chip(p, geometry, row, text, QColor(getattr(theme, colour)), theme, scale, below)


def places(rect: QRectF, text: str, scale: float, below: bool) -> tuple[QRectF, ...]:
    """Where the chip of a card can stand: at the side where it belongs, at the other side, on the card's own edge."""
    grown = _grown(scale)
    wide, high = QFontMetricsF(_font(grown)).horizontalAdvance(text) + 14 * grown, 18 * grown
    above, under, edge = rect.top() - high - 7, rect.bottom() + 7, rect.bottom() - high + 4  # not so far that it would be the next card's
    return tuple(QRectF(rect.left() + 4, top, wide, high) for top in ((under, above, edge) if below else (above, under, edge)))


def _grown(scale: float) -> float:
    """How much larger a chip is than at scale 1: readable from further away."""
    return min(max(1.0, 1.0 / scale), _GROWTH)


def _font(grown: float) -> QFont:
    return ui_font(round(SMALL_PX * grown), bold=True)


def chip(p: QPainter, geometry: Geometry, row: int, text: str, colour: QColor, theme: Theme, scale: float, below: bool = False) -> None:
    """A pill above (or below) a card, where it covers no other card; a dot from far away."""
    rect = QRectF(*geometry.rects[row])
    if scale < _READABLE:
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(colour)
        p.drawEllipse(QPointF(rect.left() + 8, rect.top()), 9, 9)
        return
    boxes = places(rect, text, scale, below)
    box = next((box for box in boxes if set(np.flatnonzero(touching(geometry.rects, box)).tolist()) <= {row}), boxes[-1])
    p.setPen(QPen(colour, 1.4))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    p.setFont(_font(_grown(scale)))
    p.setPen(colour)
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

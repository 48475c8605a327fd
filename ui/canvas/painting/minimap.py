"""The whole graph in a corner, with a frame around what the window shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.debugger.scene import Moment, NodeKind

from ...style.theme import Theme
from ..cards.card import bar_colour
from ..geometry import Geometry

Rows = np.ndarray[Any, np.dtype[np.int64]]

MARGIN = 12.0
LARGEST = (200.0, 150.0)
SHARE = (0.24, 0.3)  # of a small canvas: the cards under it cannot be seen
SMALLEST = (64.0, 48.0)
_EDGE = 6.0


def place(width: float, height: float, bounds: QRectF) -> QRectF:
    """Where the minimap of a graph stands in a widget of this size: with the graph's own proportions, as far as that can be seen."""
    most = (min(LARGEST[0], width * SHARE[0]), min(LARGEST[1], height * SHARE[1]))
    scale = min(most[0] / max(bounds.width(), 1), most[1] / max(bounds.height(), 1))
    wide = max(bounds.width() * scale, SMALLEST[0]) + 2 * _EDGE
    high = max(bounds.height() * scale, SMALLEST[1]) + 2 * _EDGE
    return QRectF(round(width - wide - MARGIN), round(height - high - MARGIN), round(wide), round(high))


def scale_of(made: Geometry, box: QRectF) -> float:
    """Minimap pixels for one unit of the graph."""
    bounds = made.bounds
    return min((box.width() - 2 * _EDGE) / max(bounds.width(), 1), (box.height() - 2 * _EDGE) / max(bounds.height(), 1))


def to_graph(made: Geometry, box: QRectF, at: QPointF) -> QPointF:
    """The point of the graph under a point of the minimap."""
    scale, centre = scale_of(made, box), made.bounds.center()
    return centre + (at - box.center()) / scale


def born(made: Geometry, rows: Rows, moment: Moment | None) -> bytes:
    """Of each card whether it is computed, as 0 and 1."""
    states = moment.states if moment is not None else {}
    return bytes(made.nodes[row].id in states for row in rows.tolist())


def paint_blocks(p: QPainter, made: Geometry, rows: Rows, computed: bytes, box: QRectF, theme: Theme) -> None:
    """The cards in `rows`; the others would fall on the same pixels."""
    p.setPen(QPen(QColor(theme.border), 1))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(box, 6, 6)
    scale, centre = scale_of(made, box), made.bounds.center()
    p.save()
    p.setClipRect(box.adjusted(1, 1, -1, -1))
    p.setPen(Qt.PenStyle.NoPen)
    dx, dy = box.center().x() - centre.x() * scale, box.center().y() - centre.y() * scale
    colours: dict[tuple[NodeKind, int], QColor] = {}
    for row, known, (x, y, w, h) in zip(rows.tolist(), computed, (made.rects[rows] * scale).tolist(), strict=True):
        node = made.nodes[row]
        colour = colours.get((node.kind, known))
        if colour is None:
            colour = colours[node.kind, known] = QColor(bar_colour(node.kind, theme))
            if not known:
                colour.setAlphaF(0.3)
        p.setBrush(colour)
        p.drawRect(QRectF(x + dx, y + dy, max(w, 1.5), max(h, 1.5)))  # `fillRect` would have PySide make Qt's 169 named gradients
    p.restore()


def paint_eye(p: QPainter, made: Geometry, shown: QRectF, box: QRectF, theme: Theme) -> None:
    """The frame around what the window shows."""
    scale = scale_of(made, box)
    top_left = (shown.topLeft() - made.bounds.center()) * scale + box.center()
    p.save()
    p.setClipRect(box.adjusted(1, 1, -1, -1))
    p.setPen(QPen(QColor(theme.selection), 1.4))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(QRectF(top_left.x(), top_left.y(), shown.width() * scale, shown.height() * scale))
    p.restore()


def spots(made: Geometry, box: QRectF) -> Rows:
    """The cards to paint: of thousands many fall on the same pixel, and the first of each kind stands for them."""
    scale = scale_of(made, box)
    kinds = np.fromiter((node.kind for node in made.nodes), np.int64, len(made.nodes))
    x, y = np.rint(made.rects[:, :2] * scale).astype(np.int64).T
    spots = ((x << 20) + y) * len(NodeKind) + kinds
    order = np.argsort(spots, kind="stable")
    first = np.ones(len(order), bool)
    np.not_equal(spots[order[1:]], spots[order[:-1]], out=first[1:])
    return np.sort(order[first])

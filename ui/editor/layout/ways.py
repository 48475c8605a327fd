"""The ways of wires: a curve from an output to an input, and boxes along it.

The boxes of a long wire are small pieces of its way, because its bounds would be half of the picture: what they touch is what is near it.
"""

from __future__ import annotations

from functools import cache
from math import ceil, sqrt
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from .boxes import Sides

Array = np.ndarray[Any, Any]
Curve = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]  # the control points
PIECE = 200.0  # width and height of a piece, about
PIECES = 48  # at most
ROOM = 14.0  # around a wire, for its width and its arrow head


def wire_curve(start: QPointF, end: QPointF, direction: str = "LR") -> Curve:
    """The curve of a wire; one that goes back swings out at both ends."""
    x0, y0, x1, y1 = start.x(), start.y(), end.x(), end.y()
    if direction == "TB":
        bend = max(40.0, abs(y1 - y0) / 2) if y1 >= y0 - 20 else 90.0 + 0.2 * (y0 - y1)
        return (x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1)
    if x1 < x0 - 20:
        bend = 90.0 + 0.2 * (x0 - x1)
    else:
        bend = max(abs(x1 - x0) * 0.5, 12.0) if y0 != y1 else 0.0
    return (x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)


def path_of(curve: Curve) -> QPainterPath:
    """A curve to be drawn."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    path = QPainterPath(QPointF(x0, y0))
    path.cubicTo(x1, y1, x2, y2, x3, y3)
    return path


def pieces_of(curve: Curve) -> tuple[Sides, ...]:
    """Boxes along a curve, with room for its width and its arrow head; each holds the control points of its piece."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    west, east, north, south = min(x0, x1, x2, x3), max(x0, x1, x2, x3), min(y0, y1, y2, y3), max(y0, y1, y2, y3)
    count = min(ceil(sqrt((east - west) * (south - north)) / PIECE), PIECES)
    if count < 2:
        return ((west - ROOM, north - ROOM, east + ROOM, south + ROOM),)
    parts = (_parts(count) @ np.array(curve)).reshape(count, 4, 2)
    low, high = (parts.min(axis=1) - ROOM).tolist(), (parts.max(axis=1) + ROOM).tolist()
    return tuple((west, north, east, south) for (west, north), (east, south) in zip(low, high, strict=True))


@cache
def _parts(count: int) -> Array:
    """What the control points of so many pieces of a cubic curve are of its own (its blossom at the pieces' ends)."""
    rows = []
    for n in range(count):
        begin, end = n / count, (n + 1) / count
        rows += [_blossom(*at) for at in ((begin, begin, begin), (begin, begin, end), (begin, end, end), (end, end, end))]
    return np.array(rows)


def _blossom(*at: float) -> Array:
    """The weights of the control points where each step of de Casteljau's goes to another place."""
    made: Array = np.eye(4)
    for t in at:
        made = (1 - t) * made[:-1] + t * made[1:]
    weights: Array = made[0]
    return weights

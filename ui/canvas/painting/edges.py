"""Painting edges: arrows forward, and over them how much gradient has flown back in this pass."""

from __future__ import annotations

import ctypes
from math import isfinite
from typing import Any, cast

import numpy as np
import shiboken6
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradviz.debugger.scene import Moment

from ...pictures.heat import blend
from ...style.theme import Theme, log_share
from ..cards.card import scissors
from ..geometry import Geometry

Array = np.ndarray[Any, Any]

_last: tuple[Moment | None, tuple[float, float]] = (None, (0.0, 0.0))  # the moment that was asked for last, and its ends


def gradient_range(moment: Moment | None) -> tuple[float, float]:
    """Smallest and largest norm that has flown in this pass: the ends of the legend. Edges, legend and flow ask for it in each frame."""
    global _last
    if moment is None:
        return 0.0, 0.0
    if _last[0] is not moment:
        flown = (*moment.flown.values(), *(pulse.magnitude for pulse in moment.pulses if not pulse.forward))
        norms = [norm for norm in flown if isfinite(norm) and norm > 0]
        _last = moment, ((min(norms), max(norms)) if norms else (0.0, 0.0))
    return _last[1]


def gradient_pen(norm: float, low: float, high: float, theme: Theme) -> QPen:
    """Width and colour of an edge that carried a gradient of this norm."""
    share = log_share(norm, low, high)
    weak = blend(QColor(theme.parameter), QColor(theme.window), 0.35)
    colour = QColor(theme.error) if not np.isfinite(norm) else blend(weak, QColor(theme.gradient), share)
    return QPen(colour, 2.0 + 4.0 * share, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def thickness(scale: float) -> float:
    """How much thicker lines are drawn on a canvas that is seen from further away, so that they stay visible."""
    return 1.0 / max(min(scale, 1.0), 0.5)


def paint_edges(p: QPainter, made: Geometry, rows: Array, moment: Moment | None, theme: Theme, direction: str, scale: float = 1.0) -> None:
    """The edges in `rows` as smooth curves with arrow heads."""
    thick = thickness(scale)
    low, high = gradient_range(moment)
    flown = moment.flown if moment is not None else {}
    born = moment.states if moment is not None else {}
    for k in rows.tolist():
        key, kind = made.edges[k]
        norm = flown.get(key)
        if norm is not None:
            pen = gradient_pen(norm, low, high, theme)
            pen.setWidthF(pen.widthF() * thick)
        else:
            colour = QColor(theme.edge if key[0] in born else theme.border)
            pen = QPen(colour, 1.6 * thick)
            if kind in ("plain", "cut"):
                pen.setStyle(Qt.PenStyle.DashLine)
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPath(made.paths[k])
        if kind != "bucket":
            _head(p, made.samples[k], pen.color(), direction, thick)
        if kind == "cut":
            at = made.samples[k][len(made.samples[k]) * 2 // 3]  # where edges to one card have parted
            scissors(p, QPointF(*at), theme, thick**0.5)


def _head(p: QPainter, points: Array, colour: QColor, direction: str, thick: float) -> None:
    x, y = points[-1]
    long, half = 7.0 * thick, 4.0 * thick
    back = (-long, half) if direction == "LR" else (half, -long)
    other = (-long, -half) if direction == "LR" else (-half, -long)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + back[0], y + back[1]), QPointF(x + other[0], y + other[1])]))


def draw_lines(p: QPainter, lines: Array) -> None:
    """(n, 4) float64 lines in one call: Qt reads numpy's memory (four times faster than a list of QLineF)."""
    flat = np.ascontiguousarray(lines, np.float64)
    if not len(flat):
        return
    if ctypes.sizeof(ctypes.c_double) == 8:
        first = cast(QLineF, shiboken6.wrapInstance(flat.ctypes.data, QLineF))
        p.drawLines(first, len(flat))


def lines_of(made: Geometry, rows: Array) -> Array:
    """The straight lines between the ends of edges."""
    return np.concatenate([made.samples[rows, 0], made.samples[rows, -1]], axis=1)

"""The still picture of a graph at a moment, at any scale: used by the window's static layer, exports and the minimap."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.debugger.scene import GraphNode, Moment, NodeState

from ...style.theme import GRID_STEP, SMALL_PX, Theme, ui_font
from ..cards.card import UNDER, bar_colour, paint_card, paint_chip
from ..cards.far import paint_simple
from ..cards.ports import paint_ports
from ..geometry import Geometry, touching
from .edges import draw_lines, lines_of, paint_edges

NEAR, FAR = 0.42, 0.1  # scales at which cards lose their text, and their shape


def paint_ground(p: QPainter, area: QRectF, theme: Theme, scale: float) -> None:
    """Dots that show that the canvas can be moved."""
    if scale < 0.35:
        return
    dot = QColor(theme.border)
    dot.setAlphaF(0.55)
    p.setPen(QPen(dot, 1.4 / scale if scale < 1 else 1.4))
    step = GRID_STEP * 2
    p.drawPoints(_dots(int(area.left() // step), int(area.top() // step), int(area.right() // step), int(area.bottom() // step), step))


@lru_cache(maxsize=4)
def _dots(left: int, top: int, right: int, bottom: int, step: float) -> list[QPointF]:
    """The dots of some cells of the ground: the eye stands still in most frames."""
    return [QPointF(x * step, y * step) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def paint_picture(
    p: QPainter, made: Geometry, moment: Moment | None, area: QRectF, scale: float, theme: Theme, direction: str,
    card: Callable[[QPainter, QRectF, GraphNode, NodeState | None, Theme, float], None] = paint_card,
) -> None:  # fmt: skip
    """Everything that does not move, within `area` of the graph; `card` paints one card as `paint_card` does."""
    if not len(made.rects):
        return
    near = scale >= NEAR
    cards = np.flatnonzero(touching(made.rects, area))
    _frames(p, made, area, scale, theme)
    if len(made.samples):
        low, high = made.samples.min(axis=1), made.samples.max(axis=1)
        edges = np.flatnonzero(
            (low[:, 0] <= area.right()) & (high[:, 0] >= area.left()) & (low[:, 1] <= area.bottom()) & (high[:, 1] >= area.top())
        )
        if near or len(edges) < 400:
            paint_edges(p, made, edges, moment, theme, direction, scale)
        else:
            _straight(p, made, edges, moment, theme)
    states = moment.states if moment is not None else {}
    for row in cards.tolist():
        node, rect = made.nodes[row], QRectF(*made.rects[row])
        if row >= len(made.nodes) - made.chips:
            paint_chip(p, rect, node, theme, scale)
        elif near:
            card(p, rect, node, states.get(node.id), theme, scale)
            if node.outputs:
                paint_ports(p, made.rects[row], node, moment, theme, direction, scale)
        elif scale >= FAR:
            paint_simple(p, rect, node, states.get(node.id), theme)
        else:
            least = 2.0 / scale  # smaller than that it would vanish
            rect.setSize(QSizeF(max(rect.width(), least), max(rect.height(), least)))
            p.fillRect(rect, QColor(bar_colour(node.kind, theme)))


def _straight(p: QPainter, made: Geometry, rows: np.ndarray, moment: Moment | None, theme: Theme) -> None:
    pen = QPen(QColor(theme.edge), 0)
    p.setPen(pen)
    draw_lines(p, lines_of(made, rows))
    flown = moment.flown if moment is not None else {}
    hot = np.array([k for k in rows.tolist() if made.edges[k][0] in flown], np.int64)
    if len(hot):
        p.setPen(QPen(QColor(theme.gradient), 0))
        draw_lines(p, lines_of(made, hot))


def _frames(p: QPainter, made: Geometry, area: QRectF, scale: float, theme: Theme) -> None:
    px = SMALL_PX + 1 if scale >= 1 else min(SMALL_PX / scale, 20.0)
    for frame, rect in made.frames:
        if not rect.intersects(area):
            continue
        fill = QColor(theme.no_grad)
        fill.setAlphaF(0.10)
        p.setPen(QPen(QColor(theme.no_grad), 1.4 / max(min(scale, 1.0), 0.5), Qt.PenStyle.DashLine))
        p.setBrush(fill)
        p.drawRoundedRect(rect, 12, 12)
        if scale < NEAR:
            continue
        p.setFont(ui_font(round(px), bold=True))
        p.setPen(QColor(theme.muted))
        room = int(rect.width()) - 20
        told = (f"{frame.label}  ·  line {frame.line}", f"{frame.label} · {frame.line}")  # the number is what one looks for
        fitting = (words for words in told if p.fontMetrics().horizontalAdvance(words) <= room)
        words = next(fitting, "") or p.fontMetrics().elidedText(told[-1], Qt.TextElideMode.ElideRight, room)
        size = QSizeF(p.fontMetrics().horizontalAdvance(words), p.fontMetrics().height())
        p.drawText(_uncovered(made, rect, size), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)


def _uncovered(made: Geometry, frame: QRectF, size: QSizeF) -> QRectF:
    """Where the words of a frame stand: inside at its top left; below it, where cards of the row above reach over them."""
    inside, below = QRectF(frame.topLeft() + QPointF(12, 7), size), QRectF(frame.bottomLeft() + QPointF(12, 4), size)
    under = UNDER if made.graph.folds else 0.0  # cards that lie under others show below them
    return next((place for place in (inside, below) if not touching(made.rects, place.adjusted(0, -under, 0, -2)).any()), inside)

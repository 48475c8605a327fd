"""Rings around cards: where the event is, what is selected, what the mouse is over."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from gradviz.debugger.scene import Moment

from ...style.theme import Theme
from ..geometry import Geometry
from ..painting.picture import NEAR
from .card import paint_badges

CORNER = 11


def paint_rings(
    p: QPainter,
    made: Geometry,
    moment: Moment | None,
    current: tuple[int, ...],
    selected: tuple[int, ...],
    hover: int,
    theme: Theme,
    scale: float,
) -> None:
    """The rings of all three kinds, as wide on the screen at any scale below 1; hover -1: the mouse is over no card."""
    wide = 3.0 / min(scale, 1.0)
    p.setBrush(Qt.BrushStyle.NoBrush)
    rings = [(i, theme.current, wide, 4.0) for i in current] + [(i, theme.selection, wide * 0.7, 8.0) for i in selected]
    if hover >= 0:
        rings.append((hover, theme.muted, wide * 0.5, 2.0))
    for node_id, colour, width, grow in rings:
        rect = made.rect(node_id)
        if rect.isEmpty():
            continue
        if theme.dark and colour == theme.current:
            _glow(p, rect.adjusted(-grow, -grow, grow, grow), 1.5 * width, colour)
        p.setPen(QPen(QColor(colour), width))
        p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), CORNER, CORNER)
    badges_over(p, made, moment, [node_id for node_id, *_ in rings], theme, scale)


def paint_chosen(p: QPainter, made: Geometry, target: int, port: int, theme: Theme, scale: float) -> None:
    """A band along the selected edge: the one into an input of a node."""
    for k, (key, kind) in enumerate(made.edges):
        if key[1:] == (target, port) and kind != "bucket":
            colour = QColor(theme.selection)
            p.setPen(QPen(colour, 3.0 / min(scale, 1.0), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawPath(made.paths[k])


def _glow(p: QPainter, rect: QRectF, reach: float, colour: str) -> None:
    """A soft band along the ring, as a picture that is copied: filled anew in each frame it would take ten times as long."""
    world, ratio = p.worldTransform(), p.device().devicePixelRatioF()
    picture = _glow_picture(rect.width(), rect.height(), reach, colour, world.m11(), ratio)
    corner = world.map(rect.topLeft() - QPointF(reach, reach))
    p.save()
    p.setWorldTransform(QTransform())
    p.drawPixmap(QPointF(round(corner.x() * ratio), round(corner.y() * ratio)) / ratio, picture)
    p.restore()


@lru_cache(maxsize=8)
def _glow_picture(width: float, height: float, reach: float, colour: str, scale: float, ratio: float) -> QPixmap:
    made = QPixmap(ceil((width + 2 * reach) * scale * ratio), ceil((height + 2 * reach) * scale * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    p = QPainter(made)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.scale(scale, scale)
    faint = QColor(colour)
    faint.setAlphaF(0.18)
    p.fillPath(_band(QRectF(reach, reach, width, height), reach), faint)
    p.end()
    return made


def _band(rect: QRectF, reach: float) -> QPainterPath:
    """What lies within `reach` of a rounded rectangle's edge. (A wide stroke that shows what is below it takes ten times as long.)"""
    band = QPainterPath()
    for out in (reach, -reach):
        corner = max(CORNER + out, 0.0)
        band.addRoundedRect(rect.adjusted(-out, -out, out, out), corner, corner)
    return band


def badges_over(p: QPainter, made: Geometry, moment: Moment | None, nodes: Iterable[int], theme: Theme, scale: float) -> None:
    """The badges of some cards over what was painted around them."""
    if moment is None or scale < NEAR:
        return
    for node_id in dict.fromkeys(nodes):
        row, state = made.row.get(node_id), moment.states.get(node_id)
        if row is not None and state is not None:
            paint_badges(p, QRectF(*made.rects[row]), made.nodes[row], state, theme, scale)

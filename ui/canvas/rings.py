"""Rings around cards: where the event is, what is selected, what the mouse is over."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..theme import Theme
from .geometry import Geometry

CORNER = 11


def paint_rings(
    p: QPainter, made: Geometry, current: tuple[int, ...], selected: tuple[int, ...], hover: int, theme: Theme, scale: float
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
            glow = QColor(colour)
            glow.setAlphaF(0.18)
            p.setPen(QPen(glow, width * 3))
            p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), CORNER, CORNER)
        p.setPen(QPen(QColor(colour), width))
        p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), CORNER, CORNER)

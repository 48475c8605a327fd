"""The wire under the mouse: where its tensor comes from, and all that reads it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.document.model import WireKey

from ...style.theme import Theme
from ..layout.shapes import Shapes

WIDE, THIN = 2.8, 1.8


def paint_probed(p: QPainter, shapes: Shapes, key: WireKey, theme: Theme, scale: float) -> None:
    """A wire above all others, those that carry the same tensor elsewhere, and rings around the cards at their ends."""
    wires = shapes.document.wires
    wire = wires[key]
    same = [other for other in shapes.document.users(wire.source) if wires[other].output == wire.output and other in shapes.wires]
    grown = 1 / min(scale, 1.0)  # far away no line is thinner than a pixel
    p.setBrush(Qt.BrushStyle.NoBrush)
    for other in sorted(same, key=lambda other: other == key):
        colour = QColor(theme.text if other == key else theme.muted)
        p.strokePath(shapes.wires[other], QPen(colour, (WIDE if other == key else THIN) * grown))
    p.setPen(QPen(QColor(theme.muted), 1.2 * grown))
    for block in dict.fromkeys((wire.source, *(target for target, _ in same))):
        p.drawRoundedRect(shapes.blocks[block].rect.adjusted(-2, -2, 2, 2), 11, 11)

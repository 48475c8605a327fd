"""Letters beside the cards: they keep their size when the canvas is seen from further away, as those on the cards do."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

LEAST = 0.65  # the scale below which they grow no more: there is no room for them


def grown(p: QPainter, at: QPointF) -> float:
    """Draw from a point on with letters that stay legible from further away; how much larger they are."""
    made = 1 / min(1.0, max(p.worldTransform().m11(), LEAST))
    p.translate(at)
    p.scale(made, made)
    return made

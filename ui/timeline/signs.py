"""The signs under the lanes: prints, zero_grad, optimizer steps, breakpoints, errors."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..pictures.statistics import paint_alarm
from ..style.theme import Theme

MARKS = 16  # height of their row


def paint_sign(painter: QPainter, theme: Theme, kind: str, x: float, top: float, bottom: float) -> None:
    """A small sign under the lanes, which end at `bottom`: each kind has its own form, never colour alone."""
    middle = bottom + MARKS / 2 + 1
    painter.setPen(Qt.PenStyle.NoPen)
    if kind == "error":
        painter.setPen(QPen(QColor(theme.error), 1.4))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        paint_alarm(painter, QRectF(x - 7, middle - 6, 14, 12), QColor(theme.error), QColor(theme.surface))
    elif kind == "breakpoint":
        painter.setBrush(QColor(theme.error))
        painter.drawEllipse(QPointF(x, middle), 4.5, 4.5)
    elif kind == "optimizer":
        painter.setBrush(QColor(theme.parameter))
        painter.drawPolygon(QPolygonF([QPointF(x, middle - 5), QPointF(x + 5, middle), QPointF(x, middle + 5), QPointF(x - 5, middle)]))
    elif kind == "zero_grad":
        painter.setPen(QPen(QColor(theme.gradient), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, middle), 3.8, 3.8)
    else:
        painter.setBrush(QColor(theme.muted))
        painter.drawRect(QRectF(x - 1, middle - 3, 2, 6))

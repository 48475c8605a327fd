"""The curve of an activation with its slope, and each element of this moment on it with its tangent."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradviz.idea_pictures.curve import Curve

from ..style.theme import SMALL_PX, Theme, ui_font
from .axes import Axes
from .hit import Hit

TANGENTS = 48  # elements that get one
TANGENT_PX = 17.0


def caption(found: Curve) -> str:
    """What the picture says, in words."""
    if not found.flat:
        return f"{found.count} elements of {found.title}: the gradient of each is multiplied by the slope where it stands."
    return f"{found.flat} of {found.count} elements of {found.title} stand where the slope is (nearly) 0: no gradient comes through them."


def paint(p: QPainter, rect: QRectF, found: Curve, theme: Theme) -> list[Hit]:
    """Draw curve, slope and elements."""
    both = np.concatenate([found.value, found.slope])
    fine = both[np.isfinite(both)]
    low, high = (float(fine.min()), float(fine.max())) if fine.size else (-1.0, 1.0)
    pad = 0.08 * ((high - low) or 1.0)
    axes = Axes.within(rect, (float(found.grid[0]), float(found.grid[-1])), (low - pad, high + pad))
    p.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DotLine))
    if axes.y[0] < 0 < axes.y[1]:
        p.drawLine(axes.at(axes.x[0], 0), axes.at(axes.x[1], 0))
    p.drawLine(axes.at(0, axes.y[0]), axes.at(0, axes.y[1]))
    axes.paint(p, theme, f"{found.source} →", f"{found.op}({found.source})")
    p.save()
    p.setClipRect(axes.area)
    p.setBrush(Qt.BrushStyle.NoBrush)
    for values, role, style in ((found.slope, theme.gradient, Qt.PenStyle.DashLine), (found.value, theme.value, Qt.PenStyle.SolidLine)):
        p.setPen(QPen(QColor(role), 2.2, style))
        points = [axes.at(x, y) for x, y in zip(found.grid.tolist(), values.tolist(), strict=True) if np.isfinite(y)]
        p.drawPolyline(QPolygonF(points))
    scale = (axes.area.height() / (axes.y[1] - axes.y[0])) / (axes.area.width() / (axes.x[1] - axes.x[0]))
    if len(found.x) <= TANGENTS:
        p.setPen(QPen(QColor(theme.current), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for x, y, slope in zip(found.x.tolist(), found.y.tolist(), found.steep.tolist(), strict=True):
            along = np.array([1.0, -slope * scale])
            along *= TANGENT_PX / float(np.hypot(*along))
            at, step = axes.at(x, y), QPointF(*along)
            p.drawLine(at - step, at + step)
    p.setPen(QPen(QColor(theme.window), 1))
    p.setBrush(QColor(theme.text))
    for x, y in zip(found.x.tolist(), found.y.tolist(), strict=True):
        p.drawEllipse(axes.at(x, y), 3.4, 3.4)
    p.restore()
    _legend(p, axes.area, theme)
    return []


def _legend(p: QPainter, area: QRectF, theme: Theme) -> None:
    p.setFont(ui_font(SMALL_PX))
    x, y = area.left() + 8, area.top() + 34
    for words, role, style in (("value", theme.value, Qt.PenStyle.SolidLine), ("slope", theme.gradient, Qt.PenStyle.DashLine)):
        p.setPen(QPen(QColor(role), 2.2, style))
        p.drawLine(QPointF(x, y), QPointF(x + 22, y))
        p.setPen(QColor(theme.muted))
        p.drawText(QRectF(x + 27, y - 8, 60, 16), Qt.AlignmentFlag.AlignVCenter, words)
        x += 80

"""The loss over one number: the curve, the steps that training took on it, and the slope where it stands."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradviz.idea_pictures.valley import Valley

from ..style.theme import Theme
from .axes import Axes
from .hit import Hit
from .numbers import short

TANGENT_PX = 44.0


def caption(found: Valley) -> str:
    """What the picture says, in words."""
    now = found.now
    if now < 0:
        return f"The {len(found.path)} steps of this training are still to come."
    text = f"Step {now}: {found.x.name} = {short(found.path[now, 0])}, loss {short(found.path[now, 1])}, slope {short(found.slope)}."
    return text if found.exact else text + " A cut: other numbers change too, so the steps do not lie on the curve."


def paint(p: QPainter, rect: QRectF, found: Valley, theme: Theme) -> list[Hit]:
    """Draw curve, steps and tangent."""
    heights = np.concatenate([found.loss[np.isfinite(found.loss)], found.path[np.isfinite(found.path[:, 1]), 1]])
    low, high = (float(heights.min()), float(heights.max())) if heights.size else (0.0, 1.0)
    pad = 0.08 * ((high - low) or 1.0)
    axes = Axes.within(rect, (float(found.xs[0]), float(found.xs[-1])), (low - pad, high + pad))
    axes.paint(p, theme, found.x.name, "loss")
    p.save()
    p.setClipRect(axes.area.adjusted(0, -6, 0, 6))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(QColor(theme.loss), 2.4))
    p.drawPolyline(QPolygonF([axes.at(x, y) for x, y in zip(found.xs.tolist(), found.loss.tolist(), strict=True) if np.isfinite(y)]))
    points = [axes.at(x, y) for x, y in found.path.tolist()]
    p.setPen(QPen(QColor(theme.muted), 1.2, Qt.PenStyle.DashLine))
    p.drawPolyline(QPolygonF(points))
    p.setPen(QPen(QColor(theme.parameter), 2.2))
    p.drawPolyline(QPolygonF(points[: found.now + 1]))
    hits = []
    for k, at in enumerate(points):
        p.setPen(QPen(QColor(theme.window), 1.2))
        p.setBrush(QColor(theme.parameter if k <= found.now else theme.muted))
        if len(points) <= 200 or k in (0, found.now):
            p.drawEllipse(at, 4.0, 4.0)
        words = f"step {k}: {found.x.name} = {short(found.path[k, 0])}, loss {short(found.path[k, 1])}"
        hits.append(Hit(QRectF(at.x() - 7, at.y() - 7, 14, 14), words, found.events[k]))
    _tangent(p, axes, found, theme)
    p.restore()
    return hits


def _tangent(p: QPainter, axes: Axes, found: Valley, theme: Theme) -> None:
    """The slope at the moment: its gradient, in the gradient's colour."""
    now = max(found.now, 0)
    at = axes.at(*found.path[now])
    if not np.isfinite(found.slope):
        return
    scale = (axes.area.height() / (axes.y[1] - axes.y[0])) / (axes.area.width() / (axes.x[1] - axes.x[0]))
    along = np.array([1.0, -found.slope * scale])
    along *= TANGENT_PX / float(np.hypot(*along))
    step = QPointF(float(along[0]), float(along[1]))
    p.setPen(QPen(QColor(theme.gradient), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(at - step, at + step)
    p.setPen(QPen(QColor(theme.current), 2.5))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawEllipse(at, 8.0, 8.0)

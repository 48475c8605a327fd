"""The loss surface: colours and contour lines for the height, and the path that training took."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gradviz.idea_pictures.contour import contour, levels
from gradviz.idea_pictures.surface import Beside, Surface

from ..style.theme import SMALL_PX, Theme, ui_font
from .axes import Axes
from .heat import blend
from .hit import Hit
from .numbers import short

DASHES = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


def caption(found: Surface) -> str:
    """What the picture says, in words."""
    if found.now < 0:
        return f"The {len(found.path)} steps of this training are still to come."
    first, last = float(found.path[0, 2]), float(found.path[max(found.now, 0), 2])
    text = f"Loss {short(first)} at the first step, {short(last)} at this moment ({max(found.now, 0) + 1} of {len(found.path)})."
    if found.beside:
        text += f" Beside it: {', '.join(other.name for other in found.beside)}, which began at the same place."
    elif not found.exact:
        text += " A cut: other parameters (or the data) change too, so the path does not lie on it."
    return text


def paint(p: QPainter, rect: QRectF, found: Surface, theme: Theme) -> list[Hit]:
    """Draw the surface and its path."""
    axes = Axes.within(rect, (found.xs[0], found.xs[-1]), (found.ys[0], found.ys[-1]))
    p.drawImage(axes.area, height_image(found, theme))
    line = QColor(theme.text)
    line.setAlphaF(0.28)
    p.setPen(QPen(line, 1))
    for level in levels(found.loss):
        pieces = contour(found.xs, found.ys, found.loss, float(level))
        p.drawLines([QLineF(axes.at(x0, y0), axes.at(x1, y1)) for x0, y0, x1, y1 in pieces.tolist()])
    axes.paint(p, theme, found.x.name, found.y.name)
    p.save()
    p.setClipRect(axes.area.adjusted(-8, -8, 8, 8))
    points = [axes.at(x, y) for x, y, _ in found.path.tolist()]
    done = points[: found.now + 1]
    for k, other in enumerate(found.beside):
        _paint_beside(p, axes, other, found.now, DASHES[k % len(DASHES)], theme)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(QColor(theme.muted), 1.4, Qt.PenStyle.DashLine))
    p.drawPolyline(QPolygonF(points))
    p.setPen(QPen(QColor(theme.parameter), 2.4))
    p.drawPolyline(QPolygonF(done))
    hits = []
    for k, at in enumerate(points):
        told = k <= found.now
        p.setPen(QPen(QColor(theme.window), 1.2))
        p.setBrush(QColor(theme.parameter if told else theme.muted))
        if len(points) <= 200 or k in (0, found.now):
            p.drawEllipse(at, 4.0, 4.0)
        place = f"{found.x.name} = {short(found.path[k, 0])}, {found.y.name} = {short(found.path[k, 1])}"
        words = f"step {k}: {place}, loss {short(found.path[k, 2])}"
        hits.append(Hit(QRectF(at.x() - 7, at.y() - 7, 14, 14), words, found.events[k]))
    if 0 <= found.now < len(points):
        p.setPen(QPen(QColor(theme.current), 2.5))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawEllipse(points[found.now], 8.0, 8.0)
        if found.beside:
            _name(p, points[found.now], found.x.name.partition("[")[0], theme.parameter, theme)
    p.restore()
    return hits


def _paint_beside(p: QPainter, axes: Axes, other: Beside, now: int, dash: Qt.PenStyle, theme: Theme) -> None:
    """Another parameter's path up to the moment, in a dash of its own, with its name where it stands."""
    points = [axes.at(x, y) for x, y in other.path[: max(now, 0) + 1].tolist()]
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(QColor(theme.text), 2.0, dash))
    p.drawPolyline(QPolygonF(points))
    p.setPen(QPen(QColor(theme.window), 1.2))
    p.setBrush(QColor(theme.text))
    p.drawRect(QRectF(points[-1].x() - 4, points[-1].y() - 4, 8, 8))
    if now > 0:  # before, all stand at one place
        _name(p, points[-1], other.name, theme.text, theme)


def _name(p: QPainter, at: QPointF, name: str, colour: str, theme: Theme) -> None:
    """Beside a point, on a ground of its own."""
    p.setFont(ui_font(SMALL_PX, bold=True))
    box = QRectF(at.x() + 9, at.y() - 18, p.fontMetrics().horizontalAdvance(name) + 8, 16)
    ground = QColor(theme.window)
    ground.setAlphaF(0.8)
    p.fillRect(box, ground)
    p.setPen(QColor(colour))
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def height_image(found: Surface, theme: Theme) -> QImage:
    """Low is the ground, high the loss's colour, on a scale that spreads the valley."""
    low, high = float(np.nanmin(found.loss)), float(np.nanmax(found.loss)) if np.isfinite(found.loss).any() else 1.0
    share = np.sqrt(np.clip((found.loss - low) / ((high - low) or 1.0), 0, 1))
    steps = [blend(QColor(theme.window), QColor(theme.loss), 0.10 + 0.55 * k / 63) for k in range(64)]
    image = QImage(len(found.xs), len(found.ys), QImage.Format.Format_RGB32)
    for row in range(len(found.ys)):
        for column in range(len(found.xs)):
            value = share[row, column]
            colour = steps[round(float(value) * 63)] if np.isfinite(value) else QColor(theme.error)
            image.setPixelColor(column, len(found.ys) - 1 - row, colour)
    side = 8
    return image.scaled(
        image.width() * side, image.height() * side, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )

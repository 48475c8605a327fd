"""The decision boundary: which side of the plane is which class, and the data with their own class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gradviz.idea_pictures.boundary import Boundary
from gradviz.idea_pictures.contour import contour

from ..style.theme import SMALL_PX, Theme, ui_font
from .axes import Axes
from .heat import blend
from .hit import Hit
from .numbers import short

MOST_POINTS = 3000
SHAPES = ("circle", "square", "triangle", "diamond")  # a class is never told by its hue alone


def class_colour(number: int, theme: Theme) -> QColor:
    """The colour of a class."""
    roles = (theme.op, theme.loss, theme.parameter, theme.success)
    return QColor(roles[number % len(roles)])


def caption(found: Boundary) -> str:
    """What the picture says, in words."""
    return f"{found.right} of {len(found.data)} points stand on their side of the boundary at this moment."


def paint(p: QPainter, rect: QRectF, found: Boundary, theme: Theme) -> list[Hit]:
    """Draw sides, boundary and data."""
    axes = Axes.within(rect, (found.xs[0], found.xs[-1]), (found.ys[0], found.ys[-1]), square=True)
    p.drawImage(axes.area, _sides(found, theme))
    classes = np.unique(found.labels)
    p.setPen(QPen(QColor(theme.text), 2.2))
    for lead in found.leads:
        pieces = contour(found.xs, found.ys, lead, 0.0)
        p.drawLines([QLineF(axes.at(x0, y0), axes.at(x1, y1)) for x0, y0, x1, y1 in pieces.tolist()])
    axes.paint(p, theme, "first feature", "second feature")
    p.setPen(QPen(QColor(theme.window), 1.4))
    step = max(1, len(found.data) // MOST_POINTS)
    for (x, y), label in zip(found.data[::step].tolist(), found.labels[::step].tolist(), strict=True):
        number = int(np.searchsorted(classes, label))
        p.setBrush(class_colour(number, theme))
        _mark(p, axes.at(x, y), SHAPES[number % len(SHAPES)])
    _legend(p, axes.area, classes, theme)
    return [Hit(axes.area, caption(found), found.event)]


def _sides(found: Boundary, theme: Theme) -> QImage:
    """The ground tinted by class, stronger where the output is surer."""
    image = QImage(len(found.xs), len(found.ys), QImage.Format.Format_RGB32)
    finite = found.score[np.isfinite(found.score)]
    reach = float(np.abs(finite - found.level).max()) if np.isfinite(found.level) and finite.size else 1.0
    ground = QColor(theme.window)
    for row in range(len(found.ys)):
        for column in range(len(found.xs)):
            score = float(found.score[row, column])
            if not np.isfinite(score):
                colour = QColor(theme.error)
            elif np.isfinite(found.level):
                sure = min(1.0, abs(score - found.level) / (reach or 1.0))
                colour = blend(ground, class_colour(int(score > found.level), theme), 0.16 + 0.34 * sure**0.5)
            else:
                colour = blend(ground, class_colour(int(score), theme), 0.36)
            image.setPixelColor(column, len(found.ys) - 1 - row, colour)
    return image


def _mark(p: QPainter, at: QPointF, shape: str, size: float = 5.0) -> None:
    if shape == "circle":
        p.drawEllipse(at, size, size)
    elif shape == "square":
        p.drawRect(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size))
    else:
        turned = ((0, -1.3), (1.2, 0.9), (-1.2, 0.9)) if shape == "triangle" else ((0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0))
        p.drawPolygon(QPolygonF([at + QPointF(dx * size, dy * size) for dx, dy in turned]))


def _legend(p: QPainter, area: QRectF, classes: np.ndarray, theme: Theme) -> None:
    p.setFont(ui_font(SMALL_PX))
    for k, label in enumerate(classes.tolist()[:8]):
        at = QPointF(area.right() + 16, area.top() + 10 + 18 * k)
        p.setPen(QPen(QColor(theme.window), 1))
        p.setBrush(class_colour(k, theme))
        _mark(p, at, SHAPES[k % len(SHAPES)])
        p.setPen(QColor(theme.muted))
        p.drawText(QRectF(at.x() + 10, at.y() - 8, 120, 16), Qt.AlignmentFlag.AlignVCenter, f"class {short(label)}")

"""Axes: numbers to pixels, with ticks at round numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ..style.theme import SMALL_PX, Theme, ui_font
from .numbers import short

LEFT, BOTTOM, TOP, RIGHT = 46.0, 20.0, 8.0, 10.0


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's area and what numbers its sides stand for."""

    area: QRectF
    x: tuple[float, float]
    y: tuple[float, float]

    @staticmethod
    def within(rect: QRectF, x: tuple[float, float], y: tuple[float, float], square: bool = False) -> Axes:
        """Axes that leave room for ticks and names; `square`: one unit is as long on both sides."""
        area = rect.adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        if square and area.width() > 0 and area.height() > 0:
            scale = min(area.width() / max(x[1] - x[0], 1e-12), area.height() / max(y[1] - y[0], 1e-12))
            width, height = (x[1] - x[0]) * scale, (y[1] - y[0]) * scale
            area = QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)
        return Axes(area, x, y)

    def at(self, x: float, y: float) -> QPointF:
        """A point of the plot as a pixel."""
        u = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)
        v = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0)
        return QPointF(self.area.left() + u * self.area.width(), self.area.bottom() - v * self.area.height())

    def paint(self, p: QPainter, theme: Theme, x_name: str, y_name: str) -> None:
        """Frame, ticks and names."""
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(QColor(theme.border), 1))
        p.drawRect(self.area)
        p.setFont(ui_font(SMALL_PX))
        flags = Qt.AlignmentFlag
        for value in ticks(*self.x, most=max(2, int(self.area.width() // 70))):
            at = self.at(value, self.y[0])
            p.setPen(QPen(QColor(theme.border), 1))
            p.drawLine(at, at + QPointF(0, 4))
            p.setPen(QColor(theme.muted))
            p.drawText(QRectF(at.x() - 40, at.y() + 4, 80, 14), flags.AlignHCenter | flags.AlignTop, short(value))
        for value in ticks(*self.y, most=max(2, int(self.area.height() // 34))):
            at = self.at(self.x[0], value)
            p.setPen(QPen(QColor(theme.border), 1))
            p.drawLine(at, at - QPointF(4, 0))
            p.setPen(QColor(theme.muted))
            p.drawText(QRectF(at.x() - 58, at.y() - 8, 52, 16), flags.AlignRight | flags.AlignVCenter, short(value))
        p.setFont(ui_font(SMALL_PX, bold=True))
        for name, corner in ((x_name, self.area.bottomRight()), (y_name, self.area.topLeft())):
            if not name:
                continue
            width = p.fontMetrics().horizontalAdvance(name) + 8
            left = corner.x() - width - 4 if corner == self.area.bottomRight() else corner.x() + 4
            top = corner.y() - 20 if corner == self.area.bottomRight() else corner.y() + 3
            plate, ground = QRectF(left, top, width, 17), QColor(theme.window)
            ground.setAlphaF(0.75)
            p.fillRect(plate, ground)
            p.setPen(QColor(theme.text))
            p.drawText(plate, flags.AlignCenter, name)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two ends, at most about `most`."""
    if not np.isfinite(low) or not np.isfinite(high) or high <= low:
        return []
    raw = (high - low) / max(most, 1)
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw - 1e-12 * power)
    first = np.ceil(low / step - 1e-9)
    count = int(np.floor(high / step + 1e-9) - first) + 1
    return [float(round((first + k) * step, 12)) for k in range(max(0, count))]

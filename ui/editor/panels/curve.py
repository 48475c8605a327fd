"""The curve of a training: its loss over the epochs, or its losses."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ...bridge import Bridge
from ...pictures.numbers import short
from ...style.theme import SMALL_PX, mono_font, ui_font

_LINES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class Curve(QWidget):
    """The loss over the epochs."""

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.losses: list[float] = []
        self.others: dict[str, list[float]] = {}  # further losses, by their names
        self.name = ""
        self.epochs = 1
        self.setMinimumHeight(110)
        self.setAccessibleName("Loss over the epochs")
        bridge.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._bridge.theme
        p.fillRect(self.rect(), QColor(theme.window))
        area = QRectF(self.rect()).adjusted(60, 26 if self.others else 10, -10, -20)
        p.setFont(mono_font(SMALL_PX))
        finite = [v for line in (self.losses, *self.others.values()) for v in line if np.isfinite(v)]
        if not finite:
            p.setFont(ui_font())
            p.setPen(QColor(theme.muted))
            p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The loss appears here")
            return
        steep = min(finite) > 0 and max(finite) > 50 * min(finite)  # then on a logarithmic scale
        scale = np.log10 if steep else np.asarray
        low, high = float(scale(min(finite if steep else [*finite, 0.0]))), float(scale(max(finite)))
        span = (high - low) or 1.0
        p.setPen(QPen(QColor(theme.border), 1))
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            p.setPen(QPen(QColor(theme.border), 1))
            p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            p.setPen(QColor(theme.muted))
            p.drawText(
                QRectF(0, y - 8, 55, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                short(10 ** (low + share * span) if steep else low + share * span),
            )
        p.drawText(QRectF(area.left(), area.bottom() + 3, area.width(), 16), Qt.AlignmentFlag.AlignLeft, "1")
        p.drawText(QRectF(area.left(), area.bottom() + 3, area.width(), 16), Qt.AlignmentFlag.AlignRight, str(self.epochs))
        p.drawText(
            QRectF(area.left(), area.bottom() + 3, area.width(), 16),
            Qt.AlignmentFlag.AlignHCenter,
            "epoch, log scale" if steep else "epoch",
        )
        across = max(self.epochs - 1, 1)
        step = max(1, len(self.losses) // 800)
        named = area.left()
        for number, (name, line) in enumerate([(self.name, self.losses), *self.others.items()]):
            points = [
                QPointF(area.left() + k / across * area.width(), area.bottom() - (float(scale(v)) - low) / span * area.height())
                for k, v in list(enumerate(line))[::step]
                if np.isfinite(v) and (v > 0 or not steep)
            ]
            if not points:
                continue
            colour, style = QColor((theme.loss, theme.parameter, theme.value)[number % 3]), _LINES[number // 3 % len(_LINES)]
            p.setPen(QPen(colour, 2.2, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            p.drawPolyline(QPolygonF(points))
            p.setBrush(colour)
            p.drawEllipse(points[-1], 3, 3)
            if self.others:  # which is which
                p.drawText(QPointF(named, 15), name)
                named += p.fontMetrics().horizontalAdvance(name) + 14
            p.setBrush(Qt.BrushStyle.NoBrush)

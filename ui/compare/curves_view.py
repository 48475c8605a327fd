"""CurvesView: a parameter in both runs and the difference, step by step; a click goes to the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ..pictures.numbers import short
from ..style.theme import SMALL_PX, ui_font

if TYPE_CHECKING:
    from gradviz.debugger.comparing import Curves

    from ..bridge import Bridge
    from ..style.theme import Theme

LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 22.0, 20.0
Floats = np.ndarray[Any, np.dtype[np.float64]]


_LETTERS = 14  # pixels that a number is high


class CurvesView(QWidget):
    """A above B in one plot; the difference in a narrower one below."""

    seeked = Signal(int)  # event of A

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.curves: Curves | None = None
        self.setMinimumSize(160, 76)
        self.setMouseTracking(True)
        self.setAccessibleName("A parameter in both runs")
        bridge.theme_changed.connect(self.update)
        bridge.position_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(340, 200)

    def show_curves(self, curves: Curves | None) -> None:
        """Draw other curves."""
        self.curves = curves
        self.update()

    def plots(self) -> tuple[QRectF, QRectF]:
        """Where the curves are drawn, and where the difference."""
        whole = QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 10), max(self.height() - TOP - BOTTOM, 10))
        upper = QRectF(whole.left(), whole.top(), whole.width(), whole.height() * 0.62)
        return upper, QRectF(whole.left(), upper.bottom() + 14, whole.width(), whole.bottom() - upper.bottom() - 14)

    def x_of(self, step: float) -> float:
        """Where a step stands."""
        upper, _ = self.plots()
        assert self.curves is not None
        first, last = float(self.curves.steps[0]), float(self.curves.steps[-1])
        return upper.center().x() if last == first else upper.left() + (step - first) / (last - first) * upper.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        curves = self.curves
        if curves is None or not len(curves.steps) or event.button() != Qt.MouseButton.LeftButton:
            return
        distances = [abs(self.x_of(float(step)) - event.position().x()) for step in curves.steps]
        found = curves.events[int(np.argmin(distances))]
        if found >= 0:
            self.seeked.emit(found)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._bridge.theme
        p.fillRect(self.rect(), QColor(theme.surface))
        p.setFont(ui_font(SMALL_PX))
        curves = self.curves
        if curves is None or not len(curves.steps):
            p.setPen(QColor(theme.muted))
            p.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, "No parameter was written in both runs.")
            p.end()
            return
        upper, lower = self.plots()
        what = f"{curves.name}{'.grad' if curves.quantity == 'grad' else ''}"
        self._legend(p, what if curves.scalar else f"‖{what}‖", theme)
        self._plot(p, upper, ((curves.a, theme.value, 2.6), (curves.b, theme.parameter, 1.6)), theme)
        self._plot(p, lower, ((curves.difference, theme.error, 1.8),), theme)
        self._cursor(p, upper, lower, theme)
        p.setPen(QColor(theme.muted))
        ends = ((Qt.AlignmentFlag.AlignLeft, f"step {curves.steps[0]:g}"), (Qt.AlignmentFlag.AlignRight, f"step {curves.steps[-1]:g}"))
        for align, text in ends:
            p.drawText(QRectF(lower.left(), lower.bottom() + 3, lower.width(), 14), align, text)
        p.end()

    def _legend(self, p: QPainter, what: str, theme: Theme) -> None:
        x = LEFT
        wide = p.fontMetrics().horizontalAdvance(f"A {what}B {what}") + 240 < self.width()
        named = f" {what}" if wide else ""
        for text, colour in ((f"A{named}", theme.value), (f"B{named}", theme.parameter), ("‖A − B‖", theme.error)):
            p.setPen(QPen(QColor(colour), 3))
            p.drawLine(QPointF(x, 11), QPointF(x + 14, 11))
            p.setPen(QColor(theme.text))
            width = p.fontMetrics().horizontalAdvance(text)
            p.drawText(QRectF(x + 19, 3, width + 6, 16), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 40

    def _plot(self, p: QPainter, box: QRectF, lines: tuple[tuple[Floats, str, float], ...], theme: Theme) -> None:
        every = np.concatenate([line for line, _, _ in lines])
        there = every[np.isfinite(every)]
        low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 1.0)
        if low == high:
            low, high = min(low, 0.0), max(high, 0.0) or low + 1.0
        p.setPen(QPen(QColor(theme.border), 1))
        p.drawLine(box.bottomLeft(), box.bottomRight())
        p.drawLine(box.topLeft(), box.bottomLeft())
        p.setPen(QColor(theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        p.drawText(QRectF(0, box.top() - 7, LEFT - 6, 14), right, short(high))
        if box.height() >= _LETTERS:
            p.drawText(QRectF(0, box.bottom() - 7, LEFT - 6, 14), right, short(low))
        assert self.curves is not None
        for line, colour, width in lines:
            p.setPen(QPen(QColor(colour), width))
            points = [
                QPointF(self.x_of(float(step)), box.bottom() - (float(y) - low) / (high - low) * box.height())
                for step, y in zip(self.curves.steps, line, strict=True)
                if np.isfinite(y)
            ]
            p.drawPolyline(QPolygonF(points))
            if len(points) <= 40:
                p.setBrush(QColor(colour))
                for point in points:
                    p.drawEllipse(point, 2.2, 2.2)
                p.setBrush(Qt.BrushStyle.NoBrush)

    def _cursor(self, p: QPainter, upper: QRectF, lower: QRectF, theme: Theme) -> None:
        session = self._bridge.session
        if session is None or session.position < 0 or self.curves is None:
            return
        step = int(session.columns.step[session.position])
        if self.curves.steps[0] <= step <= self.curves.steps[-1]:
            x = self.x_of(step)
            p.setPen(QPen(QColor(theme.current), 1, Qt.PenStyle.DashLine))
            p.drawLine(QPointF(x, upper.top()), QPointF(x, lower.bottom()))

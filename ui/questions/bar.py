"""PartsBar: a gradient as a stacked bar, one part for each consumer or path; the parts sum to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradviz.debugger.questions import Part

from ..pictures.numbers import short
from ..style.theme import SMALL_PX, ui_font

if TYPE_CHECKING:
    from ..bridge import Bridge

ROW = 30


def size_of(part: Part) -> float:
    """The length of a part: the sum of its elements, signed, so that parts that cancel are seen to; nan counts as nothing."""
    return float(np.nan_to_num(np.sum(part.array, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0))


class PartsBar(QWidget):
    """Parts above zero go to the right, parts below to the left; hovering one tells which."""

    hovered = Signal(int)  # index of a part, -1 for none
    clicked = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.parts: tuple[Part, ...] = ()
        self.hot = -1
        self.setMouseTracking(True)
        self.setAccessibleName("Parts of the gradient")
        bridge.theme_changed.connect(self.update)

    def set_parts(self, parts: tuple[Part, ...]) -> None:
        """Show other parts."""
        self.parts, self.hot = parts, -1
        self.setVisible(bool(parts))
        self.setAccessibleDescription("; ".join(f"{part.label}: {short(size_of(part))}" for part in parts))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 2 * ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 2 * ROW)

    def boxes(self) -> list[QRectF]:
        """Where each part is drawn."""
        sizes = [size_of(part) for part in self.parts]
        right, left = sum(s for s in sizes if s > 0), -sum(s for s in sizes if s < 0)
        width = self.width() - 16.0
        whole = right + left
        if not whole:
            each = width / max(1, len(sizes))
            return [QRectF(8 + k * each, 6, each, ROW - 8) for k in range(len(sizes))]
        zero = 8 + width * left / whole
        found, up, down = [], zero, zero
        for size in sizes:
            length = abs(size) / whole * width
            if size >= 0:
                found.append(QRectF(up, 6, length, ROW - 8))
                up += length
            else:
                found.append(QRectF(down - length, 6, length, ROW - 8))
                down -= length
        return found

    def _at(self, x: float) -> int:
        return next((k for k, box in enumerate(self.boxes()) if box.left() - 1 <= x <= box.right() + 1), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hot = self._at(event.position().x())
        if hot != self.hot:
            self.hot = hot
            self.setToolTip(self.parts[hot].label if hot >= 0 else "")
            self.hovered.emit(hot)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.hot = -1
        self.hovered.emit(-1)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if at >= 0:
            self.clicked.emit(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k, (part, box) in enumerate(zip(self.parts, self.boxes(), strict=True)):
            colour = QColor(theme.passes[k % len(theme.passes)])
            p.setPen(QPen(QColor(theme.text), 2.5) if k == self.hot else QPen(QColor(theme.surface), 1))
            p.setBrush(colour)
            p.drawRect(box)
            text = short(size_of(part))
            p.setFont(ui_font(SMALL_PX + 1, bold=True))
            if p.fontMetrics().horizontalAdvance(text) + 8 < box.width():
                p.setPen(QColor(theme.window if theme.dark else theme.surface))
                p.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        if self.parts:
            total = sum(size_of(part) for part in self.parts)
            words = f"sum of the elements: {short(total)}" if self.hot < 0 else self.parts[self.hot].label
            p.setPen(QColor(theme.muted))
            p.setFont(ui_font(SMALL_PX + 1))
            shown = p.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, self.width() - 16)
            p.drawText(QPointF(8, ROW + 16), shown)
        p.end()

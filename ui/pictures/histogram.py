"""Histogram: how the numbers of a value are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import SMALL_PX, Theme, ui_font
from .numbers import short

if TYPE_CHECKING:
    from gradviz.debugger.scene import Picture

    from ..bridge import Bridge

_BINS = 32
_FOOT = 15
FEWEST = 9  # below that many numbers a histogram says less than the numbers


def spread(array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], float, float]:
    """Counts in 32 bins over the finite numbers, with the lower and upper end."""
    flat = (np.abs(array) if array.dtype.kind == "c" else array).reshape(-1)
    finite = flat[np.isfinite(flat)].astype(np.float64)
    if not finite.size:
        return np.zeros(_BINS, np.int64), 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        pad = max(abs(low), 1.0) * 0.5
        low, high = low - pad, high + pad
    counts, _ = np.histogram(finite, _BINS, (low, high))
    return counts, low, high


class Histogram(QWidget):
    """Bars of the counts, with the zero line; hidden for values of few numbers."""

    def __init__(self, bridge: Bridge, name: str, role: str, parent: QWidget | None = None) -> None:
        """`role` is the theme's colour: "value" or "gradient"."""
        super().__init__(parent)
        self.setObjectName(name.replace(" ", "_"))
        self.setAccessibleName(name)
        self._bridge, self._role = bridge, role
        self.counts: np.ndarray[Any, Any] = np.zeros(0, np.int64)
        self._low = self._high = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_picture(self, picture: Picture | None) -> None:
        """Show the spread of a value."""
        array = picture.array if picture is not None else None
        many = array is not None and array.size >= FEWEST and array.dtype.kind != "b"
        self.setVisible(many)
        if many and array is not None:
            self.counts, self._low, self._high = spread(array)
            text = f"{array.size} numbers from {short(self._low)} to {short(self._high)}"
            self.setAccessibleDescription(text)
            self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(200, 52 + _FOOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        theme: Theme = self._bridge.theme
        painter = QPainter(self)
        box = QRectF(0.5, 2.5, self.width() - 1.0, self.height() - _FOOT - 3.0)
        tallest = int(self.counts.max()) if self.counts.size else 0
        width = box.width() / max(1, len(self.counts))
        colour = QColor(getattr(theme, self._role))
        for k, count in enumerate(self.counts.tolist()):
            if count:
                height = max(2.0, box.height() * count / tallest)
                painter.fillRect(QRectF(box.left() + k * width + 0.5, box.bottom() - height, width - 1, height), colour)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        foot = QRectF(box.left(), box.bottom() + 1, box.width(), _FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, short(self._low))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, short(self._high))
        if self._low < 0 < self._high:
            x = box.left() + box.width() * -self._low / (self._high - self._low)
            painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DotLine))
            painter.drawLine(int(x), int(box.top()), int(x), int(box.bottom()))
            if 48 < x < box.right() - 48:
                painter.setPen(QColor(theme.muted))
                painter.drawText(QRectF(x - 20, foot.top(), 40, _FOOT), Qt.AlignmentFlag.AlignHCenter, "0")
        painter.end()

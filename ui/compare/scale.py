"""DifferenceScale: what the colours of compared cards mean, in the line over a canvas, where it covers no card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import SMALL_PX, ui_font
from .overlay import LEAST, MOST, difference_colour

if TYPE_CHECKING:
    from ..bridge import Bridge

_WORDS = ("|A−B|/|A|", "0", "1e-8", "1")
_SAME, _BAR, _GAP, _BESIDE = 14, 60, 5, 10  # widths


class DifferenceScale(QWidget):
    """Green for the same, then amber to red."""

    def __init__(self, bridge: Bridge, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setObjectName("difference_scale")
        self.setFont(ui_font(SMALL_PX))
        told = "|A − B| / |A| of value or gradient: green where they are the same, then from 1e-8 (amber) to 1 and more (red)"
        self.setAccessibleName(f"The scale of the colours: {told}")
        self.setToolTip(told)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as words and colours are."""
        words = sum(QFontMetrics(self.font()).horizontalAdvance(word) for word in _WORDS)
        return QSize(words + _SAME + _BAR + 6 * _GAP + _BESIDE, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, with the colours between them."""
        p, theme, x = QPainter(self), self._bridge.theme, float(_GAP)
        p.fillRect(self.rect(), QColor(theme.surface))
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(theme.border))
        p.setPen(QColor(theme.muted))
        for word, colours in zip(_WORDS, (0, _SAME, _BAR, 0), strict=True):
            wide = p.fontMetrics().horizontalAdvance(word)
            p.drawText(QRectF(x, 0, wide + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, word)
            x += wide + _GAP
            box = QRectF(x, self.height() / 2 - 4, colours, 8)
            if colours == _SAME:
                p.fillRect(box, difference_colour(0, theme))
            elif colours:
                gradient = QLinearGradient(box.topLeft(), box.topRight())
                for share in (0.0, 0.5, 1.0):
                    gradient.setColorAt(share, difference_colour(LEAST * (MOST / LEAST) ** share, theme))
                p.fillRect(box, gradient)
            x += colours + _GAP if colours else 0

"""Legend: what the colours mean, in the line over the canvas, where it covers no card."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...pictures.numbers import short
from ...style.theme import SMALL_PX, Theme, ui_font
from .edges import gradient_pen, gradient_range

if TYPE_CHECKING:
    from ...bridge import Bridge

_LEFT = 14.0  # from the tabs to the first colour
_SQUARE, _GAP, _BETWEEN = 10.0, 5.0, 12.0  # a colour, from there to its word, and from a word to the next colour
_WEDGE = 64.0  # the length of the scale
_ENTRIES = (
    ("value", "value"),
    ("gradient", "gradient"),
    ("parameter", "parameter"),
    ("operation", "op"),
    ("no grad", "no_grad"),
    ("loss", "loss"),
)  # words, and what their colour is called in the theme
_NORM = "‖gradient‖"


@lru_cache(maxsize=64)
def _advance(words: str) -> float:
    return QFontMetricsF(ui_font(SMALL_PX)).horizontalAdvance(words)


class Legend(QWidget):
    """The colours of values, gradients and nodes, and between which norms the gradients of the moment are."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._told: tuple[float, float] | None = None
        self.setObjectName("legend")
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        bridge.session_changed.connect(self._look)
        bridge.position_changed.connect(self._look)
        bridge.theme_changed.connect(self.update)
        self._look()

    @property
    def words(self) -> str:
        """All that it says, also where there is no room for it."""
        colours = "Colours: " + ", ".join(text for text, _ in _ENTRIES) + "."
        low, high = self._ends
        if high <= 0:
            return colours
        between = f"between {short(low)} and {short(high)}" if high > low else short(high)
        return f"{colours}\nWidth and colour of an edge: the norm of the gradient that crossed it, on a log scale; here {between}."

    @property
    def _ends(self) -> tuple[float, float]:
        return self._told or (0.0, 0.0)

    def _look(self) -> None:
        """Hot path: each move of the mouse that drags through time; it is painted only where it says something else."""
        told = gradient_range(self._bridge.moment())
        if told != self._told:
            self._told = told
            self.setToolTip(self.words)
            self.setAccessibleName(self.words)
            self.update()

    def sizeHint(self) -> QSize:
        """Any width, and no more height than the tabs beside it."""
        return QSize(0, round(QFontMetricsF(ui_font(SMALL_PX)).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """As many entries as there is room for, the scale behind them."""
        p, theme = QPainter(self), self._bridge.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setFont(ui_font(SMALL_PX))
        x, middle = _LEFT, self.height() / 2
        for text, role in _ENTRIES:
            wide = _SQUARE + _GAP + _advance(text)
            if x + wide > self.width():
                break
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(getattr(theme, role)))
            p.drawRoundedRect(QRectF(x, middle - _SQUARE / 2, _SQUARE, _SQUARE), 2, 2)
            self._write(p, x + _SQUARE + _GAP, text, theme)
            x += wide + _BETWEEN
        else:
            self._paint_scale(p, x + _BETWEEN, theme)
        p.end()

    def _paint_scale(self, p: QPainter, x: float, theme: Theme) -> None:
        """The ends of the gradients' norms with a wedge between them, once a gradient has flown."""
        low, high = self._ends
        if high <= 0:
            return
        left, right = (short(low), short(high)) if high > low else ("", short(high))
        wide = sum(_advance(word) + _GAP for word in (left, right) if word) + _WEDGE
        room = self.width() - x
        if wide > room:
            return
        if wide + _advance(_NORM) + 2 * _GAP <= room:
            self._write(p, x, _NORM, theme)
            x += _advance(_NORM) + 2 * _GAP
        if left:
            self._write(p, x, left, theme)
            x += _advance(left) + _GAP
        from PySide6.QtGui import QLinearGradient  # its 169 presets take their time: not for the first picture

        thin, thick = gradient_pen(low, low, high, theme), gradient_pen(high, low, high, theme)
        up, down = self.height() / 2 - thick.widthF() / 2, self.height() / 2 + thick.widthF() / 2
        aside = (thick.widthF() - thin.widthF()) / 2
        tints = QLinearGradient(x, 0, x + _WEDGE, 0)
        tints.setColorAt(0, thin.color())
        tints.setColorAt(1, thick.color())
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(tints)
        p.drawPolygon(QPolygonF([QPointF(x, up + aside), QPointF(x + _WEDGE, up), QPointF(x + _WEDGE, down), QPointF(x, down - aside)]))
        self._write(p, x + _WEDGE + _GAP, right, theme)

    def _write(self, p: QPainter, x: float, text: str, theme: Theme) -> None:
        p.setPen(QColor(theme.muted))
        p.drawText(QRectF(x, 0, _advance(text) + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)

"""What the colours mean, in the lower left corner."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gradviz.debugger.scene import Moment

from ..pictures.numbers import short
from ..style.theme import SMALL_PX, Theme, ui_font
from .edges import gradient_pen, gradient_range

MARGIN = 6.0
_LINE, _SCALE = 18.0, 26.0  # heights of a line of colours, and of the scale above them
_LENGTH = 120.0  # of the scale
_BETWEEN = 31.0  # from a word to the next: the gap, and the next one's colour
_ENTRIES = (
    ("value", "value"),
    ("gradient", "gradient"),
    ("parameter", "parameter"),
    ("operation", "op"),
    ("no grad", "no_grad"),
    ("loss", "loss"),
)  # words, and what their colour is called in the theme


@lru_cache(maxsize=1)
def _widths() -> tuple[float, ...]:
    metrics = QFontMetricsF(ui_font(SMALL_PX))
    return tuple(metrics.horizontalAdvance(text) + _BETWEEN for text, _ in _ENTRIES)


@lru_cache(maxsize=4)
def _advance(words: str) -> float:
    return QFontMetricsF(ui_font(SMALL_PX)).horizontalAdvance(words)


@lru_cache(maxsize=4)
def _in_a_line(width: float) -> int:
    """How many entries stand side by side: all, or as many as share the lines out evenly."""
    for lines in (1, 2, 3):
        many = -(-len(_ENTRIES) // lines)
        if max(sum(_widths()[k : k + many]) for k in range(0, len(_ENTRIES), many)) + 4 + MARGIN <= width:
            return many
    return many


def place(width: float, height: float, moment: Moment | None) -> QRectF:
    """Where the legend stands in a widget of this height, in so many lines that it is no wider than `width`."""
    many = _in_a_line(width)
    lines = -(-len(_ENTRIES) // many)
    wide = max(sum(_widths()[k : k + many]) for k in range(0, len(_ENTRIES), many)) + 4
    words = _scale_words(moment)
    if words and lines > 1:
        scale = _LENGTH + 30 + _advance(words)
        wide = max(wide, min(scale, width - MARGIN))
    high = 8 + lines * _LINE + (_SCALE if words else 0)
    return QRectF(MARGIN, height - MARGIN - high, wide, high)


def told(moment: Moment | None) -> tuple[str, bool]:
    """What the legend says of a moment: the ends of the gradients' norms, "" before there is one, and whether they differ."""
    low, high = gradient_range(moment)
    return _words(low, high), high > low


def _scale_words(moment: Moment | None) -> str:
    return told(moment)[0]


@lru_cache(maxsize=4)
def _words(low: float, high: float) -> str:
    if high <= 0:
        return ""
    return f"‖gradient‖  {short(low)} – {short(high)}  (log)" if high > low else f"‖gradient‖  {short(high)}"


def paint_legend(p: QPainter, box: QRectF, moment: Moment | None, theme: Theme) -> None:
    """Kinds of nodes, value against gradient, and the scale of the gradient's norm, where `place` says."""
    p.setFont(ui_font(SMALL_PX))
    _plate(p, box, theme)
    many = _in_a_line(box.right() + 0.5)
    lines = -(-len(_ENTRIES) // many)
    for k, (text, role) in enumerate(_ENTRIES):
        line = k // many
        x = box.left() + 10 + sum(_widths()[line * many : k])
        y = box.bottom() - _LINE * (lines - line)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor(getattr(theme, role)))
        p.drawRoundedRect(QRectF(x, y + 2, 10, 10), 2, 2)
        p.setPen(QColor(theme.muted))
        p.drawText(QRectF(x + 15, y, _widths()[k], 14), Qt.AlignmentFlag.AlignVCenter, text)
    told = _scale_words(moment)
    if not told:
        return
    low, high = gradient_range(moment)
    left, top = box.left() + 10, box.top() + 6
    steps = 30
    p.setPen(Qt.PenStyle.NoPen)
    for k, (thick, tint) in enumerate(_strip(theme, steps) if high > low else [_look(high, high, high, theme)] * steps):
        p.setBrush(tint)
        p.drawRect(QRectF(left + _LENGTH * k / steps, top + 8 - thick / 2, _LENGTH / steps + 0.5, thick))
    p.setPen(QColor(theme.muted))
    words = QRectF(left + _LENGTH + 10, top, box.right() - left - _LENGTH - 14, 16)
    p.drawText(words, Qt.AlignmentFlag.AlignVCenter, p.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, int(words.width())))


_strips: dict[tuple[str, ...], list[tuple[float, QColor]]] = {}


def _strip(theme: Theme, steps: int) -> list[tuple[float, QColor]]:
    """Width and colour along the scale: the same whatever its ends are, and looked at in each frame."""
    colours = (theme.parameter, theme.window, theme.gradient)
    if colours not in _strips:
        _strips[colours] = [_look(10.0 ** ((k + 0.5) / steps), 1.0, 10.0, theme) for k in range(steps)]
    return _strips[colours]


def _look(norm: float, low: float, high: float, theme: Theme) -> tuple[float, QColor]:
    pen = gradient_pen(norm, low, high, theme)
    return pen.widthF(), pen.color()


def _plate(p: QPainter, box: QRectF, theme: Theme) -> None:
    """The ground of the legend, so that cards under it do not mix with its words."""
    p.setPen(QPen(QColor(theme.border), 1))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(box, 6, 6)

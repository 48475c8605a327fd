"""What the colours mean, in the lower left corner."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.debugger.scene import Moment

from ..pictures.numbers import short
from ..theme import SMALL_PX, Theme, ui_font
from .edges import gradient_pen, gradient_range


def paint_legend(p: QPainter, height: float, moment: Moment | None, theme: Theme) -> None:
    """Kinds of nodes, value against gradient, and the scale of the gradient's norm."""
    p.setFont(ui_font(SMALL_PX))
    x, y = 16.0, height - 24.0
    entries = (
        ("value", theme.value),
        ("gradient", theme.gradient),
        ("parameter", theme.parameter),
        ("operation", theme.op),
        ("no grad", theme.no_grad),
        ("loss", theme.loss),
    )
    low, high = gradient_range(moment)
    words = sum(p.fontMetrics().horizontalAdvance(text) + 31 for text, _ in entries)
    _plate(p, QRectF(6, height - (58 if high > 0 else 32), words + 4, 52 if high > 0 else 26), theme)
    for text, colour in entries:
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor(colour))
        p.drawRoundedRect(QRectF(x, y + 2, 10, 10), 2, 2)
        p.setPen(QColor(theme.muted))
        width = p.fontMetrics().horizontalAdvance(text)
        p.drawText(QRectF(x + 15, y, width + 4, 14), Qt.AlignmentFlag.AlignVCenter, text)
        x += width + 31
    if high <= 0:
        return
    left, top, length = 16.0, height - 52.0, 120.0
    steps = 30
    p.setPen(Qt.PenStyle.NoPen)
    for k, (thick, tint) in enumerate(_strip(theme, steps) if high > low else [_look(high, high, high, theme)] * steps):
        p.setBrush(tint)
        p.drawRect(QRectF(left + length * k / steps, top + 8 - thick / 2, length / steps + 0.5, thick))
    p.setPen(QColor(theme.muted))
    label = f"‖gradient‖  {short(low)} – {short(high)}  (log)" if high > low else f"‖gradient‖  {short(high)}"
    p.drawText(QRectF(left + length + 10, top, 260, 16), Qt.AlignmentFlag.AlignVCenter, label)


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

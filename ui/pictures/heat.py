"""Heat maps: an array as an image in the diverging colours, and the scale that says what they mean."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ..style.theme import SMALL_PX, Theme, heat_colours, heat_ends, ui_font
from .numbers import short

if TYPE_CHECKING:
    from PySide6.QtGui import QBrush

Array = np.ndarray[Any, Any]

_GAP = 6.0  # pixels between the ends of a scale
_SIGNED = 7.0  # pixels of a cell from which a sign stands in it
_MOST = 512  # cells along an axis; larger arrays are pooled, no screen shows more


def limit_of(array: Array) -> float:
    """The largest finite magnitude: the ends of the scale."""
    magnitudes = np.abs(array)
    finite = magnitudes[np.isfinite(magnitudes)]
    return float(finite.max()) if finite.size else 0.0


def pooled(array: Array) -> Array:
    """A 2-D array of at most 512 x 512: of each block the entry of largest magnitude, nan where there is one."""
    found = np.asarray(array, np.float64)
    for axis in (0, 1):
        length = found.shape[axis]
        if length > _MOST:
            starts = np.linspace(0, length, _MOST, endpoint=False).astype(np.int64)
            low, high = np.minimum.reduceat(found, starts, axis), np.maximum.reduceat(found, starts, axis)
            found = np.where(np.abs(low) > np.abs(high), low, high)
    return found


def heat_image(array: Array, theme: Theme, limit: float | None = None, quantity: str = "value") -> QImage:
    """A 2-D array as an image of one pixel a cell; nan and inf in the error colour."""
    cells = pooled(array)
    finite = np.isfinite(cells)
    whole = bool(finite.all())
    if not whole:
        cells = np.where(finite, cells, 0.0)
    limit = float(np.abs(cells).max(initial=0.0)) if limit is None else limit
    shade = (cells / limit + 1.0) * 127.5 if limit > 0 else np.full(cells.shape, 127.5)
    packed = heat_colours(theme, quantity)[np.rint(shade).clip(0, 255).astype(np.intp, order="C")]  # row by row, as an image is read
    if not whole:
        packed[~finite] = QColor(theme.error).rgb()
    height, width = cells.shape
    return QImage(packed.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()


def heat_colour(value: float, limit: float, theme: Theme, strength: float = 1.0, quantity: str = "value") -> QColor:
    """The colour of one number, faded towards the ground so that text stays readable on it."""
    if not np.isfinite(value):
        colour = QColor(theme.error)
    else:
        end = QColor(heat_ends(theme, quantity)[value > 0])
        colour = blend(QColor(theme.heat_zero), end, min(1.0, abs(value) / limit) if limit > 0 else 0.0)
    return blend(QColor(theme.heat_zero), colour, strength)


def blend(one: QColor, other: QColor, share: float) -> QColor:
    """The mixture of two colours: 0 is `one`, 1 is `other`. Hot path: for each card, edge and cell of a frame."""
    return QColor(_mixed(one.rgb(), other.rgb(), share))


@lru_cache(maxsize=4096)
def _mixed(one: int, other: int, share: float) -> int:
    mixed = 0xFF
    for shift in (16, 8, 0):
        p, q = one >> shift & 0xFF, other >> shift & 0xFF
        mixed = mixed << 8 | round(p + (q - p) * share)
    return mixed


def channels(colour: QColor | str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    made = QColor(colour)
    return made.red(), made.green(), made.blue()


def paint_heat(painter: QPainter, rect: QRectF, array: Array, theme: Theme, limit: float | None = None, quantity: str = "value") -> None:
    """Draw a 2-D array with square corners: cells are never smoothed into each other."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(rect, heat_image(array, theme, limit, quantity))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    if rect.width() >= _SIGNED * array.shape[1] and rect.height() >= _SIGNED * array.shape[0]:
        _paint_signs(painter, rect, array, theme)
    painter.restore()


def _paint_signs(painter: QPainter, rect: QRectF, array: Array, theme: Theme) -> None:
    """A minus in each negative cell: colour alone does not say it to everybody, and in a grey print to nobody."""
    ink = QColor(theme.text)
    ink.setAlphaF(0.5)
    painter.setPen(QPen(ink, 1))
    wide, high = rect.width() / array.shape[1], rect.height() / array.shape[0]
    half = min(wide * 0.22, 3.0)
    rows, columns = np.nonzero(np.isfinite(array) & (array < 0))
    x, y = rect.left() + (columns + 0.5) * wide, np.floor(rect.top() + (rows + 0.5) * high) + 0.5
    for left, right, at in zip((x - half).tolist(), (x + half).tolist(), y.tolist(), strict=True):
        painter.drawLine(QPointF(left, at), QPointF(right, at))


def scale_brush(strip: QRectF, theme: Theme, quantity: str) -> QBrush:
    """The colours of a quantity from the left of a strip to its right."""
    from PySide6.QtGui import QBrush, QLinearGradient  # with Qt's 169 named gradients: the first picture has none

    low, high = heat_ends(theme, quantity)
    gradient = QLinearGradient(strip.topLeft(), strip.topRight())
    for at, colour in ((0.0, low), (0.5, theme.heat_zero), (1.0, high)):
        gradient.setColorAt(at, QColor(colour))
    return QBrush(gradient)


def paint_scale(painter: QPainter, rect: QRectF, limit: float, theme: Theme, quantity: str = "value") -> None:
    """The scale: -limit, 0, +limit under a strip of the colours."""
    strip = QRectF(rect.left(), rect.top(), rect.width(), 6)
    painter.save()
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(scale_brush(strip, theme, quantity))
    painter.drawRect(strip)
    painter.setPen(QColor(theme.muted))
    painter.setFont(ui_font(SMALL_PX))
    words = QRectF(rect.left(), strip.bottom() + 1, rect.width(), rect.height() - 7)
    flags = Qt.AlignmentFlag
    low, high = (short(-limit), f"+{short(limit)}") if limit else ("", "")
    side = max(painter.fontMetrics().horizontalAdvance(text) for text in (low, high))
    if limit and rect.width() < 2 * side + _GAP:  # the ends would run into each other
        painter.drawText(words.adjusted(-rect.width(), 0, rect.width(), 0), flags.AlignHCenter | flags.AlignTop, f"±{short(limit)}")
        painter.restore()
        return
    painter.drawText(words, flags.AlignLeft | flags.AlignTop, low)
    painter.drawText(words, flags.AlignRight | flags.AlignTop, high)
    if rect.width() >= 2 * side + 2 * painter.fontMetrics().horizontalAdvance("0"):  # else it would stand in the ends
        painter.drawText(words, flags.AlignHCenter | flags.AlignTop, "0")
    painter.restore()

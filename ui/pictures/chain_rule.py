"""The chain rule written out: each way from the loss to the leaf as a product, in symbols and in the numbers of the moment."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.idea_pictures.chain import ChainRule, Way

from ..style.theme import FONT_PX, SMALL_PX, Theme, mono_font, ui_font
from .heat import Array, paint_heat
from .hit import Hit
from .numbers import brief, short

ROW, SIGN, RESULT = 74.0, 18.0, 128.0
LEAST = 64.0  # pixels that a factor needs for its symbols and its number; more lines where there are fewer
TWO_LINES = 40.0  # a lower cell has symbol and number side by side
SHOWN = 4  # numbers of a value that are written out


def caption(found: ChainRule) -> str:
    """What the picture says, in words."""
    ways = "is one way" if len(found.ways) == 1 else f"are {len(found.ways)} ways, which are added"
    told = f"From {found.root} to {found.name} there {ways}: together {numbers(found.total)}"
    if found.agrees:
        return f"{told}, as the pass wrote into {found.name}.grad."
    return f"{told}. But the pass wrote {numbers(found.recorded)}: a saved value was changed behind autograd's back."


def numbers(values: Array) -> str:
    """A few numbers written out, many by their norm."""
    flat = [float(v) for v in values.reshape(-1)]
    if len(flat) == 1:
        return short(flat[0])
    if len(flat) <= SHOWN:
        return "[" + ", ".join(brief(v) for v in flat) + "]"
    return f"{len(flat)} numbers of norm {short(float(np.linalg.norm(values)))}"


def paint(p: QPainter, rect: QRectF, found: ChainRule, theme: Theme) -> list[Hit]:
    """A row for each way, and the sum below where there are several."""
    hits: list[Hit] = []
    several = len(found.ways) > 1
    room = rect.width() - 16 - RESULT - SIGN
    each = max(1, int((rect.width() - 16) // (LEAST + SIGN)))
    lines = [1 if room / max(1, len(way.factors)) - SIGN >= LEAST else -(-(len(way.factors) + 1) // each) for way in found.ways]
    row = min(ROW, (rect.height() - 8) / (sum(lines) + (0.6 if several else 0)))
    top = rect.top() + 4
    for k, way in enumerate(found.ways):
        hits += _way(p, QRectF(rect.left() + 8, top, rect.width() - 16, row), way, found, k, theme, each if lines[k] > 1 else 0)
        top += lines[k] * row
    if several:
        p.setPen(QPen(QColor(theme.border), 1))
        p.drawLine(int(rect.right() - RESULT - 30), int(top), int(rect.right() - 8), int(top))
        whole = all(n >= len(w.factors) for n, w in zip(found.reached, found.ways, strict=True))
        _result(p, QRectF(rect.right() - RESULT - 8, top, RESULT, row * 0.6), f"Σ  {numbers(found.total)}", theme, told=whole)
    return hits


def _way(p: QPainter, box: QRectF, way: Way, found: ChainRule, number: int, theme: Theme, each: int) -> list[Hit]:
    """Factors from the loss to the leaf, what has not fired yet faint; then the product. `each` on a line, where one line has no room."""
    hits = []
    told = found.reached[number]
    room = box.width() - RESULT - SIGN
    width = min(150.0, box.width() / each - SIGN if each else room / max(1, len(way.factors)) - SIGN)
    x = box.left()
    symbols, flags = way.symbols, Qt.AlignmentFlag
    if way.seed.size != 1 or float(way.seed[0]) != 1.0:
        p.setFont(ui_font(SMALL_PX))
        p.setPen(QColor(theme.gradient))
        p.drawText(QRectF(x, box.top(), 60, box.height()), flags.AlignVCenter, f"{numbers(way.seed)} ·")
        x += 62
        if not each:
            width = min(width, (room - 62) / max(1, len(way.factors)) - SIGN)
    for k, factor in enumerate(way.factors):
        if x + width > box.right() + 1:
            x, box = box.left(), box.translated(0, box.height())
        cell = QRectF(x, box.top() + 3, width, box.height() - 8)
        current = k + 1 == told
        p.setOpacity(1.0 if k < told else 0.38)
        p.setPen(QPen(QColor(theme.current if current else theme.border), 2 if current else 1))
        p.setBrush(QColor(theme.surface))
        p.drawRoundedRect(cell, 6, 6)
        low = cell.height() < TWO_LINES
        words = cell.adjusted(6, 0, -6, 0) if low else QRectF(cell.left() + 4, cell.top() + 3, width - 8, 15)
        p.setFont(ui_font(SMALL_PX))
        p.setPen(QColor(theme.muted))
        p.drawText(words, (flags.AlignLeft if low else flags.AlignHCenter) | flags.AlignVCenter, _fitting(p, symbols[k], width - 8))
        if low:
            words.setLeft(min(words.left() + p.fontMetrics().horizontalAdvance(symbols[k]) + 6, words.right()))
        _factor(p, words.adjusted(0, 2, 0, -2) if low else cell.adjusted(5, 19, -5, -4), factor.matrix, theme)
        hits.append(Hit(cell, f"{symbols[k]}: {factor.grad_fn} fires", factor.event))
        x += width
        p.setFont(ui_font(FONT_PX + 3, bold=True))
        p.setPen(QColor(theme.text))
        last = k + 1 == len(way.factors)
        p.drawText(QRectF(x, box.top(), SIGN, box.height()), flags.AlignCenter, "=" if last else "·")
        x += SIGN
    p.setOpacity(1.0)
    if each and box.right() - x < LEAST:
        x, box = box.left(), box.translated(0, box.height())
    _result(p, QRectF(x, box.top() + 3, RESULT - 8, box.height() - 8), numbers(way.product), theme, told=told >= len(way.factors))
    return hits


def _factor(p: QPainter, box: QRectF, matrix: Array, theme: Theme) -> None:
    """One number, or a small grid with its size."""
    flags = Qt.AlignmentFlag
    p.setPen(QColor(theme.value))
    if matrix.size == 1:
        p.setFont(mono_font(FONT_PX + 2))
        p.drawText(box, flags.AlignCenter, brief(float(matrix.reshape(-1)[0])))
        return
    label = f"{matrix.shape[0]}×{matrix.shape[1]}"
    p.setFont(ui_font(SMALL_PX))
    words = p.fontMetrics().horizontalAdvance(label) + 6
    rows, columns = matrix.shape
    area = box.adjusted(0, 0, -words, 0)
    side = min(area.width() / columns, area.height() / rows)
    wide = max(3.0, min(side * columns, area.width())) if columns > 1 else min(area.width(), 14.0)
    high = max(3.0, min(side * rows, area.height())) if rows > 1 else min(area.height(), 14.0)
    paint_heat(p, QRectF(area.center().x() - wide / 2, area.center().y() - high / 2, wide, high), matrix, theme)
    p.setPen(QColor(theme.muted))
    p.drawText(QRectF(box.right() - words, box.top(), words, box.height()), flags.AlignRight | flags.AlignVCenter, label)


def _result(p: QPainter, box: QRectF, text: str, theme: Theme, *, told: bool) -> None:
    p.setOpacity(1.0 if told else 0.38)
    p.setFont(mono_font(FONT_PX))
    p.setPen(QColor(theme.gradient))
    p.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)
    p.setOpacity(1.0)


def _fitting(p: QPainter, text: str, width: float) -> str:
    return p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))

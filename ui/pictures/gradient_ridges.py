"""Ridges of gradients: a row a parameter, in it a curve an epoch, along the power of ten of the magnitude."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradviz.idea_pictures.ridges import Ridge, Ridges

from ..style.theme import SMALL_PX, Theme, ui_font
from .axes import ticks
from .heat import blend
from .hit import Hit
from .numbers import short

FEW = 12  # entries that are drawn as they are; of more the outline is smoothed a little
NAMES, NORMS, FOOT = 96.0, 92.0, 30.0
WIDEST = 0.28  # of the picture's width, for the names
PLAIN = 3  # powers of ten up to which a number is written out
LINE = 13.0  # height of a name; where rows are lower, only some have theirs


def caption(found: Ridges) -> str:
    """What the picture says, in words."""
    last = [row[-1] for row in found.rows if row[-1].norm > 0]
    if len(last) < 2:
        return "How large the entries of each gradient are, epoch by epoch."
    ratio = last[-1].norm / last[0].norm
    none = sum(row[-1].norm == 0 for row in found.rows)
    nothing = f" {none} of {len(found.rows)} are exactly 0." if none else ""
    words = "about as large as" if 0.1 <= ratio <= 10 else f"{short(ratio)} times" if ratio > 10 else f"only {short(ratio)} of"
    return f"At the last epoch shown the gradient of {last[-1].name} is {words} that of {last[0].name} (by norm).{nothing}"


def paint(p: QPainter, rect: QRectF, found: Ridges, theme: Theme) -> list[Hit]:
    """Draw the rows; later epochs stand in front and in full colour."""
    p.setFont(ui_font(SMALL_PX, bold=True))
    widest = max((p.fontMetrics().horizontalAdvance(row[-1].name) for row in found.rows), default=0) + 14.0
    names = max(NAMES, min(widest, WIDEST * rect.width()))
    area = rect.adjusted(names, 6, -NORMS, -FOOT)
    height = max(0.1, area.height() / max(1, len(found.rows)))
    each = max(1, math.ceil(LINE / height))
    low, high = float(found.edges[0]), float(found.edges[-1])
    flags = Qt.AlignmentFlag
    p.setFont(ui_font(SMALL_PX))
    for power in ticks(low, high, most=max(2, int(area.width() // 60))):
        x = area.left() + (power - low) / (high - low) * area.width()
        p.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DotLine))
        p.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        p.setPen(QColor(theme.muted))
        p.drawText(QRectF(x - 40, area.bottom() + 2, 80, 14), flags.AlignHCenter, _power(power))
    p.drawText(QRectF(rect.left(), area.bottom() + 15, rect.width() - NORMS, 14), flags.AlignRight, "magnitude of the entries (log)")
    hits: list[Hit] = []
    for k, row in enumerate(found.rows):
        base = area.top() + (k + 1) * height - 2
        hits += _row(p, row, QRectF(area.left(), base - height + 2, area.width(), height - 2), theme)
        if k % each:
            continue
        beside = max(height, LINE)
        p.setPen(QColor(theme.text))
        p.setFont(ui_font(SMALL_PX, bold=True))
        name = p.fontMetrics().elidedText(row[-1].name, Qt.TextElideMode.ElideMiddle, int(names - 12))
        p.drawText(QRectF(rect.left() + 4, base - (height + beside) / 2, names - 10, beside), flags.AlignVCenter | flags.AlignLeft, name)
        p.setFont(ui_font(SMALL_PX))
        p.setPen(QColor(theme.muted))
        zeros = f"\n{row[-1].zeros} zeros" if row[-1].zeros and height >= 30 else ""
        side = QRectF(area.right() + 6, base - (height + beside) / 2, NORMS - 8, beside)
        p.drawText(side, flags.AlignVCenter | flags.AlignLeft, f"‖·‖ {short(row[-1].norm)}{zeros}")
    return hits


def _power(power: float) -> str:
    return f"1e{power:.0f}" if power == round(power) and abs(power) > PLAIN else short(10.0**power)


def _row(p: QPainter, row: tuple[Ridge, ...], area: QRectF, theme: Theme) -> list[Hit]:
    hits = []
    tallest = max(1, max(int(ridge.counts.max()) for ridge in row))
    shift = min(3.0, 0.35 * area.height() / max(1, len(row)))
    for k, ridge in enumerate(row):
        back = (len(row) - 1 - k) * shift
        bottom = area.bottom() - back
        room = max(4.0, area.height() - shift * (len(row) - 1) - 2)
        share = (k + 1) / len(row)
        colour = blend(QColor(theme.window), QColor(theme.gradient), 0.25 + 0.65 * share)
        fill = QColor(colour)
        fill.setAlphaF(0.55 if k == len(row) - 1 else 0.30)
        smooth = ridge.counts
        if ridge.counts.sum() > FEW:
            smooth = np.convolve(np.pad(ridge.counts.astype(float), 1), (0.2, 0.6, 0.2), "same")[1:-1]
        width = area.width() / len(smooth)
        tops = [QPointF(area.left() + (i + 0.5) * width, bottom - room * float(c) / tallest) for i, c in enumerate(smooth)]
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(fill)
        p.drawPolygon(QPolygonF([QPointF(area.left(), bottom), *tops, QPointF(area.right(), bottom)]))
        p.setPen(QPen(colour, 1.2))
        for i in range(len(tops) - 1):
            if smooth[i] > 0 or smooth[i + 1] > 0:  # a line along the ground would hide the ridges behind
                p.drawLine(tops[i], tops[i + 1])
        words = f"{ridge.name}, epoch {ridge.epoch}: norm {short(ridge.norm)}, {ridge.zeros} zeros"
        hits.append(Hit(QRectF(area.left(), bottom - room, area.width(), room), words, ridge.event))
    return hits

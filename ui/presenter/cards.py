"""A card for the last row: name, value and gradient in letters of one large size, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gradviz.debugger.scene import GraphNode, NodeKind, NodeState, Picture, Status

from ..canvas.cards.card import bar_colour
from ..pictures.heat import paint_heat
from ..pictures.numbers import brief, shape_text
from ..style.theme import CARD_RADIUS, Theme, mono_font, ui_font
from .look import UNIT_FONT

BAR = 8.0
ROW = 33.0
MOST_NUMBERS = 4
_EMPTY = NodeState()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def letters(mono: bool = False, bold: bool = False) -> QFont:
    """The one size that a card has."""
    font = mono_font(round(UNIT_FONT)) if mono else ui_font(round(UNIT_FONT), bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def paint_stage_card(p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme, *, chip: bool, line: float) -> None:
    """A card; `line` is the width of its frame in units of the graph."""
    now = state or _EMPTY
    ghost = now.status == Status.UNBORN
    p.setPen(QPen(QColor(theme.border), line, Qt.PenStyle.DashLine if ghost else Qt.PenStyle.SolidLine))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(rect, CARD_RADIUS, CARD_RADIUS)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(bar_colour(node.kind, theme)))
    p.drawRoundedRect(QRectF(rect.left(), rect.top(), BAR, rect.height()), 3, 3)
    inner = rect.adjusted(BAR + 7, 3, -7, -3)
    title = _title(node, inner.width())
    if chip:
        _words(p, inner, title, letters(bold=True), theme.muted if ghost else theme.text)
        return
    bucket = node.kind == NodeKind.BUCKET
    row = max(ROW, (inner.height() - 6) / (2 if bucket else 3))  # the lines share the height of the card
    _words(p, QRectF(inner.left(), inner.top() + 2, inner.width(), row), title, letters(bold=True), theme.muted if ghost else theme.text)
    if ghost:
        return
    top = inner.top() + 2 + row
    if not bucket:
        _quantity(p, QRectF(inner.left(), top, inner.width(), row), "", "value", now.value, "", theme)
        top += row + (0 if row > ROW else 4)
    _quantity(p, QRectF(inner.left(), top, inner.width(), row), "∇", "gradient", now.grad, _why_none(node, now), theme)


def _title(node: GraphNode, width: float) -> str:
    """The name; of a bucket whose name is too long, what makes it a bucket."""
    fits = QFontMetricsF(letters(bold=True)).horizontalAdvance(node.title) <= width
    return ".grad" if node.kind == NodeKind.BUCKET and not fits else node.title


def _why_none(node: GraphNode, now: NodeState) -> str:
    """What stands where no gradient is."""
    if node.kind == NodeKind.BUCKET:
        return "None"
    if node.kind == NodeKind.NO_GRAD or not now.requires_grad:
        return "no grad"
    if now.expected > 1 and now.arrived:
        return f"{now.arrived} of {now.expected}"
    return "None" if node.is_leaf else "…"


def _quantity(p: QPainter, box: QRectF, sign: str, role: str, picture: Picture | None, none: str, theme: Theme) -> None:
    """One line: a sign, then numbers, or a heat map where they are many."""
    area = QRectF(box)
    if sign:
        _words(
            p,
            QRectF(box.left(), box.top(), 18, box.height()),
            sign,
            letters(bold=True),
            theme.gradient if picture is not None else theme.muted,
        )
        area.setLeft(box.left() + 20)
    if picture is None:
        _words(p, area, none, letters(), theme.muted, _RIGHT)
        return
    bad = picture.stats.nans or picture.stats.infs
    text = numbers_text(picture, area.width())
    if text:
        _words(p, area, text, letters(mono=True), theme.error if bad else getattr(theme, role), _RIGHT)
    elif picture.array is not None:
        array = picture.array.reshape(picture.array.shape[0] if picture.array.ndim > 1 else 1, -1)
        spare = 3 + max(0.0, area.height() - ROW) / 2
        paint_heat(p, area.adjusted(0, spare, 0, -spare), array, theme, quantity=role)
    else:
        _words(p, area, shape_text(picture.stats.shape), letters(), theme.muted, _RIGHT)


def numbers_text(picture: Picture, width: float) -> str:
    """The numbers of a small value where they fit into a width, with as many digits as do; "" where not."""
    array = picture.array
    if array is None or array.size > MOST_NUMBERS or array.dtype.kind not in "fiub":
        return ""
    metrics = QFontMetricsF(letters(mono=True))
    values = [float(v) for v in array.reshape(-1)]
    for form in (brief, lambda v: f"{v:.2g}"):
        text = " ".join(form(v) for v in values)
        if metrics.horizontalAdvance(text) <= width:
            return text
    if len(set(values)) == 1:
        text = f"{len(values)} × {brief(values[0])}"  # a class reads it sooner than a bar of one colour
        return text if metrics.horizontalAdvance(text) <= width else ""
    return ""


def _words(p: QPainter, box: QRectF, text: str, font: QFont, colour: str, flags: Qt.AlignmentFlag = _LEFT) -> None:
    p.setFont(font)
    p.setPen(QColor(colour))
    p.drawText(box, flags, p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()) + 1))

"""Painting one card: name, grad_fn, shape, the value and the gradient side by side, badges.

Letters keep their size when the canvas is seen from further away: a smaller card says less, in letters that can be read.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.debugger.scene import GraphNode, NodeKind, NodeState, Picture, Status

from ...pictures.heat import blend, limit_of, paint_heat, scale_brush
from ...pictures.numbers import fitted, short
from ...style.theme import BAR_WIDTH, CARD_RADIUS, SMALL_PX, TITLE_PX, Theme, mono_font, ui_font

NUMBERS_SHOWN = 6
UNDER = 8.0  # how far the cards under another one show
ROUGH = 0.05  # the share of a number that its text may leave out before smaller letters are taken
ROW_PX = 10.4  # the least height of a line of numbers
ROOMY_PX, GRAD_FN_PX, LABELS_PX = 94.0, 74.0, 58.0  # heights of a card from which its parts are written, and written large
SHAPE_PX = 90.0  # the same for the shape: a width
QUIET = frozenset({"saved", "freed"})  # badges that a small card leaves to the inspector
UNKNOWN = "?"  # the dtype of a node that was not computed, and of which the shape is not known either
_EMPTY = NodeState()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


def bar_colour(kind: NodeKind, theme: Theme) -> str:
    """The colour of the bar at the left: what the node is."""
    return {
        NodeKind.PARAMETER: theme.parameter, NodeKind.OP: theme.op, NodeKind.NO_GRAD: theme.no_grad, NodeKind.LEAF: theme.no_grad,
        NodeKind.LOSS: theme.loss, NodeKind.BUCKET: theme.gradient,
    }[kind]  # fmt: skip


def paint_card(p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme, scale: float = 1.0) -> None:
    """A card with all its text; `state` None or UNBORN is a ghost.

    Args:
        scale: pixels of the screen for one unit of `rect`, as the painter has it.
    """
    now = state or _EMPTY
    p.save()
    box = _letters_as_on_screen(p, rect, scale)
    if node.kind == NodeKind.BUCKET:
        _paint_bucket(p, box, node, now, theme)
    else:
        _paint_node(p, box, node, now, theme)
    p.restore()


def paint_badges(p: QPainter, rect: QRectF, node: GraphNode, now: NodeState, theme: Theme, scale: float = 1.0) -> None:
    """The badges of a card once more: over the ring around it, which would strike them out."""
    p.save()
    box = _letters_as_on_screen(p, rect, scale)
    _badges(p, box, _badges_of(node, now, box), theme)
    p.restore()


def _letters_as_on_screen(p: QPainter, rect: QRectF, scale: float) -> QRectF:
    """Let one unit be one pixel of the screen where cards are smaller than that; the card in these units."""
    small = min(scale, 1.0)
    p.translate(rect.topLeft())
    p.scale(1 / small, 1 / small)
    return QRectF(0, 0, rect.width() * small, rect.height() * small)


def _paint_node(p: QPainter, rect: QRectF, node: GraphNode, now: NodeState, theme: Theme) -> None:
    ghost = now.status == Status.UNBORN
    ground = blend(QColor(theme.window), QColor(theme.surface), 0.45) if ghost else QColor(theme.surface)
    plain = node.kind in (NodeKind.LEAF, NodeKind.NO_GRAD)
    if node.module:
        _cards_under(p, rect, ground, QColor(theme.border), theme)
    _frame(p, rect, ground, QColor(theme.border), dashed=plain, bar=QColor(bar_colour(node.kind, theme)), ghost=ghost, theme=theme)
    text = QColor(theme.muted) if ghost else QColor(theme.text)
    roomy = rect.height() >= ROOMY_PX
    left, right = rect.left() + BAR_WIDTH + (9 if roomy else 5), rect.right() - (9 if roomy else 6)
    top = rect.top() + (6 if roomy else 3)
    title = ui_font(TITLE_PX if roomy else 12, bold=True)
    free = right - left
    line = 20 if roomy else 15
    chips = (_shape_text(node, every=True), _shape_text(node)) if rect.width() >= SHAPE_PX and "shapes" not in theme.hidden else ()
    whole = QFontMetricsF(title).horizontalAdvance(node.title) + 1
    named = whole if whole <= free else 80  # a name that has room as a whole is not cut for the shape
    beside_title = next((told for told in chips if _chip_width(told) + 4 <= free - named), "")
    if beside_title:
        _chip(p, right, top + (3 if roomy else 0), beside_title, theme)
        free -= _chip_width(beside_title) + 4
    name = last_parts(node.title, QFontMetricsF(title), free)
    elided(p, QRectF(left, top, free, line), name, title, text, end=not node.module)  # of a module the end tells it apart
    top += line
    if rect.height() >= GRAD_FN_PX:
        _second_line(p, QRectF(left, top, right - left, 15 if roomy else 13), node, now, ghost, chips, beside_title, theme)
        top += 19 if roomy else 13
    gap = 10 if roomy else 6
    wells = [name for name in ("values", "grads") if name not in theme.hidden]
    width = (right - left - gap * (len(wells) - 1)) / max(len(wells), 1)
    well = QRectF(left, top, width, rect.bottom() - top - (9 if roomy else 4))
    labels = rect.height() >= LABELS_PX
    if "values" in wells:
        _well(p, well, "value", "value" if labels else "", now.value, "", theme, ghost)
        well.translate(width + gap, 0)
    if "grads" in wells:
        label = (".grad" if node.is_leaf else "gradient" if width >= 54 else "grad") if labels else ""
        _well(p, well, "gradient", label, now.grad, _grad_words(node, now), theme, ghost)
    _badges(p, rect, _badges_of(node, now, rect), theme)


def _second_line(
    p: QPainter, box: QRectF, node: GraphNode, now: NodeState, ghost: bool, chips: tuple[str, ...], told: str, theme: Theme
) -> None:
    """What made the node, in as many words as fit; and of shape and dtype (`chips`) what was not `told` beside the name."""
    tracked = node.is_leaf and (now.requires_grad or (ghost and node.requires_grad))
    words: tuple[str, ...] = (node.grad_fn or "no grad_fn",)
    if node.is_leaf:
        words = ("leaf · requires_grad", "requires_grad", "leaf") if tracked else ("leaf",)
    font = ui_font(SMALL_PX)
    width = QFontMetricsF(font).horizontalAdvance
    missing = chips if not told else ()
    chip, second = next(((c, w) for c in missing for w in words if width(w) + _chip_width(c) + 6 <= box.width()), ("", ""))
    if chip:
        _chip(p, box.right(), box.top(), chip, theme)
    else:
        second = next((w for w in words if width(w) <= box.width()), words[-1])
        dtype = chips[0].removeprefix(chips[1]) if told and told != chips[0] else ""
        if dtype and width(f"{second} ·{dtype}") <= box.width():
            second = f"{second} ·{dtype}"
    elided(p, box, second, font, QColor(theme.parameter if tracked else theme.muted))


def paint_chip(p: QPainter, rect: QRectF, node: GraphNode, theme: Theme, scale: float = 1.0) -> None:
    """A further use of a shared leaf: a small pill with its name."""
    p.setPen(QPen(QColor(bar_colour(node.kind, theme)), 1.2, Qt.PenStyle.DashLine))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    px = SMALL_PX / min(scale, 1.0)
    if px < rect.height():
        font = ui_font(max(round(px), SMALL_PX + 1), bold=True)
        inner = rect.adjusted(px / 2, 0, -px / 2, 0)
        elided(p, inner, last_parts(node.title, QFontMetricsF(font), inner.width()), font, QColor(theme.text), _CENTRE)


def _paint_bucket(p: QPainter, rect: QRectF, node: GraphNode, now: NodeState, theme: Theme) -> None:
    """A leaf's `.grad`: open at the top, dashed and empty while it is None, filled when something has landed."""
    filled = now.grad is not None
    ghost = now.status == Status.UNBORN
    roomy = rect.height() >= 76
    slope = rect.width() * 0.06
    path = QPainterPath(rect.topLeft())
    path.lineTo(rect.left() + slope, rect.bottom() - CARD_RADIUS)
    path.quadTo(rect.left() + slope + 1, rect.bottom(), rect.left() + slope + 10, rect.bottom())
    path.lineTo(rect.right() - slope - 10, rect.bottom())
    path.quadTo(rect.right() - slope - 1, rect.bottom(), rect.right() - slope, rect.bottom() - CARD_RADIUS)
    path.lineTo(rect.topRight())
    colour = QColor(theme.gradient) if filled else QColor(theme.border) if ghost else QColor(theme.no_grad)
    ground = blend(QColor(theme.window), QColor(theme.surface), 0.45 if ghost else 1.0)
    p.fillPath(_closed(path), ground)
    if filled:
        p.save()
        p.setClipPath(_closed(path), Qt.ClipOperation.IntersectClip)
        p.fillRect(rect.adjusted(0, rect.height() * 0.3, 0, 0), blend(ground, QColor(theme.gradient), 0.16))
        p.restore()
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(colour, 2.0 if filled else 1.4, Qt.PenStyle.SolidLine if filled else Qt.PenStyle.DashLine))
    p.drawPath(path)
    inner = rect.adjusted(slope + 6, 4 if roomy else 2, -slope - 6, -5 if roomy else -3)
    title = QColor(theme.muted if ghost else theme.text)
    top = 18 if roomy else 14
    font = ui_font(12 if roomy else SMALL_PX, bold=True)
    name = node.title if QFontMetricsF(font).horizontalAdvance(node.title) <= inner.width() else ".grad"  # its leaf stands beside it
    elided(p, QRectF(inner.left(), inner.top(), inner.width(), top), name, font, title)
    if roomy:
        elided(p, QRectF(inner.left(), inner.top() + 17, inner.width(), 14), "AccumulateGrad", ui_font(SMALL_PX), QColor(theme.muted))
        top = 34
    area = QRectF(inner.left(), inner.top() + top, inner.width(), inner.height() - top)
    if now.grad is None:
        elided(p, area, "None", mono_font(12), QColor(theme.muted), _CENTRE)
    else:
        _picture(p, area, "gradient", now.grad, theme, labelled=True)


def _closed(path: QPainterPath) -> QPainterPath:
    made = QPainterPath(path)
    made.closeSubpath()
    return made


def _frame(p: QPainter, rect: QRectF, ground: QColor, border: QColor, *, dashed: bool, bar: QColor, ghost: bool, theme: Theme) -> None:
    if not ghost and not theme.dark:
        shade = QColor(theme.text)
        shade.setAlphaF(0.07)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(shade)
        p.drawRoundedRect(rect.translated(0, 2).adjusted(-1, 0, 1, 1), CARD_RADIUS + 1, CARD_RADIUS + 1)
    p.setPen(QPen(border, 1.2, Qt.PenStyle.DashLine if dashed or ghost else Qt.PenStyle.SolidLine))
    p.setBrush(ground)
    p.drawRoundedRect(rect, CARD_RADIUS, CARD_RADIUS)
    if ghost:
        bar.setAlphaF(0.45)
    p.fillPath(_bar(rect.height()).translated(rect.topLeft()), bar)


def _cards_under(p: QPainter, rect: QRectF, ground: QColor, border: QColor, theme: Theme) -> None:
    """The edges of two cards that lie under one: it stands for them, too."""
    for step in (2, 1):
        away = UNDER / 2 * step
        p.setPen(QPen(border, 1))
        p.setBrush(blend(ground, QColor(theme.window), 0.25 * step))
        p.drawRoundedRect(rect.adjusted(away, away, away, away), CARD_RADIUS, CARD_RADIUS)


@lru_cache(maxsize=64)
def _bar(height: float) -> QPainterPath:
    """The bar within the rounded corners of a card of this height. (A clip would cost ten times as much.)"""
    card, bar = QPainterPath(), QPainterPath()
    card.addRoundedRect(QRectF(0, 0, 4 * BAR_WIDTH, height), CARD_RADIUS, CARD_RADIUS)
    bar.addRect(QRectF(0, 0, BAR_WIDTH, height))
    return card.intersected(bar)


def _shape_text(node: GraphNode, *, every: bool = False) -> str:
    """Shape and dtype; that of most tensors only where `every` one is to be told."""
    if node.dtype == UNKNOWN:
        return UNKNOWN
    sizes = ", ".join(map(str, node.shape)) + ("," if len(node.shape) == 1 else "")
    short_type = {"float32": " f32" if every else "", "float64": " f64", "int64": " i64", "bool": " bool"}.get(node.dtype, " " + node.dtype)
    return f"({sizes}){short_type}"


def _chip_width(text: str) -> float:
    return digit_width(SMALL_PX) * len(text) + 8


def _chip(p: QPainter, right: float, top: float, text: str, theme: Theme) -> None:
    """Shape and dtype in a pill."""
    box = QRectF(right - _chip_width(text), top, _chip_width(text), 15)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(theme.raised))
    p.drawRoundedRect(box, 7, 7)
    p.setFont(mono_font(SMALL_PX))
    p.setPen(QColor(theme.muted))
    p.drawText(box, _CENTRE, text)


def last_parts(name: str, metrics: QFontMetricsF, room: float) -> str:
    """A name with as many of its last parts as fit: of twenty parameters that begin alike "…mlp.2.weight" is told apart."""
    parts = name.split(".")
    shorter = [name, *("…" + ".".join(parts[k:]) for k in range(1, len(parts)))]
    return next((text for text in shorter if metrics.horizontalAdvance(text) <= room), shorter[-1]) if len(parts) > 1 else name


def elided(p: QPainter, box: QRectF, text: str, font: QFont, colour: QColor, flags: Qt.AlignmentFlag = _LEFT, *, end: bool = True) -> None:
    """A text in as much of its length as fits; the `end` goes, or the beginning."""
    p.setFont(font)
    p.setPen(colour)
    shown = p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight if end else Qt.TextElideMode.ElideLeft, int(box.width()))
    p.drawText(box, flags | Qt.AlignmentFlag.AlignVCenter, shown)


def _grad_words(node: GraphNode, now: NodeState) -> str:
    """What stands in the empty gradient well."""
    if now.status == Status.UNBORN:
        return ""
    if node.is_leaf:
        return "None" if now.requires_grad else "no grad"
    if node.kind == NodeKind.NO_GRAD or not now.requires_grad:
        return "no grad"
    if now.expected and now.arrived:
        return f"{now.arrived} of {now.expected}"
    return "not yet"


def _well(p: QPainter, box: QRectF, quantity: str, label: str, picture: Picture | None, words: str, theme: Theme, ghost: bool) -> None:
    """A small labelled window: numbers, heat map, or why it is empty. Its label has the colour of its quantity always."""
    colour = QColor(theme.gradient if quantity == "gradient" else theme.value)
    if ghost or words == "no grad":
        colour = blend(QColor(theme.surface), colour, 0.6)
    area = QRectF(box)
    if label:
        elided(p, QRectF(box.left(), box.top(), box.width(), 14), label, ui_font(SMALL_PX, bold=True), colour)
        area.setTop(box.top() + 15)
    if picture is not None:
        _picture(p, area, quantity, picture, theme, labelled=bool(label))
        return
    p.setPen(QPen(blend(QColor(theme.surface), QColor(theme.border), 0.8), 1))
    p.setBrush(blend(QColor(theme.surface), QColor(theme.window), 0.5))
    p.drawRoundedRect(area, 4, 4)
    if words and QFontMetricsF(font := ui_font(SMALL_PX)).horizontalAdvance(words) > area.width() - 2:
        words = {"no grad": "–", "not yet": "…"}.get(words, words)
    if words:
        elided(p, area, words, font, QColor(theme.muted), _CENTRE)


def _picture(p: QPainter, area: QRectF, quantity: str, picture: Picture, theme: Theme, labelled: bool) -> None:
    """Numbers when few, else a heat map with the end of its scale.

    Without a label above it stands close under the card's name, and the numbers have the colour of their quantity.
    """
    stats = picture.stats
    bad = stats.nans or stats.infs
    if picture.array is None:
        elided(p, area, f"norm {short(stats.whole_norm)}", mono_font(SMALL_PX), QColor(theme.text))
    elif not picture.array.size:
        elided(p, area, "no elements", ui_font(SMALL_PX), QColor(theme.muted), _CENTRE)
    elif not _numbers(p, area, picture.array, theme, theme.text if labelled else theme.gradient if quantity == "gradient" else theme.value):
        _heat(p, area, quantity, picture.array, theme)
    if bad:
        p.setPen(QPen(QColor(theme.error), 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(area.adjusted(-3, 0, 3, 2), 4, 4)
        narrow = area.width() < 54  # a large triangle would hide the end of the label
        corner = area.topRight() + (QPointF(0, -4) if narrow else QPointF(-5, -6))
        paint_warning(p, corner if labelled else QPointF(area.left() + 5, area.bottom() - 4), theme, 0.85 if narrow else 1.0)


def paint_warning(p: QPainter, at: QPointF, theme: Theme, size: float = 1.0) -> None:
    """A triangle with an exclamation mark: never colour alone."""
    p.save()
    p.translate(at)
    p.scale(size, size)
    p.setPen(QPen(QColor(theme.surface), 1))
    p.setBrush(QColor(theme.error))
    p.drawPolygon(QPolygonF([QPointF(0, -8), QPointF(8, 6), QPointF(-8, 6)]))
    p.setPen(QPen(QColor(theme.surface), 1.6))
    p.drawLine(QPointF(0, -3.5), QPointF(0, 1.5))
    p.drawPoint(QPointF(0, 4))
    p.restore()


def _heat(p: QPainter, area: QRectF, quantity: str, values: np.ndarray, theme: Theme) -> None:
    """The array as a heat map of its own proportions as far as that can be seen, above its scale."""
    array = values.reshape(values.shape[0] if values.ndim > 1 else 1, -1)
    scaled = area.height() >= 24
    room = area.adjusted(0, 0, 0, -14 if scaled else 0)
    rows, columns = array.shape
    cell = min(room.width() / columns, room.height() / rows)
    width, height = max(cell * columns, min(room.width(), 12.0)), max(cell * rows, min(room.height(), 10.0))
    if room.width() / width < 1.6:
        width = room.width()
    paint_heat(p, QRectF(room.left(), room.top(), width, height), array, theme, quantity=quantity)
    if not scaled:
        return
    wide = 18.0 if area.width() >= 62 else 6.0
    if not np.isfinite(array).any():
        told, colour = "nan" if np.isnan(array).any() else "inf", theme.error
    else:
        told, colour = "", theme.muted
        end, letter = limit_of(array), digit_width(SMALL_PX)
        beside, alone = (fitted(end, int((area.width() - taken) / letter) - 1) for taken in (wide + 3, -2))
        if alone and (not beside or (_rough(beside, end) and not _rough(alone, end))):
            beside, wide = alone, 0.0  # the number says more than the strip beside it
        if beside:  # "±0…" would say nothing
            told = f"±{beside}"
    left = area.left()
    if wide:
        strip = QRectF(left, area.bottom() - 9, wide, 5)
        p.fillRect(strip, scale_brush(strip, theme, quantity))
        left += wide + 3
    if told:
        elided(p, QRectF(left, area.bottom() - 13, area.right() - left + 2, 13), told, mono_font(SMALL_PX), QColor(colour))


@lru_cache(maxsize=16)
def digit_width(px: int) -> float:
    """Pixels of one digit of the numbers' font."""
    return QFontMetricsF(mono_font(px)).horizontalAdvance("0")


def _numbers(p: QPainter, area: QRectF, array: np.ndarray, theme: Theme, colour: str) -> bool:
    """Few numbers in the rows and columns of their tensor; False, and nothing is drawn, where they do not fit."""
    if array.size > NUMBERS_SHOWN:
        return False
    columns = array.shape[-1] if array.ndim > 1 else 1
    rows = array.size // columns
    if rows * ROW_PX > area.height() + 1:
        return False
    px = 13 if array.size == 1 and area.height() >= 20 else 12 if columns == 1 and area.height() >= 15 * rows else SMALL_PX
    flat = (np.abs(array) if array.dtype.kind == "c" else array).reshape(-1)
    room = area.width() / columns + (-4 if columns > 1 else 2)  # the gap to the next well is wider
    texts = [fitted(float(v), int(room / digit_width(px))) for v in flat]
    if px > SMALL_PX and any(t is None or _rough(t, float(v)) for t, v in zip(texts, flat, strict=True)):
        px = SMALL_PX  # digits say more than their size
        texts = [fitted(float(v), int(room / digit_width(px))) for v in flat]
    if any(t is None for t in texts):
        return False
    height = min(area.height() / rows, 16.0)
    top = area.top() + (0 if rows > 1 or area.height() < 24 else 2)
    if rows > 1:
        top += (area.height() - rows * height) / 2
    size = area.width() / columns
    side = (Qt.AlignmentFlag.AlignLeft if array.size == 1 else Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
    p.setFont(mono_font(px))
    for k, (value, text) in enumerate(zip(flat.tolist(), texts, strict=True)):
        wide = size + (-2 if columns > 1 else 2)
        box = QRectF(area.left() + (k % columns) * size, top + (k // columns) * height, wide, height)
        p.setPen(QColor(colour if np.isfinite(value) else theme.error))
        p.drawText(box, side, text or "")
    return True


def _rough(text: str, value: float) -> bool:
    """Whether a text leaves out so much of a number that another could be meant."""
    return bool(np.isfinite(value)) and abs(float(text) - value) > ROUGH * abs(value)


def _badges_of(node: GraphNode, now: NodeState, rect: QRectF) -> list[str]:
    """What is special about a node now, as far as a card of this size tells it by a badge."""
    if node.kind == NodeKind.BUCKET or rect.height() < LABELS_PX:
        return []
    known = {"leaf", "requires_grad"}  # written on the card
    if rect.height() < ROOMY_PX:
        known |= QUIET | ({"no_grad"} if node.frame >= 0 else set())
    return [badge for badge in now.badges if badge not in known]


def _badges(p: QPainter, rect: QRectF, shown: list[str], theme: Theme) -> None:
    """Small tags on the lower edge; on a small card further down, where they hide no number."""
    x = rect.right() - 10
    top = rect.bottom() - (8 if rect.height() >= ROOMY_PX else 6)
    font = ui_font(SMALL_PX)
    for text in reversed(shown):
        width = QFontMetricsF(font).horizontalAdvance(text) + 12
        box = QRectF(x - width, top, width, 16)
        p.setPen(QPen(QColor(theme.border), 1))
        p.setBrush(QColor(theme.raised))
        p.drawRoundedRect(box, 8, 8)
        p.setFont(font)
        p.setPen(QColor(theme.error if text == "stale" else theme.muted))
        p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        x -= width + 4


def scissors(p: QPainter, at: QPointF, theme: Theme, size: float = 1.0) -> None:
    """Where the gradient is cut off."""
    p.save()
    p.translate(at)
    p.scale(size, size)
    p.setBrush(QColor(theme.window))
    p.setPen(QPen(QColor(theme.error), 1.5))
    p.drawEllipse(QPointF(0, 0), 11, 11)
    p.setPen(QPen(QColor(theme.error), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.setBrush(Qt.BrushStyle.NoBrush)
    for side in (-1, 1):
        p.drawEllipse(QPointF(-4.5, 3.5 * side), 2.2, 2.2)
        p.drawLine(QPointF(-2.6, 2.3 * side), QPointF(6.5, -4.0 * side))
    p.restore()

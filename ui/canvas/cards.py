"""Painting one card: name, grad_fn, shape, the value and the gradient side by side, badges."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from gradviz.debugger.scene import GraphNode, NodeKind, NodeState, Picture, Status

from ..pictures.heat import blend, limit_of, paint_heat
from ..pictures.numbers import short
from ..theme import BAR_WIDTH, CARD_RADIUS, SMALL_PX, TITLE_PX, Theme, mono_font, ui_font

NUMBERS_SHOWN = 6
_EMPTY = NodeState()


def bar_colour(kind: NodeKind, theme: Theme) -> str:
    """The colour of the bar at the left: what the node is."""
    return {
        NodeKind.PARAMETER: theme.parameter, NodeKind.OP: theme.op, NodeKind.NO_GRAD: theme.no_grad, NodeKind.LEAF: theme.no_grad,
        NodeKind.LOSS: theme.loss, NodeKind.BUCKET: theme.gradient,
    }[kind]  # fmt: skip


def paint_card(p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme) -> None:
    """A card with all its text; `state` None or UNBORN is a ghost."""
    now = state or _EMPTY
    ghost = now.status == Status.UNBORN
    if node.kind == NodeKind.BUCKET:
        _paint_bucket(p, rect, node, now, theme)
        return
    ground = blend(QColor(theme.window), QColor(theme.surface), 0.45) if ghost else QColor(theme.surface)
    plain = node.kind in (NodeKind.LEAF, NodeKind.NO_GRAD)
    _frame(p, rect, ground, QColor(theme.border), dashed=plain, bar=QColor(bar_colour(node.kind, theme)), faded=ghost)
    text = QColor(theme.muted) if ghost else QColor(theme.text)
    left, right = rect.left() + BAR_WIDTH + 9, rect.right() - 9
    chip_width = _chip(p, right, rect.top() + 9, _shape_text(node), theme)
    title = ui_font(TITLE_PX, bold=True)
    _elided(p, QRectF(left, rect.top() + 6, right - left - chip_width - 6, 20), node.title, title, text)
    second = node.grad_fn or ("leaf" if node.is_leaf else "no grad_fn")
    if node.is_leaf:
        second = "leaf · requires_grad" if (now.requires_grad or (ghost and node.requires_grad)) else "leaf"
    second_colour = QColor(theme.parameter) if second.endswith("requires_grad") else QColor(theme.muted)
    _elided(p, QRectF(left, rect.top() + 26, right - left, 15), second, ui_font(SMALL_PX), second_colour)
    width = (right - left - 10) / 2
    top = rect.top() + 46
    well = QRectF(left, top, width, rect.bottom() - top - 9)
    _well(p, well, "value", "value", now.value, "", theme)
    _well(p, well.translated(width + 10, 0), "gradient", _grad_label(node), now.grad, _grad_words(node, now), theme)
    _badges(p, rect, now.badges, theme)


def paint_simple(p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme) -> None:
    """A card seen from further away: a block with its bar and, where it fits, its name."""
    ghost = state is None or state.status == Status.UNBORN
    p.fillRect(rect, blend(QColor(theme.window), QColor(theme.surface), 0.5) if ghost else QColor(theme.raised))
    p.fillRect(QRectF(rect.left(), rect.top(), rect.width() * 0.06, rect.height()), QColor(bar_colour(node.kind, theme)))
    if state is not None and state.status >= Status.FIRED:
        p.fillRect(QRectF(rect.left(), rect.bottom() - rect.height() * 0.1, rect.width(), rect.height() * 0.1), QColor(theme.gradient))
    font = ui_font(int(rect.height() * 0.3))
    _elided(p, rect.adjusted(rect.width() * 0.1, 0, -4, 0), node.title, font, QColor(theme.muted if ghost else theme.text))


def paint_chip(p: QPainter, rect: QRectF, node: GraphNode, theme: Theme) -> None:
    """A further use of a shared leaf: a small pill with its name."""
    p.setPen(QPen(QColor(bar_colour(node.kind, theme)), 1.2, Qt.PenStyle.DashLine))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    _elided(p, rect.adjusted(12, 0, -12, 0), node.title, ui_font(SMALL_PX + 1, bold=True), QColor(theme.text), Qt.AlignmentFlag.AlignCenter)


def _paint_bucket(p: QPainter, rect: QRectF, node: GraphNode, now: NodeState, theme: Theme) -> None:
    """A leaf's `.grad`: open at the top, dashed and empty while it is None, filled when something has landed."""
    filled = now.grad is not None
    path = QPainterPath(rect.topLeft())
    path.lineTo(rect.left() + 8, rect.bottom() - CARD_RADIUS)
    path.quadTo(rect.left() + 9, rect.bottom(), rect.left() + 18, rect.bottom())
    path.lineTo(rect.right() - 18, rect.bottom())
    path.quadTo(rect.right() - 9, rect.bottom(), rect.right() - 8, rect.bottom() - CARD_RADIUS)
    path.lineTo(rect.topRight())
    colour = QColor(theme.gradient) if filled else QColor(theme.no_grad)
    if filled:
        p.save()
        p.setClipPath(_closed(path))
        p.fillRect(rect.adjusted(0, rect.height() * 0.3, 0, 0), blend(QColor(theme.window), QColor(theme.gradient), 0.16))
        p.restore()
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(colour, 2.0, Qt.PenStyle.SolidLine if filled else Qt.PenStyle.DashLine))
    p.drawPath(path)
    inner = rect.adjusted(14, 4, -14, -6)
    _elided(p, QRectF(inner.left(), inner.top(), inner.width(), 18), node.title, ui_font(12, bold=True), QColor(theme.text))
    _elided(p, QRectF(inner.left(), inner.top() + 17, inner.width(), 14), "AccumulateGrad", ui_font(SMALL_PX), QColor(theme.muted))
    area = QRectF(inner.left(), inner.top() + 34, inner.width(), inner.height() - 34)
    if now.grad is None:
        _elided(p, area, "None", mono_font(13), QColor(theme.muted), Qt.AlignmentFlag.AlignCenter)
    else:
        _picture(p, area, "gradient", now.grad, theme)


def _closed(path: QPainterPath) -> QPainterPath:
    made = QPainterPath(path)
    made.closeSubpath()
    return made


def _frame(p: QPainter, rect: QRectF, ground: QColor, border: QColor, *, dashed: bool, bar: QColor, faded: bool) -> None:
    p.setPen(QPen(border, 1.2, Qt.PenStyle.DashLine if dashed or faded else Qt.PenStyle.SolidLine))
    p.setBrush(ground)
    p.drawRoundedRect(rect, CARD_RADIUS, CARD_RADIUS)
    p.save()
    outline = QPainterPath()
    outline.addRoundedRect(rect, CARD_RADIUS, CARD_RADIUS)
    p.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    if faded:
        bar.setAlphaF(0.4)
    p.fillRect(QRectF(rect.left(), rect.top(), BAR_WIDTH, rect.height()), bar)
    p.restore()


def _shape_text(node: GraphNode) -> str:
    sizes = ", ".join(map(str, node.shape)) + ("," if len(node.shape) == 1 else "")
    short_type = {"float32": "", "float64": " f64", "int64": " i64", "bool": " bool"}.get(node.dtype, " " + node.dtype)
    return f"({sizes}){short_type}"


def _chip(p: QPainter, right: float, top: float, text: str, theme: Theme) -> float:
    font = mono_font(SMALL_PX)
    width = QFontMetricsF(font).horizontalAdvance(text) + 12
    box = QRectF(right - width, top, width, 17)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(theme.raised))
    p.drawRoundedRect(box, 8.5, 8.5)
    p.setFont(font)
    p.setPen(QColor(theme.muted))
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return width


def _elided(
    p: QPainter,
    box: QRectF,
    text: str,
    font: object,
    colour: QColor,
    flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
) -> None:
    p.setFont(font)  # type: ignore[arg-type]  # a QFont
    p.setPen(colour)
    shown = p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    p.drawText(box, flags | Qt.AlignmentFlag.AlignVCenter, shown)


def _grad_label(node: GraphNode) -> str:
    return ".grad" if node.is_leaf else "gradient"


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
    return "pending"


def _well(p: QPainter, box: QRectF, quantity: str, label: str, picture: Picture | None, words: str, theme: Theme) -> None:
    """A small labelled window: numbers, heat map, or why it is empty."""
    font = ui_font(SMALL_PX, bold=True)
    colour = QColor(theme.muted if picture is None else theme.gradient if quantity == "gradient" else theme.value)
    _elided(p, QRectF(box.left(), box.top(), box.width(), 14), label, font, colour)
    area = QRectF(box.left(), box.top() + 15, box.width(), box.height() - 15)
    if picture is None:
        p.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DashLine))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(area, 4, 4)
        if words:
            _elided(p, area, words, ui_font(SMALL_PX), QColor(theme.muted), Qt.AlignmentFlag.AlignCenter)
        return
    _picture(p, area, quantity, picture, theme)


def _picture(p: QPainter, area: QRectF, quantity: str, picture: Picture, theme: Theme) -> None:
    """Numbers when few, else a heat map with the end of its scale."""
    stats = picture.stats
    bad = stats.nans or stats.infs
    if picture.array is None:
        _elided(p, area, f"norm {short(stats.norm)}", mono_font(SMALL_PX), QColor(theme.text))
    elif not picture.array.size:
        _elided(p, area, "no elements", ui_font(SMALL_PX), QColor(theme.muted), Qt.AlignmentFlag.AlignCenter)
    elif picture.array.size <= NUMBERS_SHOWN:
        _numbers(p, area, picture, theme)
    else:
        array = picture.array.reshape(picture.array.shape[0] if picture.array.ndim > 1 else 1, -1)
        paint_heat(p, QRectF(area.left(), area.top(), area.width(), area.height() - 14), array, theme, quantity=quantity)
        _elided(
            p,
            QRectF(area.left(), area.bottom() - 13, area.width(), 13),
            f"±{short(limit_of(array))}",
            mono_font(SMALL_PX),
            QColor(theme.muted),
        )
    if bad:
        p.setPen(QPen(QColor(theme.error), 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(area, 4, 4)


def _numbers(p: QPainter, area: QRectF, picture: Picture, theme: Theme) -> None:
    array: np.ndarray = picture.array  # type: ignore[assignment]  # the caller looked
    values = [float(v) for v in (np.abs(array) if array.dtype.kind == "c" else array).reshape(-1)]
    columns = 1 if len(values) <= 3 else 2
    rows = -(-len(values) // columns)
    height = min(area.height() / rows, 16.0)
    top = area.top() + (area.height() - rows * height) / 2
    font = mono_font(12 if columns == 1 else SMALL_PX)
    size = area.width() / columns
    for k, value in enumerate(values):
        box = QRectF(area.left() + (k % columns) * size, top + (k // columns) * height, size - 2, height)
        colour = QColor(theme.text if value == value and abs(value) != float("inf") else theme.error)
        _elided(p, box, short(value), font, colour, Qt.AlignmentFlag.AlignRight)


def _badges(p: QPainter, rect: QRectF, badges: tuple[str, ...], theme: Theme) -> None:
    """Small tags on the lower edge: what is special about the node now."""
    shown = [b for b in badges if b not in {"leaf", "requires_grad"}]
    x = rect.right() - 10
    font = ui_font(SMALL_PX)
    for text in reversed(shown):
        width = QFontMetricsF(font).horizontalAdvance(text) + 12
        box = QRectF(x - width, rect.bottom() - 8, width, 16)
        p.setPen(QPen(QColor(theme.border), 1))
        p.setBrush(QColor(theme.raised))
        p.drawRoundedRect(box, 8, 8)
        p.setFont(font)
        p.setPen(QColor(theme.error if text == "stale" else theme.muted))
        p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        x -= width + 4


def scissors(p: QPainter, at: QPointF, theme: Theme) -> None:
    """Where the gradient is cut off."""
    p.save()
    p.translate(at)
    p.setBrush(QColor(theme.window))
    p.setPen(QPen(QColor(theme.error), 1.5))
    p.drawEllipse(QPointF(0, 0), 11, 11)
    p.setPen(QPen(QColor(theme.error), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.setBrush(Qt.BrushStyle.NoBrush)
    for side in (-1, 1):
        p.drawEllipse(QPointF(-4.5, 3.5 * side), 2.2, 2.2)
        p.drawLine(QPointF(-2.6, 2.3 * side), QPointF(6.5, -4.0 * side))
    p.restore()

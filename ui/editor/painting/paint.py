"""Painting a document: the cards of the recording's canvas, with ports, sliders, wires and frames."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import cache
from math import isfinite, sqrt
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.debugger.float64 import magnitudes
from gradviz.debugger.scene import GraphNode, NodeKind, NodeState, Picture, Status
from gradviz.document.expression.indexing import AT
from gradviz.document.model import REROUTE, TENSOR, Block, Frame, WireKey
from gradviz.document.palette.catalogue import entry
from gradviz.document.run.evaluate import dtype_name
from gradviz.recording.event import Stats
from gradviz.recording.statistics import measure

from ...canvas.cards.card import UNKNOWN, paint_badges, paint_card
from ...canvas.cards.far import paint_simple
from ...canvas.painting.edges import gradient_pen
from ...pictures.heat import blend
from ...pictures.numbers import short
from ...style.theme import SMALL_PX, THEMES, Theme, log_shares, mono_font, ui_font
from ..desk import Desk
from ..layout.boxes import Sides
from ..layout.shape import Shape
from ..layout.shapes import Shapes
from .legible import grown

Array = np.ndarray[Any, Any]
NEAR = 0.42
PORT = 5.0
FEW = 8  # numbers whose statistics are quicker without numpy
WORDS = 140.0  # at most, on both sides of the middle of a wire: how it is stretched
LEVELS = 24  # widths and colours of wires
NONE = -1  # the level of a gradient that is zero


def picture_of(array: Array) -> Picture:
    """A value as a card shows it."""
    if array.size <= FEW:
        numbers = [float(v) for v in array.reshape(-1).tolist()]
        if all(map(isfinite, numbers)):
            low, high = min(numbers), max(numbers)
            stats = Stats(
                array.shape,
                dtype_name(array.dtype),
                sqrt(sum(v * v for v in numbers)),
                max(-low, high),
                sum(numbers) / len(numbers),
                low,
                high,
                0,
                0,
                0,
            )
            return Picture(array, stats)
    row = measure(array.reshape(1, -1))[0]
    norm, mean, low, high = (float(v) for v in row[:4])
    nans, infs, zeros = (int(v) for v in row[4:])
    return Picture(
        array, Stats(tuple(array.shape), dtype_name(array.dtype), norm, max(abs(low), abs(high)), mean, low, high, nans, infs, zeros)
    )


def node_of(desk: Desk, block: Block, near: bool = True) -> tuple[GraphNode, NodeState]:
    """A block as the card of the recording's canvas that looks the same; from far without numbers."""
    ran, known = desk.ran, desk.known.get(block.id)
    spec = known.spec if known is not None else None
    value, grad = ran.values.get(block.id), ran.grads.get(block.id)
    leaf = block.op == TENSOR
    needs = ran.requires_grad.get(block.id, block.requires_grad)
    quiet = block.id in desk.quiet
    if leaf:
        kind = NodeKind.PARAMETER if block.requires_grad else NodeKind.LEAF
    elif block.id == ran.loss:
        kind = NodeKind.LOSS
    else:
        kind = NodeKind.NO_GRAD if quiet or not needs else NodeKind.OP
    found = entry(block.op)
    second = ran.grad_fns.get(block.id, "") or ("" if leaf else _call_text(block, found.title if found is not None else block.op))
    shape = tuple(value.shape) if value is not None else (spec.shape if spec is not None else ())
    dtype = dtype_name(value.dtype) if value is not None else (spec.dtype if spec is not None else UNKNOWN)
    node = GraphNode(0, kind, block.name, block.op, second, shape, dtype, 0, needs, leaf)
    state = NodeState(
        Status.UNBORN if value is None else Status.FIRED if grad is not None else Status.COMPUTED,
        picture_of(value) if near and value is not None and value.size else None,
        picture_of(grad) if near and grad is not None and grad.size else None,
        needs,
        badges=badges_of(desk, block),
    )
    return node, state


def badges_of(desk: Desk, block: Block) -> tuple[str, ...]:
    """What is turned on at a block, as tags."""
    anew = block.value is not None and block.value.each_step
    flags = (("no_grad", block.id in desk.quiet), ("muted", block.muted), ("retain_grad", block.retain_grad), ("anew in each step", anew))
    first = desk.document.blocks.get(block.layer)
    return tuple(badge for badge, on in flags if on) + ((f"weights of {first.name}",) if first is not None else ())


def _call_text(block: Block, title: str) -> str:
    settings = ", ".join(f"{k}={v}" for k, v in block.params.items())
    return f"{title}({settings})"


def paint_knot(p: QPainter, shape: Shape, theme: Theme) -> None:
    """A reroute."""
    p.setPen(QPen(QColor(theme.edge), 1.6))
    p.setBrush(QColor(theme.raised))
    p.drawEllipse(shape.rect)


def paint_face(p: QPainter, desk: Desk, shape: Shape, theme: Theme, scale: float) -> None:
    """The card of a block with its slider."""
    node, state = node_of(desk, shape.block, scale >= NEAR)
    if shape.upright:
        state = state._replace(badges=())  # an output stands where they would: `paint_marks` has them beside it
    if scale < NEAR:
        paint_simple(p, shape.rect, node, state, theme)
    else:
        paint_card(p, shape.card, node, state, theme, scale)
        if not shape.slider.isEmpty():
            _slider(p, shape, theme)


def paint_marks(p: QPainter, desk: Desk, shape: Shape, theme: Theme, scale: float) -> None:
    """What stands over and below a card: muted, what is wrong, and what is otherwise than in the script it was made of."""
    block = shape.block
    if block.muted:
        p.setPen(QPen(QColor(theme.no_grad), 2, Qt.PenStyle.DashLine))
        p.drawLine(shape.inputs[0][1] if shape.inputs else shape.rect.topLeft(), shape.output)
    problem, told = desk.problem_of(block.id), desk.told_of(block.id)
    if problem or told:
        colour = theme.error if problem else theme.warning
        _problem(p, shape, problem or told, theme, colour, badged=bool(badges_of(desk, block)))
        (_exclamation if problem else _unequal)(p, shape.rect.topLeft())
    if shape.upright or problem or told:
        badges_over(p, desk, shape, theme, scale)


def badges_over(p: QPainter, desk: Desk, shape: Shape, theme: Theme, scale: float) -> None:
    """The badges of a card once more: over a ring around it, which would strike them out."""
    if shape.block.op == REROUTE or shape.group:
        return
    if shape.upright:
        _badges_beside(p, desk, shape, theme)
    elif scale >= NEAR:
        paint_badges(p, shape.card, *node_of(desk, shape.block, near=False), theme, scale)


def _slider(p: QPainter, shape: Shape, theme: Theme) -> None:
    value = shape.block.value
    if value is None:
        return
    area = shape.slider
    middle = area.center().y()
    p.setPen(QPen(QColor(theme.border), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
    span = value.high - value.low
    share = min(1.0, max(0.0, (value.data[0] - value.low) / span)) if span > 0 and np.isfinite(value.data[0]) else 0.0
    zero = min(1.0, max(0.0, -value.low / span)) if span > 0 else 0.0
    x0, x = area.left() + zero * area.width(), area.left() + share * area.width()
    colour = QColor(theme.parameter if shape.block.requires_grad else theme.value)
    p.setPen(QPen(colour, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(x0, middle), QPointF(x, middle))
    p.setPen(QPen(QColor(theme.surface), 2))
    p.setBrush(colour)
    p.drawEllipse(QPointF(x, middle), 7, 7)


def _badges_beside(p: QPainter, desk: Desk, shape: Shape, theme: Theme) -> None:
    """The badges of a card whose outputs stand along its lower edge: behind the last of them."""
    font = ui_font(SMALL_PX)
    x = 0.0
    for text in badges_of(desk, shape.block):
        p.save()
        grown(p, shape.outputs[-1] + QPointF(PORT + 4, 0))
        box = QRectF(x, -8, QFontMetricsF(font).horizontalAdvance(text) + 12, 16)
        _pill(p, box, text, font, theme.raised, theme)
        p.restore()
        x = box.right() + 4


def _exclamation(p: QPainter, at: QPointF) -> None:
    p.drawLine(at + QPointF(0, -4), at + QPointF(0, 1))
    p.drawPoint(at + QPointF(0, 4))


def _unequal(p: QPainter, at: QPointF) -> None:
    for y in (-2.0, 2.0):
        p.drawLine(at + QPointF(-4, y), at + QPointF(4, y))
    p.drawLine(at + QPointF(-2, 5), at + QPointF(2, -5))


def _problem(p: QPainter, shape: Shape, problem: str, theme: Theme, colour: str, *, badged: bool) -> None:
    """Words below a card, in a colour that says what kind they are of."""
    p.setPen(QPen(QColor(colour), 2))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(shape.rect.adjusted(-1, -1, 1, 1), 9, 9)
    font = ui_font(SMALL_PX + 1)
    p.save()
    width = (shape.rect.width() + 40) / grown(p, shape.rect.bottomLeft() + QPointF(-20, 14 if badged else 8))
    lines = _wrapped(problem, QFontMetricsF(font), width, 3)
    box = QRectF(0, 0, width, 16.0 * len(lines) + 8)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(blend(QColor(theme.window), QColor(colour), 0.16))
    p.drawRoundedRect(box, 5, 5)
    p.setFont(font)
    p.setPen(QColor(theme.text))
    for k, line in enumerate(lines):
        p.drawText(QRectF(box.left() + 8, box.top() + 4 + 16 * k, box.width() - 12, 16), Qt.AlignmentFlag.AlignVCenter, line)
    p.restore()
    p.setPen(QPen(QColor(colour), 2))
    p.setBrush(QColor(theme.window))
    p.drawEllipse(shape.rect.topLeft(), 8, 8)


def _wrapped(text: str, metrics: QFontMetricsF, width: float, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width - 16 or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = metrics.elidedText(longer + " …", Qt.TextElideMode.ElideRight, width - 16)
            break
    return lines


def paint_ports(
    p: QPainter, shape: Shape, theme: Theme, *, wired: set[str], names: bool, fits: dict[WireKey, str] | None, outs: list[bool] | None
) -> None:
    """The dots that wires begin and end at. While a wire is dragged, those that fit are lit and the others fade.

    Args:
        fits: for each input why the wire cannot end there ("" where it can); None where no wire is dragged to inputs.
        outs: for each output whether it fits the wire that is dragged to outputs; None where none is.
    """
    block, side = shape.block, "above" if shape.upright else "left"
    for name, at in shape.inputs:
        reason = fits.get((block.id, name)) if fits is not None else None
        lit = fits is not None and reason == ""
        ground = QColor(theme.success if lit else theme.value if name in wired else theme.window)
        ring = QColor(theme.success if lit else theme.error if reason else theme.value if name in wired else theme.muted)
        optional = _optional(block, name)
        p.setOpacity(0.35 if reason else 1.0)
        p.setPen(QPen(ring, 1.8, Qt.PenStyle.DotLine if optional and name not in wired else Qt.PenStyle.SolidLine))
        p.setBrush(ground)
        size = PORT + 2.5 if lit else PORT
        p.drawEllipse(at, size, size)
        number = block.params.get(name)
        if number is not None and name not in wired:
            text = short(float(number)) if isinstance(number, (int, float)) else str(number)
            _tag(p, at, f"{name} {text}" if names else text, theme, side, strong=True)
        elif (names or lit or (name not in wired and not optional)) and block.op != REROUTE:
            _tag(p, at, name.replace("tensors.", "tensor ").replace(f"{AT}.", AT), theme, side, strong=lit)
        p.setOpacity(1.0)
    for k, at in enumerate(shape.outputs):
        out = outs[k] if outs is not None else None
        p.setPen(QPen(QColor(theme.edge if out is None else theme.success if out else theme.error), 1.8))
        p.setBrush(QColor(theme.raised if out is None else theme.success if out else theme.window))
        p.drawEllipse(at, PORT + (2.5 if out else 0), PORT + (2.5 if out else 0))
        if shape.names:
            _tag(p, at, shape.names[k], theme, "below" if shape.upright else "right", strong=bool(out))


def _optional(block: Block, name: str) -> bool:
    found = entry(block.op)
    port = found.port(name) if found is not None else None
    return port is not None and (port.optional or (port.many and name != f"{port.name}.0"))


def _tag(p: QPainter, at: QPointF, text: str, theme: Theme, side: str, *, strong: bool) -> None:
    font = mono_font(SMALL_PX)
    width = QFontMetricsF(font).horizontalAdvance(text) + 8
    p.save()
    grown(p, at)
    left = {"left": -width - 9, "right": 9}.get(side, -width / 2)
    top = {"above": -24, "below": 8}.get(side, -8)
    box = QRectF(left, top, width, 16)
    ground = QColor(theme.window)
    ground.setAlphaF(0.85)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ground)
    p.drawRoundedRect(box, 4, 4)
    p.setFont(font)
    p.setPen(QColor(theme.text if strong else theme.muted))
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    p.restore()


def levels_of(grads: Mapping[str, Array]) -> dict[str, int]:
    """How wide and bright a wire is that leaves a block with such a gradient.

    Hot path: each frame in live mode; a microsecond a block.
    """
    if not grads:
        return {}
    norms = np.array([abs(g.item()) if g.size == 1 else float(np.sqrt((magnitudes(g) ** 2).sum())) for g in grads.values()])
    some = norms[norms > 0]
    shares = log_shares(norms, float(some.min()) if len(some) else 0.0, float(norms.max()))
    return dict(zip(grads, np.where(norms > 0, np.rint(shares * LEVELS), NONE).astype(int).tolist(), strict=True))


def paint_wires(
    p: QPainter,
    desk: Desk,
    shapes: Shapes,
    levels: Mapping[str, int],
    areas: Sequence[Sides],
    theme: Theme,
    chosen: WireKey | None,
    hidden: Container[WireKey],
) -> None:
    """The wires in some areas, with arrow heads; where a gradient came back they have its colour and width.

    A wire is drawn by itself, so that it looks the same when it is drawn over a picture that has the others (`paint_line`).

    Args:
        levels: what `levels_of` says of the gradients.
    """
    pens = _pens(theme.name)  # in the order of painting; wires of one pen are drawn at once
    drawn: dict[int, tuple[list[QPainterPath], QPainterPath]] = {}
    ran, upright = desk.ran, desk.document.direction == "TB"
    head = _HEADS[upright]
    for key in shapes.wire_boxes.within(areas):
        if key in hidden:
            continue
        source, path = desk.document.wires[key].source, shapes.wires[key]
        if key == chosen:
            number = len(pens) - 1
        elif levels.get(source, NONE) != NONE and key[0] in levels:
            number = 2 + levels[source]
        else:
            number = 0 if ran.requires_grad.get(source, True) else 1
        alike, tip = drawn.get(number), head.translated(path.currentPosition())
        if alike is None:
            drawn[number] = [path], tip
        else:
            alike[0].append(path)
            alike[1].addPath(tip)
    for number in sorted(drawn):
        pen, (lines, heads) = pens[number], drawn[number]
        for line in lines:
            p.strokePath(line, pen)
        if len(lines) > 1:  # they may lie on each other
            heads.setFillRule(Qt.FillRule.WindingFill)
        p.fillPath(heads, pen.brush())


def paint_words(p: QPainter, desk: Desk, shapes: Shapes, areas: Sequence[Sides], theme: Theme, hidden: Sequence[WireKey]) -> None:
    """What is written on the wires in some areas: how a tensor is stretched. Above the cards, where a wire is short."""
    if not desk.broadcasts:
        return
    near = [(left - WORDS, top - 16, right + WORDS, bottom + 16) for left, top, right, bottom in areas]
    for key in shapes.wire_boxes.within(near):
        words = desk.broadcasts.get(key)
        if words and key not in hidden:
            _stretch(p, shapes.wires[key], words, theme)


def paint_line(p: QPainter, path: QPainterPath, theme: Theme, *, upright: bool) -> None:
    """A wire that nothing is known of, over others like it."""
    pen = _pens(theme.name)[0]
    p.strokePath(path, pen)
    p.fillPath(_HEADS[upright].translated(path.currentPosition()), pen.brush())


def _head(tip: QPointF, away: QPointF, aside: QPointF) -> QPainterPath:
    made = QPainterPath()
    made.addPolygon(QPolygonF([tip, tip + away + aside, tip + away - aside, tip]))
    return made


# an arrow head by whether wires go down, as seen from the port that it points at
_HEADS = {
    False: _head(QPointF(-PORT, 0), QPointF(-8, 0), QPointF(0, 4.5)),
    True: _head(QPointF(0, -PORT), QPointF(0, -8), QPointF(4.5, 0)),
}


@cache
def _pens(theme_name: str) -> list[QPen]:
    """The pens of wires: plain, without a gradient, those that one came through from the smallest to the largest, selected."""
    theme = THEMES[theme_name]
    plain, dashed = QPen(QColor(theme.edge), 1.8), QPen(QColor(theme.edge), 1.8, Qt.PenStyle.DashLine)
    lit = [gradient_pen(float(np.exp(k / LEVELS * 9.0)), 1.0, float(np.exp(9.0)), theme) for k in range(LEVELS + 1)]
    return [plain, dashed, *lit, QPen(QColor(theme.selection), 3.2)]


def _stretch(p: QPainter, path: QPainterPath, words: str, theme: Theme) -> None:
    """A broadcast, written on its wire."""
    if path.length() < 40:
        return
    font = mono_font(SMALL_PX)
    metrics = QFontMetricsF(font)
    p.save()
    larger = grown(p, path.pointAtPercent(0.5))
    if (metrics.horizontalAdvance(words) + 10) * larger > path.length():
        words = words[words.index("→") :]  # between two cards that are near: what the one before has stands on it
    width = metrics.horizontalAdvance(words) + 10
    box = QRectF(-width / 2, -8, width, 16)
    _pill(p, box, words, font, theme.surface, theme)
    p.restore()


def _pill(p: QPainter, box: QRectF, words: str, font: QFont, ground: str, theme: Theme) -> None:
    """Quiet words in a round box."""
    p.setPen(QPen(QColor(theme.border), 1))
    p.setBrush(QColor(ground))
    p.drawRoundedRect(box, 8, 8)
    p.setFont(font)
    p.setPen(QColor(theme.muted))
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def paint_frame(p: QPainter, frame: Frame, rect: QRectF, theme: Theme) -> None:
    """A no_grad frame (dashed, grey) or a comment (solid, its own colour)."""
    quiet = frame.kind == "no_grad"
    colour = QColor(theme.no_grad if quiet else theme.loss)
    ground = QColor(colour)
    ground.setAlphaF(0.10)
    p.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine if quiet else Qt.PenStyle.SolidLine))
    p.setBrush(ground)
    p.drawRoundedRect(rect, 12, 12)
    p.save()
    width = (rect.width() - 24) / grown(p, rect.topLeft() + QPointF(14, 8))
    p.setFont(ui_font(SMALL_PX + 1, bold=True))
    p.setPen(QColor(theme.muted if quiet else theme.text))
    metrics = QFontMetricsF(p.font())
    words = "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in frame.text.splitlines())
    p.drawText(QRectF(0, 0, width, 30), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)
    p.restore()

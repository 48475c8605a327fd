"""Where everything of one block stands: its card, its ports, its slider. No painting."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from gradviz.document.model import REROUTE, TENSOR, Block
from gradviz.document.palette.catalogue import entry
from gradviz.document.run.inference import Inferred

from ...style.theme import CARD_HEIGHT, CARD_WIDTH

SLIDER = 24.0  # height of the strip below a number
PORT_GAP = 24.0
PORT_TOP = 58.0  # the first input, from the top of the card
KNOT = 16.0
BESIDE, ABOVE, BELOW = 220.0, 50.0, 110.0  # what belongs to a card and stands around it: names of ports, what is wrong
MOST_OUTPUTS = 12  # that get a port of their own


@dataclass(frozen=True, slots=True)
class Shape:
    """A block on the canvas."""

    block: Block
    rect: QRectF
    inputs: tuple[tuple[str, QPointF], ...]
    output: QPointF
    more: tuple[QPointF, ...] = ()  # further outputs, of ops that give several
    names: tuple[str, ...] = ()  # of the outputs, where there are several
    group: str = ""  # the closed group (a frame's id) that it is drawn as a part of

    @property
    def slider(self) -> QRectF:
        """The strip to drag, empty where the block is no number."""
        if self.group or not is_number(self.block):
            return QRectF()
        return QRectF(self.rect.left() + 14, self.rect.bottom() - SLIDER, self.rect.width() - 28, SLIDER - 6)

    @property
    def card(self) -> QRectF:
        """The part that is painted like a card of a recording."""
        return self.rect.adjusted(0, 0, 0, -SLIDER) if is_number(self.block) else self.rect

    @property
    def outputs(self) -> tuple[QPointF, ...]:
        """Where its outputs stand."""
        return (self.output, *self.more)

    @property
    def upright(self) -> bool:
        """Whether wires come from above and go on below."""
        return self.output.y() == self.rect.bottom()

    def out(self, number: int) -> QPointF:
        """Where an output stands; the first one in place of one that is not drawn."""
        return self.more[number - 1] if 0 < number <= len(self.more) else self.output

    def port(self, name: str) -> QPointF | None:
        """Where an input stands."""
        return next((at for n, at in self.inputs if n == name), None)


def is_number(block: Block) -> bool:
    """Whether a block is one number that can be dragged."""
    value = block.value
    return block.op == TENSOR and value is not None and value.source == "data" and value.size == 1 and value.dtype.startswith("float")


def shape_of(block: Block, wired: tuple[str, ...], outputs: tuple[str, ...] = (), direction: str = "LR") -> Shape:
    """The shape of a block; `wired` are the ports that have a wire, `outputs` the names of its outputs where it has several."""
    if direction == "TB":
        return _upright(block, wired, outputs)
    if block.op == REROUTE:
        rect = QRectF(block.x, block.y, KNOT, KNOT)
        return Shape(block, rect, (("input", QPointF(rect.left(), rect.center().y())),), QPointF(rect.right(), rect.center().y()))
    names = _port_names(block, wired)
    height = max(CARD_HEIGHT, PORT_TOP + PORT_GAP * max(len(names), len(outputs))) + (SLIDER if is_number(block) else 0.0)
    rect = QRectF(block.x, block.y, CARD_WIDTH, height)
    inputs = tuple((n, QPointF(rect.left(), rect.top() + PORT_TOP + PORT_GAP * k)) for k, n in enumerate(names))
    if len(outputs) > 1:
        outs = tuple(QPointF(rect.right(), rect.top() + PORT_TOP + PORT_GAP * k) for k in range(len(outputs)))
        return Shape(block, rect, inputs, outs[0], outs[1:], outputs)
    return Shape(block, rect, inputs, QPointF(rect.right(), rect.top() + CARD_HEIGHT / 2))


def _upright(block: Block, wired: tuple[str, ...], outputs: tuple[str, ...]) -> Shape:
    """With the inputs along the top edge and the outputs along the bottom one."""
    names = _port_names(block, wired) if block.op != REROUTE else ["input"]
    height = KNOT if block.op == REROUTE else CARD_HEIGHT + (SLIDER if is_number(block) else 0.0)
    rect = QRectF(block.x, block.y, KNOT if block.op == REROUTE else CARD_WIDTH, height)
    inputs = tuple((n, QPointF(at, rect.top())) for n, at in zip(names, along(rect, len(names)), strict=True))
    outs = tuple(QPointF(at, rect.bottom()) for at in along(rect, max(len(outputs), 1)))
    return Shape(block, rect, inputs, outs[0], outs[1:], outputs if len(outputs) > 1 else ())


def along(rect: QRectF, count: int) -> list[float]:
    """So many places along an edge, the same distance apart."""
    return [rect.left() + rect.width() * (k + 0.5) / count for k in range(count)]


def _port_names(block: Block, wired: tuple[str, ...]) -> list[str]:
    """The inputs that are drawn."""
    names: list[str] = []
    found = entry(block.op)
    for port in found.ports if found is not None else ():
        if port.many:
            numbers = [int(n.partition(".")[2]) for n in wired if n.startswith(port.name + ".")]
            names += [f"{port.name}.{k}" for k in range(max(numbers, default=-1) + 2)]
        else:
            names.append(port.name)
    return names


def output_names(known: Inferred | None) -> tuple[str, ...]:
    """The names of several outputs, () for one."""
    if known is None or len(known.outputs) < 2:
        return ()
    names = known.names if len(known.names) == len(known.outputs) else ("",) * len(known.outputs)
    return tuple(name or f"output {k}" for k, name in enumerate(names))[:MOST_OUTPUTS]


def around(shape: Shape) -> QRectF:
    """A block with all that is painted beside its card."""
    return shape.rect.adjusted(-BESIDE, -ABOVE, BESIDE, BELOW)

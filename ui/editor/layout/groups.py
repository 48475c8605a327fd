"""Groups that are closed: a comment's nodes drawn as one card, whose ports are the wires that cross its border.

Nothing of the document changes but the frame's `collapsed`: the nodes are still there, run, train and are saved; only where they
are drawn is another. A closed node keeps a shape, so that wires, selection and drags find it: on the group's card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from gradviz.document.model import Document, Frame, WireKey
from gradviz.document.wires import links

from ...style.theme import CARD_WIDTH
from .shape import Shape, along

TOP = 72.0  # the first port, from the top of the card
GAP = 24.0
UPRIGHT = 124.0  # the height of a card with ports along its edges
NOWHERE = QPointF(-1e9, -1e9)  # ports of wires that stay inside


@dataclass(frozen=True, slots=True)
class Group:
    """A closed group: its card, and its ports by name; `upright` where wires come from above and go on below."""

    frame: Frame
    rect: QRectF
    inputs: tuple[tuple[str, QPointF], ...]
    outputs: tuple[tuple[str, QPointF], ...]
    upright: bool = False


def closed(document: Document) -> dict[str, list[str]]:
    """The closed groups with their nodes; a node of several is in the largest, which holds the others."""
    made: dict[str, list[str]] = {}
    taken: set[str] = set()
    for frame in sorted(document.frames.values(), key=lambda frame: -len(frame.members)):
        members = [m for m in frame.members if m in document.blocks and m not in taken] if frame.collapsed else []
        if members:
            made[frame.id] = members
            taken.update(members)
    return made


def levels_of(document: Document) -> dict[str, int]:
    """Of each frame, how many frames stand in it one in another: so much more room it needs around them."""
    made: dict[str, int] = {}
    around: dict[str, list[Frame]] = {}  # the frames seen so far by their nodes
    for frame in sorted(document.frames.values(), key=lambda frame: len(frame.members)):
        members = set(frame.members)
        inner = {f.id: f for m in frame.members for f in around.get(m, ()) if members.issuperset(f.members)}
        made[frame.id] = max((made[i] + 1 for i in inner), default=0)
        for m in frame.members:
            around.setdefault(m, []).append(frame)
    return made


def asked_again(before: Document, after: Document, blocks: Iterable[str], wires: Iterable[WireKey]) -> set[str]:
    """The closed groups that an edit shows otherwise, by what it changed: their nodes, what these read, and who reads them."""
    now = closed(after)
    if before.frames is not after.frames and now != closed(before):
        return set(now)
    users = links(after.wires).users
    near = {*blocks, *(target for target, _ in wires), *(target for b in blocks for target, _ in users.get(b, ()))}
    near.update(w.source for key in wires for w in (before.wires.get(key), after.wires.get(key)) if w is not None)
    return {f for f, members in now.items() if before.frames[f] is not after.frames[f] or not near.isdisjoint(members)}


def close(document: Document, frame: Frame, members: list[str], look: Callable[[str], Shape | None]) -> tuple[Group, dict[str, Shape]]:
    """The card of a group, and its nodes' shapes on it; `look` gives a node's shape as it is when the group is open."""
    inside = set(members)
    shapes = {m: shape for m in members if (shape := look(m)) is not None}
    found = links(document.wires)
    entering = [((m, port), wire) for m in members for port, wire in found.inputs.get(m, {}).items() if wire.source not in inside]
    leaving = [out for m in members for out in _leaving(document, m, len(shapes[m].outputs), inside)]
    upright = document.direction == "TB"
    rect = _card([shape.rect for shape in shapes.values()], max(len(entering), len(leaving), 1), upright)
    coming, going = _places(rect, len(entering), len(leaving), upright)
    inputs = {key: at for (key, _), at in zip(entering, coming, strict=True)}
    outputs = dict(zip(leaving, going, strict=True))
    named = tuple((_name(document, source, w.output), inputs[key]) for key, w in entering if (source := look(w.source)) is not None)
    given = tuple((_name(document, shapes[m], number), at) for (m, number), at in outputs.items())
    ports: dict[str, list[tuple[str, QPointF]]] = {}
    for (target, port), at in inputs.items():
        ports.setdefault(target, []).append((port, at))
    for member in members:
        first, *more = (outputs.get((member, k), NOWHERE) for k in range(len(shapes[member].outputs)))
        shapes[member] = replace(
            shapes[member], rect=rect, inputs=tuple(ports.get(member, ())), output=first, more=tuple(more), group=frame.id
        )
    return Group(frame, rect, named, given, upright), shapes


def _card(inner: list[QRectF], ports: int, upright: bool) -> QRectF:
    """The card of a group of which these are the cards: as far on as the last of them, so that what goes in comes from before it."""
    left, top = ([edge(rect) for rect in inner] for edge in (QRectF.left, QRectF.top))
    if upright:
        return QRectF(sum(left) / len(left), max(top), CARD_WIDTH, UPRIGHT)
    return QRectF(max(left), sum(top) / len(top), CARD_WIDTH, TOP + GAP * ports)


def _places(rect: QRectF, coming: int, going: int, upright: bool) -> tuple[list[QPointF], list[QPointF]]:
    """Where the ports stand: at the sides, or along the upper edge and the lower one."""
    if upright:
        return [QPointF(x, rect.top()) for x in along(rect, coming)], [QPointF(x, rect.bottom()) for x in along(rect, going)]
    rows = [rect.top() + TOP + GAP * k for k in range(max(coming, going))]
    return [QPointF(rect.left(), y) for y in rows[:coming]], [QPointF(rect.right(), y) for y in rows[:going]]


def _leaving(document: Document, member: str, count: int, inside: set[str]) -> list[tuple[str, int]]:
    """The outputs of a node that go out of its group: those that are read there, and those that nobody reads."""
    readers: dict[int, list[bool]] = {}
    for key in links(document.wires).users.get(member, ()):
        readers.setdefault(document.wires[key].output, []).append(key[0] in inside)
    return [(member, k) for k in range(count) if not all(readers.get(k, [False]))]


def _name(document: Document, shape: Shape, number: int) -> str:
    """What an output is called on the card of a group."""
    name = document.blocks[shape.block.id].name
    return f"{name}.{shape.names[number]}" if number < len(shape.names) else name

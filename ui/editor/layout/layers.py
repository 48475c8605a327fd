"""Auto-layout of a document, or of a part of it: in layers, what stands in a frame together, a closed group as one card."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from gradviz.document.model import Document, Frame, ordered
from gradviz.document.run.inference import infer
from gradviz.layout import layered

from .shapes import Shapes, margin
from .units import Unit, moved, units

ASIDE = 36.0  # from the cards that stay to those that are laid out beside them
GAP = 12.0  # more than between the cards of a recording: the names of ports stand there

Part = tuple[tuple[str, ...], QSizeF]
Place = tuple[Unit, QPointF]


def arranged(document: Document, ids: Container[str], shapes: Shapes | None = None) -> Document:
    """Some blocks in layers along the document's direction, where the first of them stands now.

    Args:
        shapes: those of the document, where they are at hand.
    """
    shapes = shapes or Shapes(document, known=infer(document))
    chosen = units(shapes, (b for b in document.blocks if b in ids))
    if not chosen:
        return document
    frames = [f for f in shapes.frames if f.id not in shapes.groups]
    placed, _ = _nested(document, shapes, chosen, frames)
    corner = QPointF(min(unit.rect.left() for unit in chosen), min(unit.rect.top() for unit in chosen))
    corner -= QPointF(min(at.x() for _, at in placed), min(at.y() for _, at in placed))
    cards = [QRectF(corner + at, unit.rect.size()) for unit, at in placed]
    own = {b for unit in chosen for b in unit.blocks}
    if len(own) < len(document.blocks):
        _clear(cards, shapes, own, document.direction == "LR")
    return moved(document, ((unit, card.topLeft()) for (unit, _), card in zip(placed, cards, strict=True)))


def _clear(cards: Sequence[QRectF], shapes: Shapes, own: Container[str], down: bool) -> None:
    """Move cards together, down or to the right, until they cover none of the others."""
    while under := [(card, shapes.blocks[b].rect) for card in cards for b in shapes.inside(card) if b not in own]:
        if down:
            by = QPointF(0, max(other.bottom() + ASIDE - card.top() for card, other in under))
        else:
            by = QPointF(max(other.right() + ASIDE - card.left() for card, other in under), 0)
        for card in cards:
            card.translate(by)


def anew(document: Document, ids: Container[str]) -> Document:
    """As `arranged`, with what stands in closed groups laid out too: after the direction is another."""
    if any(f.collapsed for f in document.frames.values()):
        document = replace(arranged(replace(document, frames={}), ids), frames=document.frames)
    return arranged(document, ids)


def turned(document: Document) -> Document:
    """From left to right, or from top to bottom: all is laid out anew."""
    return anew(replace(document, direction="TB" if document.direction == "LR" else "LR"), document.blocks)


def _nested(document: Document, shapes: Shapes, chosen: Sequence[Unit], frames: Sequence[Frame]) -> tuple[list[Place], QSizeF]:
    """Places of some units from (0, 0) on, and the room that they take. What stands in a frame stands together, so that nothing else
    seems to be in it.

    Args:
        frames: those that may be around some of them, outer ones first.
    """
    rest, parts, inner = list(chosen), list[Part](), list[list[Place]]()
    for k, frame in enumerate(frames):
        members = {m for m in frame.members if m in document.blocks}
        inside = [unit for unit in rest if not members.isdisjoint(unit.blocks)]
        if shapes.folded(frame) or not members.issubset(b for unit in inside for b in unit.blocks):
            continue
        places, size = _nested(document, shapes, inside, frames[k + 1 :])
        side, top = margin(shapes.levels[frame.id])
        parts.append((tuple(b for unit in inside for b in unit.blocks), size + QSizeF(2 * side, side + top)))
        inner.append([(unit, at + QPointF(side, top)) for unit, at in places])
        rest = [unit for unit in rest if members.isdisjoint(unit.blocks)]
    framed = bool(parts)
    parts += [(unit.blocks, unit.rect.size()) for unit in rest]
    inner += [[(unit, QPointF())] for unit in rest]
    try:
        corners = layers(document, parts)
    except ValueError:  # the way from a node of a frame to another one of it leads through nodes outside: it cannot stand together
        if framed:
            return _nested(document, shapes, chosen, frames[1:])
        corners = layers(document, parts, forwards=True)
    whole = QRectF()
    for (_, size), corner in zip(parts, corners, strict=True):
        whole = whole.united(QRectF(corner, size))
    return [(unit, corner + at) for corner, some in zip(corners, inner, strict=True) for unit, at in some], whole.size()


def layers(document: Document, parts: Sequence[Part], *, forwards: bool = False) -> list[QPointF]:
    """Places of some parts (blocks, and the room that they take together) in layers, from (0, 0) on.

    Args:
        forwards: leave out of account the wires that go back to a part that comes before.

    Raises:
        ValueError: the wires between the parts form a circle.
    """
    number = {b: k for k, (blocks, _) in enumerate(parts) for b in blocks}
    sizes = np.array([(size.width() + GAP, size.height() + 10) for _, size in parts])
    ends = ((number[w.source], number[t]) for (t, _), w in document.wires.items() if t in number and w.source in number)
    pairs = sorted({(a, b) for a, b in ends if a != b})
    if forwards:
        order = {b: k for k, b in enumerate(ordered(document))}
        first = [min(order.get(b, len(order)) for b in blocks) for blocks, _ in parts]
        pairs = [(a, b) for a, b in pairs if first[a] < first[b]]
    layout = layered(sizes, np.array(pairs, np.int64).reshape(-1, 2), direction=document.direction)
    return [QPointF(x, y) for x, y in layout.positions.tolist()]

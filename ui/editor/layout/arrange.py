"""Where new blocks go: behind what they read, and over no other card."""

from __future__ import annotations

from collections.abc import Container, Iterable

from PySide6.QtCore import QPointF, QRectF, QSizeF

from gradviz.document import edits
from gradviz.document.model import Document
from gradviz.document.run.inference import infer
from gradviz.document.wires import links

from ...style.theme import CARD_HEIGHT, CARD_WIDTH
from .layers import layers
from .shapes import Shapes

ASIDE = 36.0  # between a card and a new one below it
CARD = QSizeF(CARD_WIDTH, CARD_HEIGHT)
BETWEEN = 60.0  # from a card to the one that reads it


def put_behind(document: Document, new: Iterable[str], corner: QPointF) -> Document:
    """New blocks in layers behind the blocks that they read, at a point where they read none; over no other card."""
    fresh = set(new)
    shapes = Shapes(document, known=infer(document))
    inputs = links(document.wires).inputs
    read = {w.source for b in fresh for w in inputs.get(b, {}).values()} - fresh
    chosen = [b for b in document.blocks if b in fresh | read]
    places = dict(zip(chosen, layers(document, [((b,), shapes.blocks[b].rect.size()) for b in chosen]), strict=True))
    if read:  # the layers begin with those that are there: the last of them stays where it is, and the new ones stand around it
        corners = {b: shapes.blocks[b].rect.topLeft() for b in read}
        last = max(read, key=lambda b: corners[b].x() if document.direction == "LR" else corners[b].y())
        corner = corners[last] - places[last]
    cards = {b: QRectF(corner + places[b], shapes.blocks[b].rect.size()) for b in document.blocks if b in fresh}
    alone = [b for b in cards if read and not inputs.get(b)]  # what is only read finds a place of its own, the others one together
    placed: list[QRectF] = []
    for some in ([b for b in cards if b not in alone], *([b] for b in alone)):
        together = [cards[b] for b in some]
        while under := [
            (card, other)
            for card in together
            for other in (*placed, *(shapes.blocks[b].rect for b in shapes.inside(card.adjusted(0, 0, 0, ASIDE)) if b not in fresh))
            if card.adjusted(0, 0, 0, ASIDE - 1).intersects(other)
        ]:
            down = max(other.bottom() + ASIDE - card.top() for card, other in under)
            for card in together:
                card.translate(0, down)
        placed += together
    return edits.move(document, {b: (card.left(), card.top()) for b, card in cards.items()})


def free_place(shapes: Shapes, corner: QPointF, size: QSizeF = CARD, own: Container[str] = ()) -> QPointF:
    """A place for a card at a point, or below it, where it covers no other.

    Args:
        own: the blocks that the card is of.
    """
    card = QRectF(corner, size).adjusted(0, 0, 0, ASIDE)
    while covered := [rect for b in shapes.inside(card) if b not in own and (rect := shapes.blocks[b].rect).intersects(card)]:
        card.moveTop(max(rect.bottom() for rect in covered) + ASIDE)
    return card.topLeft()


def with_room(document: Document, block_id: str, before: Shapes) -> Document:
    """With a block that was put between others right behind what it reads; what is computed from it moves on, where it would be covered.

    Args:
        before: where everything stood before the block was there.
    """
    known = links(document.wires)
    block, along = document.blocks[block_id], document.direction == "LR"
    sources = [before.blocks[w.source].rect for w in known.inputs.get(block_id, {}).values()]
    readers = [before.blocks[t].rect for t in known.targets(block_id)]
    ends = [rect.right() if along else rect.bottom() for rect in sources]
    starts = [rect.left() if along else rect.top() for rect in readers]
    size = CARD_WIDTH if along else CARD_HEIGHT
    if not ends or not starts or min(starts) < max(ends) or min(starts) - max(ends) >= size + 2 * BETWEEN:
        return document
    begin = max(ends) + BETWEEN
    missing = max(0.0, begin + size + BETWEEN - min(starts))
    places = {b: (document.blocks[b].x, document.blocks[b].y) for b in edits.downstream(document, (block_id,)) if b != block_id}
    moved = {b: (x + missing, y) if along else (x, y + missing) for b, (x, y) in places.items()}
    across = sources[0].top() if along else sources[0].left()
    return edits.move(document, {**moved, block.id: (begin, across) if along else (across, begin)})

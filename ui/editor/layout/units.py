"""What is moved as one thing: a node, or all nodes of a closed group. Rows of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

from gradviz.document import edits
from gradviz.document.model import Document

from .shapes import Shapes


class Unit(NamedTuple):
    """Blocks that are drawn as one card."""

    blocks: tuple[str, ...]
    rect: QRectF


def units(shapes: Shapes, ids: Iterable[str]) -> list[Unit]:
    """The cards of some blocks, each once."""
    made: dict[str, Unit] = {}
    for block_id in ids:
        shape = shapes.blocks[block_id]
        if (shape.group or block_id) not in made:
            made[shape.group or block_id] = Unit(shapes.together(block_id), shape.rect)
    return list(made.values())


def moved(document: Document, places: Iterable[tuple[Unit, QPointF]]) -> Document:
    """With the corners of cards at other places; the nodes of a closed group go along and keep their places among each other."""
    made: dict[str, tuple[float, float]] = {}
    for unit, corner in places:
        by = corner - unit.rect.topLeft()
        x, y = round(by.x() * 8) / 8, round(by.y() * 8) / 8  # as layouts do: what goes together keeps its places to the last bit
        made.update((b, (document.blocks[b].x + x, document.blocks[b].y + y)) for b in unit.blocks)
    return edits.move(document, made)


def aligned(document: Document, cards: Iterable[Unit], edge: str) -> Document:
    """Cards in a row: their "left" or "top" edges on one line, that of the outermost."""
    chosen = list(cards)
    if edge == "left":
        left = min(unit.rect.left() for unit in chosen)
        return moved(document, ((unit, QPointF(left, unit.rect.top())) for unit in chosen))
    top = min(unit.rect.top() for unit in chosen)
    return moved(document, ((unit, QPointF(unit.rect.left(), top)) for unit in chosen))


def distributed(document: Document, cards: Iterable[Unit], along: str) -> Document:
    """The same room between neighbours, along "x" or "y"; the outer ones stay."""
    rows = [(unit.rect.left(), unit.rect.width(), unit) if along == "x" else (unit.rect.top(), unit.rect.height(), unit) for unit in cards]
    rows.sort(key=lambda row: row[0])
    room = rows[-1][0] - rows[0][0] - sum(length for _, length, _ in rows[:-1])
    gap, at, places = room / (len(rows) - 1), rows[0][0], list[tuple[Unit, QPointF]]()
    for _, length, unit in rows:
        places.append((unit, QPointF(at, unit.rect.top()) if along == "x" else QPointF(unit.rect.left(), at)))
        at += length + gap
    return moved(document, places)

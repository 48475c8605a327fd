"""Groups closed and opened so that their cards cover no others."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from gradviz.document import edits
from gradviz.document.model import Document

from .arrange import ASIDE, free_place
from .shapes import Shapes
from .units import Unit, moved, units


def closed_up(document: Document, frame_id: str) -> Document:
    """A comment as one card: where its nodes stood, or below what stands there."""
    made = edits.collapse(document, frame_id, True)
    shapes = Shapes(made)
    group = shapes.groups.get(frame_id)
    if group is None:  # inside of a larger one that is closed, too
        return made
    own = frozenset(group.frame.members)
    place = free_place(shapes, group.rect.topLeft(), group.rect.size(), own)
    return moved(made, [(Unit(tuple(b for b in own if b in made.blocks), group.rect), place)])


def opened(document: Document, frame_id: str) -> Document:
    """A closed group as nodes again; where these would cover others, what comes behind its card moves on."""
    made = edits.collapse(document, frame_id, False)
    before, shapes = Shapes(document), Shapes(made)
    if frame_id not in before.groups:
        return made
    card, area = before.groups[frame_id].rect, shapes.frame_rect(made.frames[frame_id])
    own = {m for m in made.frames[frame_id].members if m in made.blocks}
    if all(b in own for b in shapes.inside(area)):
        return made
    along = document.direction == "LR"
    start, end = (QRectF.left, QRectF.right) if along else (QRectF.top, QRectF.bottom)
    by = start(card) - start(area)
    inner = QPointF(by, 0) if along else QPointF(0, by)
    area.translate(inner)
    on = [unit for unit in units(shapes, (b for b in made.blocks if b not in own)) if end(unit.rect) > start(card)]
    aside = [unit for unit in on if _beside(unit.rect, area, along)]
    further = max([end(area) - end(card), *(end(area) + ASIDE - start(unit.rect) for unit in aside)])
    outer = QPointF(further, 0) if along else QPointF(0, further)
    places = [(unit, unit.rect.topLeft() + outer) for unit in on]
    return moved(made, [*places, *((unit, unit.rect.topLeft() + inner) for unit in units(shapes, own))])


def _beside(rect: QRectF, area: QRectF, along: bool) -> bool:
    """Whether a card would cover an area if it moved far enough along the way of the wires."""
    return rect.top() < area.bottom() and rect.bottom() > area.top() if along else rect.left() < area.right() and rect.right() > area.left()

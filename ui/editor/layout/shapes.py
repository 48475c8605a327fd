"""Where all blocks and wires of a document stand, and what is at a place. No painting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from gradviz.document.model import REROUTE, Document, Frame, WireKey
from gradviz.document.run.inference import Inferred
from gradviz.document.wires import differing, links

from .boxes import Boxes, Sides, sides_of
from .groups import NOWHERE, Group, asked_again, close, closed, levels_of
from .shape import ABOVE, BELOW, BESIDE, Shape, around, output_names, shape_of
from .ways import Curve, path_of, pieces_of, wire_curve

REACH = 13.0  # how near to a port counts as on it


class Shapes:
    """All blocks and wires of a document on the canvas. Those of a document that an edit made share what stayed with those before it.

    Attributes:
        changed: the blocks and wires that are drawn otherwise than before, or are gone; None where that may be all of them.
    """

    def __init__(
        self,
        document: Document,
        before: Shapes | None = None,
        known: Mapping[str, Inferred] | None = None,
        others: Iterable[str] | None = None,
    ) -> None:
        """Args:
        known: what the blocks give; others: those for which that is not what it was for `before`, None for all.
        """
        self.document = document
        self._links = links(document.wires)
        self.groups: dict[str, Group] = {}
        kept = before is not None and before.document.frames is document.frames
        self.levels: dict[str, int] = before.levels if kept and before is not None else levels_of(document)
        self._open: dict[str, Shape] = {}  # of the blocks in closed groups: their shapes when these are open
        self.changed: tuple[frozenset[str], frozenset[WireKey]] | None = None
        if before is None or others is None or before.document.direction != document.direction:
            self.blocks = {b: self._shape(b, known or {}) for b in document.blocks}
            for frame_id, members in closed(document).items():
                self._open.update((m, self.blocks[m]) for m in members)
                self.groups[frame_id], put = close(document, document.frames[frame_id], members, self.blocks.get)
                self.blocks.update(put)
            curves = {key: curve for key in document.wires if (curve := self._curve(key)) is not None}
            self.wires = {key: path_of(curve) for key, curve in curves.items()}
            self.ways = {key: pieces_of(curve) for key, curve in curves.items()}
            self.boxes = Boxes.of({b: (sides_of(around(s)),) for b, s in self.blocks.items()})
            self.wire_boxes = Boxes.of(self.ways)
        else:
            self._follow(before, known or {}, others or ())

    def _follow(self, before: Shapes, known: Mapping[str, Inferred], asked: Iterable[str]) -> None:
        document, old = self.document, before.blocks
        wires = differing(before.document.wires, document.wires)
        touched = {target for target, _ in wires}
        touched.update(differing(before.document.blocks, document.blocks))
        for b in asked:
            if b in old and old[b].names != output_names(known.get(b)):
                touched.add(b)
        shapes: dict[str, Shape | None] = {}
        for b in touched:
            if b not in document.blocks:
                shapes[b] = None
            elif b not in old or not self._same(old[b], before, known):
                shapes[b] = self._shape(b, known)
        if before.groups or (document.frames and any(f.collapsed for f in document.frames.values())):
            self._close(before, shapes, wires)
        lines = set(wires)
        for b in shapes:
            lines.update((b, port) for port in self._links.inputs.get(b, ()))
            lines.update(self._links.users.get(b, ()))
        self.blocks, self.boxes = old, before.boxes
        if shapes:
            put = {b: s for b, s in shapes.items() if s is not None}
            self.blocks = {**old, **put}
            self.boxes = self.boxes.after({b: (sides_of(around(s)),) if s is not None else () for b, s in shapes.items()})
        if document.blocks is not before.document.blocks and list(document.blocks) != list(old):
            self.blocks = {b: self.blocks[b] for b in document.blocks}
            self.boxes = self.boxes.in_order(self.blocks)
        self.wires, self.ways = (dict(before.wires), dict(before.ways)) if lines else (before.wires, before.ways)
        for key in lines:
            curve = self._curve(key)
            if curve is not None:
                self.wires[key], self.ways[key] = path_of(curve), pieces_of(curve)
            elif key in self.wires:
                del self.wires[key], self.ways[key]
        self.wire_boxes = before.wire_boxes.after({key: self.ways.get(key, ()) for key in lines})
        self.changed = frozenset(shapes), frozenset(lines)

    def _close(self, before: Shapes, shapes: dict[str, Shape | None], wires: Iterable[WireKey]) -> None:
        """Put the blocks of closed groups on the groups' cards, among the shapes that an edit has changed."""
        document, old, groups = self.document, before.blocks, closed(self.document)
        again = asked_again(before.document, document, shapes, wires)
        inside = {m for members in groups.values() for m in members}

        self._open = {m: shapes.get(m) or before._open.get(m) or old[m] for m in inside}
        shapes.update((m, shape) for m, shape in before._open.items() if m not in inside and m not in shapes)

        def look(b: str) -> Shape | None:
            return self._open.get(b) or shapes.get(b) or old.get(b)

        for frame_id, members in groups.items():
            if frame_id not in again:
                self.groups[frame_id] = before.groups[frame_id]
                continue
            self.groups[frame_id], put = close(document, document.frames[frame_id], members, look)
            for m, shape in put.items():
                if shape == old.get(m):
                    shapes.pop(m, None)
                else:
                    shapes[m] = shape

    def _same(self, old: Shape, before: Shapes, known: Mapping[str, Inferred]) -> bool:
        block_id = old.block.id
        return (
            old.block is self.document.blocks[block_id]
            and old.names == output_names(known.get(block_id))
            and before.wired(block_id) == self.wired(block_id)
        )

    def _shape(self, block_id: str, known: Mapping[str, Inferred]) -> Shape:
        outputs = output_names(known.get(block_id))
        return shape_of(self.document.blocks[block_id], self.wired(block_id), outputs, self.document.direction)

    def _curve(self, key: WireKey) -> Curve | None:
        """The way of a wire; None where it is drawn nowhere."""
        wire = self.document.wires.get(key)
        start, end = self.blocks.get(wire.source) if wire is not None else None, self.blocks.get(key[0])
        at = end.port(key[1]) if end is not None else None
        if wire is None or start is None or at is None or start.out(wire.output) == NOWHERE:
            return None
        return wire_curve(start.out(wire.output), at, self.document.direction)

    def near(self, areas: Sequence[Sides]) -> list[Shape]:
        """The blocks in or beside some areas, those of closed groups aside."""
        return [s for b in self.boxes.within(areas) if not (s := self.blocks[b]).group]

    def wired(self, block_id: str) -> tuple[str, ...]:
        """The inputs of a block that have a wire."""
        return tuple(self._links.inputs.get(block_id, ()))

    @property
    def bounds(self) -> QRectF:
        """Around everything."""
        around = self.boxes.bounds
        return around.adjusted(BESIDE, ABOVE, -BESIDE, -BELOW) if not around.isEmpty() else around

    def _beside(self, point: QPointF, reach: float = 0.0) -> list[Shape]:
        """The blocks whose cards are within reach of a point."""
        spot = QRectF(point, point).adjusted(-reach, -reach, reach, reach)
        found = (self.blocks[b] for b in self.boxes.touching(spot))
        return [s for s in found if s.rect.adjusted(-reach, -reach, reach, reach).contains(point)]

    def at(self, point: QPointF) -> str:
        """The block at a point, "" for none; the last made lies on top."""
        found = self._beside(point)
        return found[-1].block.id if found else ""

    def knot_at(self, point: QPointF) -> str:
        """The knot at a point, "" for none."""
        found = self.at(point)
        return found if found and self.blocks[found].block.op == REROUTE and not self.blocks[found].group else ""

    def input_at(self, point: QPointF, reach: float = REACH) -> WireKey | None:
        """The input near a point."""
        near = [
            (distance, (s.block.id, name))
            for s in self._beside(point, reach)
            for name, at in s.inputs
            if (distance := _distance(at, point)) <= reach
        ]
        return min(near)[1] if near else None

    def output_at(self, point: QPointF, reach: float = REACH) -> str:
        """The block whose output is near a point."""
        found = self.out_at(point, reach)
        return found[0] if found is not None else ""

    def out_at(self, point: QPointF, reach: float = REACH) -> tuple[str, int] | None:
        """The block and the number of its output near a point."""
        near = [
            (distance, s.block.id, k)
            for s in self._beside(point, reach)
            for k, at in enumerate(s.outputs)
            if (distance := _distance(at, point)) <= reach
        ]
        return min(near)[1:] if near else None

    def wire_at(self, point: QPointF, reach: float) -> WireKey | None:
        """The wire near a point."""
        best: tuple[float, WireKey] | None = None
        for key in self.wire_boxes.touching(QRectF(point, point).adjusted(-reach, -reach, reach, reach)):
            path = self.wires[key]
            distance = min(_distance(path.pointAtPercent(float(t)), point) for t in np.linspace(0, 1, 33))
            if distance <= reach and (best is None or distance < best[0]):
                best = (distance, key)
        return best[1] if best is not None else None

    def crossed(self, start: QPointF, end: QPointF) -> tuple[WireKey, ...]:
        """The wires that a straight cut goes through."""
        near = self.wire_boxes.touching(QRectF(start, end).normalized())
        return tuple(k for k in near if _crosses(self.wires[k], start, end))

    def inside(self, area: QRectF) -> tuple[str, ...]:
        """The blocks that an area touches."""
        return tuple(b for b in self.boxes.touching(area) if self.blocks[b].rect.intersects(area))

    def together(self, block_id: str) -> tuple[str, ...]:
        """The blocks that are taken hold of with one: all of its closed group."""
        group = self.blocks[block_id].group
        return tuple(i for i, s in self.blocks.items() if s.group == group) if group else (block_id,)

    def frame_rect(self, frame: Frame) -> QRectF:
        """The rectangle of a frame around its members."""
        if frame.id in self.groups:
            return self.groups[frame.id].rect
        made = QRectF()
        for member in frame.members:
            shape = self.blocks.get(member)
            if shape is not None:
                made = made.united(shape.rect)
        side, top = margin(self.levels[frame.id])
        return made.adjusted(-side, -top, side, side) if not made.isEmpty() else made

    @property
    def frames(self) -> list[Frame]:
        """The frames, those around others first."""
        return sorted(self.document.frames.values(), key=lambda frame: -self.levels[frame.id])

    def folded(self, frame: Frame) -> bool:
        """Whether a frame is not seen, because all that is in it is drawn as a part of closed groups."""
        return all(self.blocks[m].group for m in frame.members if m in self.blocks)

    def frame_at(self, point: QPointF) -> str:
        """The frame whose title bar is at a point."""
        for frame in reversed(self.frames):
            rect = self.frame_rect(frame)
            if not rect.isEmpty() and not self.folded(frame) and QRectF(rect.left(), rect.top(), rect.width(), 32).contains(point):
                return frame.id
        return ""


def margin(level: int) -> tuple[float, float]:
    """From the cards in a frame to its border: at the sides and below, and above, where its words stand."""
    return 18.0 + 8 * level, 38.0 + 30 * level


def _distance(a: QPointF, b: QPointF) -> float:
    return float(np.hypot(a.x() - b.x(), a.y() - b.y()))


def _crosses(path: QPainterPath, start: QPointF, end: QPointF) -> bool:
    points = [path.pointAtPercent(float(t)) for t in np.linspace(0, 1, 25)]
    return any(_cut(a, b, start, end) for a, b in pairwise(points))


def _cut(a: QPointF, b: QPointF, c: QPointF, d: QPointF) -> bool:
    """Whether two straight pieces cross."""

    def side(p: QPointF, q: QPointF, r: QPointF) -> float:
        return (q.x() - p.x()) * (r.y() - p.y()) - (q.y() - p.y()) * (r.x() - p.x())

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0

"""What stays as it is on the editor's canvas while the mouse moves: painted once, and copied. An edit paints what it changed.

Hot path: each edit. Wiring in a document of 1,000 nodes that are all in sight paints some sixty cards (benchmark row `ui/wire`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap, QRegion

from gradviz.document.model import REROUTE, WireKey

from ..canvas.picture import paint_ground
from .card_cache import CardCache
from .groups import paint_group
from .paint import NEAR, paint_frame, paint_knot, paint_marks, paint_ports, paint_wires
from .shapes import around

if TYPE_CHECKING:
    from .gestures import DragWire
    from .shapes import Shapes
    from .view import EditorView

MOST = 300  # places that are painted one by one; where an edit changes more, all is painted
PIECE = 72.0  # pixels of a wire's way that one place covers


class Still:
    """The document as a picture, painted as far as the document, the numbers or the view have changed."""

    def __init__(self, view: EditorView) -> None:
        self._view = view
        self.cards = CardCache()
        self._kept: QPixmap | None = None
        self._seen: tuple[object, object, object] = (None, None, None)  # numbers, drag and view of the kept picture
        self._chosen: WireKey | None = None
        self._stale: list[QRectF] = []  # of the graph: what the kept picture shows as it was
        self._shapes: Shapes | None = None  # what the kept picture shows, but for what is stale

    def follow(self, before: Shapes, after: Shapes) -> QRegion | None:
        """An edit was made: `after` was made from `before`. Gives the part of the widget that shows it, None for all of it."""
        old, new = before.document.frames, after.document.frames
        if self._shapes is not before or after.changed is None or len(self._stale) > MOST or old.keys() != new.keys():
            self._kept = None
            return None
        self._shapes = after
        known = len(self._stale)
        blocks, wires = after.changed
        survey = self._view.desk.survey
        told, words = (survey.others, survey.stretched) if self._view.scale >= NEAR else (survey.turned, frozenset[WireKey]())
        if len(told) + len(blocks) > MOST:
            self._kept = None
            return None
        for shapes in (before, after):
            found = (shapes.blocks.get(b) for b in blocks | told)
            self._stale += [around(shape) for shape in found if shape is not None]
            for key in wires | words:
                self._stale += self._way(shapes, key)
        for frame_id, frame in new.items():
            if old[frame_id] != frame or any(m in blocks for m in frame.members):
                self._stale += [s.frame_rect(s.document.frames[frame_id]).adjusted(-2, -2, 2, 2) for s in (before, after)]
        return _region(self._places(self._stale[known:]))

    def _way(self, shapes: Shapes, key: WireKey) -> list[QRectF]:
        """A wire's way in small pieces: its bounds would be half of the picture."""
        path = shapes.wires.get(key)
        if path is None:
            return []
        made = _pieces(path, PIECE / self._view.scale)
        if key in self._view.desk.broadcasts or key in self._view.desk.survey.stretched:
            middle = path.pointAtPercent(0.5)
            made.append(QRectF(middle.x() - 140, middle.y() - 16, 280, 32))
        return made

    def picture(self, drag: DragWire | None) -> QPixmap:
        """The picture, without the wire that is dragged."""
        view, moved = self._view, drag.moved if drag is not None else None
        eye = (
            view.offset.x(),
            view.offset.y(),
            view.scale,
            view.width(),
            view.height(),
            view.devicePixelRatioF(),
            view.theme.name,
            view.theme.hidden,
        )
        kept = self._kept
        if kept is not None and self._chosen != view.chosen_wire:
            for wire in (self._chosen, view.chosen_wire):
                self._stale += self._way(view.shapes, wire) if wire is not None else []
        self._chosen = view.chosen_wire
        same = self._shapes is view.shapes and self._seen[0] is view.desk.ran and self._seen[1] is drag and self._seen[2] == eye
        if kept is None or not same:
            self._kept = kept = self._painted(view.sheet(), moved, drag, None)
        elif self._stale:
            apart = len(self._stale) <= MOST and float(view.devicePixelRatioF()).is_integer()  # else seams would show
            self._painted(kept, moved, drag, self._stale if apart else None)
        self._shapes, self._stale, self._seen = view.shapes, [], (view.desk.ran, drag, eye)
        return kept

    def _painted(self, made: QPixmap, moved: WireKey | None, drag: DragWire | None, stale: list[QRectF] | None) -> QPixmap:
        p = QPainter(made)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        areas = [self._view.shown]
        if stale is not None:
            places = self._places(stale)
            p.setClipRegion(_region(places))
            areas = [QRectF(self._view.to_graph(r.topLeft()), self._view.to_graph(r.bottomRight())) for r in map(QRectF, places)]
        if areas:
            self._paint(p, moved, drag, areas)
        p.end()
        return made

    def _places(self, stale: list[QRectF]) -> list[QRect]:
        """What of some areas of the graph is in sight, in pixels of the widget."""
        view, seen, made = self._view, self._view.rect(), []
        scale, dx, dy = view.scale, view.offset.x(), view.offset.y()
        for rect in stale:
            left, top = floor(rect.left() * scale + dx) - 2, floor(rect.top() * scale + dy) - 2
            right, bottom = ceil(rect.right() * scale + dx) + 2, ceil(rect.bottom() * scale + dy) + 2
            if left < seen.right() and right > 0 and top < seen.bottom() and bottom > 0:
                made.append(QRect(left, top, right - left, bottom - top).intersected(seen))
        return made

    def _paint(self, p: QPainter, moved: WireKey | None, drag: DragWire | None, areas: list[QRectF]) -> None:
        view, desk, shapes, theme = self._view, self._view.desk, self._view.shapes, self._view.theme
        p.fillRect(view.rect(), QColor(theme.window))
        p.save()
        p.translate(view.offset)
        p.scale(view.scale, view.scale)
        paint_ground(p, view.shown, theme, view.scale)
        for frame in desk.document.frames.values():
            rect = shapes.frame_rect(frame)
            if rect.intersects(view.shown) and frame.id not in shapes.groups:
                paint_frame(p, frame, rect, theme)
        paint_wires(p, desk, shapes, areas, theme, view.chosen_wire, moved, view.scale)
        for group in shapes.groups.values():
            if group.rect.intersects(view.shown):
                paint_group(p, group, len(group.frame.members), theme)
        near = shapes.near(*areas)
        for shape in near:
            if shape.block.op == REROUTE:
                paint_knot(p, shape, theme)
        p.restore()
        for shape in near:
            if shape.block.op != REROUTE:
                self.cards.draw(p, desk, shape, theme, view.scale, view.to_widget(shape.rect.topLeft()))
        p.save()
        p.translate(view.offset)
        p.scale(view.scale, view.scale)
        for shape in near:
            paint_marks(p, desk, shape, theme)
        if drag is not None:
            for shape in near:
                outs = [drag.outs.get((shape.block.id, k), "x") == "" for k in range(len(shape.outputs))] if drag.outs is not None else None
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=drag.fits, outs=outs)
        elif view.scale >= NEAR:
            for shape in near:
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=None, outs=None)
        p.restore()


def _region(places: list[QRect]) -> QRegion:
    made = QRegion()
    for place in places:
        made += place
    return made


def _pieces(path: QPainterPath, length: float) -> list[QRectF]:
    """Boxes along the curves of a path, with room for its width and its arrow head; each holds the control points of its piece."""
    made = []
    points = [(e.x, e.y) for e in (path.elementAt(k) for k in range(path.elementCount()))]
    if len(points) == 2:  # straight
        points = [points[0], points[0], points[1], points[1]]
    for k in range(0, len(points) - 3, 3):  # each curve begins where the last one ended
        xs, ys = zip(*points[k : k + 4], strict=True)
        count = int(max(max(xs) - min(xs), max(ys) - min(ys)) / length) + 1
        for n in range(count):
            some_x, some_y = (_part(line, n / count, (n + 1) / count) for line in (xs, ys))
            left, top = min(some_x), min(some_y)
            made.append(QRectF(left - 14, top - 8, max(some_x) - left + 22, max(some_y) - top + 16))
    return made


def _part(line: Sequence[float], begin: float, end: float) -> list[float]:
    """The control points of a piece of a cubic curve, along one axis (its blossom)."""
    made = []
    for at in ((begin, begin, begin), (begin, begin, end), (begin, end, end), (end, end, end)):
        left = list(line)
        for t in at:
            left = [(1 - t) * a + t * b for a, b in pairwise(left)]
        made.append(left[0])
    return made

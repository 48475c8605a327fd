"""What stays as it is on the editor's canvas while the mouse moves: painted once, and copied. An edit paints what it changed.

Two layers: the ground with frames and wires, and above it the cards. So a wire that comes is one line drawn on the lower one, whatever
stands over it.

Hot path: each edit (benchmark row `ui/wire`).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion

from gradviz.document.model import REROUTE, WireKey

from ..canvas.picture import paint_ground
from .boxes import Sides, sides_of
from .card_cache import CardCache
from .groups import around_group, paint_group
from .paint import NEAR, WORDS, paint_frame, paint_knot, paint_line, paint_marks, paint_ports, paint_wires
from .shapes import around

if TYPE_CHECKING:
    from .gestures import DragWire
    from .shapes import Shapes
    from .view import EditorView

MOST = 300  # places that are painted one by one; where an edit changes more, all is painted


class Still:
    """The document as a picture, painted as far as the document, the numbers or the view have changed."""

    def __init__(self, view: EditorView) -> None:
        self._view = view
        self.cards = CardCache()
        self._under: QPixmap | None = None  # ground, frames and wires; None: both layers are to be painted
        self._over = QPixmap()  # cards and what belongs to them
        self._both: QPixmap | None = None  # one over the other
        self._behind: list[QRect] = []  # places where that shows the layers as they were
        self._seen: tuple[object, object, object] = (None, None, None)  # numbers, drag and view of the layers
        self._chosen: WireKey | None = None
        self._stale: list[Sides] = []  # of the graph: what both layers show as it was
        self._stale_under: list[Sides] = []  # what the lower one alone does
        self._added: dict[WireKey, None] = {}  # wires to be drawn over the others
        self._shapes: Shapes | None = None  # what the layers show, but for what is stale

    def follow(self, before: Shapes, after: Shapes) -> QRegion | None:
        """An edit was made: `after` was made from `before`. Gives the part of the widget that shows it, None for all of it."""
        desk, old, new = self._view.desk, before.document.frames, after.document.frames
        known = len(self._stale), len(self._stale_under)
        kept = self._under is not None and self._shapes is before and self._seen[0] is desk.ran and sum(known) <= MOST
        if not kept or after.changed is None or (old is not new and old.keys() != new.keys()):
            self._under = None
            return None
        self._shapes = after
        blocks, wires = after.changed
        survey, near = desk.survey, self._view.scale >= NEAR
        told, words = (survey.others, survey.stretched) if near else (survey.turned, frozenset[WireKey]())
        if len(told) + len(blocks) > MOST:
            self._under = None
            return None
        plain = not (near and desk.broadcasts) and not desk.ran.requires_grad  # nothing lies over a wire but cards
        ways: list[Sides] = []  # of wires that are added
        changed, lines = (blocks | told if told else blocks), (wires | words if words else wires)
        for shapes in (before, after):
            self._stale += self._around(shapes, changed)
            for key in lines:
                path = shapes.wires.get(key)
                if path is None:
                    continue
                if plain and shapes is after:
                    end = path.currentPosition()
                    self._added[key] = None
                    self._stale_under.append((end.x() - 16, end.y() - 16, end.x() + 8, end.y() + 8))  # its arrow head
                    ways += shapes.ways[key]
                else:
                    self._stale_under += self._way(shapes, key)
        for frame_id, frame in new.items() if blocks or old is not new else ():
            if old[frame_id] != frame or any(m in blocks for m in frame.members):
                self._stale += [sides_of(s.frame_rect(s.document.frames[frame_id]).adjusted(-2, -2, 2, 2)) for s in (before, after)]
        places = self._places((*self._stale[known[0] :], *self._stale_under[known[1] :], *ways))
        self._behind += places
        return _region(places)

    def _around(self, shapes: Shapes, blocks: Iterable[str]) -> Iterable[Sides]:
        """The places of some blocks; those of a closed group are one."""
        found = [shape for b in blocks if (shape := shapes.blocks.get(b)) is not None]
        return {shape.group or shape.block.id: sides_of(around(shape)) for shape in found}.values()

    def _way(self, shapes: Shapes, key: WireKey) -> tuple[Sides, ...]:
        """A wire's way in pieces, with the words on it."""
        made, desk = shapes.ways[key], self._view.desk
        if key in desk.broadcasts or key in desk.survey.stretched:
            at = shapes.wires[key].pointAtPercent(0.5)
            made = (*made, (at.x() - WORDS, at.y() - 16, at.x() + WORDS, at.y() + 16))
        return made

    def draw(self, p: QPainter, drag: DragWire | None, region: QRegion) -> None:
        """Draw a region of the picture, without the wire that is dragged."""
        under = self._painted(drag)
        if region.boundingRect().contains(self._view.rect()):
            p.drawPixmap(0, 0, self.picture(drag))
        else:
            p.drawPixmap(0, 0, under)
            p.drawPixmap(0, 0, self._over)

    def picture(self, drag: DragWire | None) -> QPixmap:
        """All of the picture."""
        under, both = self._painted(drag), self._both
        if both is None or self._behind:
            p = QPainter(made := self._view.sheet() if both is None else both)
            if both is not None and len(self._behind) <= MOST:
                p.setClipRegion(_region(self._behind))
            p.drawPixmap(0, 0, under)
            p.drawPixmap(0, 0, self._over)
            p.end()
            both = self._both = made
            self._behind = []
        return both

    def _painted(self, drag: DragWire | None) -> QPixmap:
        """The lower layer, as everything is now; so is the other one then."""
        view = self._view
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
        same = self._shapes is view.shapes and self._seen[0] is view.desk.ran and self._seen[1] is drag and self._seen[2] == eye
        under = self._under if same else None
        if under is not None and self._chosen != view.chosen_wire:
            self._choose(view.chosen_wire)
        stale = len(self._stale) + len(self._stale_under)
        apart = stale <= MOST and float(view.devicePixelRatioF()).is_integer()  # else seams would show
        if under is None or (stale and not apart):
            self._under = under = view.sheet()
            self._over = view.sheet()
            self._over.fill(Qt.GlobalColor.transparent)
            all_of_it = [sides_of(view.shown)]
            for layer, paint in ((under, self._paint_under), (self._over, self._paint_over)):
                p = QPainter(layer)
                paint(p, drag, all_of_it)
                p.end()
            self._both = None
            self._behind = []
        elif stale:
            self._paint_changes(under, drag)
        self._shapes, self._stale, self._stale_under, self._added = view.shapes, [], [], {}
        self._seen, self._chosen = (view.desk.ran, drag, eye), view.chosen_wire
        return under

    def _choose(self, wire: WireKey | None) -> None:
        """Another wire is the chosen one, which is drawn otherwise, and over all others."""
        shapes = self._view.shapes
        for key in {self._chosen, wire, *self._added}:
            if key is not None and key in shapes.wires:
                self._stale_under += self._way(shapes, key)
        self._added = {}
        self._behind += self._places(self._stale_under)

    def _paint_changes(self, under: QPixmap, drag: DragWire | None) -> None:
        places = self._places(self._stale)
        if places:
            p = QPainter(self._over)
            p.setClipRegion(_region(places))
            p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            p.fillRect(self._view.rect(), Qt.GlobalColor.transparent)
            p.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._paint_over(p, drag, self._areas(places))
            p.end()
        places += self._places(self._stale_under)
        region = _region(places)
        p = QPainter(under)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.save()
        if places:
            p.setClipRegion(region)
            self._paint_under(p, drag, self._areas(places))
        p.restore()
        lines = [path for key in self._added if (path := self._view.shapes.wires.get(key)) is not None]
        if lines:
            p.setClipRegion(QRegion(self._view.rect()).subtracted(region))
            self._look(p)
            for line in lines:
                paint_line(p, line, self._view.theme)
        p.end()

    def _look(self, p: QPainter) -> None:
        p.translate(self._view.offset)
        p.scale(self._view.scale, self._view.scale)

    def _places(self, stale: Iterable[Sides]) -> list[QRect]:
        """What of some areas of the graph is in sight, in pixels of the widget."""
        view, made = self._view, []
        scale, dx, dy, width, height = view.scale, view.offset.x(), view.offset.y(), view.width(), view.height()
        for left, top, right, bottom in stale:
            west, north = max(floor(left * scale + dx) - 2, 0), max(floor(top * scale + dy) - 2, 0)
            east, south = min(ceil(right * scale + dx) + 2, width), min(ceil(bottom * scale + dy) + 2, height)
            if west < east and north < south:
                made.append(QRect(west, north, east - west, south - north))
        return made

    def _areas(self, places: Iterable[QRect]) -> list[Sides]:
        """Places of the widget as areas of the graph."""
        scale, dx, dy = self._view.scale, self._view.offset.x(), self._view.offset.y()
        return [
            ((r.left() - dx) / scale, (r.top() - dy) / scale, (r.right() + 1 - dx) / scale, (r.bottom() + 1 - dy) / scale) for r in places
        ]

    def _paint_under(self, p: QPainter, drag: DragWire | None, areas: list[Sides]) -> None:
        """Ground, frames and wires."""
        view, shapes, theme = self._view, self._view.shapes, self._view.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(view.rect(), QColor(theme.window))
        self._look(p)
        all_of_it = _around(areas)
        paint_ground(p, all_of_it, theme, view.scale)
        for frame in view.desk.document.frames.values():
            rect = shapes.frame_rect(frame)
            if rect.intersects(all_of_it) and frame.id not in shapes.groups:
                paint_frame(p, frame, rect, theme)
        moved = drag.moved if drag is not None else None
        paint_wires(p, view.desk, shapes, areas, theme, view.chosen_wire, moved, view.scale)

    def _paint_over(self, p: QPainter, drag: DragWire | None, areas: list[Sides]) -> None:
        """Cards and closed groups, with their ports and what is wrong with them."""
        view, desk, shapes, theme = self._view, self._view.desk, self._view.shapes, self._view.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.save()
        self._look(p)
        all_of_it = _around(areas)
        for group in shapes.groups.values():
            if around_group(group).intersects(all_of_it):
                paint_group(p, group, len(group.frame.members), theme)
        near = shapes.near(areas)
        for shape in near:
            if shape.block.op == REROUTE:
                paint_knot(p, shape, theme)
        p.restore()
        for shape in near:
            if shape.block.op != REROUTE:
                self.cards.draw(p, desk, shape, theme, view.scale, view.to_widget(shape.rect.topLeft()))
        self._look(p)
        for shape in near:
            paint_marks(p, desk, shape, theme)
        if drag is not None:
            for shape in near:
                outs = [drag.outs.get((shape.block.id, k), "x") == "" for k in range(len(shape.outputs))] if drag.outs is not None else None
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=drag.fits, outs=outs)
        elif view.scale >= NEAR:
            for shape in near:
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=None, outs=None)


def _around(areas: list[Sides]) -> QRectF:
    west, north, east, south = zip(*areas, strict=True)
    left, top = min(west), min(north)
    return QRectF(left, top, max(east) - left, max(south) - top)


def _region(places: Iterable[QRect]) -> QRegion:
    made = QRegion()
    for place in places:
        made += place
    return made

"""What stays as it is on the editor's canvas while the mouse moves: painted once, and copied. An edit paints what it changed.

Two layers: the ground with frames and wires, and above it the cards. So a wire that comes is one line drawn on the lower one, whatever
stands over it.

Hot path: each edit (benchmark row `ui/wire`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion

from gradviz.document.model import REROUTE, WireKey
from gradviz.document.run.evaluate import Evaluation
from gradviz.document.wires import links

from ...canvas.painting.picture import paint_ground
from ..layout.boxes import Sides, sides_of
from ..layout.shape import around
from ..layout.shapes import Shapes
from ..mouse.gestures import DragWire
from ..paper import Paper
from .card_cache import CardCache, differing_values, shown_otherwise
from .groups import around_group, paint_group
from .paint import NEAR, WORDS, levels_of, paint_frame, paint_knot, paint_line, paint_marks, paint_ports, paint_wires, paint_words

Place = tuple[int, int, int, int]  # left and top of some pixels of the widget, their width and height
MOST = 300  # places of a layer that are painted one by one; where an edit changes more, all of it is painted
FEW = 4  # rectangles of a clip; where there are more, each of them is copied by itself: Qt would look at every line of the picture


class _Layer:
    """A picture, and what of it is not as it should be: places of the widget, or all of it."""

    def __init__(self, paint: Callable[[QPainter, DragWire | None, list[Sides]], None]) -> None:
        self.picture = QPixmap()
        self.paint = paint
        self.stale: list[Place] = []
        self.whole = True


class Still:
    """The document as a picture, painted as far as the document, the numbers or the view have changed."""

    def __init__(self, view: Paper) -> None:
        self._view = view
        self.cards = CardCache()
        self._under = _Layer(self._paint_under)  # ground, frames and wires
        self._over = _Layer(self._paint_over)  # cards and what belongs to them
        self._both: QPixmap | None = None  # one over the other
        self._behind: list[Place] = []  # places where that shows the layers as they were
        self._added: dict[WireKey, None] = {}  # wires to be drawn over the others
        # what the layers show, but for what is stale
        self._shapes: Shapes | None = None
        self._ran = Evaluation()
        self._levels: dict[str, int] = {}
        self._chosen: WireKey | None = None
        self._seen: tuple[object, object] = (None, None)  # the drag and the eye

    def follow(self, before: Shapes, after: Shapes) -> QRegion | None:
        """An edit was made: `after` was made from `before`. Gives the part of the widget that shows it, None for all of it."""
        desk, under, over = self._view.desk, self._under, self._over
        old, new = before.document.frames, after.document.frames
        last, self._ran = self._ran, desk.ran
        known = self._shapes is before and after.changed is not None and old is new
        self._shapes = after
        if after.changed is None or not known or (under.whole and over.whole):
            under.whole = over.whole = True
            self._levels = levels_of(desk.ran.grads) if desk.ran is not last else self._levels
            return None
        blocks, wires = after.changed
        survey, near = desk.survey, self._view.scale >= NEAR
        told, words = (survey.others, survey.stretched) if near else (survey.turned, frozenset())
        cards, lines = (blocks | told if told else blocks), (wires | words if words else wires)
        if near:
            cards = cards | _naming_renamed(before, after, blocks)
        if desk.ran is not last:
            visible = [s.block.id for s in after.near([sides_of(self._view.shown)])] if near else []
            cards = cards | shown_otherwise(last, desk.ran, visible)
            lines = lines | self._lit_otherwise(last, after)
        over.whole = over.whole or len(cards) > MOST
        under.whole = under.whole or len(lines) > MOST
        below, above, ways = self._mark(before, after, cards, lines)
        for frame in new.values() if blocks else ():
            if any(m in blocks for m in frame.members):
                rects = [sides_of(s.frame_rect(frame).adjusted(-2, -2, 10, 10)) for s in (before, after)]
                below += rects
                above += rects
        if under.whole or over.whole:
            return None
        lower, upper, along = self._places(below, above, ways)
        under.stale += lower
        over.stale += upper
        places = lower + upper + along
        self._behind += places
        if len(self._behind) > MOST:
            self._both, self._behind = None, []
        return _region(places)

    def _mark(
        self, before: Shapes, after: Shapes, cards: Iterable[str], lines: Iterable[WireKey]
    ) -> tuple[list[Sides], list[Sides], list[Sides]]:
        """What is stale of some blocks and wires in the lower layer and in the upper one, and the ways of those wires that need no more
        than to be drawn over the others."""
        desk, under, over = self._view.desk, self._under, self._over
        nothing_above = not desk.ran.requires_grad and self._view.chosen_wire is None
        written = self._view.scale >= NEAR
        below: list[Sides] = []
        above: list[Sides] = []
        ways: list[Sides] = []
        for shapes in (before, after):
            if cards and not over.whole:
                found = [shape for b in cards if (shape := shapes.blocks.get(b)) is not None]
                above += {s.group or s.block.id: sides_of(around(s)) for s in found}.values()  # a closed group is one
            for key in lines if not under.whole else ():
                path = shapes.wires.get(key)
                if path is None:
                    continue
                if written and (key in desk.broadcasts or key in desk.survey.stretched):
                    at = path.pointAtPercent(0.5)
                    above.append((at.x() - WORDS, at.y() - 16, at.x() + WORDS, at.y() + 16))
                if nothing_above and shapes is after:
                    self._added[key] = None
                    ways += shapes.ways[key]
                else:
                    below += shapes.ways[key]
        return below, above, ways

    def _lit_otherwise(self, last: Evaluation, shapes: Shapes) -> set[WireKey]:
        """The wires that look otherwise after another run."""
        ran, before = self._ran, self._levels
        self._levels = now = levels_of(ran.grads)
        blocks = {b for b, level in now.items() if before.get(b) != level}
        blocks.update(b for b in before if b not in now)
        blocks.update(differing_values(last.requires_grad, ran.requires_grad))
        found = links(shapes.document.wires)
        made = {key for b in blocks for key in found.users.get(b, ())}
        made.update((b, port) for b in blocks if (b in now) != (b in before) for port in found.inputs.get(b, ()))
        return made

    def draw(self, p: QPainter, drag: DragWire | None, shown: QRegion) -> None:
        """Draw the part of the picture that is asked for, without the wire that is dragged."""
        few = shown.rectCount() <= FEW
        if few and shown.boundingRect() == self._view.rect():
            p.drawPixmap(0, 0, self.picture(drag))
            return
        self._paint_changes(drag)
        if few or not (ratio := self._view.devicePixelRatioF()).is_integer():
            p.drawPixmap(0, 0, self._under.picture)
            p.drawPixmap(0, 0, self._over.picture)
            return
        sharp = int(ratio)
        for r in shown:  # type: ignore[attr-defined]  # a sequence, which its types do not say
            pixels = QRect(r.x() * sharp, r.y() * sharp, r.width() * sharp, r.height() * sharp)
            p.drawPixmap(r, self._under.picture, pixels)
            p.drawPixmap(r, self._over.picture, pixels)

    def picture(self, drag: DragWire | None) -> QPixmap:
        """All of the picture."""
        self._paint_changes(drag)
        both = self._both
        if both is None or self._behind:
            p = QPainter(made := self._view.sheet() if both is None else both)
            if both is not None and len(self._behind) <= MOST:
                _clip(p, self._behind)
            for layer in (self._under, self._over):
                p.drawPixmap(0, 0, layer.picture)
            p.end()
            both = self._both = made
            self._behind = []
        return both

    def _paint_changes(self, drag: DragWire | None) -> None:
        """Paint what is not as it should be."""
        view, under, over = self._view, self._under, self._over
        theme, ratio = view.theme, view.devicePixelRatioF()
        eye = (view.offset.toTuple(), view.scale, view.size().toTuple(), ratio, theme.name, theme.hidden)
        if self._shapes is not view.shapes or self._ran is not view.desk.ran or self._seen != (drag, eye):
            under.whole = over.whole = True
            if self._ran is not view.desk.ran:
                self._levels = levels_of(view.desk.ran.grads)
            self._shapes, self._ran, self._seen = view.shapes, view.desk.ran, (drag, eye)
        elif self._chosen != view.chosen_wire and not under.whole:
            self._choose(view.chosen_wire)
        self._chosen = view.chosen_wire
        for layer in (under, over):
            apart = len(layer.stale) <= MOST and ratio.is_integer()  # else seams would show
            if layer.whole or (layer.stale and not apart):
                if layer.picture.size() != view.size() * ratio:
                    layer.picture = view.sheet()
                if layer is over:
                    layer.picture.fill(Qt.GlobalColor.transparent)
                else:
                    self._added = {}  # they are painted with the others
                p = QPainter(layer.picture)
                layer.paint(p, drag, [sides_of(view.shown)])
                p.end()
                self._both = None
            elif layer is under and (layer.stale or self._added):
                self._paint_under_changes(drag)
            elif layer.stale:
                self._paint_over_changes(drag)
            layer.whole, layer.stale = False, []
        self._added = {}
        if self._both is None:
            self._behind = []

    def _choose(self, wire: WireKey | None) -> None:
        """Another wire is the chosen one, which is drawn otherwise, and over all others."""
        shapes = self._view.shapes
        for key in {self._chosen, wire, *self._added}:
            if key is not None and key in shapes.wires:
                self._under.stale += self._places(shapes.ways[key])[0]
        self._added = {}
        self._behind += self._under.stale

    def _paint_over_changes(self, drag: DragWire | None) -> None:
        places = self._over.stale
        p = QPainter(self._over.picture)
        _clip(p, places)
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        p.fillRect(self._view.rect(), Qt.GlobalColor.transparent)
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        self._paint_over(p, drag, self._areas(places))
        p.end()

    def _paint_under_changes(self, drag: DragWire | None) -> None:
        places = self._under.stale
        p = QPainter(self._under.picture)
        if places:
            _clip(p, places)
            self._paint_under(p, drag, self._areas(places))
            p.setClipping(False)
        else:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._look(p)
        upright = self._view.desk.document.direction == "TB"
        for key in self._added:
            line = self._view.shapes.wires.get(key)
            if line is not None and (drag is None or key not in drag.moved):
                paint_line(p, line, self._view.theme, upright=upright)
        p.end()

    def _look(self, p: QPainter) -> None:
        p.translate(self._view.offset)
        p.scale(self._view.scale, self._view.scale)

    def _places(self, *groups: Iterable[Sides]) -> list[list[Place]]:
        """What of some areas of the graph is in sight, for each group of them."""
        view, made = self._view, []
        scale, dx, dy = view.scale, *view.offset.toTuple()
        width, height = view.size().toTuple()
        for group in groups:
            found: list[Place] = []
            for left, top, right, bottom in group:  # three pixels around, of which `int` may take one
                west, north = int(left * scale + dx) - 3, int(top * scale + dy) - 3
                east, south = int(right * scale + dx) + 4, int(bottom * scale + dy) + 4
                west, north = west if west > 0 else 0, north if north > 0 else 0
                east, south = east if east < width else width, south if south < height else height
                if west < east and north < south:
                    found.append((west, north, east - west, south - north))
            made.append(found)
        return made

    def _areas(self, places: Iterable[Place]) -> list[Sides]:
        """Places of the widget as areas of the graph."""
        scale, dx, dy = self._view.scale, *self._view.offset.toTuple()
        return [((x - dx) / scale, (y - dy) / scale, (x + w - dx) / scale, (y + h - dy) / scale) for x, y, w, h in places]

    def _paint_under(self, p: QPainter, drag: DragWire | None, areas: list[Sides]) -> None:
        """Ground, frames and wires."""
        view, shapes, theme = self._view, self._view.shapes, self._view.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(view.rect(), QColor(theme.window))
        self._look(p)
        all_of_it = _around(areas)
        paint_ground(p, all_of_it, theme, view.scale)
        for frame in shapes.frames if shapes.levels else ():
            rect = shapes.frame_rect(frame)
            if rect.intersects(all_of_it) and frame.id not in shapes.groups and not shapes.folded(frame):
                paint_frame(p, frame, rect, theme)
        hidden = {*self._added, *drag.moved} if drag is not None else self._added
        paint_wires(p, view.desk, shapes, self._levels, areas, theme, view.chosen_wire, hidden)

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
        if view.scale >= NEAR:
            paint_words(p, desk, shapes, areas, theme, drag.moved if drag is not None else ())
        for shape in near:
            paint_marks(p, desk, shape, theme, view.scale)
        if drag is not None:
            for shape in near:
                outs = [drag.outs.get((shape.block.id, k), "x") == "" for k in range(len(shape.outputs))] if drag.outs is not None else None
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=drag.fits, outs=outs)
        elif view.scale >= NEAR:
            for shape in near:
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=None, outs=None)


def _naming_renamed(before: Shapes, after: Shapes, blocks: Iterable[str]) -> set[str]:
    """The layers whose badge names another one that has a new name now."""
    old, new = before.document.blocks, after.document.blocks
    renamed = {b for b in blocks if b in old and b in new and old[b].name != new[b].name and old[b].op.startswith("nn.")}
    return {b.id for b in new.values() if b.layer in renamed} if renamed else set()


def _around(areas: list[Sides]) -> QRectF:
    left, top, right, bottom = areas[0]
    if len(areas) > 1:
        west, north, east, south = zip(*areas, strict=True)
        left, top, right, bottom = min(west), min(north), max(east), max(south)
    return QRectF(left, top, right - left, bottom - top)


def _region(places: list[Place]) -> QRegion:
    made = QRegion(*places[0]) if places else QRegion()
    for place in places[1:]:
        made += QRect(*place)
    return made


def _clip(p: QPainter, places: list[Place]) -> None:
    if len(places) == 1:
        p.setClipRect(*places[0])
    else:
        p.setClipRegion(_region(places))

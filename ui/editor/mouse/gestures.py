"""What a mouse drag in the editor does: one class a gesture, with move, end and cancel."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gradviz.document import edits, values, wiring
from gradviz.document.model import Document, WireKey
from gradviz.document.palette.sizing import connected
from gradviz.document.problem import DocumentProblem

from ...style.theme import FONT_PX, GRID_STEP, ui_font
from ..asking.quick_add import quick_add
from ..asking.rescues import refuse
from ..layout.shape import Shape
from ..layout.ways import path_of, wire_curve
from ..paper import Paper
from .onto import is_loose, put_into, wire_below

SNAP = 34.0  # pixels within which a wire's end jumps to a port
CLICK = 4.0  # pixels below which a drag is a click


class Box:
    """Select what a rectangle touches."""

    def __init__(self, view: Paper, at: QPointF, add: bool) -> None:
        self._view, self._begun, self._at = view, at, at
        self._start = view.to_graph(at)
        self._before = view.desk.selected if add else ()

    def move(self, at: QPointF) -> None:
        self._at = at
        box = QRectF(self._start, self._view.to_graph(at)).normalized()
        self._view.desk.select((*self._before, *self._view.shapes.inside(box)))
        self._view.update()

    def end(self) -> None:
        if (self._at - self._begun).manhattanLength() < CLICK:
            self._view.desk.select(self._before)

    def cancel(self) -> None:
        self._view.desk.select(self._before)

    def paint(self, p: QPainter) -> None:
        colour = QColor(self._view.theme.selection)
        p.setPen(QPen(colour, 1.2))
        colour.setAlphaF(0.15)
        p.setBrush(colour)
        p.drawRect(QRectF(self._view.to_widget(self._start), self._at).normalized())


class Move:
    """Move the selected blocks, or copies of them; Shift leaves the grid alone."""

    def __init__(self, view: Paper, at: QPointF, ids: tuple[str, ...], pressed: str = "", *, copies: bool = False) -> None:
        self._view, self._at, self._pressed, self._copies = view, at, pressed, copies
        self._grip = view.to_graph(at)
        blocks = view.desk.document.blocks
        self._start = {i: (blocks[i].x, blocks[i].y) for i in ids if i in blocks}
        self._before = view.desk.document
        self.key = view.desk.gesture_key("move")
        self._moved = False
        self._loose = next(iter(self._start)) if len(self._start) == 1 and is_loose(view.desk.document, *self._start) else ""

    def move(self, at: QPointF) -> None:
        away = self._view.to_graph(at) - self._grip
        if not self._moved and (at - self._at).manhattanLength() < CLICK:
            return
        if self._copies and not self._moved and not self._copy():
            self._view.gesture = None
            return
        self._moved = True
        step = 1.0 if self._view.free_move else GRID_STEP / 2
        dx, dy = round(away.x() / step) * step, round(away.y() / step) * step
        places = {i: (x + dx, y + dy) for i, (x, y) in self._start.items()}
        name = self._view.desk.document.blocks[next(iter(places))].name if len(places) == 1 else f"{len(places)} nodes"
        self._view.desk.do(f"Move {name}", edits.move(self._view.desk.document, places), self.key)
        if self._loose:  # what lights up is where it would be put
            self._view.chosen_wire = wire_below(self._view, self._loose)

    def _copy(self) -> bool:
        """Copies in the place of what was taken hold of: one edit with their move. Whether there may be so many."""
        desk = self._view.desk
        names = [desk.document.blocks[i].name for i in self._start]
        try:
            made, new = edits.duplicated(desk.document, self._start, 0, 0)
        except DocumentProblem as problem:
            desk.note.emit("refused", str(problem))
            return False
        desk.do(f"Duplicate {names[0] if len(names) == 1 else f'{len(names)} nodes'}", made, self.key)
        self._start = {i: (made.blocks[i].x, made.blocks[i].y) for i in new}
        self._loose = ""
        desk.select(new)
        return True

    def end(self) -> None:
        """The last place stays, in the wire below it where it has none; a click on one of several selected cards selects it alone."""
        view, wire = self._view, self._view.chosen_wire
        if not self._moved and self._pressed:
            view.desk.select(view.shapes.together(self._pressed))
        elif self._moved and self._loose and wire is not None:
            view.chosen_wire = None
            put_into(view, wire, self._loose)

    def cancel(self) -> None:
        if self._moved:
            self._view.chosen_wire = None
            self._view.desk.history.cancel()

    def paint(self, p: QPainter) -> None:
        """Nothing but the moved blocks."""


class Slide:
    """Drag a number's slider: forward and backward run at each move."""

    def __init__(self, view: Paper, at: QPointF, shape: Shape) -> None:
        self._view, self._id = view, shape.block.id
        self.key = view.desk.gesture_key("slide")
        self._area = shape.slider
        self._moved = False
        self.move(at)

    def move(self, at: QPointF) -> None:
        desk = self._view.desk
        block = desk.document.blocks.get(self._id)
        if block is None or block.value is None:
            return
        value = block.value
        share = (self._view.to_graph(at).x() - self._area.left()) / self._area.width()
        number, step = value.low + min(1.0, max(0.0, share)) * (value.high - value.low), values.step_of(value)
        number = round(round(number / step) * step, 12)
        if value.data[0] != number:
            self._moved = True
            desk.do(f"Set {block.name}", edits.set_value(desk.document, self._id, replace(value, data=(number,))), self.key)

    def end(self) -> None:
        """The last value stays."""

    def cancel(self) -> None:
        if self._moved:
            self._view.desk.history.cancel()

    def paint(self, p: QPainter) -> None:
        """Nothing but the value on its card."""


class DragWire:
    """Draw a wire: from an output to an input, from an input to an output, or an existing one to elsewhere; or take all wires of an
    output to another one."""

    def __init__(
        self,
        view: Paper,
        at: QPointF,
        *,
        source: str = "",
        output: int = 0,
        targets: tuple[WireKey, ...] = (),
        moved: tuple[WireKey, ...] = (),
    ) -> None:
        self.view = view
        self.source, self.output, self.targets, self.moved = source, output, targets, moved
        self.key = view.desk.gesture_key("wire")  # no edit has it: any ends this drag
        self._begun = self._at = at
        desk = view.desk
        self.document: Document = edits.disconnect(desk.document, moved) if moved else desk.document
        self.fits: dict[WireKey, str] | None = {} if source else None
        self.outs: dict[wiring.Out, str] | None = {} if targets and not source else None
        self._asked: set[str] = set()
        self._look()
        self.snap_in: WireKey | None = None
        self.snap_out: wiring.Out | None = None
        self.reason = ""

    def _look(self) -> None:
        """Ask of the blocks that have come into sight whether the wire fits there."""
        view, known = self.view, self.view.desk.known
        self._seen = area = view.shown
        fresh = {i: view.shapes.blocks[i] for i in view.shapes.inside(area.adjusted(-80, -80, 80, 80)) if i not in self._asked}
        self._asked.update(fresh)
        if self.fits is not None:
            keys = [(i, n) for i, s in fresh.items() for n, _ in s.inputs if i != self.source]
            self.fits |= wiring.refusals(self.document, self.source, keys, known, self.output)
        elif self.outs is not None:
            readers = {block for block, _ in self.targets}
            outputs = [(i, k) for i, s in fresh.items() if i not in readers for k in range(len(s.outputs))]
            self.outs |= wiring.refusals_into_all(self.document, self.targets, outputs, known)

    def move(self, at: QPointF) -> None:
        self._at = at
        if self.view.shown != self._seen:
            self._look()
        here, reach = self.view.to_graph(at), SNAP / self.view.scale
        self.snap_in, self.snap_out, self.reason = None, None, ""
        if self.fits is not None:
            self.snap_in = self._nearest(here, reach)
            self.reason = self.fits.get(self.snap_in, "") if self.snap_in is not None else ""
        elif self.outs is not None:
            near = self.view.shapes.out_at(here, reach) or (self.view.shapes.at(here), 0)
            self.snap_out = near if near in self.outs else None
            self.reason = self.outs[self.snap_out] if self.snap_out is not None else ""
        self.view.update()

    def _nearest(self, here: QPointF, reach: float) -> WireKey | None:
        """The nearest port, one that fits before one that does not; on a card its first free port that fits."""
        assert self.fits is not None  # only asked for wires that begin at an output
        near: list[tuple[bool, float, WireKey]] = []
        over = self.view.shapes.at(here)
        for (block, name), reason in self.fits.items():
            port = self.view.shapes.blocks[block].port(name)
            if port is None:
                continue
            distance = math.hypot(port.x() - here.x(), port.y() - here.y())
            if distance <= reach:
                near.append((bool(reason), distance, (block, name)))
            elif block == over:
                taken = (block, name) in self.document.wires
                near.append((bool(reason), reach + distance + (1e4 if taken else 0), (block, name)))
        if not near:
            return None
        pointed = min(near, key=lambda row: row[1])
        return pointed[2] if pointed[1] <= reach / 3 else min(near)[2]

    def end(self) -> None:
        view, desk = self.view, self.view.desk
        far = (self._at - self._begun).manhattanLength() > 12
        if self.snap_in is not None or self.snap_out is not None:
            source, output = self.snap_out or (self.source, self.output)
            targets = (self.snap_in,) if self.snap_in is not None else self.targets
            if self.reason:
                refuse(view, source, targets, self.reason, self._at, self.document, output)
                return
            made = self.document
            for target in targets:
                made = connected(made, source, target, desk.known, output)
            if made.wires != desk.document.wires:
                desk.do(self._label(source, targets), made)
        elif self.moved:
            if far:
                desk.do("Take a wire off" if len(self.moved) == 1 else f"Take {len(self.moved)} wires off", self.document)
        elif far:
            quick_add(view, self._at, source=self.source, target=self.targets[0] if self.targets else None, output=self.output)

    def _label(self, source: str, targets: tuple[WireKey, ...]) -> str:
        a, b = self.document.blocks[source].name, self.document.blocks[targets[0][0]].name
        if self.moved and self.source:
            return f"Move a wire to {b}"
        if self.moved:
            return f"Move a wire to {a}" if len(targets) == 1 else f"Move {len(targets)} wires to {a}"
        return f"Connect {a} to {b}"

    def cancel(self) -> None:
        self.view.update()

    def paint(self, p: QPainter) -> None:
        """In widget coordinates."""
        view, theme = self.view, self.view.theme
        end = self._at
        if self.snap_in is not None:
            at = view.shapes.blocks[self.snap_in[0]].port(self.snap_in[1])
            end = view.to_widget(at) if at is not None else end
        elif self.snap_out is not None:
            end = view.to_widget(view.shapes.blocks[self.snap_out[0]].out(self.snap_out[1]))
        if self.source:
            lines = [(view.to_widget(view.shapes.blocks[self.source].out(self.output)), end)]
        else:
            ports = (view.shapes.blocks[block].port(name) for block, name in self.targets)
            lines = [(end, view.to_widget(port)) for port in ports if port is not None]
        caught = self.snap_in is not None or self.snap_out is not None
        colour = theme.error if self.reason else theme.success if caught else theme.selection
        p.setPen(QPen(QColor(colour), 2.6, Qt.PenStyle.DashLine if self.reason else Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.setBrush(Qt.BrushStyle.NoBrush)
        for line in lines:
            p.drawPath(path_of(wire_curve(*line, self.document.direction)))
        if self.reason:
            paint_bubble(p, self._at, self.reason, view)


class Knife:
    """Cut the wires that a line crosses; they are seen before the button is let go."""

    def __init__(self, view: Paper, at: QPointF) -> None:
        self._view, self._start, self._at = view, view.to_graph(at), at

    def move(self, at: QPointF) -> None:
        self._at = at
        self._view.update()

    @property
    def crossed(self) -> tuple[WireKey, ...]:
        """The wires that would be cut now."""
        view = self._view
        return view.shapes.crossed(self._start, view.to_graph(self._at))

    def end(self) -> None:
        view, cut = self._view, self.crossed
        if cut:
            view.desk.do("Cut a wire" if len(cut) == 1 else f"Cut {len(cut)} wires", edits.disconnect(view.desk.document, cut))

    def cancel(self) -> None:
        self._view.update()

    def paint(self, p: QPainter) -> None:
        view, colour = self._view, QColor(self._view.theme.error)
        p.save()
        p.translate(view.offset)
        p.scale(view.scale, view.scale)
        p.setPen(QPen(colour, 3.2 / min(view.scale, 1.0), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.setBrush(Qt.BrushStyle.NoBrush)
        for key in self.crossed:
            p.drawPath(view.shapes.wires[key])
        p.restore()
        p.setPen(QPen(colour, 1.8, Qt.PenStyle.DashLine))
        p.drawLine(view.to_widget(self._start), self._at)


def paint_bubble(p: QPainter, at: QPointF, text: str, view: Paper) -> None:
    """Words beside the mouse, within the widget."""
    theme = view.theme
    font = ui_font(FONT_PX)
    metrics = QFontMetricsF(font)
    bounds = metrics.boundingRect(QRectF(0, 0, 320, 200), int(Qt.TextFlag.TextWordWrap), text)
    box = QRectF(at.x() + 18, at.y() + 18, bounds.width() + 22, bounds.height() + 14)
    box.moveLeft(max(8.0, min(box.left(), view.width() - box.width() - 8)))
    box.moveTop(max(8.0, min(box.top(), view.height() - box.height() - 8)))
    p.setPen(QPen(QColor(theme.error), 1.4))
    p.setBrush(QColor(theme.surface))
    p.drawRoundedRect(box, 6, 6)
    p.setFont(font)
    p.setPen(QColor(theme.text))
    p.drawText(box.adjusted(11, 7, -11, -7), int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft), text)

"""The editor's canvas: what is painted, and what the mouse does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from gradviz.document import edits
from gradviz.document.model import REROUTE, TENSOR, Document, WireKey
from gradviz.document.wires import differing

from ..canvas.geometry import nearest
from ..canvas.graph_widget import ARROWS
from ..canvas.painting.empty import paint_words
from .asking.inline import Inline
from .asking.quick_add import quick_add
from .layout.arrange import free_place
from .layout.folding import closed_up, opened
from .layout.shapes import Shapes
from .mouse.drops import drop_numbers, drop_op, numbers_in, op_in, wire_under
from .mouse.edge import CARRIES, Edge
from .mouse.gestures import DragWire, Knife
from .mouse.press import WIRE_REACH, press
from .overview import Overview
from .painting.paint import NEAR, badges_over, paint_ports
from .painting.probe import paint_probed
from .painting.still import Still
from .panels.palette import MIME
from .paper import Paper
from .words import describe, describe_group, describe_wire

if TYPE_CHECKING:
    from ..bridge import Bridge
    from .desk import Desk

BEGINS = "0123456789-["  # of what is typed as a value
MANY = 300  # selected cards in sight whose rings are drawn at once
BEHIND = 70.0  # from a card to a new one that reads it
EMPTY = (
    "Press Tab or double-click to add a node, or drag one from the left.\n"
    "Or press = and type an expression, such as  loss = mean((w*x + b - y)**2)"
)


class EditorView(Paper):
    """The document as a graph that can be changed."""

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(desk, bridge, parent)
        self.setObjectName("editor canvas")
        self.setAccessibleName("Computation graph, editable; the Table tab shows the same as a table")
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the picture covers it all
        self.setMinimumSize(280, 200)
        self.inline = Inline(self)
        self.still = Still(self)
        self.edge = Edge(self)
        self._hover = ""
        self._probed: WireKey | None = None  # the wire under the mouse
        self._tip_is_old = False  # the document is another since it was made
        desk.changed.connect(self._changed)
        desk.opened.connect(self._maybe_fit)
        desk.history.index_changed.connect(self._edited)
        desk.history.travelled.connect(self._travelled)
        desk.selection_changed.connect(self._selected)
        desk.rested.connect(self._say)
        bridge.theme_changed.connect(self.update)
        self.overview = Overview(self)  # follows what the view makes of an edit
        self.added.connect(self.inline.ask)

    def _changed(self) -> None:
        before, survey = self.shapes, self.desk.survey
        self.shapes = Shapes(self.desk.document, before, survey.known, survey.others)
        seen = self.still.follow(before, self.shapes)
        self._tip_is_old = bool(self._hover) or self._probed is not None
        if self._probed not in self.desk.document.wires:
            self._probed = None
        if self.chosen_wire not in self.desk.document.wires:
            self.chosen_wire = None
        if self._hover not in self.desk.document.blocks:
            self._hover = ""
        self.inline.forget(self.desk.document)
        if seen is None or self.gesture is not None or not before.blocks or not self.shapes.blocks:
            self.update()
        elif not seen.isEmpty():
            self.update(seen)

    def _edited(self) -> None:
        """A drag ends where something else is edited (by a key, say): its blocks may be gone, and the document that it began with is."""
        if self.gesture is not None and getattr(self.gesture, "key", None) not in (None, self.desk.history.merge):
            self.gesture = None
            self.update()

    def _travelled(self, left: Document, now: Document) -> None:
        """What undo or redo changed is brought into sight."""
        self.show_blocks(differing(left.blocks, now.blocks))

    def _selected(self) -> None:
        if self.desk.selected:
            self.chosen_wire = None
        self._say()
        self.update()

    def _say(self) -> None:
        """Tell who cannot see it of the selected block as it is now."""
        said = self.describe(self.desk.selected[0]) if self.desk.selected else ""
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)

    def _maybe_fit(self) -> None:
        self._fresh = True
        if self.isVisible():
            self.fit()

    # -- the eye ---------------------------------------------------------------------------------------------

    def pan_to(self, offset: QPointF) -> None:
        super().pan_to(offset)
        self.inline.follow()
        if isinstance(self.gesture, CARRIES):
            self.gesture.move(self.mouse)  # what is dragged stays under the mouse
        self.overview.follow()

    # -- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        drag = self.gesture if isinstance(self.gesture, DragWire) else None
        shown = event.region()
        self.still.draw(p, drag, shown)
        if self._hover or self._probed or self.desk.selected or self.gesture is not None or not self.desk.document.blocks:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_above(p)
        if self.hasFocus() and not self.rect().adjusted(1, 1, -1, -1).contains(shown.boundingRect()):
            self.paint_focus(p, QColor(self.theme.selection))
        p.end()

    def _paint_above(self, p: QPainter) -> None:
        """What comes and goes with the mouse and the focus."""
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        if self.scale >= NEAR and not isinstance(self.gesture, DragWire):
            chosen = self.desk.selected if len(self.desk.selected) == 1 else ()  # the names of many would cover what the cards show
            for block_id in dict.fromkeys((self._hover, *chosen)):
                named = self.shapes.blocks.get(block_id)
                if named is not None and not named.group:
                    wired = set(self.shapes.wired(block_id))
                    paint_ports(p, named, self.theme, wired=wired, names=True, fits=None, outs=None)
        if self._probed is not None and self.gesture is None:
            paint_probed(p, self.shapes, self._probed, self.theme, self.scale)
        self._paint_rings(p)
        p.restore()
        if self.gesture is not None:
            self.gesture.paint(p)
        if not self.desk.document.blocks:
            paint_words(p, QRectF(self.rect()), "Build a computation", EMPTY, self.theme, lift=60)

    def _paint_rings(self, p: QPainter) -> None:
        wide = 2.4 / min(self.scale, 1.0)
        p.setBrush(Qt.BrushStyle.NoBrush)
        chosen: Sequence[str] = self.desk.selected
        if len(chosen) > MANY:
            seen = set(self.shapes.boxes.touching(self.shown))
            chosen = [i for i in chosen if i in seen]
        if len(chosen) > MANY:  # round corners would cost ten times as much, and cards are small where so many are seen
            p.setPen(QPen(QColor(self.theme.selection), wide))
            p.drawRects([self.shapes.blocks[i].rect.adjusted(-4, -4, 4, 4) for i in chosen])
            chosen = ()
        for block_id, colour, grow in ((self._hover, self.theme.muted, 2.0), *((i, self.theme.selection, 4.0) for i in chosen)):
            shape = self.shapes.blocks.get(block_id)
            if shape is not None:
                p.setPen(QPen(QColor(colour), wide if grow > 2 else wide / 2))
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRoundedRect(shape.rect.adjusted(-grow, -grow, grow, grow), 11, 11)
                if grow > 2 and self.scale >= NEAR:
                    badges_over(p, self.desk, shape, self.theme, self.scale)

    def describe(self, block_id: str) -> str:
        """A block (or the closed group that it is drawn in) in words, for tooltips and screen readers."""
        shape = self.shapes.blocks.get(block_id)
        return (
            describe_group(self.desk, self.shapes.groups[shape.group])
            if shape is not None and shape.group
            else describe(self.desk, block_id)
        )

    # -- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.inline.take()
        at, button, modifiers = event.position(), event.button(), event.modifiers()
        self.mouse = at
        if button == Qt.MouseButton.RightButton and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.gesture = Knife(self, at)
        elif not self.begins_pan(event) and button == Qt.MouseButton.LeftButton:
            self.gesture = press(self, at, modifiers) or self.gesture
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse = event.position()
        self.free_move = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseMoveEvent(event)
        self.edge.follow(self.mouse)
        if self.gesture is not None and self.overview.isVisible():
            self.overview.follow()  # what is dragged may be dropped there

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.overview.follow()

    def hover(self, here: QPointF) -> None:
        over = self.shapes.at(here)
        on_port = not self.shapes.knot_at(here) and (self.shapes.input_at(here) is not None or bool(self.shapes.output_at(here)))
        self.setCursor(Qt.CursorShape.CrossCursor if on_port else Qt.CursorShape.ArrowCursor)
        probed = self.shapes.wire_at(here, WIRE_REACH / self.scale) if not over and not on_port else None
        if (over, probed) != (self._hover, self._probed) or self._tip_is_old:
            self._tip_is_old = False
            self.set_tip(describe_wire(self.desk, probed) if probed is not None else self.describe(over))
        if (over, probed) != (self._hover, self._probed):
            self._hover, self._probed = over, probed
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.gesture = None
        here = self.to_graph(event.position())
        block = self.shapes.at(here)
        wire = self.shapes.wire_at(here, WIRE_REACH / self.scale)
        frame = self.shapes.frame_at(here)
        if block and self.shapes.blocks[block].group:
            self.desk.do("Open a group", opened(self.desk.document, self.shapes.blocks[block].group))
        elif block:
            self.inline.edit(block)
        elif wire is not None:
            self.reroute(wire, here)
        elif frame and self.desk.document.frames[frame].kind == "comment":
            self.inline.edit_comment(frame)
        else:
            self.quick_add(event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return  # the knife
        self.gesture = None
        here = self.to_graph(QPointF(event.pos()))
        block = self.shapes.at(here)
        if block and block not in self.desk.selected:
            self.desk.select((block,))
        elif not block:
            self.chosen_wire = self.shapes.wire_at(here, 8 / self.scale)
            self.desk.select(())  # the menu is not of a node that lies elsewhere
        self.context_menu_requested.emit(event.globalPos())

    # -- what gestures end in -----------------------------------------------------------------------------------------

    def quick_add(self, at: QPointF, *, source: str = "", target: WireKey | None = None, output: int = 0) -> None:
        """Choose a node to add at a point of the widget; with a wire's end, only what fits it."""
        quick_add(self, at, source=source, target=target, output=output)

    def reroute(self, wire: WireKey, here: QPointF) -> None:
        """A knot in a wire."""
        made, knot = edits.insert_on_wire(self.desk.document, wire, REROUTE)
        self.desk.do("Add a knot", edits.move(made, {knot: (here.x() - 8, here.y() - 8)}))
        self.desk.select((knot,))

    # -- keys ------------------------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, on: bool) -> bool:
        if on and self.hasFocus():  # Tab, and not in the line that is open on the canvas
            self.quick_add(self.new_place())
            return True
        return super().focusNextPrevChild(on)

    def new_place(self) -> QPointF:
        """Where a new block goes: behind the selected block, or where the mouse is, if there is nothing yet."""
        inside = self.rect().adjusted(10, 10, -60, -60).contains(self.mouse.toPoint())
        here = self.to_graph(self.mouse if inside else self.middle)
        here = QPointF(round(here.x() / 12) * 12, round(here.y() / 12) * 12)
        free = free_place(self.shapes, here)
        if self.desk.selected and (not self.underMouse() or free != here):
            rect, along = self.shapes.blocks[self.desk.selected[-1]].rect, self.desk.document.direction == "LR"
            behind = rect.topRight() + QPointF(BEHIND, 0) if along else rect.bottomLeft() + QPointF(0, BEHIND)
            free = free_place(self.shapes, behind)
        return self.to_widget(free)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.takes_key(event):
            return
        if key == Qt.Key.Key_Escape:
            self.desk.select(())
            self.chosen_wire = None
            self.update()
        elif key in ARROWS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._nudge(*ARROWS[Qt.Key(key)])
        elif key in ARROWS:
            self._select_towards(*ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.desk.selected:
            group = self.shapes.blocks[self.desk.selected[0]].group
            if group:
                self.desk.do("Open a group", opened(self.desk.document, group))
            else:
                self.inline.edit(self.desk.selected[0])
        elif key == Qt.Key.Key_Backspace and (self.desk.selected or self.chosen_wire is not None):
            self._back_out()
        elif event.text() and event.text() in BEGINS and self._number_selected():
            self.inline.edit_value(self.desk.selected[0], event.text())
        else:
            super().keyPressEvent(event)

    def keeps_drag(self, event: QFocusEvent) -> bool:
        return event.reason() == Qt.FocusReason.PopupFocusReason

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _number_selected(self) -> bool:
        """Whether the one selected block is a tensor that is drawn as a card: what is typed is its value then, as in a spreadsheet."""
        shape = self.shapes.blocks.get(self.desk.selected[0]) if len(self.desk.selected) == 1 else None
        return shape is not None and shape.block.op == TENSOR and not shape.group

    def _back_out(self) -> None:
        """Close the group that the selected block is in; where it is in none, the key deletes, as on keyboards without Del."""
        document = self.desk.document
        if self.chosen_wire is not None:
            self.desk.do("Delete a wire", edits.disconnect(document, [self.chosen_wire]))
            return
        block = self.desk.selected[0]
        around = [f for f in document.frames.values() if f.kind == "comment" and not f.collapsed and block in f.members]
        if around:
            inner = min(around, key=lambda f: len(f.members))
            self.desk.do(f"Close {inner.text}", closed_up(document, inner.id))
        else:
            names = ", ".join(document.blocks[b].name for b in self.desk.selected[:3])
            self.desk.do(f"Delete {names}", edits.remove(document, self.desk.selected))

    def _nudge(self, dx: int, dy: int) -> None:
        blocks = self.desk.document.blocks
        places = {i: (blocks[i].x + dx * 12, blocks[i].y + dy * 12) for i in self.desk.selected}
        if places:
            self.desk.do("Move", edits.move(self.desk.document, places), f"nudge {self.desk.selected}")

    def _select_towards(self, dx: int, dy: int) -> None:
        """Select the nearest block in a direction."""
        shapes = self.shapes.blocks
        if not shapes:
            return
        if not self.desk.selected:
            self.desk.select(self.shapes.together(next(iter(shapes))))
            return
        centres = np.array([(at.x(), at.y()) for at in (shape.rect.center() for shape in shapes.values())])
        best = nearest(centres, centres[list(shapes).index(self.desk.selected[-1])], dx, dy)
        if best >= 0:
            found = list(shapes)[best]
            self.desk.select(self.shapes.together(found))
            self.show_block(found)

    # -- things dragged from the palette -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME) or numbers_in(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(MIME) or numbers_in(event.mimeData()):
            event.acceptProposedAction()
        if event.mimeData().hasFormat(MIME):
            self.chosen_wire = wire_under(self, op_in(event.mimeData()), event.position())
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.chosen_wire = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            drop_op(self, op_in(event.mimeData()), event.position())
            event.acceptProposedAction()
        elif numbers_in(event.mimeData()):
            drop_numbers(self, numbers_in(event.mimeData()), event.position())
            event.acceptProposedAction()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.overview.follow()
        if (self._fresh or self._fitted == (self.offset, self.scale)) and self.shapes.blocks:  # all was in sight, and stays so
            self.fit()
            self._fresh = not self.isVisible()

    def showEvent(self, event: object) -> None:
        if self._fresh and self.shapes.blocks:
            self.fit()

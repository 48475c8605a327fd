"""The editor's canvas: what is painted, and what the mouse does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from gradviz.document import edits, wiring
from gradviz.document.catalogue import entry
from gradviz.document.inference import show as shape_text
from gradviz.document.model import REROUTE, TENSOR, Document, WireKey

from ..canvas.gestures import Gesture
from ..canvas.picture import paint_ground
from ..theme import TITLE_PX, Theme, ui_font
from .card_cache import CardCache
from .drops import drop_numbers, numbers_in
from .gestures import Box, DragWire, Knife, Move, Pan, Slide
from .groups import paint_group
from .inline import Inline
from .paint import NEAR, paint_frame, paint_knot, paint_marks, paint_ports, paint_wires
from .quick_add import quick_add
from .shapes import Shape, Shapes

if TYPE_CHECKING:
    from ..bridge import Bridge
    from .desk import Desk

MIN_SCALE, MAX_SCALE = 0.05, 3.0
MIME = "application/x-gradviz-op"


class EditorView(QWidget):
    """The document as a graph that can be changed."""

    context_menu_requested = Signal(QPoint)

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.bridge = bridge
        self.setObjectName("editor canvas")
        self.setAccessibleName("Computation graph, editable; the Table tab shows the same as a table")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(280, 200)
        self.shapes = Shapes(desk.document)
        self.offset = QPointF(60, 60)
        self.scale = 1.0
        self.chosen_wire: WireKey | None = None
        self.free_move = False
        self.mouse = QPointF(200, 200)  # where the mouse was last, in the widget: new blocks go there
        self.inline = Inline(self)
        self.cards = CardCache()
        self._gesture: Gesture | None = None
        self._hover = ""
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None
        self._space = False
        self._fresh = True
        desk.changed.connect(self._changed)
        desk.file_changed.connect(self._maybe_fit)
        desk.selection_changed.connect(self._selected)
        bridge.theme_changed.connect(self.update)

    @property
    def theme(self) -> Theme:
        """The look."""
        return self.bridge.theme

    def sizeHint(self) -> QSize:
        return QSize(800, 500)

    def _changed(self) -> None:
        self.shapes = Shapes(self.desk.document, self.shapes, self.desk.known)
        if self.chosen_wire not in self.desk.document.wires:
            self.chosen_wire = None
        if self._hover not in self.desk.document.blocks:
            self._hover = ""
        self.update()

    def _selected(self) -> None:
        if self.desk.selected:
            self.chosen_wire = None
        self.setAccessibleDescription(self.describe(self.desk.selected[0]) if self.desk.selected else "")
        self.update()

    def _maybe_fit(self) -> None:
        if not len(self.desk.history):
            self._fresh = True
            if self.isVisible():
                self.fit()

    # -- the eye ---------------------------------------------------------------------------------------------

    def to_graph(self, at: QPointF) -> QPointF:
        """A point of the widget as a point of the graph."""
        return (at - self.offset) / self.scale

    def to_widget(self, at: QPointF) -> QPointF:
        """A point of the graph as a point of the widget."""
        return at * self.scale + self.offset

    @property
    def shown(self) -> QRectF:
        """The part of the graph that the widget shows."""
        return QRectF(self.to_graph(QPointF(0, 0)), self.to_graph(QPointF(self.width(), self.height())))

    def pan_to(self, offset: QPointF) -> None:
        """Put the graph's origin at a point of the widget."""
        self.offset = QPointF(offset)
        self.inline.follow()
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom, keeping the point under `at` (the middle, where None) where it is."""
        place = QPointF(self.width() / 2, self.height() / 2) if at is None else at
        held = self.to_graph(place)
        self.scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        self.pan_to(place - held * self.scale)

    def zoom_in(self) -> None:
        """A step nearer."""
        self.zoom(1.25)

    def zoom_out(self) -> None:
        """A step away."""
        self.zoom(0.8)

    def zoom_actual(self) -> None:
        """One pixel for one unit."""
        self.zoom(1.0 / self.scale)

    def fit(self) -> None:
        """Show everything."""
        self._fresh = False
        self._show_area(self.shapes.bounds)

    def zoom_to_selection(self) -> None:
        """Show the selected blocks; everything where none is selected."""
        area = QRectF()
        for i in self.desk.selected:
            area = area.united(self.shapes.blocks[i].rect)
        self._show_area(area if not area.isEmpty() else self.shapes.bounds)

    def _show_area(self, area: QRectF) -> None:
        if area.isEmpty():
            self.scale = 1.0
            self.pan_to(QPointF(60, 60))
            return
        area = area.adjusted(-110, -60, 90, 70)
        self.scale = max(MIN_SCALE, min(self.width() / area.width(), self.height() / area.height(), 1.0))
        self.pan_to(QPointF(self.width() / 2, self.height() / 2) - area.center() * self.scale)

    def show_block(self, block_id: str) -> None:
        """Bring a block into sight."""
        shape = self.shapes.blocks.get(block_id)
        if shape is not None and not self.shown.contains(shape.rect):
            self.pan_to(QPointF(self.width() / 2, self.height() / 2) - shape.rect.center() * self.scale)

    # -- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        drag = self._gesture if isinstance(self._gesture, DragWire) else None
        p.drawPixmap(0, 0, self._still(drag))
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        if drag is not None:
            for shape in self._near():
                outs = [drag.outs.get((shape.block.id, k), "x") == "" for k in range(len(shape.outputs))] if drag.outs is not None else None
                self._paint_ports(p, shape, drag.fits, outs)
        elif self.scale >= NEAR:
            for block_id in dict.fromkeys((self._hover, *self.desk.selected)):
                named = self.shapes.blocks.get(block_id)
                if named is not None and not named.group:
                    self._paint_ports(p, named, None, None)
        self._paint_rings(p)
        p.restore()
        if self._gesture is not None:
            self._gesture.paint(p)
        if not self.desk.document.blocks:
            self._paint_empty(p)
        if self.hasFocus():
            p.setPen(QPen(QColor(self.theme.selection), 1))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(self.rect().adjusted(0, 0, -1, -1))
        p.end()

    def _near(self) -> list[Shape]:
        """The blocks in sight."""
        area = self.shown
        return [s for s in self.shapes.blocks.values() if not s.group and s.rect.adjusted(-60, -20, 60, 60).intersects(area)]

    def _paint_ports(self, p: QPainter, shape: Shape, fits: dict[WireKey, str] | None, outs: list[bool] | None) -> None:
        block_id = shape.block.id
        names = block_id == self._hover or block_id in self.desk.selected
        paint_ports(p, shape, self.theme, wired=set(self.shapes.wired(block_id)), names=names, fits=fits, outs=outs)

    def _still(self, drag: DragWire | None) -> QPixmap:
        """What stays as it is while the mouse moves, painted when the document, the numbers or the view have changed."""
        ratio = self.devicePixelRatioF()
        moved = drag.moved if drag is not None else None
        view = (self.offset.x(), self.offset.y(), self.scale, self.width(), self.height(), ratio, self.theme.name)
        key = (self.shapes, self.desk.ran, self.desk.known, self.chosen_wire, drag is not None, moved, view)
        if self._kept is None or any(a is not b and a != b for a, b in zip(self._kept[0], key, strict=True)):
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            p = QPainter(picture)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_still(p, moved, drag is not None)
            p.end()
            self._kept = (key, picture)
        return self._kept[1]

    def _paint_still(self, p: QPainter, moved: WireKey | None, dragging: bool) -> None:
        theme, area = self.theme, self.shown
        p.fillRect(self.rect(), QColor(theme.window))
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        paint_ground(p, area, theme, self.scale)
        for frame in self.desk.document.frames.values():
            rect = self.shapes.frame_rect(frame)
            if rect.intersects(area) and frame.id not in self.shapes.groups:
                paint_frame(p, frame, rect, theme)
        paint_wires(p, self.desk, self.shapes, area, theme, self.chosen_wire, moved, self.scale)
        for group in self.shapes.groups.values():
            if group.rect.intersects(area):
                paint_group(p, group, len(group.frame.members), theme)
        near = self._near()
        for shape in near:
            if shape.block.op == REROUTE:
                paint_knot(p, shape, theme)
        p.restore()
        for shape in near:
            if shape.block.op != REROUTE:
                self.cards.draw(p, self.desk, shape, theme, self.scale, self.to_widget(shape.rect.topLeft()))
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        for shape in near:
            paint_marks(p, self.desk, shape, theme)
        if self.scale >= NEAR and not dragging:
            for shape in near:
                wired = set(self.shapes.wired(shape.block.id))
                paint_ports(p, shape, theme, wired=wired, names=False, fits=None, outs=None)
        p.restore()

    def _paint_rings(self, p: QPainter) -> None:
        wide = 2.4 / min(self.scale, 1.0)
        p.setBrush(Qt.BrushStyle.NoBrush)
        for block_id, colour, grow in ((self._hover, self.theme.muted, 2.0), *((i, self.theme.selection, 4.0) for i in self.desk.selected)):
            shape = self.shapes.blocks.get(block_id)
            if shape is not None:
                p.setPen(QPen(QColor(colour), wide if grow > 2 else wide / 2))
                p.drawRoundedRect(shape.rect.adjusted(-grow, -grow, grow, grow), 11, 11)

    def _paint_empty(self, p: QPainter) -> None:
        middle = QRectF(self.rect())
        p.setFont(ui_font(TITLE_PX + 3, bold=True))
        p.setPen(QColor(self.theme.text))
        p.drawText(middle.adjusted(0, -60, 0, -60), Qt.AlignmentFlag.AlignCenter, "Build a computation")
        p.setFont(ui_font())
        p.setPen(QColor(self.theme.muted))
        words = (
            "Press Tab or double-click to add a node, or drag one from the left.\n"
            "Or press = and type an expression, such as  loss = mean((w*x + b - y)**2)"
        )
        p.drawText(middle, Qt.AlignmentFlag.AlignCenter, words)

    def describe(self, block_id: str) -> str:
        """A block in words, for tooltips and screen readers."""
        block = self.desk.document.blocks.get(block_id)
        if block is None:
            return ""
        known = self.desk.known.get(block_id)
        found = entry(block.op)
        words = [f"{block.name}: {found.title if found is not None else block.op}"]
        if known is not None and known.spec is not None:
            words.append(f"shape {shape_text(known.spec.shape)}, {known.spec.dtype}")
        if known is not None and known.waiting:
            words.append("nothing yet at " + ", ".join(known.waiting))
        sources = [f"{port} from {self.desk.document.blocks[w.source].name}" for port, w in self.desk.document.inputs(block_id).items()]
        words += sources
        if block.requires_grad:
            words.append("requires grad")
        problem = self.desk.problem_of(block_id)
        return ", ".join(words + ([problem] if problem else []))

    # -- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.inline.take()
        at, button, modifiers = event.position(), event.button(), event.modifiers()
        self.mouse = at
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space):
            self._gesture = Pan(self, at)
        elif button == Qt.MouseButton.RightButton and control:
            self._gesture = Knife(self, at)
        elif button == Qt.MouseButton.LeftButton:
            self._press(at, modifiers)
        self.update()

    def _press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        here = self.to_graph(at)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        document = self.desk.document
        self.chosen_wire = None
        port = self.shapes.input_at(here)
        if port is not None and port in document.wires:
            if modifiers & Qt.KeyboardModifier.AltModifier:
                self.desk.do("Cut a wire", edits.disconnect(document, [port]))
                return
            wire = document.wires[port]
            self._gesture = DragWire(self, at, source=wire.source, output=wire.output, moved=port)
            return
        if port is not None:
            self._gesture = DragWire(self, at, target=port)
            return
        source = self.shapes.out_at(here)
        if source is not None and modifiers & Qt.KeyboardModifier.AltModifier:
            cut = [key for key in document.users(source[0]) if document.wires[key].output == source[1]]
            self.desk.do("Cut a wire" if len(cut) == 1 else f"Cut {len(cut)} wires", edits.disconnect(document, cut) if cut else document)
            return
        if source is not None:
            self._gesture = DragWire(self, at, source=source[0], output=source[1])
            return
        block = self.shapes.at(here)
        if not block:
            self._press_empty(at, here, shift)
        elif self.shapes.blocks[block].slider.contains(here) and not shift and not control:
            self.desk.select((block,))
            self._gesture = Slide(self, at, self.shapes.blocks[block])
        elif control:
            chosen = self.desk.selected
            self.desk.select(tuple(i for i in chosen if i != block) if block in chosen else (*chosen, block))
        else:
            held = self.shapes.together(block)
            if shift:
                self.desk.select((*self.desk.selected, *held))
            elif not set(held) <= set(self.desk.selected):
                self.desk.select(held)
            self._gesture = Move(self, at, self.desk.selected, "" if shift else block)

    def _press_empty(self, at: QPointF, here: QPointF, shift: bool) -> None:
        wire = self.shapes.wire_at(here, 7 / self.scale)
        frame = self.shapes.frame_at(here)
        if wire is not None and not shift:
            self.desk.select(())
            self.chosen_wire = wire
        elif frame and not shift:
            self.desk.select(self.desk.document.frames[frame].members)
            self._gesture = Move(self, at, self.desk.selected)
        else:
            self._gesture = Box(self, at, shift)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse = event.position()
        self.free_move = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._gesture is not None:
            self._gesture.move(event.position())
            return
        here = self.to_graph(event.position())
        hover = self.shapes.at(here)
        on_port = self.shapes.input_at(here) is not None or bool(self.shapes.output_at(here))
        self.setCursor(Qt.CursorShape.CrossCursor if on_port else Qt.CursorShape.ArrowCursor)
        if hover != self._hover:
            self._hover = hover
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.end()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._gesture = None
        here = self.to_graph(event.position())
        block = self.shapes.at(here)
        wire = self.shapes.wire_at(here, 7 / self.scale)
        frame = self.shapes.frame_at(here)
        if block and self.shapes.blocks[block].group:
            self.desk.do("Open a group", edits.collapse(self.desk.document, self.shapes.blocks[block].group, False))
        elif block:
            self.inline.edit(block)
        elif wire is not None:
            self.reroute(wire, here)
        elif frame and self.desk.document.frames[frame].kind == "comment":
            self.inline.edit_comment(frame)
        else:
            self.quick_add(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pan_to(self.offset + QPointF(pixels))
        else:
            self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return  # the knife
        self._gesture = None
        here = self.to_graph(QPointF(event.pos()))
        block = self.shapes.at(here)
        if block and block not in self.desk.selected:
            self.desk.select((block,))
        elif not block:
            self.chosen_wire = self.shapes.wire_at(here, 8 / self.scale)
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

    def refuse(self, source: str, target: WireKey, reason: str, at: QPointF, document: Document, output: int = 0) -> None:
        """A wire that does not fit was dropped: say why, and offer what could stand between."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("refused")
        menu.addAction(f"Does not fit: {reason}").setEnabled(False)
        for bridge in wiring.bridges(document, source, target[0], target[1], self.desk.known, output):

            def insert(_: bool = False, bridge: wiring.Bridge = bridge) -> None:
                self.desk.do(f"Connect through {bridge.text}", wiring.with_wire(document, source, *target, bridge, output))

            menu.addAction(f"Put {bridge.text} between", insert)
        menu.popup(self.mapToGlobal(at.toPoint()))

    # -- keys ------------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            self.quick_add(self.new_place())
            return True
        if isinstance(event, QHelpEvent):
            block = self.shapes.at(self.to_graph(QPointF(event.pos())))
            if block:
                QToolTip.showText(event.globalPos(), self.describe(block), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def new_place(self) -> QPointF:
        """Where a new block goes: under the mouse, or right of the selected block."""
        if self.desk.selected and not self.underMouse():
            return self.to_widget(self.shapes.blocks[self.desk.selected[-1]].rect.topRight() + QPointF(70, 0))
        inside = self.rect().adjusted(10, 10, -60, -60).contains(self.mouse.toPoint())
        return self.mouse if inside else QPointF(self.width() / 2, self.height() / 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if key == Qt.Key.Key_Space:
            self._space = True
        elif key == Qt.Key.Key_Escape and self._gesture is not None:
            self._gesture.cancel()
            self._gesture = None
            self.update()
        elif key == Qt.Key.Key_Escape:
            self.desk.select(())
            self.chosen_wire = None
            self.update()
        elif key in steps and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._nudge(*steps[Qt.Key(key)])
        elif key in steps:
            self._select_towards(*steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.desk.selected:
            group = self.shapes.blocks[self.desk.selected[0]].group
            if group:
                self.desk.do("Open a group", edits.collapse(self.desk.document, group, False))
            else:
                self.inline.edit(self.desk.selected[0])
        elif key == Qt.Key.Key_Backspace and self.desk.selected:
            self._leave_group()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        if self._gesture is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._gesture.cancel()
            self._gesture = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _leave_group(self) -> None:
        """Close the group that the selected block is in."""
        around = self.desk.document.frame_of(self.desk.selected[0], "comment")
        if around is not None and not around.collapsed:
            self.desk.do(f"Close {around.text}", edits.collapse(self.desk.document, around.id, True))

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
            self.desk.select((next(iter(shapes)),))
            return
        here = shapes[self.desk.selected[-1]].rect.center()
        best: tuple[float, str] | None = None
        for block_id, shape in shapes.items():
            away = shape.rect.center() - here
            along = away.x() * dx + away.y() * dy
            aside = abs(away.x() * dy) + abs(away.y() * dx)
            if along > 1 and (best is None or along + 2.5 * aside < best[0]):
                best = (along + 2.5 * aside, block_id)
        if best is not None:
            self.desk.select((best[1],))
            self.show_block(best[1])

    # -- things dragged from the palette -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME) or numbers_in(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(MIME) or numbers_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            self.add(bytes(event.mimeData().data(MIME).data()).decode(), event.position())
            event.acceptProposedAction()
        elif numbers_in(event.mimeData()):
            drop_numbers(self, numbers_in(event.mimeData()), event.position())
            event.acceptProposedAction()

    def add(self, op: str, at: QPointF) -> str:
        """A new block at a point of the widget; gives its id."""
        here = self.to_graph(at)
        made, block_id = edits.add(self.desk.document, op, round(here.x() / 12) * 12, round(here.y() / 12) * 12)
        found = entry(op)
        self.desk.do(f"Add {found.title if found is not None and op != TENSOR else 'a tensor'}", made)
        self.desk.select((block_id,))
        return block_id

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._fresh and self.shapes.blocks:
            self.fit()
            self._fresh = not self.isVisible()

    def showEvent(self, event: object) -> None:
        if self._fresh and self.shapes.blocks:
            self.fit()

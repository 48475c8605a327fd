"""The canvas: one widget that paints from arrays. What stands still is cached; a frame draws only what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
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
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.debugger.scene import Graph, Moment, Status

from ..pictures.heat import blend
from ..theme import PULSE_MS, SETTLE_MS, TITLE_PX, ui_font
from . import flow, minimap
from .arranger import Arranger
from .changes import Changes
from .geometry import Geometry
from .gestures import BoxSelect, Gesture, Pan
from .legend import paint_legend
from .picture import paint_ground, paint_picture

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

    from gradviz.debugger.compare import Comparison

    from ..bridge import Bridge
    from ..compare.overlay import Overlay

MIN_SCALE, MAX_SCALE = 0.02, 4.0
FRAME_MS = 16
MARGIN, LEGEND = 28.0, 64.0  # room above the first card, and for the legend below
LEGEND_WIDTH = 450.0  # at most
EMPTY = (
    "Run the script (F5), open another one (Ctrl+O), or drop a file here.\n"
    "Build a graph by hand (Ctrl+E), take a lesson (Ctrl+Shift+H), or a tour of this window (Help menu)."
)
LARGEST = 1.2  # the scale that "fit" does not exceed
LEAST = 0.55  # the scale below which a first look shows a part: cards would have no room for numbers


class CanvasView(QWidget):
    """The graph of the session at its position, with the gradient flowing."""

    node_activated = Signal(int)
    toggle_requires_grad = Signal(int)
    toggle_no_grad = Signal(tuple)
    toggle_detach = Signal(int, int, int)
    context_menu_requested = Signal(QPoint)
    flow_finished = Signal()
    speed_changed = Signal()
    painted = Signal()  # for the first time with a graph

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.setObjectName("canvas")
        self.setAccessibleName("Computation graph")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 200)
        self.geometry_ = Geometry()
        self.arranger = Arranger(self)
        self.arranger.arranged.connect(self._arranged)
        self.offset = QPointF(0, 0)  # where the graph's origin stands in the widget
        self.scale = 1.0
        self.direction = "LR"
        self.speed = 1.0
        self.follow = True
        self.selected_edge = -1
        self.changes = Changes()
        self.overlays: list[Overlay | Changes] = []  # painted over the cards, in this order
        self._moment: Moment | None = None
        self._phase = 1.0
        self._static: QPixmap | None = None
        self.static_paints = 0  # how often the still picture was painted (tests watch it)
        self._gesture: Gesture | None = None
        self._hover = -1
        self._space = False
        self._first_fit = True
        self._fitted: tuple[QPointF, float] | None = None  # what the eye saw when it was last put in place by itself
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._glide: tuple[QPointF, QPointF] | None = None
        self._settle: tuple[np.ndarray, np.ndarray] | None = None
        self._settle_left = 0.0
        bridge.session_changed.connect(self._new_session)
        bridge.on_growth(self._grew)
        bridge.position_changed.connect(self._moved)
        bridge.selection_changed.connect(self._selected)
        bridge.theme_changed.connect(self.repaint_all)
        bridge.run_changed.connect(self._run_over)
        bridge.overrides_changed.connect(self.repaint_all)

    def sizeHint(self) -> QSize:
        return QSize(800, 500)

    # -- what is shown ------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """The state on the screen."""
        return self._moment

    def _new_session(self) -> None:
        self._show(self.arranger.arrange(self.bridge.graph() or Graph(), self.direction), fresh=True)

    def _show(self, made: Geometry | None, *, fresh: bool) -> None:
        """Put a geometry on the screen; None: it is still being laid out."""
        if made is None:
            if fresh:
                self.geometry_ = Geometry()
                self.repaint_all()
            return
        before = {n.id for n in self.geometry_.nodes}
        old, self.geometry_ = self.geometry_, made
        if fresh:
            self._first_fit = self._first_fit or not before & {n.id for n in made.nodes} or len(made.nodes) < len(before) // 2
            self._settle = None
        else:
            self._start_settling(old, made)
        self._take_moment(animate=False)
        if self._first_fit and made.nodes and self.isVisible():
            self.fit_current()
        self.repaint_all()

    def _run_over(self) -> None:
        """The graph is complete: put the first look right, where nobody has moved the paper meanwhile."""
        if not self.bridge.running and self._fitted == (self.offset, self.scale) and self.isVisible():
            self.fit_current()

    def _arranged(self, made: Geometry) -> None:
        """A large graph is laid out."""
        untouched = self._fitted == (self.offset, self.scale)
        self._show(made, fresh=not self.geometry_.nodes)
        if untouched and not self.bridge.running and self.isVisible():
            self.fit_current()
        if made.graph is not self.bridge.graph() and not self.bridge.running:
            self._grew()

    def _grew(self) -> None:
        """More nodes: the old cards glide to where they stand now."""
        graph = self.bridge.graph() or Graph()
        if graph is self.geometry_.graph:
            return
        if self.arranger.busy and self.bridge.running:
            return  # the next growth comes soon enough
        self._show(self.arranger.arrange(graph, self.direction, self.geometry_), fresh=False)

    def _start_settling(self, old: Geometry, made: Geometry) -> None:
        if not old.nodes or len(made.rects) == 0 or not self.isVisible():
            self._settle = None
            return
        start = made.rects.copy()
        for row, node_id in enumerate(made.ids.tolist()):
            if node_id in old.row:
                start[row, :2] = old.rects[old.row[node_id], :2]
        if np.allclose(start, made.rects):
            return
        self._settle = (start, made.rects.copy())
        self._settle_left = float(SETTLE_MS)
        self._wake()

    def _moved(self) -> None:
        self._take_moment(animate=True)
        if self.follow:
            self._follow()
        self.repaint_all()

    def _take_moment(self, *, animate: bool) -> None:
        self._moment = self.bridge.moment()
        moving = self._moment is not None and bool(self._moment.pulses)
        if animate and moving and self.speed > 0 and self.isVisible():
            self._phase = 0.0
            self._wake()
        else:
            self._phase = 1.0

    def repaint_all(self) -> None:
        """Paint the still picture again."""
        self._static = None
        self.update()

    # -- the clock ------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._clock.start()
            self._timer.start()

    def is_animating(self) -> bool:
        """Whether something moves."""
        return self._timer.isActive()

    def set_phase(self, phase: float) -> None:
        """Put the flow at a phase of the current event, from 0 to 1; exports and tests seek with it."""
        self._phase = min(max(phase, 0.0), 1.0)
        self.update()

    @property
    def phase(self) -> float:
        """How far the current event's flow is."""
        return self._phase

    def set_speed(self, speed: float) -> None:
        """1 is normal, 0 is instant."""
        self.speed = speed
        self.speed_changed.emit()

    def finish(self) -> None:
        """End everything that moves at once."""
        self._advance(1e9)

    def _tick(self) -> None:
        self._advance(float(self._clock.restart()))

    def _advance(self, ms: float) -> None:
        busy = False
        if self._phase < 1.0:
            self._phase = min(1.0, self._phase + ms * max(self.speed, 1e-3) / PULSE_MS)
            busy = self._phase < 1.0
            if not busy:
                self.flow_finished.emit()
        if self._glide is not None:
            target = self._glide[1]
            step = min(1.0, ms / 110.0)
            self.offset = self.offset + (target - self.offset) * step
            if (target - self.offset).manhattanLength() < 1.0:
                self.offset, self._glide = target, None
            busy = busy or self._glide is not None
            self._static = None
        if self._settle is not None:
            self._settle_left -= ms
            share = flow.eased(min(1.0, max(0.0, 1 - self._settle_left / SETTLE_MS)))
            start, end = self._settle
            self.geometry_.rects[:] = start + (end - start) * share
            if self._settle_left <= 0:
                self._settle = None
            busy = busy or self._settle is not None
            self._static = None
        if not busy:
            self._timer.stop()
        self.update()

    # -- the eye -----------------------------------------------------------------------------------------------

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
        self._glide = None
        self.offset = QPointF(offset)
        self.repaint_all()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom, keeping the point under `at` (the middle, where None) where it is."""
        place = QPointF(self.width() / 2, self.height() / 2) if at is None else at
        held = self.to_graph(place)
        self.scale = min(max(self.scale * factor, min(MIN_SCALE, self._scale_for(self.geometry_.bounds))), MAX_SCALE)
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
        self.show_area(self.geometry_.bounds)

    def fit_current(self) -> None:
        """Show the component that the current event is in, at a readable size: of a large one what lies around the event."""
        self._first_fit = False
        made = self.geometry_
        current = self._moment.current if self._moment is not None else ()
        group = next((n.group for n in made.nodes if n.id in current), 0)
        whole = made.group_rect(group)
        if self._scale_for(whole) >= LEAST or not made.nodes:
            self.show_area(whole)
            self._fitted = QPointF(self.offset), self.scale
            return
        near = self._around(current) if current else QRectF(*made.rects[0])
        self.scale = LEAST
        width, height = (self.width() - 2 * MARGIN) / LEAST, (self.height() - MARGIN - LEGEND) / LEAST
        x = min(max(near.center().x() - width / 2, whole.left()), max(whole.left(), whole.right() - width))
        y = min(max(near.center().y() - height / 2, whole.top()), max(whole.top(), whole.bottom() - height))
        if whole.width() < width:
            x = whole.center().x() - width / 2
        self.pan_to(QPointF(MARGIN, MARGIN) - QPointF(x, y) * LEAST)
        self._fitted = QPointF(self.offset), self.scale

    def _around(self, nodes: tuple[int, ...]) -> QRectF:
        """The rectangle around cards."""
        area = QRectF()
        for node_id in nodes:
            area = area.united(self.geometry_.rect(node_id))
        return area

    def _scale_for(self, area: QRectF) -> float:
        """The scale at which an area fills the widget."""
        if area.isEmpty():
            return LARGEST
        room = QRectF(0, 0, max(self.width() - 2 * MARGIN, 50), max(self.height() - MARGIN - LEGEND - 16, 50))
        return min(room.width() / area.width(), room.height() / area.height(), LARGEST)

    def zoom_to_selection(self) -> None:
        """Show the selected nodes; everything where none is selected."""
        area = self._around(self.bridge.selected)
        self.show_area(area if not area.isEmpty() else self.geometry_.bounds)

    def show_area(self, area: QRectF) -> None:
        """Put a part of the graph into the middle, as large as is readable."""
        if area.isEmpty():
            return
        self.scale = self._scale_for(area)
        self.pan_to(self._resting(area))

    def _resting(self, area: QRectF) -> QPointF:
        """The offset that puts an area into the middle; nothing is left blank above the graph while there is more of it below."""
        offset = QPointF(self.width() / 2, (self.height() - 40) / 2) - area.center() * self.scale
        bounds = self.geometry_.bounds
        blank = offset.y() + bounds.top() * self.scale - MARGIN
        below = bounds.bottom() * self.scale + offset.y() - (self.height() - LEGEND)
        if blank > 0 and below > 0:
            offset.setY(offset.y() - min(blank, below))
        return offset

    def _follow(self) -> None:
        """Keep the current node (after a print, say, the one before) in sight: glide where it is not."""
        session = self.bridge.session
        if self._moment is None or session is None:
            return
        nodes = self._moment.current or (session.latest_site,)
        area = self._around(nodes)
        if area.isEmpty():
            return
        margin = 24 / self.scale
        low = 64 / self.scale
        if self.shown.adjusted(margin, margin, -margin, -low).contains(area):
            return
        self._glide_to(self._resting(self._with_its_graph(area, nodes)))

    def _with_its_graph(self, area: QRectF, nodes: tuple[int, ...]) -> QRectF:
        """The component of the nodes in an area, where there is room for all of it."""
        group = next((n.group for n in self.geometry_.nodes if n.id in nodes), 0)
        whole = self.geometry_.group_rect(group)
        fits = whole.width() * self.scale < self.width() - 40 and whole.height() * self.scale < self.height() - 90
        return whole if fits else area

    def bring(self, nodes: tuple[int, ...]) -> None:
        """Bring nodes into sight, where none of them is."""
        rects = [rect for node in nodes if not (rect := self.geometry_.rect(node)).isEmpty()]
        if not rects or any(self.shown.intersects(rect) for rect in rects):
            return
        self._glide_to(self._resting(self._with_its_graph(rects[0], nodes)))

    def show_changes(self, comparison: Comparison | None) -> None:
        """Mark what a what-if changed, and bring it into sight."""
        self.changes.comparison = comparison
        if comparison is not None and self.changes not in self.overlays:
            self.overlays.insert(0, self.changes)
        elif comparison is None and self.changes in self.overlays:
            self.overlays.remove(self.changes)
        self.bring(self.changes.nodes)
        self.repaint_all()

    def _selected(self) -> None:
        self.bring(self.bridge.selected)
        self.update()

    def _glide_to(self, target: QPointF) -> None:
        if self.speed <= 0 or not self.isVisible():
            self.pan_to(target)
        else:
            self._glide = (QPointF(self.offset), target)
            self._wake()

    def set_direction(self, direction: str) -> None:
        """Lay the graph out from left to right ("LR") or from top to bottom ("TB")."""
        if direction == self.direction:
            return
        self.direction = direction
        self._first_fit = True
        self._show(self.arranger.arrange(self.geometry_.graph, direction), fresh=True)

    # -- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.bridge.theme
        if not self.geometry_.nodes:
            p.fillRect(self.rect(), QColor(theme.window))
            self._paint_empty(p)
            p.end()
            return
        if self._static is None:
            self._static = self._paint_static()
            if self.static_paints == 1:
                self.painted.emit()
        p.drawPixmap(0, 0, self._static)
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        self._paint_rings(p)
        if self._moment is not None and self._phase < 1.0:
            flow.paint_flow(p, self.geometry_, self._moment, self._phase, theme, self.scale)
        p.restore()
        if self._gesture is not None:
            self._gesture.paint(p)
        if self.hasFocus():
            p.setPen(QPen(blend(QColor(theme.window), QColor(theme.selection), 0.45), 1))  # seen by who looks for it
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(self.rect().adjusted(0, 0, -1, -1))
        p.end()

    def _paint_static(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(QSize(self.width(), self.height()) * ratio)
        made.setDevicePixelRatio(ratio)
        theme = self.bridge.theme
        made.fill(QColor(theme.window))
        p = QPainter(made)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.save()
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        paint_ground(p, self.shown, theme, self.scale)
        paint_picture(p, self.geometry_, self._moment, self.shown, self.scale, theme, self.direction)
        for overlay in self.overlays:
            overlay.paint(p, self.geometry_, self.shown, self.scale, theme)
        p.restore()
        paint_legend(p, self.height(), self._moment, theme)
        for overlay in self.overlays:
            overlay.paint_legend(p, self.width(), self.height(), theme)
        if not self.shown.contains(self.geometry_.bounds):
            minimap.paint_minimap(p, self.geometry_, self._moment, self.shown, self._minimap(), theme)
        p.end()
        self.static_paints += 1
        return made

    def _minimap(self) -> QRectF:
        return minimap.place(self.width(), self.height(), self.geometry_.bounds)

    def _paint_rings(self, p: QPainter) -> None:
        theme = self.bridge.theme
        current = self._moment.current if self._moment is not None else ()
        wide = 3.0 / min(self.scale, 1.0)
        p.setBrush(Qt.BrushStyle.NoBrush)
        rings = [(i, theme.current, wide, 4.0) for i in current] + [(i, theme.selection, wide * 0.7, 8.0) for i in self.bridge.selected]
        if self._hover >= 0:
            rings.append((self._hover, theme.muted, wide * 0.5, 2.0))
        for node_id, colour, width, grow in rings:
            rect = self.geometry_.rect(node_id)
            if rect.isEmpty():
                continue
            if theme.dark and colour == theme.current:
                glow = QColor(colour)
                glow.setAlphaF(0.18)
                p.setPen(QPen(glow, width * 3))
                p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), 11, 11)
            p.setPen(QPen(QColor(colour), width))
            p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), 11, 11)

    def _paint_empty(self, p: QPainter) -> None:
        running = self.bridge.running
        if self.arranger.busy:
            count = len(graph.nodes) if (graph := self.bridge.graph()) is not None else 0
            self._paint_words(p, f"Laying out {count:,} nodes…", "You can step already; the timeline and the inspector follow.")
            return
        if running:
            self._paint_words(p, "Running…", "The graph appears as the script runs.")
        elif self.bridge.session is not None:
            self._paint_words(p, "No tensors in this run", "The script computed nothing with torch. What it printed is in the console.")
        else:
            self._paint_words(p, "Nothing recorded yet", EMPTY)

    def _paint_words(self, p: QPainter, title: str, hint: str) -> None:
        theme, middle = self.bridge.theme, QRectF(self.rect())
        p.setFont(ui_font(TITLE_PX + 3, bold=True))
        p.setPen(QColor(theme.text))
        p.drawText(middle.adjusted(0, -40, 0, -40), Qt.AlignmentFlag.AlignCenter, title)
        p.setFont(ui_font())
        p.setPen(QColor(theme.muted))
        p.drawText(middle.adjusted(0, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, hint)

    # -- words --------------------------------------------------------------------------------------------------------

    def describe(self, node_id: int) -> str:
        """A node in words, for tooltips and screen readers."""
        node = self.geometry_.graph.node(node_id)
        if node is None:
            return ""
        state = self._moment.states.get(node_id) if self._moment is not None else None
        words = [f"{node.title}: {node.op}", node.grad_fn or "no grad_fn", f"shape {tuple(node.shape)}", node.dtype]
        if node.line:
            words.append(f"line {node.line}")
        words.append((state.status if state is not None else Status.UNBORN).name.lower())
        return ", ".join(words)

    # -- mouse and keys -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        button = event.button()
        if button == Qt.MouseButton.LeftButton and self._minimap_shown() and self._minimap().contains(at):
            centre = minimap.to_graph(self.geometry_, self._minimap(), at)
            self.pan_to(QPointF(self.width() / 2, self.height() / 2) - centre * self.scale)
        elif button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space):
            self._gesture = Pan(self, at)
        elif button == Qt.MouseButton.LeftButton:
            self._press(at, event.modifiers())

    def _press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        node_id = self.geometry_.at(self.to_graph(at))
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self.selected_edge = -1
        if node_id < 0:
            edge = self.geometry_.edge_at(self.to_graph(at), 6 / self.scale)
            if edge >= 0 and not shift:
                self.selected_edge = edge
                self.bridge.select(self.geometry_.edges[edge][0][1:2])
            else:
                self._gesture = BoxSelect(self, at, shift)
            return
        chosen = self.bridge.selected
        if control:
            chosen = tuple(i for i in chosen if i != node_id) if node_id in chosen else (*chosen, node_id)
        elif shift:
            chosen = tuple(dict.fromkeys((*chosen, node_id)))
        else:
            chosen = (node_id,)
        self.bridge.select(chosen)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            self._gesture.move(event.position())
            return
        hover = self.geometry_.at(self.to_graph(event.position()))
        if hover != self._hover:
            self._hover = hover
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.end()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        node_id = self.geometry_.at(self.to_graph(event.position()))
        if node_id >= 0:
            self.node_activated.emit(node_id)

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pan_to(self.offset + QPointF(pixels))
        else:
            self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        node_id = self.geometry_.at(self.to_graph(at))
        if node_id >= 0 and node_id not in self.bridge.selected:
            self.bridge.select((node_id,))
        elif node_id < 0:
            self.selected_edge = self.geometry_.edge_at(self.to_graph(at), 8 / self.scale)
        self.context_menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if key == Qt.Key.Key_Space:
            self._space = True
        elif key == Qt.Key.Key_Escape and self._gesture is not None:
            self._gesture.cancel()
            self._gesture = None
        elif key == Qt.Key.Key_Escape:
            self.bridge.select(())
        elif key in steps and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._select_towards(*steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Return and self.bridge.selected:
            self.node_activated.emit(self.bridge.selected[0])
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def _select_towards(self, dx: int, dy: int) -> None:
        """Select the nearest card in a direction."""
        made = self.geometry_
        if not len(made.rects):
            return
        if not self.bridge.selected or self.bridge.selected[0] not in made.row:
            start = self._moment.current[0] if self._moment is not None and self._moment.current else int(made.ids[0])
            self.bridge.select((start,))
            return
        centres = made.rects[:, :2] + made.rects[:, 2:] / 2
        here = centres[made.row[self.bridge.selected[0]]]
        away = centres - here
        along = away[:, 0] * dx + away[:, 1] * dy
        aside = np.abs(away[:, 0] * dy) + np.abs(away[:, 1] * dx)
        cost = np.where(along > 1, along + 2.5 * aside, np.inf)
        best = int(cost.argmin())
        if np.isfinite(cost[best]):
            self.bridge.select((int(made.ids[best]),))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            node_id = self.geometry_.at(self.to_graph(QPointF(event.pos())))
            if node_id >= 0:
                QToolTip.showText(event.globalPos(), self.describe(node_id), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def covered(self) -> list[QRectF]:
        """What lies over the graph, in the widget: the legend, and the minimap where it is shown."""
        legend = QRectF(0, self.height() - LEGEND, min(self.width(), LEGEND_WIDTH), LEGEND)
        return [legend, *([self._minimap()] if self._minimap_shown() else [])]

    def _minimap_shown(self) -> bool:
        return bool(self.geometry_.nodes) and not self.shown.contains(self.geometry_.bounds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._first_fit and self.geometry_.nodes:
            self.fit_current()
            self._first_fit = not self.isVisible()
        elif event.oldSize().isValid():
            self.offset += QPointF((event.size().width() - event.oldSize().width()) / 2, 0)  # the first row stays where it is
        self.repaint_all()

    def showEvent(self, event: object) -> None:
        if self.geometry_.nodes:
            self.fit_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        if self._gesture is not None:
            self._gesture.cancel()
            self._gesture = None
        self.update()

"""The canvas: one widget that paints from arrays. What stands still is cached; a frame draws only what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from gradviz.debugger.scene import Graph

from ..pictures.heat import blend
from . import words
from .arranger import Arranger
from .cards.card_pictures import CardPictures
from .cards.ports import port_at
from .cards.rings import badges_over, paint_chosen, paint_rings
from .changes import Changes
from .eye import framing
from .eye.following import Following
from .folding import WORDS, Folding
from .geometry import Geometry
from .graph_widget import ARROWS
from .mouse.box_select import BoxSelect
from .mouse.selecting import clicked, towards
from .painting import flow, minimap
from .painting.layers import Layers
from .painting.motion import Clock, Glide, Pulse, Settling
from .painting.picture import paint_picture
from .surface import Surface

if TYPE_CHECKING:
    from gradviz.debugger.comparing.what_changed import Comparison

    from ..bridge import Bridge

LEAST_SCALE = 0.02  # of the wheel; a graph that is larger still may be seen whole


class CanvasView(Surface):
    """The graph of the session at its position, with the gradient flowing."""

    node_activated = Signal(int)
    speed_changed = Signal()
    painted = Signal()  # for the first time

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Computation graph")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else Qt paints the five widgets under it at each of its frames
        self.setMinimumSize(320, 140)  # more would be taken of the docks below, where a message stands above it in a low window
        self.arranger = Arranger(self)
        self.arranger.arranged.connect(self._arranged)
        self.direction = "LR"
        self.follow = True
        self.folding = Folding()
        self.changes = Changes()
        self._covers: list[QRectF] = []  # what lies over it
        self.cards = CardPictures()
        self._layers = Layers()
        self._sheet: QPixmap | None = None  # the still picture's paper: used again, the memory of a new one would cost as much as its lines
        self.static_paints = 0  # how often the still picture was painted (tests watch it)
        self._ever_painted = False
        self._hover = -1
        self._hurried = False  # the mouse drags through time
        self._first_fit = True
        self._fitted: tuple[QPointF, float] | None = None  # what the eye saw when it was last put in place by itself
        self._pulse, self._glide, self._settling = Pulse(), Glide(self), Settling(self)
        self.clock: Clock = Clock((self._pulse, self._glide, self._settling), self.update, self)
        self.following = Following(self, self._glide, self._pulse, self.clock)
        bridge.session_changed.connect(self._new_session)
        bridge.on_growth(self._grew)
        bridge.position_changed.connect(self._moved)
        bridge.on_rest(self._rested)
        bridge.selection_changed.connect(self._selected)
        bridge.theme_changed.connect(self.repaint_all)
        bridge.run_changed.connect(self._run_over)
        bridge.overrides_changed.connect(self.repaint_all)

    # -- what is shown ------------------------------------------------------------------------------------

    def _graph(self) -> Graph:
        """The graph as it is drawn."""
        return self.folding.shown(self.bridge.session)

    def _new_session(self) -> None:
        self._show(self.arranger.arrange(self._graph(), self.direction), fresh=True)

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
            self._settling.stop()
        elif self._settling.begin(old, made):
            self.clock.wake()
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
        if made.graph is not self._graph() and not self.bridge.running:
            self._grew()

    def _grew(self) -> None:
        """More nodes: the old cards glide to where they stand now."""
        graph = self._graph()
        if graph is self.geometry_.graph:
            return
        if self.arranger.busy and self.bridge.running:
            return  # the next growth comes soon enough
        self._show(self.arranger.arrange(graph, self.direction, self.geometry_), fresh=False)

    def fold(self, by: int) -> str:
        """Draw modules as one card each (1: a level coarser, -1: finer); in words what the canvas shows then."""
        if self.folding.turn(by):
            self._refold()
        return WORDS[self.folding.level]

    def open_fold(self, node_id: int) -> bool:
        """Open the module whose card this is, or close the one that was opened around it; whether there is one."""
        name = self.folding.closed_at(node_id) or self.folding.open_around(node_id)
        if name:
            self.folding.toggle(name)
            self._refold()
        return bool(name)

    def _refold(self) -> None:
        """Other cards: those that stay glide to where they stand now."""
        self._show(self.arranger.arrange(self._graph(), self.direction), fresh=False)
        if self.geometry_.nodes and self.isVisible():
            self.fit_current()

    def _moved(self) -> None:
        self._hurried = self.bridge.still
        self._take_moment(animate=not self.bridge.still)
        if self.follow:
            self._follow()
        self.repaint_all()

    def _rested(self) -> None:
        """The mouse does not drag any more: cards that waited for their turn need wait no longer."""
        self._hurried = False
        if self.cards.late:
            self.repaint_all()

    def _take_moment(self, *, animate: bool) -> None:
        before, self._moment = self._moment, self.bridge.moment()
        moment = self._moment
        told = before is not None and moment is not None and before.position == moment.position  # of a derivation, say, the next part
        moving = moment is not None and bool(moment.pulses or (moment.current and not told))
        if animate and moment is not None and moving and self.speed > 0 and self.isVisible():
            self._pulse.phase = flow.beginning(moment)
            self.clock.wake()
        else:
            self._pulse.phase = 1.0

    # -- the clock ------------------------------------------------------------------------------------------

    def is_animating(self) -> bool:
        """Whether something moves."""
        return self.clock.running

    def set_phase(self, phase: float) -> None:
        """Put the flow at a phase of the current event, from 0 to 1; exports and tests seek with it."""
        self._pulse.phase = min(max(phase, 0.0), 1.0)
        self.update()

    @property
    def phase(self) -> float:
        """How far the current event's flow is."""
        return self._pulse.phase

    @property
    def speed(self) -> float:
        """1 is normal, 0 is instant."""
        return self._pulse.speed

    def set_speed(self, speed: float) -> None:
        """1 is normal, 0 is instant."""
        self._pulse.speed = speed
        self.speed_changed.emit()

    def finish(self) -> None:
        """End everything that moves at once."""
        self.clock.advance(1e9)

    # -- the eye -----------------------------------------------------------------------------------------------

    @property
    def least_scale(self) -> float:
        return min(LEAST_SCALE, framing.scale_for(self.geometry_.bounds, self.size()))

    def pan_to(self, offset: QPointF) -> None:
        self._glide.target = None
        super().pan_to(offset)
        self.repaint_all()

    def fit(self) -> None:
        """Show everything."""
        self.show_area(self.geometry_.bounds)

    def fit_current(self) -> None:
        """Show the component that the current event is in, at a readable size: of a large one what lies around the event."""
        self._first_fit = False
        made, current = self.geometry_, self._here or framing.subject(self.geometry_, self.size())
        look = framing.first_look(made, current, self.size())
        if look is None:
            area = framing.component(made, current)
            self.show_area(area, framing.LARGEST if area == made.bounds else framing.NEAR)
        else:
            offset, self.scale = look
            self.pan_to(offset)
        self._fitted = QPointF(self.offset), self.scale

    def zoom_to_selection(self) -> None:
        """Show the selected nodes; everything where none is selected."""
        area = framing.around(self.geometry_, self.bridge.selected)
        self.show_area(area if not area.isEmpty() else self.geometry_.bounds)

    def show_area(self, area: QRectF, most: float = framing.LARGEST) -> None:
        """Put a part of the graph into the middle, as large as is readable, but at a scale of not more than `most`."""
        if area.isEmpty():
            return
        self.scale = framing.scale_for(area, self.size(), most)
        self.pan_to(framing.resting(area, self.geometry_.bounds, self.scale, self.size()))

    def _follow(self) -> None:
        """Keep the current node in sight."""
        if self._here:
            self.following.keep(self._here)

    @property
    def _here(self) -> tuple[int, ...]:
        """The current nodes; after a print, say, the node before it."""
        session = self.bridge.session
        if self._moment is None or session is None:
            return ()
        return self._moment.current or ((session.latest_site,) if not self.geometry_.rect(session.latest_site).isEmpty() else ())

    def show_changes(self, comparison: Comparison | None) -> None:
        """Mark what a what-if changed, and bring it into sight."""
        self.changes.comparison = comparison
        if comparison is not None and self.changes not in self.overlays:
            self.overlays.insert(0, self.changes)
        elif comparison is None and self.changes in self.overlays:
            self.overlays.remove(self.changes)
        if stops := self.changes.stops:
            self.following.keep(stops)  # where the gradient stops says more than where it is missed
        else:
            self.following.bring(self.changes.nodes)
        self.repaint_all()

    @property
    def _ringed(self) -> tuple[int, ...]:
        """The selected nodes; of a selected edge the edge says it."""
        return self.bridge.selected if self.bridge.port < 0 else ()

    def _selected(self) -> None:
        self.following.bring(self.bridge.selected)
        self.update()

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
        if not self._ever_painted:
            self._ever_painted = True
            self.painted.emit()
        if not self.geometry_.nodes:
            from .painting.empty import paint_words, why_empty

            p.fillRect(self.rect(), QColor(theme.window))
            paint_words(p, QRectF(self.rect()), *why_empty(self.bridge, self.arranger.waiting), theme)
            p.end()
            return
        if self._static is None:
            self._static = self._paint_static()
        p.drawPixmap(0, 0, self._static)
        p.save()
        p.translate(self._corner)
        p.scale(self.scale, self.scale)
        if self.bridge.port >= 0 and self.bridge.selected:
            paint_chosen(p, self.geometry_, self.bridge.selected[0], self.bridge.port, theme, self.scale)
        paint_rings(p, self.geometry_, self._moment, self._current, self._ringed, self._hover, theme, self.scale)
        if self._moment is not None and self.phase < 1.0:
            flow.paint_flow(p, self.geometry_, self._moment, self.phase, theme, self.scale)
        p.restore()
        ratio = self._static.devicePixelRatio()
        for box in self._covers:  # what moves goes under them, as the cards do
            p.drawPixmap(box, self._static, QRectF(box.topLeft() * ratio, box.size() * ratio))
        if self.gesture is not None:
            self.gesture.paint(p)
        if self.hasFocus():
            self.paint_focus(p, blend(QColor(theme.window), QColor(theme.selection), 0.45))  # seen by who looks for it
        p.end()

    def _paint_static(self) -> QPixmap:
        made, theme = self._sheet, self.bridge.theme
        if made is None or made.size() != self.size() * made.devicePixelRatio() or made.devicePixelRatio() != self.devicePixelRatioF():
            made = self._sheet = self.sheet()
        p = QPainter(made)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.cards.begin(hurried=self._hurried, first=self._current)
        self._layers.paint_ground(p, self._corner, self.shown, self.scale, theme)
        p.save()
        p.translate(self._corner)
        p.scale(self.scale, self.scale)
        paint_picture(p, self.geometry_, self._moment, self.shown, self.scale, theme, self.direction, self.cards.paint)
        for overlay in self.overlays:
            overlay.paint(p, self.geometry_, self.shown, self.scale, theme)
        badges_over(p, self.geometry_, self._moment, self.changes.nodes, theme, self.scale)
        p.restore()
        for overlay in self.overlays:
            overlay.paint_legend(p, self.width(), self._free_height, theme)
        if self._minimap_shown():
            self._layers.paint_minimap(p, self.geometry_, self._moment, self.shown, self._minimap(), theme)
        p.end()
        self._covers = self.covered()
        self.static_paints += 1
        return made

    @property
    def _corner(self) -> QPointF:
        """The offset in whole pixels of the screen: cards that glide are copied then, and their letters do not shimmer."""
        ratio = self.devicePixelRatioF()
        return QPointF(round(self.offset.x() * ratio), round(self.offset.y() * ratio)) / ratio

    # -- words --------------------------------------------------------------------------------------------------------

    def describe(self, node_id: int) -> str:
        """A node in words, for tooltips and screen readers."""
        node = self.geometry_.graph.node(node_id)
        state = self._moment.states.get(node_id) if self._moment is not None else None
        return words.of_node(node, state) if node is not None else ""

    def _describe_port(self, node_id: int, output: int) -> str:
        node = self.geometry_.graph.node(node_id)
        return words.of_port(node, output) if node is not None else ""

    # -- mouse and keys -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, left = event.position(), event.button() == Qt.MouseButton.LeftButton
        if left and self._minimap_shown() and self._minimap().contains(at):
            self.pan_to(self.middle - minimap.to_graph(self.geometry_, self._minimap(), at) * self.scale)
        elif not self.begins_pan(event) and left:
            self._press(at, event.modifiers())

    def _press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        here = self.to_graph(at)
        found = port_at(self.geometry_, here, self.direction, self.scale)
        if found is not None and modifiers == Qt.KeyboardModifier.NoModifier:
            self.bridge.select(found[:1], result=found[1])
            return
        node_id = self.geometry_.at(here)
        if node_id >= 0:
            self.bridge.select(clicked(node_id, self.bridge.selected, modifiers))
            return
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        edge = self.geometry_.edge_at(here, 6 / self.scale)
        if edge >= 0 and not shift:
            self._select_edge(edge)
        else:
            self.gesture = BoxSelect(self, at, shift)

    def _select_edge(self, row: int) -> None:
        """Its target, and which input of that it goes into; what hangs under a leaf is no input."""
        (_, target, port), kind = self.geometry_.edges[row]
        self.bridge.select((target,), port if kind != "bucket" else -1)

    def hover(self, here: QPointF) -> None:
        over = self.geometry_.at(here)
        found = port_at(self.geometry_, here, self.direction, self.scale)
        self.set_tip(self.describe(over) if found is None else self._describe_port(*found))
        if over != self._hover:
            self._hover = over
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        node_id = self.geometry_.at(self.to_graph(event.position()))
        if node_id >= 0 and not (self.folding.closed_at(node_id) and self.open_fold(node_id)):
            self.node_activated.emit(node_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        node_id = self.geometry_.at(self.to_graph(at))
        if node_id >= 0 and node_id not in self.bridge.selected:
            self.bridge.select((node_id,))
        elif node_id < 0:
            edge = self.geometry_.edge_at(self.to_graph(at), 8 / self.scale)
            if edge >= 0:
                self._select_edge(edge)
            else:
                self.bridge.select(())  # the menu is not of a node that lies elsewhere
        self.context_menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.takes_key(event):
            return
        if key == Qt.Key.Key_Escape:
            self.bridge.select(())
        elif key in ARROWS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            chosen = towards(self.geometry_, self.bridge.selected, self._current, *ARROWS[Qt.Key(key)])
            if chosen:
                self.bridge.select(chosen)
        elif key == Qt.Key.Key_Return and self.bridge.selected:
            self.node_activated.emit(self.bridge.selected[0])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        untouched = self._fitted == (self.offset, self.scale)
        wider = event.size().width() != event.oldSize().width()  # a message above the canvas takes height: what is seen stays as it is
        if self.geometry_.nodes and (self._first_fit or (untouched and (wider or not self._ever_painted))):
            self.fit_current()
            self._first_fit = not self.isVisible()
        elif event.oldSize().isValid():
            self.offset += QPointF((event.size().width() - event.oldSize().width()) / 2, 0)  # the first row stays where it is
        self.repaint_all()

    def showEvent(self, event: object) -> None:
        if self.geometry_.nodes:
            self.fit_current()

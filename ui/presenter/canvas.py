"""The canvas of a presentation: large, near what the step is about, the rest dimmed."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent

from ..canvas.cards.far import paint_simple
from ..canvas.geometry import touching
from ..canvas.painting import flow
from ..canvas.painting.edges import gradient_pen, gradient_range
from ..canvas.view import CanvasView
from ..style.theme import Theme, log_share
from .cards import letters, paint_stage_card
from .look import Sizes, sizes, stage_theme

if TYPE_CHECKING:
    from ..bridge import Bridge

FAR = 0.3  # scale at which a card of the whole graph is a block with its name
DIMMED = 0.22
NEAREST = 1.7  # times the smallest scale: nearer it gets no more
GLIDE_MS = 380.0
MARGIN = 0.8  # around the graph, in letters


class Flight:
    """The eye on its way to another place at another scale."""

    def __init__(self, canvas: StageCanvas) -> None:
        self._canvas = canvas
        self._way: tuple[QPointF, float, QPointF, float] | None = None  # centre and scale: from, to
        self._flown = 1.0

    def begin(self, centre: QPointF, scale: float, to: QPointF, to_scale: float) -> None:
        """Leave one place for another."""
        self._way = (centre, scale, to, to_scale)
        self._flown = 0.0

    def stop(self) -> None:
        """Stay where the eye is."""
        self._way = None

    def advance(self, ms: float) -> bool:
        if self._way is None:
            return False
        self._flown = min(1.0, self._flown + ms / GLIDE_MS)
        share = flow.eased(self._flown)
        centre, scale, to, to_scale = self._way
        self._canvas.stand(centre + (to - centre) * share, scale * (to_scale / scale) ** share)
        if self._flown >= 1.0:
            self._way = None
        return self._way is not None


class StageCanvas(CanvasView):
    """Shows the session as `CanvasView` does; the eye goes by itself to what each step is about."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self.setObjectName("stage_canvas")
        self.pointed: Callable[[], tuple[int, ...]] = tuple  # further nodes that matter: what a lesson points at
        self.whole = False  # everything in sight, however small
        self._flight = Flight(self)
        self.clock.movers = (self._flight, *self.clock.movers)
        bridge.selection_changed.connect(self._selected)

    @property
    def look(self) -> Theme:
        """The theme at the contrast of a presentation."""
        return stage_theme(self.bridge.theme)

    @property
    def sizes(self) -> Sizes:
        """Sizes for the screen that this stands on."""
        return sizes(self.window().height(), self.logicalDpiY())

    def take(self, direction: str) -> None:
        """Show the session as it is now."""
        self.direction = direction
        self._new_session()

    # -- what matters ---------------------------------------------------------------------------------------

    def focus_nodes(self) -> set[int]:
        """The nodes that were clicked; else what this step is about: current, at the ends of what moves, pointed at. Empty: all."""
        chosen = set(self.bridge.selected) & set(self.geometry_.row)
        if chosen:
            return chosen
        moment = self.moment
        found = set(self.pointed())
        if moment is not None:
            found.update(moment.current)
            for pulse in moment.pulses:
                found.update((pulse.source, pulse.target))
        return found & set(self.geometry_.row)

    def aim(self) -> tuple[QPointF, float]:
        """Where the eye should be: the point of the graph in the middle, and the scale."""
        made, least = self.geometry_, self.sizes.card_scale
        margin = 2 * MARGIN * self.sizes.text
        room = QRectF(0, 0, max(50.0, self.width() - margin), max(50.0, self.height() - margin))
        bounds = made.bounds
        fitting = min(room.width() / max(bounds.width(), 1.0), room.height() / max(bounds.height(), 1.0))
        if self.whole or fitting >= least:
            return bounds.center(), min(fitting, least * NEAREST)
        nodes = self.focus_nodes() or set(made.ids[:1].tolist())
        area = QRectF()
        for node in nodes:
            area = area.united(made.rect(node))
        near = min(room.width() / max(area.width(), 1.0), room.height() / max(area.height(), 1.0))
        scale = min(max(near, least), least * NEAREST * 0.85)
        if near < least:  # more than the screen holds in readable letters: as much of what matters as goes in
            area = most_within(self._weighed(nodes), room.width() / least, room.height() / least)
        return self._inside(area.center(), scale, bounds, room), scale

    def _weighed(self, nodes: set[int]) -> list[tuple[QRectF, float]]:
        """The cards with how much they matter: what the step stands on more than what moves, that more than what is pointed at."""
        moment = self.moment
        current = moment.current if moment is not None else ()
        moving = {end for pulse in (moment.pulses if moment is not None else ()) for end in (pulse.source, pulse.target)}
        return [(self.geometry_.rect(n), 8.0 if n in current[:1] else 4.0 if n in current else 2.0 if n in moving else 1.0) for n in nodes]

    def _inside(self, centre: QPointF, scale: float, bounds: QRectF, room: QRectF) -> QPointF:
        """The centre, moved so that no blank lies beside the graph while there is more of it on the other side."""
        out = []
        for at, low, high, width in (
            (centre.x(), bounds.left(), bounds.right(), room.width()),
            (centre.y(), bounds.top(), bounds.bottom(), room.height()),
        ):
            half = width / scale / 2
            out.append((low + high) / 2 if high - low <= 2 * half else min(max(at, low + half), high - half))
        return QPointF(*out)

    def look_there(self, animate: bool = True) -> None:
        """Fly (or jump) to what matters."""
        if not self.geometry_.nodes:
            return
        centre, scale = self.aim()
        here = self.to_graph(self.middle)
        if animate and self.speed > 0 and self.isVisible():
            self._flight.begin(here, self.scale, centre, scale)
            self.clock.wake()
        else:
            self._flight.stop()
            self.stand(centre, scale)

    def stand(self, centre: QPointF, scale: float) -> None:
        """Put the eye over a point of the graph, at a scale."""
        self.scale = scale
        self.offset = self.middle - centre * scale
        self.repaint_all()

    def _follow(self) -> None:
        self.look_there()

    def _selected(self) -> None:
        self.look_there()
        self.repaint_all()

    def _minimap_shown(self) -> bool:
        return False

    def fit_current(self) -> None:
        """Stand where this moment wants the eye to be."""
        self._first_fit = False
        self.look_there(animate=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_current()
        self.repaint_all()

    def set_whole(self, whole: bool) -> None:
        """All of the graph in sight, or what matters in readable letters."""
        self.whole = whole
        self.look_there()

    # -- painting ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.geometry_.nodes:
            self._paint_nothing(p)
            p.end()
            return
        if self._static is None:
            self._static = self._paint_static()
        p.drawPixmap(0, 0, self._static)
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        self._paint_ring(p)
        if self.moment is not None and self.phase < 1.0:
            self._paint_pulses(p)
        p.end()

    def _paint_nothing(self, p: QPainter) -> None:
        theme = self.look
        p.fillRect(self.rect(), QColor(theme.window))
        font = letters(bold=True)
        font.setPixelSize(self.sizes.text)
        p.setFont(font)
        p.setPen(QColor(theme.text))
        words = "The graph appears as the script runs" if self.bridge.running else "Nothing is recorded yet: Escape, then run a script (F5)"
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_static(self) -> QPixmap:
        made = self.sheet()
        made.fill(QColor(self.look.window))
        p = QPainter(made)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.translate(self.offset)
        p.scale(self.scale, self.scale)
        self._paint_frames(p)
        self._paint_edges(p)
        self._paint_cards(p)
        p.end()
        self.static_paints += 1
        return made

    def _paint_frames(self, p: QPainter) -> None:
        theme = self.look
        for frame, rect in self.geometry_.frames:
            fill = QColor(theme.no_grad)
            fill.setAlphaF(0.12)
            p.setPen(QPen(QColor(theme.no_grad), self.sizes.edge / self.scale, Qt.PenStyle.DashLine))
            p.setBrush(fill)
            p.drawRoundedRect(rect, 12, 12)
            p.setFont(letters(bold=True))
            p.setPen(QColor(theme.muted))
            p.drawText(rect.adjusted(12, 5, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, frame.label)

    def _paint_edges(self, p: QPainter) -> None:
        made, theme, moment, focus = self.geometry_, self.look, self.moment, self.focus_nodes()
        if not len(made.samples):
            return
        low, high = gradient_range(moment)
        flown = moment.flown if moment is not None else {}
        shown, first, last = self.shown, made.samples.min(axis=1), made.samples.max(axis=1)
        across = (first[:, 0] <= shown.right()) & (last[:, 0] >= shown.left())
        down = (first[:, 1] <= shown.bottom()) & (last[:, 1] >= shown.top())
        least = self.sizes.edge / self.scale
        for k in np.flatnonzero(across & down).tolist():
            key, kind = made.edges[k]
            norm = flown.get(key)
            if norm is not None:
                pen = gradient_pen(norm, low, high, theme)
                pen.setWidthF(least * (1.0 + 1.6 * log_share(norm, low, high)))
            else:
                pen = QPen(QColor(theme.edge), least, Qt.PenStyle.DashLine if kind in ("plain", "cut") else Qt.PenStyle.SolidLine)
            p.setOpacity(1.0 if not focus or key[0] in focus or key[1] in focus else DIMMED)
            p.setPen(pen)
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawPath(made.paths[k])
            if kind != "bucket":
                _head(p, made.samples[k], pen.color(), 2.5 * pen.widthF())
        p.setOpacity(1.0)

    def _paint_cards(self, p: QPainter) -> None:
        made, moment, focus = self.geometry_, self.moment, self.focus_nodes()
        states = moment.states if moment is not None else {}
        line = min(self.sizes.edge / self.scale, 4.0)
        for row in np.flatnonzero(touching(made.rects, self.shown)).tolist():
            node, rect = made.nodes[row], QRectF(*made.rects[row])
            p.setOpacity(1.0 if not focus or node.id in focus else DIMMED)
            if self.scale < FAR:
                paint_simple(p, rect, node, states.get(node.id), self.look)
                continue
            paint_stage_card(p, rect, node, states.get(node.id), self.look, chip=row >= len(made.nodes) - made.chips, line=line)
        p.setOpacity(1.0)

    def _paint_ring(self, p: QPainter) -> None:
        """Around what the step stands on."""
        theme, wide = self.look, 1.5 * self.sizes.edge / self.scale
        p.setBrush(Qt.BrushStyle.NoBrush)
        current = self.moment.current if self.moment is not None else ()
        for nodes, colour, grow in ((current, theme.current, 1.0), (self.pointed(), theme.selection, 2.4)):
            for node in nodes:
                rect = self.geometry_.rect(node)
                if not rect.isEmpty():
                    p.setPen(QPen(QColor(colour), wide))
                    p.drawRoundedRect(rect.adjusted(-wide * grow, -wide * grow, wide * grow, wide * grow), 11, 11)

    def _paint_pulses(self, p: QPainter) -> None:
        """What moves, large; where it lands, how many have come."""
        moment, made, theme = self.moment, self.geometry_, self.look
        if moment is None:
            return
        low, high = gradient_range(moment)
        share = flow.eased(self.phase)
        p.setPen(Qt.PenStyle.NoPen)
        for pulse in moment.pulses:
            row = made.edge_row.get((pulse.source, pulse.target, pulse.port))
            if row is None:
                continue
            data = pulse.forward and made.edges[row][1] != "bucket"
            colour = QColor(theme.value if data else theme.gradient)
            size = 8.0 + (0.0 if data else 5.0 * log_share(pulse.magnitude, low, high))
            at = share if pulse.forward else 1.0 - share
            for k in range(5, -1, -1):
                place = at - (0.03 * k if pulse.forward else -0.03 * k)
                colour.setAlphaF(1.0 - 0.18 * k)
                p.setBrush(colour)
                p.drawEllipse(flow.point_on(made, row, place), size * (1 - 0.12 * k), size * (1 - 0.12 * k))
            p.setBrush(QColor(theme.window))
            p.drawEllipse(flow.point_on(made, row, at), size * 0.4, size * 0.4)


def most_within(cards: list[tuple[QRectF, float]], width: float, height: float) -> QRectF:
    """The cards that fit together into a view of that size and matter most, as one area."""
    best, found = -1.0, cards[0][0] if cards else QRectF()
    for left in {card.left() for card, _ in cards}:
        for top in {card.top() for card, _ in cards}:
            view = QRectF(left, top, width, height)
            inside = [(card, weight) for card, weight in cards if view.contains(card)]
            weight = sum(weight for _, weight in inside)
            if weight > best:
                best, found = weight, reduce(QRectF.united, (card for card, _ in inside), QRectF())
    return found


def _head(p: QPainter, points: np.ndarray, colour: QColor, size: float) -> None:
    """The head of an arrow, along its last piece."""
    end, before = points[-1], points[-2]
    along = (end - before) / max(float(np.hypot(*(end - before))), 1e-6)
    side = np.array([-along[1], along[0]])
    corners = (end, end - along * size + side * size * 0.6, end - along * size - side * size * 0.6)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(*c) for c in corners]))

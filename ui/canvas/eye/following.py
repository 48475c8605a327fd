"""Following: the eye goes by itself to what the session is about, where that is out of sight."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from ..painting.motion import Clock, Glide, Pulse
from ..surface import Surface
from . import framing

SIDES = 24  # pixels of the widget's border that do not count as in sight


class Following:
    """Moves the eye of a canvas; it glides, unless the canvas is instant or hidden."""

    def __init__(self, view: Surface, glide: Glide, pulse: Pulse, clock: Clock) -> None:
        self._view = view
        self._glide, self._pulse, self._clock = glide, pulse, clock

    def keep(self, nodes: tuple[int, ...]) -> None:
        """Keep nodes in sight, all of them; of those that stand far apart the first."""
        view = self._view
        sides = SIDES / view.scale
        seen = self._shown.adjusted(sides, sides, -sides, -sides)
        area = framing.together(view.geometry_, nodes, seen.size())
        if not area.isEmpty() and (not seen.contains(area) or self._covered(nodes)):
            self._go(area, nodes)

    @property
    def _shown(self) -> QRectF:
        """What the canvas shows where the eye stands when it has come to rest: what is in sight now may be about to leave it."""
        view = self._view
        return view.shown.translated((view.offset - self._rest) / view.scale)

    @property
    def _rest(self) -> QPointF:
        return self._view.offset if self._glide.target is None else self._glide.target

    def _covered(self, nodes: tuple[int, ...]) -> bool:
        """Whether the first of some nodes lies under the minimap or the words of an overlay."""
        view = self._view
        card = view.geometry_.rect(nodes[0])
        here = QRectF(card.topLeft() * view.scale + self._rest, card.size() * view.scale)
        return any(box.intersects(here) for box in view.covered())

    def bring(self, nodes: tuple[int, ...]) -> None:
        """Bring nodes into sight, where none of them is."""
        rects = [rect for node in nodes if not (rect := self._view.geometry_.rect(node)).isEmpty()]
        if rects and not any(self._shown.intersects(rect) for rect in rects):
            self._go(rects[0], nodes)

    def _go(self, area: QRectF, nodes: tuple[int, ...]) -> None:
        """Put the place of nodes into the middle, with all of their graph where there is room for it."""
        view = self._view
        made, size = view.geometry_, view.size()
        target = framing.resting(framing.with_its_graph(area, made, nodes, view.scale, size), made.bounds, view.scale, size)
        if self._pulse.speed <= 0 or view.bridge.still or not view.isVisible():
            view.pan_to(target)
        else:
            self._glide.target = target
            self._clock.wake()

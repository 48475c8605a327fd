"""What moves on the canvas, each for itself, and the one clock that moves them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QPointF, QTimer

from ...style.theme import PULSE_MS, SETTLE_MS
from ..geometry import Geometry
from ..surface import Surface
from .flow import eased

FRAME_MS = 16
GLIDE_MS = 110.0  # the time in which a glide would end if it did not slow down


class Mover(Protocol):
    """Something that moves."""

    def advance(self, ms: float) -> bool:
        """Go on for a time; whether there is more to come."""


class Clock(QObject):
    """Ticks while something moves, and no longer."""

    def __init__(self, movers: tuple[Mover, ...], ticked: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self.movers = movers
        self._ticked = ticked
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether something moves."""
        return self._timer.isActive()

    def wake(self) -> None:
        """Something begins to move."""
        if not self._timer.isActive():
            self._since.start()
            self._timer.start()

    def _tick(self) -> None:
        self.advance(float(self._since.restart()))

    def advance(self, ms: float) -> None:
        """Let everything go on for a time."""
        busy = [mover.advance(ms) for mover in self.movers]
        if not any(busy):
            self._timer.stop()
        self._ticked()


class Pulse:
    """The flow of the current event, from 0 to 1."""

    def __init__(self) -> None:
        self.phase = 1.0
        self.speed = 1.0  # 1 is normal, 0 is instant

    def advance(self, ms: float) -> bool:
        if self.phase < 1.0:
            self.phase = min(1.0, self.phase + ms * max(self.speed, 1e-3) / PULSE_MS)
        return self.phase < 1.0


class Glide:
    """The eye on its way to another place: quick at first, then slower."""

    def __init__(self, view: Surface) -> None:
        self._view = view
        self.target: QPointF | None = None

    def advance(self, ms: float) -> bool:
        if self.target is None:
            return False
        view, target = self._view, self.target
        view.offset = view.offset + (target - view.offset) * min(1.0, ms / GLIDE_MS)
        if (target - view.offset).manhattanLength() < 1.0:
            view.offset, self.target = target, None
        view.repaint_all()
        return self.target is not None


class Settling:
    """Cards on their way from where they stood in the graph before to where they stand now."""

    def __init__(self, view: Surface) -> None:
        self._view = view
        self._way: tuple[np.ndarray, np.ndarray] | None = None
        self._left = 0.0

    def stop(self) -> None:
        """The cards stand."""
        self._way = None

    def begin(self, old: Geometry, made: Geometry) -> bool:
        """Let the cards of a geometry come from their places in the one before; False where none has another place, or nobody sees it."""
        self._way = None
        if not old.nodes or len(made.rects) == 0 or not self._view.isVisible():
            return False
        start = made.rects.copy()
        for row, node_id in enumerate(made.ids.tolist()):
            if node_id in old.row:
                start[row, :2] = old.rects[old.row[node_id], :2]
        if np.allclose(start, made.rects):
            return False
        self._way = (start, made.rects.copy())
        self._left = float(SETTLE_MS)
        return True

    def advance(self, ms: float) -> bool:
        if self._way is None:
            return False
        self._left -= ms
        share = eased(min(1.0, max(0.0, 1 - self._left / SETTLE_MS)))
        start, end = self._way
        self._view.geometry_.put(start + (end - start) * share)
        if self._left <= 0:
            self._way = None
        self._view.repaint_all()
        return self._way is not None

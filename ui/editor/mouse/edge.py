"""At the border of the canvas a drag goes on: the canvas moves under it, as far as the mouse is held there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QTimer

from ..paper import Paper
from .gestures import Box, DragWire, Knife, Move

BORDER = 24.0  # pixels at each side
FURTHEST = 48.0  # from the inner end of that on it goes no faster
SPEED = 0.35  # pixels that the canvas moves for each of them, in a frame
FRAME_MS = 16
CARRIES = (Box, DragWire, Knife, Move)


class Edge:
    """Moves the canvas while something is dragged at its border."""

    def __init__(self, view: Paper) -> None:
        self._view = view
        self._was_inside = False  # a drag that begins at the border is let go from there first
        self._timer = QTimer(view)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._go_on)

    @property
    def moving(self) -> bool:
        """Whether the canvas goes on now."""
        return self._timer.isActive()

    def follow(self, at: QPointF) -> None:
        """The mouse is at a point of the widget, and may drag something."""
        if not isinstance(self._view.gesture, CARRIES):
            self._was_inside = False
            self._timer.stop()
        elif self._push(at).isNull():
            self._was_inside = True
            self._timer.stop()
        elif (self._was_inside or not self._view.rect().contains(at.toPoint())) and not self._timer.isActive():
            self._timer.start()

    def _push(self, at: QPointF) -> QPointF:
        """How far over the border, by axis."""

        def over(place: float, size: float) -> float:
            far = min(0.0, place - BORDER) + max(0.0, place - (size - BORDER))
            return max(-FURTHEST, min(FURTHEST, far))

        return QPointF(over(at.x(), self._view.width()), over(at.y(), self._view.height()))

    def _go_on(self) -> None:
        view = self._view
        push = self._push(view.mouse)
        if push.isNull() or not isinstance(view.gesture, CARRIES):
            self._timer.stop()
            return
        view.pan_to(view.offset - push * SPEED)

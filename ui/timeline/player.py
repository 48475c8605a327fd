"""Player: steps by itself, one step after the other, as fast as the flow on the canvas allows."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from ..bridge import Bridge
from ..canvas.view import CanvasView

PAUSE_MS = 180  # between two steps when nothing moves
LOOK_AGAIN_MS = 20  # whether the flow on the canvas is over


class Player(QObject):
    """Plays the recording from the cursor on."""

    changed = Signal()  # self.playing

    def __init__(self, bridge: Bridge, canvas: CanvasView, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._canvas = bridge, canvas
        self.playing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)

    def toggle(self) -> None:
        """Play, or stop playing."""
        self._set(not self.playing)

    def stop(self) -> None:
        """Play no more."""
        if self.playing:
            self._set(False)

    def _set(self, playing: bool) -> None:
        self.playing = playing
        self.changed.emit()
        if not playing:
            self._timer.stop()
            return
        session = self._bridge.session
        if session is not None and session.position >= session.columns.steps[-1:].max(initial=-1):  # what follows shows nothing
            self._bridge.move(session.to_start)
        self._timer.start(0)

    def _step(self) -> None:
        session, canvas = self._bridge.session, self._canvas
        if not self.playing or session is None:
            return
        if canvas.is_animating():
            self._timer.start(LOOK_AGAIN_MS)
            return
        before = (session.position, session.substep)
        self._bridge.move(session.step_into)
        if (session.position, session.substep) == before:
            self._set(False)
            return
        self._timer.start(round(PAUSE_MS / canvas.speed) if canvas.speed > 0 else 0)

"""Beside the event loop: a thread works, and the window looks now and then whether it has come to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 8  # between two looks
SWITCH_SECONDS = 0.001  # how long a thread may hold the interpreter while the window wants it (Python's own: 0.005)
_working: set[int] = set()  # who waits for a thread now: Python has one interval for all of them
_usual = sys.getswitchinterval()


class Beside(QObject):
    """Calls `look` every few milliseconds from `begin` to `end`, and until then no thread holds the interpreter for long."""

    def __init__(self, look: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(look)

    def begin(self) -> None:
        """A thread has something to do."""
        _working.add(id(self))
        sys.setswitchinterval(SWITCH_SECONDS)
        self._timer.start()

    def end(self) -> None:
        """Nobody waits for it any more."""
        self._timer.stop()
        _working.discard(id(self))
        if not _working:
            sys.setswitchinterval(_usual)

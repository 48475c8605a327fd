"""Ctrl+C in the terminal closes the window. Qt's event loop runs no Python by itself, so a signal would wait for the next click."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QWidget


class _Waker(QSocketNotifier):
    """Runs a little Python when a signal comes: that is enough for Python to call the handler."""

    def __init__(self, window: QWidget) -> None:
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        super().__init__(self._here.fileno(), QSocketNotifier.Type.Read, window)
        self.activated.connect(lambda: self._here.recv(64))
        signal.set_wakeup_fd(self._there.fileno())


def close_at_interrupt(window: QWidget) -> None:
    """Let SIGINT close a window as its user would: with the question about what is not saved."""
    waker = _Waker(window)
    signal.signal(signal.SIGINT, lambda *_: window.close() if waker.isEnabled() else None)

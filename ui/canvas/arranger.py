"""Lays large graphs out beside the event loop: the window stays awake, and the newest request wins."""

from __future__ import annotations

import sys
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from .geometry import Geometry, build

if TYPE_CHECKING:
    from gradviz.debugger.scene import Graph

AT_ONCE = 150  # nodes that are laid out within a frame or two
SWITCH_SECONDS = 0.001  # how long the layout may hold the interpreter while the window wants it (Python's own: 0.005)


class Arranger(QObject):
    """One layout at a time."""

    arranged = Signal(object)  # Geometry
    _made = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = self._count = 0
        self._closed = False
        self._thread: Thread | None = None
        self._next: tuple[Graph, str, Geometry | None] | None = None
        self._made.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        self._usual = sys.getswitchinterval()

    @property
    def busy(self) -> bool:
        """Whether a layout is on its way."""
        return self._thread is not None

    @property
    def waiting(self) -> int:
        """How many nodes the layout that is on its way has."""
        return self._count if self.busy else 0

    def arrange(self, graph: Graph, direction: str, previous: Geometry | None = None) -> Geometry | None:
        """The geometry of a graph; None where `arranged` brings it later."""
        if len(graph.nodes) <= AT_ONCE:
            self._number += 1  # what is on its way is not wanted any more
            self._next = None
            return build(graph, direction, previous)
        if self._thread is not None:
            self._next = (graph, direction, previous)
        else:
            self._begin(graph, direction, previous)
        return None

    def close(self) -> None:
        """Give up what is on its way; to be called before the application ends."""
        self._closed = True
        if self._thread is not None:
            self._thread.join(2.0)

    def _begin(self, graph: Graph, direction: str, previous: Geometry | None) -> None:
        self._number += 1
        self._count = len(graph.nodes)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread = Thread(target=self._work, args=(self._number, graph, direction, previous), name="layout", daemon=True)
        self._thread.start()

    def _work(self, number: int, graph: Graph, direction: str, previous: Geometry | None) -> None:
        made = build(graph, direction, previous, lambda: self._closed)
        if self._closed:
            return
        try:
            self._made.emit(number, made)
        except RuntimeError:
            return  # the window has gone meanwhile

    def _arrived(self, number: int, made: Geometry) -> None:
        if self._thread is not None:
            self._thread.join()
        self._thread = None
        sys.setswitchinterval(self._usual)
        if self._next is not None:
            graph, direction, previous = self._next
            self._next = None
            self._begin(graph, direction, previous)
        elif number == self._number:
            self.arranged.emit(made)

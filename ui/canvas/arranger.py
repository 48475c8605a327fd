"""Lays large graphs out beside the event loop: the window stays awake, and the newest request wins."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..qt.beside import Beside
from .geometry import Geometry, build

if TYPE_CHECKING:
    from gradviz.debugger.scene import Graph

AT_ONCE = 150  # nodes that are laid out within a frame or two


class _Layout:
    """One layout on its way. Its thread knows nothing of Qt: a widget may go while it works."""

    def __init__(self, graph: Graph, direction: str, previous: Geometry | None) -> None:
        self.graph = graph
        self.made: Geometry | None = None
        self.given_up = False
        self._thread = Thread(target=self._work, args=(direction, previous), name="layout", daemon=True)
        self._thread.start()

    def _work(self, direction: str, previous: Geometry | None) -> None:
        self.made = build(self.graph, direction, previous, lambda: self.given_up)

    @property
    def busy(self) -> bool:
        """Whether it has not come to its end."""
        return self._thread.is_alive()

    def give_up(self) -> None:
        """End it soon."""
        self.given_up = True
        self._thread.join(2.0)


class Arranger(QObject):
    """One layout at a time."""

    arranged = Signal(object)  # Geometry

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layout: _Layout | None = None
        self._wanted = False  # whether what is on its way is still asked for
        self._next: tuple[Graph, str, Geometry | None] | None = None
        self._beside = Beside(self._arrived, self)

    @property
    def busy(self) -> bool:
        """Whether a layout is on its way."""
        return self._layout is not None

    @property
    def waiting(self) -> int:
        """How many nodes the layout that is on its way has."""
        return len(self._layout.graph.nodes) if self._layout is not None else 0

    def arrange(self, graph: Graph, direction: str, previous: Geometry | None = None) -> Geometry | None:
        """The geometry of a graph; None where `arranged` brings it later."""
        if len(graph.nodes) <= AT_ONCE:
            self._wanted, self._next = False, None
            return build(graph, direction, previous)
        if self._layout is not None:
            self._next = (graph, direction, previous)
        else:
            self._begin(graph, direction, previous)
        return None

    def close(self) -> None:
        """Give up what is on its way; to be called before the application ends."""
        self._wanted, self._next = False, None
        if self._layout is not None:
            self._layout.give_up()
            self._end()

    def _begin(self, graph: Graph, direction: str, previous: Geometry | None) -> None:
        self._wanted = True
        self._layout = _Layout(graph, direction, previous)
        self._beside.begin()

    def _end(self) -> None:
        self._layout = None
        self._beside.end()

    def _arrived(self) -> None:
        layout = self._layout
        if layout is None or layout.busy:
            return
        self._end()
        if self._next is not None:
            (graph, direction, previous), self._next = self._next, None
            self._begin(graph, direction, previous)
        elif self._wanted and layout.made is not None:
            self.arranged.emit(layout.made)

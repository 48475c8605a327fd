"""Guide: points at what a step of a lesson names, and keeps it in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF

from gradviz.lessons.finding import find_node

from ..docks import Dock
from .pointer import CanvasPointer, LinePointer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget

    from gradviz.debugger.session import Session
    from gradviz.lessons.lesson import Pointer

    from ..main_window import MainWindow

SMALLEST_FIT = 0.5  # a graph that fits at this scale is shown whole
READING = 0.75  # the scale at which a part of a larger one is shown


class Guide:
    """Rings and arrows on the canvas, frames around lines, panels brought to the front."""

    def __init__(self, window: MainWindow, lesson: QDockWidget) -> None:
        self._window = window
        self._lesson = lesson
        self.on_canvas: CanvasPointer | None = None
        self.on_lines: LinePointer | None = None

    def look(self, session: Session, pointers: tuple[Pointer, ...]) -> None:
        """Point at what a step names, and at nothing else."""
        nodes: list[int] = []
        edges: list[tuple[int, int]] = []
        for pointer in pointers:
            found = [find_node(session, name).id for name in pointer.nodes]
            if pointer.kind == "node":
                nodes += found
            elif pointer.kind == "edge":
                edges.append((found[0], found[1]))
            elif pointer.kind == "picture":
                self._show_picture(pointer.panel)
            elif pointer.kind == "panel":
                self.raise_panel(pointer.panel)
        lines = tuple(pointer.line for pointer in pointers if pointer.kind == "line")
        self.point(tuple(nodes), tuple(edges), lines)

    def point(self, nodes: tuple[int, ...] = (), edges: tuple[tuple[int, int], ...] = (), lines: tuple[int, ...] = ()) -> None:
        """Point at these; without any, at nothing."""
        if self.on_canvas is None or self.on_lines is None:
            if not (nodes or edges or lines):
                return
            self.on_canvas = CanvasPointer(self._window.canvas)
            self.on_lines = LinePointer(self._window.source.editor)
        self.on_canvas.point(nodes, edges)
        self.on_lines.point(lines)

    def frame(self) -> None:
        """The whole graph where it can be read, else what is pointed at and what happens now."""
        canvas = self._window.canvas
        bounds = canvas.geometry_.bounds
        room = QSizeF(max(50, canvas.width() - 56), max(50, canvas.height() - 120))
        if bounds.isEmpty():
            return
        if min(room.width() / bounds.width(), room.height() / bounds.height()) >= SMALLEST_FIT:
            if not canvas.shown.contains(bounds):
                canvas.fit()
            return
        area = self.on_canvas.area() if self.on_canvas is not None else QRectF()
        for node in canvas.moment.current if canvas.moment is not None else ():
            area = area.united(canvas.geometry_.rect(node))
        if area.isEmpty() or (canvas.scale >= SMALLEST_FIT and canvas.shown.contains(area)):
            return
        area = area.adjusted(-30, -40, 30, 30)
        wide = max(0.0, room.width() / READING - area.width()) / 2
        high = max(0.0, room.height() / READING - area.height()) / 2
        canvas.show_area(area.adjusted(-wide, -high, wide, high))

    def _show_picture(self, kind: str) -> None:
        """The picture of an idea, of this recording."""
        from ..pictures.panel import PicturesPanel

        dock = self._window.docks.get("Pictures")
        if not isinstance(dock, Dock):
            return
        dock.furnish()
        panel = dock.panel
        self.raise_panel("Pictures")
        if isinstance(panel, PicturesPanel):
            panel.show_kind(kind)

    def raise_panel(self, name: str) -> None:
        """Bring a panel to the front; the lesson stays in sight."""
        dock = next((d for title, d in self._window.docks.items() if title.lower() == name.lower()), None)
        if dock is not None and dock is not self._lesson:
            dock.show()
            dock.raise_()
            if name.lower() == "inspector":
                self._lesson.raise_()

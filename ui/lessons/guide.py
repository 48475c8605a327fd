"""Guide: points at what a step of a lesson names, and keeps it in sight."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt

from gradviz.lessons.finding import find_node

from ..window.dock_layout import LOW_SCREEN
from ..window.docks import Dock
from .pointer import CanvasPointer, LinePointer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget

    from gradviz.debugger.session import Session
    from gradviz.lessons.lesson import Pointer

    from ..window.panels import PanelledWindow

SMALLEST_FIT = 0.5  # a graph that fits at this scale is shown whole
READING = 0.75  # the scale at which a part of a larger one is shown
AROUND, ABOVE = 10.0, 36.0  # pixels that a card with its ring and its arrow needs
TALL, FLAT = 255, 175  # of the panels below the graph, in a low window
SMALLER, TRIES = 0.85, 4  # of the scale, where there is no room


def _inward(low: float, high: float, least: float, most: float) -> float:
    """How far a view is moved so that it shows no emptiness beside the graph while there is more of it on the other side."""
    if high - low >= most - least:
        return (least + most - low - high) / 2
    return min(0.0, most - high) + max(0.0, least - low)


class Guide:
    """Rings and arrows on the canvas, frames around lines, panels brought to the front."""

    def __init__(self, window: PanelledWindow, lesson: QDockWidget) -> None:
        self._window = window
        self._lesson = lesson
        self.on_canvas: CanvasPointer | None = None
        self.on_lines: LinePointer | None = None
        self._tall: bool | None = None  # whether the panels below the graph were given room for what a page points at

    def look(self, session: Session, pointers: tuple[Pointer, ...]) -> None:
        """Point at what a step names, and at nothing else."""
        self._share(any(pointer.kind in ("panel", "picture") for pointer in pointers))
        nodes: list[int] = []
        edges: list[tuple[int, int]] = []
        for pointer in pointers:
            found = [find_node(session, name).id for name in pointer.nodes]
            if pointer.kind == "node":
                nodes += found
            elif pointer.kind == "edge":
                edges.append((found[0], found[1]))
            elif pointer.kind == "picture":
                self._show_picture(pointer.panel, pointer.chosen)
            elif pointer.kind == "panel":
                self.raise_panel(pointer.panel)
        lines = tuple(pointer.line for pointer in pointers if pointer.kind == "line")
        self.point(tuple(nodes), tuple(edges), lines)

    def _share(self, tall: bool) -> None:
        """In a low window the graph has the height that the panels below it need only where a page points at one."""
        window = self._window
        if window.height() >= LOW_SCREEN or tall == self._tall:
            return
        self._tall = tall
        if not tall:
            self.raise_panel("Derivation")  # a picture has no room
        below = [window.docks[title] for title in ("Timeline", "Derivation")]
        window.resizeDocks(below, [TALL if tall else FLAT] * len(below), Qt.Orientation.Vertical)
        layout = window.layout()
        if layout is not None:
            layout.activate()  # so that the graph is put into the canvas that will be seen

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
        rects = [rect for node in self._meant() if not (rect := canvas.geometry_.rect(node)).isEmpty()]
        area = reduce(QRectF.united, rects, QRectF())
        if area.isEmpty():
            return
        if canvas.scale >= SMALLEST_FIT and canvas.shown.contains(area):
            self._uncover(rects)
            return
        area = area.adjusted(-30, -40, 30, 30)
        wide = max(0.0, room.width() / READING - area.width()) / 2
        high = max(0.0, room.height() / READING - area.height()) / 2
        shown = area.adjusted(-wide, -high, wide, high)
        canvas.show_area(shown.translated(_inward(shown.left(), shown.right(), bounds.left() - 30, bounds.right() + 30), 0))
        self._uncover(rects)

    def _meant(self) -> tuple[int, ...]:
        """The nodes that are pointed at, and those of the moment."""
        pointed = (*self.on_canvas.nodes, *(n for edge in self.on_canvas.edges for n in edge)) if self.on_canvas is not None else ()
        moment = self._window.canvas.moment
        return (*pointed, *(moment.current if moment is not None else ()))

    def _uncover(self, rects: list[QRectF]) -> None:
        """Move the graph, or make it smaller, until what is meant does not lie behind the minimap."""
        canvas = self._window.canvas
        centre = reduce(QRectF.united, rects).center()
        for _ in range(TRIES):
            found = self._free_shift([self._on_screen(rect) for rect in rects])
            if found is not None:
                if not found.isNull():
                    canvas.pan_to(canvas.offset + found)
                return
            if canvas.scale * SMALLER < SMALLEST_FIT:
                return
            canvas.zoom(SMALLER, canvas.to_widget(centre))

    def _on_screen(self, rect: QRectF) -> QRectF:
        to_widget = self._window.canvas.to_widget
        return QRectF(to_widget(rect.topLeft()), to_widget(rect.bottomRight())).adjusted(-AROUND, -ABOVE, AROUND, AROUND)

    def _free_shift(self, shown: list[QRectF]) -> QPointF | None:
        """The shortest way to move these so that nothing covers them; None where there is no room for them."""
        canvas = self._window.canvas
        whole, covers = QRectF(canvas.rect()), canvas.covered()
        ways_x = {0.0, *(cover.left() - rect.right() for cover in covers for rect in shown)}
        ways_y = {0.0, *(cover.top() - rect.bottom() for cover in covers for rect in shown)}
        ways_x |= {edge for rect in shown for edge in (-rect.left(), whole.right() - rect.right())}
        ways_y |= {edge for rect in shown for edge in (-rect.top(), whole.bottom() - rect.bottom())}
        for x, y in sorted(((x, y) for x in ways_x for y in ways_y), key=lambda way: abs(way[0]) + abs(way[1])):
            moved = [rect.translated(x, y) for rect in shown]
            if all(whole.contains(rect) and not any(cover.intersects(rect) for cover in covers) for rect in moved):
                return QPointF(x, y)
        return None

    def _show_picture(self, kind: str, chosen: tuple[str, ...]) -> None:
        """The picture of an idea, of this recording."""
        from ..pictures.panel import PicturesPanel

        dock = self._window.docks.get("Pictures")
        if not isinstance(dock, Dock):
            return
        dock.furnish()
        panel = dock.panel
        self.raise_panel("Pictures")
        if isinstance(panel, PicturesPanel):
            panel.show_kind(kind, chosen)

    def raise_panel(self, name: str) -> None:
        """Bring a panel to the front; the lesson stays in sight."""
        dock = next((d for title, d in self._window.docks.items() if title.lower() == name.lower()), None)
        if dock is not None and dock is not self._lesson:
            dock.show()
            dock.raise_()
            if name.lower() == "inspector":
                self._lesson.raise_()

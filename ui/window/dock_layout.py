"""Where the docks stand at the first start, and how much room each of them gets."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from .docks import Dock

FIXED = ("Source", "Inspector", "Timeline")  # docks with a place of their own
FIRST_TAB = "Derivation"  # of those that share a place below
BESIDE = {"Lesson": "Inspector", "Glossary": "Inspector"}  # docks that share another one's place, and are shown when they are needed
LOW_SCREEN = 1200  # pixels of height
TIMELINE = 195  # pixels of height where it has a row of its own: room for its marks below the lanes, and for the way to the moment above
WIDE_SCREEN = 1600  # pixels of width: room for the names of all tabs
LEAST_SHARE = {
    Qt.Orientation.Horizontal: 0.19,
    Qt.Orientation.Vertical: 0.27,
}  # of the window, for a dock that is dropped
RARE = ("Watches", "Breakpoints", "Pictures", "Runs", "Check")  # on a narrow screen their tabs come when they are called


class DockLayout:
    """Puts the docks of a window in their places: on a low screen side by side, so that the canvas keeps half of the height."""

    def __init__(self, window: QMainWindow, docks: dict[str, Dock]) -> None:
        self._window = window
        self._docks = docks

    @property
    def low(self) -> bool:
        """Whether the window has little height."""
        return self._window.height() < LOW_SCREEN

    def put_beside(self) -> None:
        """All docks into the window, and those that are seldom needed behind others."""
        for dock in self._docks.values():
            if dock.isFloating():
                dock.setFloating(False)
        for title, other in BESIDE.items():
            self._window.tabifyDockWidget(self._docks[other], self._docks[title])
            self._docks[title].hide()

    def put_below(self) -> None:
        """The timeline, and the tabs beside or below it."""
        timeline, derivation = self._docks["Timeline"], self._docks[FIRST_TAB]
        self._window.splitDockWidget(timeline, derivation, Qt.Orientation.Horizontal if self.low else Qt.Orientation.Vertical)
        derivation.show()
        for title, dock in self._docks.items():
            if title not in FIXED and title not in BESIDE and title != FIRST_TAB:
                self._window.tabifyDockWidget(derivation, dock)
                dock.setVisible(self._window.width() >= WIDE_SCREEN or title not in RARE)
        derivation.raise_()

    def share_out(self) -> None:
        """Widths and heights of the docks as parts of the window's."""
        self._share_out()
        QTimer.singleShot(0, self._window, self._share_out)  # Qt shares out anew when the docks that were just tabbed get their sizes

    def _share_out(self) -> None:
        window, docks = self._window, self._docks
        width, height = window.width(), window.height()
        below = [docks["Timeline"], docks[FIRST_TAB]]
        window.resizeDocks([docks["Source"], docks["Inspector"]], [round(width * 0.22), round(width * 0.19)], Qt.Orientation.Horizontal)
        if self.low:
            window.resizeDocks(below, [round(width * 0.44), round(width * 0.56)], Qt.Orientation.Horizontal)
            window.resizeDocks(below, [max(min(255, round(height * 0.38)), round(height * 0.27))] * 2, Qt.Orientation.Vertical)
        else:
            window.resizeDocks(below, [TIMELINE, round(height * 0.24)], Qt.Orientation.Vertical)


class Shares:
    """Docks keep their part of a window that changes its size: Qt gives all that is new to the canvas, and never back what a dock lost.

    The parts are those when the window last stood still and somebody dragged the edge of a dock: a window made small and large
    again is as it was.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, Dock]) -> None:
        self._window = window
        self._docks = docks
        self._parts: dict[tuple[str, Qt.Orientation], float] = {}
        self._changing = False
        self._settled = QTimer(window)
        self._settled.setSingleShot(True)
        self._settled.setInterval(0)
        self._settled.timeout.connect(self._look)
        for dock in docks.values():
            dock.resized.connect(self._settled.start)
            dock.topLevelChanged.connect(lambda floating, dock=dock: None if floating else self._came(dock))

    def _came(self, dock: Dock) -> None:
        """A dock was put back into the window: once Qt has made a place for it, see that it has room there."""
        QTimer.singleShot(0, self._window, lambda: self._give_room(dock))

    def _give_room(self, dock: Dock) -> None:
        """At a side where no other dock is Qt gives one the least that it can be."""
        for orientation, titles in self._sized().items():
            least = round(LEAST_SHARE[orientation] * self._length(self._window, orientation))
            if any(self._docks[title] is dock for title in titles) and self._length(dock, orientation) < least:
                self._window.resizeDocks([dock], [least], orientation)

    def resized(self) -> None:
        """The window has another size."""
        self._changing = True
        for orientation, titles in self._sized().items():
            known = [title for title in titles if (title, orientation) in self._parts]
            sizes = [round(self._parts[title, orientation] * self._length(self._window, orientation)) for title in known]
            if orientation == Qt.Orientation.Vertical and sizes:
                sizes = [max(sizes)] * len(sizes)  # a tab bar takes of one what the other has beside it
            self._window.resizeDocks([self._docks[title] for title in known], sizes, orientation)
        self._settled.start()

    def _look(self) -> None:
        """Which part each dock has, where it was not the window that changed."""
        for orientation, titles in self._sized().items():
            for title in titles:
                if not self._changing or (title, orientation) not in self._parts:
                    whole = self._length(self._window, orientation)
                    self._parts[title, orientation] = self._length(self._docks[title], orientation) / max(1, whole)
        self._changing = False

    def _sized(self) -> dict[Qt.Orientation, list[str]]:
        """The docks in sight, by what is theirs to choose: a width at the sides, a height above and below."""
        sides = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)
        found: dict[Qt.Orientation, list[str]] = {Qt.Orientation.Horizontal: [], Qt.Orientation.Vertical: []}
        for title, dock in self._docks.items():
            if not dock.isFloating() and not dock.visibleRegion().isEmpty():
                side = self._window.dockWidgetArea(dock) in sides
                found[Qt.Orientation.Horizontal if side else Qt.Orientation.Vertical].append(title)
        return {orientation: titles for orientation, titles in found.items() if titles}

    @staticmethod
    def _length(widget: QWidget, orientation: Qt.Orientation) -> int:
        return widget.width() if orientation == Qt.Orientation.Horizontal else widget.height()

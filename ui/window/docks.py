"""Docks whose panel is made when it is first seen, or soon after the first picture: the first picture waits for none of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget


class Dock(QDockWidget):
    """A dock that makes its panel late: when it is in sight, but not before `open`."""

    resized = Signal()

    def __init__(self, title: str, make: Callable[[], QWidget], window: QMainWindow) -> None:
        super().__init__(title, window)
        self.setObjectName(f"dock {title}")
        self._make: Callable[[], QWidget] | None = make
        self.panel: QWidget | None = None
        self._place = QWidget(self)  # stays in sight for Qt: a dock whose own widget is hidden could not be made wider
        self._place.setMinimumHeight(60)
        self._place.setAutoFillBackground(True)  # else the dock paints its title again with each change of its panel
        self._room = QVBoxLayout(self._place)
        self._room.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self._place)
        self.toggleViewAction().triggered.connect(lambda shown: self.raise_() if shown else None)
        self._front = self._open = False
        self.visibilityChanged.connect(self._turn)

    @property
    def furnished(self) -> bool:
        """Whether the panel is there."""
        return self._make is None

    def open(self) -> None:
        """From now on the panel is made as soon as it is in sight."""
        self._open = True
        self._seen()

    def furnish(self) -> None:
        """Have the panel made, once; who makes it gives it to `hold`."""
        make, self._make = self._make, None
        if make is not None:
            self.hold(make())

    def hold(self, panel: QWidget) -> None:
        """Put the panel in."""
        self._make = None
        if self.panel is not panel:
            self.panel = panel
            self._room.addWidget(panel)
            panel.setVisible(self._front)

    def _turn(self, front: bool) -> None:
        """Qt leaves a dock behind other tabs visible; its panel is hidden, so that it does not work for nobody."""
        self._front = front
        if front:
            QTimer.singleShot(0, self, self._seen)  # while the docks are put in place each is in front for a moment
        if self.panel is not None:
            self.panel.setVisible(front)

    def raise_(self) -> None:
        """To the front of its tabs; a closed dock is opened for it."""
        if self.isHidden():
            self.show()
        super().raise_()
        if self._open:
            self.furnish()  # it was asked for: now, not when it is seen

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def _seen(self) -> None:
        if self._open and self._front and self.isVisible():
            self.furnish()

"""Tour: two minutes through the window, to be left at any time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from ..window.rooms import RoomedWindow
    from .overlay import TourOverlay
    from .stops import Stop

OFFER = "New here? A tour of two minutes shows what is where."


class Tour(QObject):
    """Goes from stop to stop; the overlay is made when it is first taken."""

    def __init__(self, window: RoomedWindow) -> None:
        super().__init__(window)
        self._window = window
        self._overlay: TourOverlay | None = None
        self.index = -1
        self._pointing = QTimer(self)  # docks take a turn of the event loop to find their place
        self._pointing.setSingleShot(True)
        self._pointing.setInterval(0)
        self._pointing.timeout.connect(self.point)

    @cached_property
    def _stops(self) -> tuple[Stop, ...]:
        """All stops; their texts are read when somebody takes the tour."""
        from .stops import STOPS

        return STOPS

    @property
    def overlay(self) -> TourOverlay:
        """What lies over the window."""
        if self._overlay is None:
            from .overlay import TourOverlay

            window = self._window
            self._overlay = overlay = TourOverlay(window, window.bridge.theme)
            overlay.next_wanted.connect(self.next)
            overlay.back_wanted.connect(self.back)
            overlay.left.connect(self.leave)
            window.bridge.theme_changed.connect(self._pointing.start)
        return self._overlay

    @property
    def running(self) -> bool:
        """Whether the tour is on."""
        return self.index >= 0

    @property
    def stop(self) -> Stop | None:
        """Where it is."""
        return self._stops[self.index] if self.running else None

    def offer_first_time(self) -> None:
        """Ask once, at the first start."""
        window = self._window
        if window.settings.tour_offered:
            return
        window.settings.tour_offered = True
        window.message.tell("ask", OFFER, "It is in the Help menu too", (("Take the tour", self.start), ("Not now", _nothing)))

    def start(self) -> None:
        """From the first stop; with the first lesson where nothing is recorded."""
        window = self._window
        window.stop_playing()
        session = window.bridge.session
        if session is None or not session.length:
            if not window.may_leave_script():
                return
            window.workbench.open_lesson()
        if window.lessons.gallery_shown:
            window.lessons.gallery.hide()
        window.show_recording()
        window.settings.tour_offered = True
        overlay = self.overlay
        overlay.setGeometry(window.rect())
        window.installEventFilter(self)
        overlay.show()
        overlay.raise_()
        overlay.setFocus()
        self._go(0)

    def next(self) -> None:
        """On; from the last stop out."""
        if self.index + 1 < len(self._stops):
            self._go(self.index + 1)
        else:
            self.leave()

    def back(self) -> None:
        """To the stop before."""
        if self.index > 0:
            self._go(self.index - 1)

    def leave(self) -> None:
        """End it, here and now."""
        if not self.running:
            return
        self.index = -1
        self._pointing.stop()
        self._window.removeEventFilter(self)
        self.overlay.hide()
        self._window.canvas.setFocus()

    def _go(self, index: int) -> None:
        self.index = index
        stop = self._stops[index]
        stop.prepare(self._window)
        self.overlay.bubble.say(stop.title, stop.text, index + 1, len(self._stops))
        self.point()
        self._pointing.start()

    def point(self) -> None:
        """Point at the part again: it may have moved."""
        stop = self.stop
        if stop is None:
            return
        overlay = self.overlay
        overlay.theme = self._window.bridge.theme
        overlay.setGeometry(self._window.rect())
        overlay.raise_()
        overlay.point(stop.part(self._window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window changes its size, or Esc is pressed while a part of the window has the keys."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._pointing.start()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.leave()
            return True
        return False


def _nothing() -> None:
    """Not now: the tour stays in the Help menu."""

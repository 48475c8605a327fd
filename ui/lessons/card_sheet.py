"""CardSheet: what the gallery and the strip of lessons are, a sheet over the window with lessons as cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from .card import LessonCard

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow


class CardSheet(QWidget):
    """Hidden at first; Esc takes it away. A kind of it fills itself, and says where it lies (`fit`)."""

    chosen = Signal(str)  # path of a lesson

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
        self._window = window
        self.cards: list[LessonCard] = []
        self.sheet = QScrollArea(self)
        self.sheet.setFrameShape(QScrollArea.Shape.NoFrame)
        self._painter = QTimer(self)
        self._painter.setInterval(0)
        self._painter.timeout.connect(self._paint_next)
        window.installEventFilter(self)
        window.bridge.theme_changed.connect(self.restyle)
        self.hide()

    def open(self) -> None:
        """Lie over the window."""
        self.fit()
        self.show()
        self.raise_()
        self._painter.start()

    def fit(self) -> None:
        """Take the place that it has in the window as large as it is now."""
        raise NotImplementedError

    def furnish(self, page: QWidget) -> None:
        """Put the page with the cards on the sheet; the ground is painted by the sheet itself."""
        self.sheet.setWidget(page)
        for ground in (page, self.sheet.viewport()):
            ground.setAutoFillBackground(False)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for card in self.cards:
            card.forget_picture()
        if self.isVisible():
            self._painter.start()

    def _paint_next(self) -> None:
        """One picture at a time, so that the window stays awake."""
        card = next((card for card in self.cards if not card.painted), None)
        if card is None or not self.isVisible():
            self._painter.stop()
            return
        card.paint_picture()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

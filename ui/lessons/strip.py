"""LessonStrip: at the first start the lessons lie below the graph, so that both the graph with its step button and they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gradviz.lessons import shelf

from ..theme import TITLE_PX, ui_font
from .card import CARD_GAP, CARD_HEIGHT, LessonCard

if TYPE_CHECKING:
    from ..main_window import MainWindow

MARGIN = 14
HEAD = 34


class LessonStrip(QWidget):
    """One row of lessons over the lower part of the window; it goes with the first step, Esc or Close."""

    chosen = Signal(str)  # path of a lesson

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("lesson strip")
        self.setAccessibleName("Lessons to begin with")
        title = QLabel("Press Step above, or begin with a lesson", self)
        title.setFont(ui_font(TITLE_PX, bold=True))
        found = shelf.lessons()
        self.every = QPushButton(f"  All {len(found)} lessons  ", self)
        self.every.setObjectName("all lessons of the strip")
        self.every.clicked.connect(self._all)
        self.close_button = QPushButton("Close", self)
        self.close_button.setObjectName("close strip")
        self.close_button.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.every)
        head.addWidget(self.close_button)
        sheet = QScrollArea(self)
        sheet.setFrameShape(QScrollArea.Shape.NoFrame)
        sheet.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QWidget(sheet)
        cells = QHBoxLayout(row)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(CARD_GAP)
        first = shelf.COURSES[0][0]
        self.cards = [LessonCard(window.bridge, lesson, row) for lesson in found if lesson.course == first]
        for card in self.cards:
            card.clicked.connect(lambda _=False, card=card: self._choose(card))
            cells.addWidget(card)
        sheet.setWidget(row)
        for ground in (row, sheet.viewport()):
            ground.setAutoFillBackground(False)
        self._sheet = sheet
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN + 6, 10, MARGIN + 6, 6)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(sheet, 1)
        self._painter = QTimer(self)
        self._painter.setInterval(0)
        self._painter.timeout.connect(self._paint_next)
        window.installEventFilter(self)
        window.bridge.position_changed.connect(self.hide)
        window.bridge.theme_changed.connect(self._restyle)
        self.hide()

    def open(self) -> None:
        """Lie over the lower part of the window."""
        self._fit()
        self.show()
        self.raise_()
        self._painter.start()

    def _fit(self) -> None:
        bar = self._sheet.horizontalScrollBar().sizeHint().height()
        height = CARD_HEIGHT + HEAD + 30 + bar
        bottom = self._window.statusBar().geometry().top() if self._window.statusBar().isVisible() else self._window.height()
        self.setGeometry(QRect(0, bottom - height, self._window.width(), height))

    def _paint_next(self) -> None:
        card = next((card for card in self.cards if not card.painted), None)
        if card is None or not self.isVisible():
            self._painter.stop()
            return
        card.paint_picture()

    def _restyle(self) -> None:
        for card in self.cards:
            card.forget_picture()
        if self.isVisible():
            self._painter.start()

    def _choose(self, card: LessonCard) -> None:
        self.hide()
        self.chosen.emit(str(card.lesson.path))

    def _all(self) -> None:
        self.hide()
        self._window.lessons.show_gallery()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._window.bridge.theme, QPainter(self)
        p.fillRect(self.rect(), QColor(theme.surface))
        p.setPen(QPen(QColor(theme.selection), 2))
        p.drawLine(0, 1, self.width(), 1)
        p.end()

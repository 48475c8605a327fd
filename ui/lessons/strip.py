"""LessonStrip: at the first start the lessons lie below the graph, so that both the graph with its step button and they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.lessons import shelf

from ..style.theme import TITLE_PX, ui_font
from .card import CARD_GAP, CARD_HEIGHT, LessonCard
from .card_sheet import CardSheet

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow

MARGIN = 14
HEAD = 34


class LessonStrip(CardSheet):
    """One row of lessons over the lower part of the window; it goes with the first step, Esc or Close."""

    all_wanted = Signal()

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
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
        self.sheet.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QWidget(self.sheet)
        cells = QHBoxLayout(row)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(CARD_GAP)
        first = shelf.COURSES[0][0]
        self.cards = [LessonCard(window.bridge, lesson, row) for lesson in found if lesson.course == first]
        for card in self.cards:
            card.clicked.connect(lambda _=False, card=card: self._choose(card))
            cells.addWidget(card)
        self.furnish(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN + 6, 10, MARGIN + 6, 6)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)
        window.bridge.position_changed.connect(self.hide)

    def fit(self) -> None:
        """Over the lower part of the window."""
        bar = self.sheet.horizontalScrollBar().sizeHint().height()
        height = CARD_HEIGHT + HEAD + 30 + bar
        bottom = self._window.statusBar().geometry().top() if self._window.statusBar().isVisible() else self._window.height()
        self.setGeometry(QRect(0, bottom - height, self._window.width(), height))
        canvas = self._window.canvas
        ends = canvas.mapTo(self._window, QPoint(0, canvas.height())).y()
        canvas.lie_under(min(max(0, ends - self.y()), canvas.height() // 2))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._window.canvas.lie_under(0)

    def _choose(self, card: LessonCard) -> None:
        self.hide()
        self.chosen.emit(str(card.lesson.path))

    def _all(self) -> None:
        self.hide()
        self.all_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._window.bridge.theme, QPainter(self)
        p.fillRect(self.rect(), QColor(theme.surface))
        p.setPen(QPen(QColor(theme.selection), 2))
        p.drawLine(0, 1, self.width(), 1)
        p.end()

"""Gallery: what a first-time user sees. All lessons as cards with pictures of their real recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.lessons import shelf

from ..style.theme import TITLE_PX, ui_font
from .card import CARD_GAP, CARD_WIDTH, LessonCard
from .card_sheet import CardSheet

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow

WIDEST = 7  # cards in a row


class Gallery(CardSheet):
    """Lies over the window below its menu; Esc or Close takes it away."""

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
        self.setObjectName("gallery")
        self.setAccessibleName("Lessons")
        self.buttons: list[QPushButton] = []
        self._grids: list[tuple[QGridLayout, list[LessonCard]]] = []
        self._columns = 0
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.sheet.setWidgetResizable(True)
        self.sheet.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the cards wrap
        outer.addWidget(self.sheet)
        self._page = QWidget(self.sheet)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(40, 28, 40, 28)
        self._column.setSpacing(14)
        self._head()
        self._sections()
        self._column.addStretch(1)
        self.furnish(self._page)

    def _head(self) -> None:
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        title = QLabel("See how gradients are computed", self._page)
        title.setFont(ui_font(TITLE_PX + 11, bold=True))
        words.addWidget(title)
        text = QLabel("Choose a lesson: predict, step, change something. Each runs a real script and takes some minutes.", self._page)
        text.setFont(ui_font(TITLE_PX - 1))
        text.setWordWrap(True)
        words.addWidget(text)
        row.addLayout(words, 1)
        self.close_button = QPushButton("Close", self._page)
        self.close_button.setObjectName("close gallery")
        self.close_button.clicked.connect(self.hide)
        self.at_start = QCheckBox("Show this page at the start", self._page)
        self.at_start.setChecked(self._window.settings.gallery_wanted)
        self.at_start.toggled.connect(self._keep_at_start)
        self._colour_box()
        corner = QVBoxLayout()
        corner.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        corner.addWidget(self.at_start)
        row.addLayout(corner)
        self._column.addLayout(row)
        self._doors = QGridLayout()
        self._doors.setSpacing(10)
        self._doors.setAlignment(Qt.AlignmentFlag.AlignLeft)
        for name, words_, tip, call in self._ways():
            button = QPushButton(f"  {words_}  ", self._page)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.setMinimumHeight(34)
            button.clicked.connect(call)
            self.buttons.append(button)
        self._column.addLayout(self._doors)

    def _ways(self) -> tuple[tuple[str, str, str, Callable[[], None]], ...]:
        """Where else one can go from here: name, text, tip, what it does."""
        window, then = self._window, self._then
        return (
            ("whole script", "Step through “Gradient Computation”", "The script of the first course, ready to step", self._whole_script),
            ("tour", "Tour of the window", "Two minutes: what its parts are for", then(window.action("tour").trigger)),
            ("open file", "Open a script…", "A script, a recording or a graph", then(window.action("open").trigger)),
            ("build", "Build a graph", "By hand, without a script", then(window.show_editor)),
            ("open lesson", "Open a lesson file…", "One that somebody wrote (docs/lessons.md)", then(window.action("open_lesson").trigger)),
        )  # fmt: skip

    def _sections(self) -> None:
        for course, title in shelf.COURSES:
            lessons = [lesson for lesson in shelf.lessons() if lesson.course == course]
            if not lessons:
                continue
            head = QLabel(title, self._page)
            head.setFont(ui_font(TITLE_PX + 2, bold=True))
            head.setContentsMargins(0, 10, 0, 0)
            self._column.addWidget(head)
            grid = QGridLayout()
            grid.setSpacing(CARD_GAP)
            grid.setAlignment(Qt.AlignmentFlag.AlignLeft)
            cards = [LessonCard(self._window.bridge, lesson, self._page) for lesson in lessons]
            for card in cards:
                card.clicked.connect(lambda _=False, card=card: self.chosen.emit(str(card.lesson.path)))
            self._column.addLayout(grid)
            self._grids.append((grid, cards))
            self.cards += cards

    # -- showing --------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Cover the window."""
        done = self._window.settings.lessons_done()
        for card in self.cards:
            card.set_done(card.lesson.id in done)
        super().open()
        undone = next((card for card in self.cards if not card.done), None)
        (undone or self.close_button).setFocus()

    def fit(self) -> None:
        """Below the menu, over all the rest; as many cards in a row as there is room for."""
        window = self._window
        top = window.menuBar().geometry().bottom() + 1 if window.menuBar().isVisible() else 0
        self.setGeometry(QRect(0, top, window.width(), window.height() - top))
        room = self.width() - 80 - self.sheet.verticalScrollBar().sizeHint().width()
        columns = max(1, min(WIDEST, (room + CARD_GAP) // (CARD_WIDTH + CARD_GAP)))
        if columns == self._columns:
            return
        beside = len(self.buttons) if sum(button.sizeHint().width() + 10 for button in self.buttons) <= room else 2
        for k, button in enumerate(self.buttons):
            self._doors.addWidget(button, k // beside, k % beside)
        self._columns = columns
        for grid, cards in self._grids:
            for k, card in enumerate(cards):
                grid.addWidget(card, k // columns, k % columns)

    def _colour_box(self) -> None:
        """A box that can be seen on the page's ground."""
        colours = self.at_start.palette()
        colours.setColor(QPalette.ColorRole.Base, QColor(self._window.bridge.theme.raised))
        colours.setColor(QPalette.ColorRole.Window, QColor(self._window.bridge.theme.muted))
        self.at_start.setPalette(colours)

    def restyle(self) -> None:
        """The box and the ground, too."""
        self._colour_box()
        super().restyle()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), QColor(self._window.bridge.theme.window))
        p.end()

    # -- what its buttons do ------------------------------------------------------------------------------------------

    def _then(self, call: Callable[[], object]) -> Callable[[], None]:
        def both() -> None:
            self.hide()
            call()

        return both

    def _whole_script(self) -> None:
        """The script of the first course, ready to step."""
        from gradviz.lessons import first

        if self._window.bridge.path != str(first.SCRIPT) and self._window.may_leave_script():
            self._window.workbench.open_lesson()
        self.hide()

    def _keep_at_start(self, on: bool) -> None:
        self._window.settings.gallery_wanted = on

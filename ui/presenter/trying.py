"""What a page of a lesson says to try, on the stage: its sliders and words in large, and the button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from gradviz.lessons.knobs import at_position

from ..style.theme import mono_font, ui_font

if TYPE_CHECKING:
    from ..lessons.panel import LessonPanel
    from .canvas import StageCanvas

STEPS = 20  # turns by a key from one end of a slider to the other


class TryBar(QFrame):
    """The knobs of the lesson's page; what is turned here is turned there, where the script is run."""

    def __init__(self, canvas: StageCanvas, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stage_try")
        self.setAccessibleName("To try")
        self._canvas = canvas
        self._panel: LessonPanel | None = None
        self._page: QWidget | None = None  # of the lesson, that the rows belong to
        self.chosen = 0  # the knob that keys turn
        self._names: list[QLabel] = []
        self.sliders: list[QSlider | None] = []
        self._numbers: dict[str, QLabel] = {}
        self._longest: dict[str, int] = {}  # in letters
        self.words: dict[str, list[QPushButton]] = {}
        self.do_it: QPushButton | None = None
        self._row = QHBoxLayout(self)
        self.hide()

    def offer(self, panel: LessonPanel | None) -> None:
        """Show what the open page has to try; None or a page without: nothing."""
        self._clear()
        self._panel = panel
        button = panel.do_it if panel is not None else None
        if panel is None or button is None:
            self._page = None
            self.hide()
            return
        self._page = panel.page
        knobs = panel.knobs
        for knob in knobs.tried.knobs if knobs is not None else ():
            name = QLabel(knob.name, self)
            self._names.append(name)
            self._row.addWidget(name)
            self.sliders.append(None)
            if knob.words:
                self._row.addLayout(self._choice(knob.name, knob.words), 1)
                continue
            source = panel.knobs.sliders[knob.name] if panel.knobs is not None else None
            if source is not None:
                values = (knob.start, *(at_position(knob, k) for k in range(source.maximum() + 1)))
                made = self.sliders[-1] = self._slider(knob.name, source, max(map(len, values)))
                self._row.addWidget(made, 1)
                self._row.addWidget(self._numbers[knob.name])
        if knobs is None:
            self._row.addStretch(1)
        self.do_it = QPushButton(f"{button.text() if knobs is None else 'Try it'}  (G)", self)
        self.do_it.setObjectName("stage try it")
        self.do_it.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.do_it.clicked.connect(self.go)
        self._row.addWidget(self.do_it)
        if knobs is not None:
            knobs.told.connect(self.refresh)
        self.chosen = 0
        self.restyle()
        self.show()
        self.raise_()  # above the sheet of the pen: what is turned is not drawn on

    def _clear(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget: QWidget | None = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for buttons in self.words.values():
            for button in buttons:
                button.hide()
                button.deleteLater()
        self._names, self.sliders, self._numbers, self.words, self.do_it = [], [], {}, {}, None

    def _slider(self, name: str, source: QSlider, longest: int) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal, self)
        made.setObjectName(f"stage knob {name}")
        made.setAccessibleName(source.accessibleName())
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys of the clicker stay with the stage
        made.setRange(source.minimum(), source.maximum())
        made.setPageStep(source.pageStep())
        made.setValue(source.value())
        made.valueChanged.connect(source.setValue)
        number = QLabel(self)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._numbers[name] = number
        self._longest[name] = longest
        return made

    def _choice(self, name: str, words: tuple[str, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        made = []
        for k, word in enumerate(words):
            button = QPushButton(word.rpartition(".")[2], self)
            button.setObjectName(f"stage knob {word}")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, at=k: self._choose(name, at))
            row.addWidget(button, 1)
            made.append(button)
        self.words[name] = made
        return row

    def _choose(self, name: str, k: int) -> None:
        knobs = self._panel.knobs if self._panel is not None else None
        if knobs is not None:
            knobs.choices[name].button(k).click()
            self.refresh()

    # -- what is on the lesson's page is here, too -------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the page of the lesson that this belongs to is still the one that is open."""
        panel, page = self._panel, self._page
        return panel is not None and page is not None and panel.page is page

    def refresh(self) -> None:
        """The numbers and words as they are on the page."""
        knobs = self._panel.knobs if self._panel is not None and self.alive else None
        if knobs is None:
            return
        for k, knob in enumerate(knobs.tried.knobs):
            font = mono_font(self._canvas.sizes.text)
            font.setBold(True)
            font.setUnderline(k == self.chosen and len(self._names) > 1)
            self._names[k].setFont(font)
            value = knobs.values[knob.name]
            slider = self.sliders[k]
            if slider is not None:
                slider.setValue(knobs.sliders[knob.name].value())
                self._numbers[knob.name].setText(value.replace("-", "−"))
            for word, button in zip(knob.words, self.words.get(knob.name, ()), strict=False):
                button.setChecked(word == value)

    # -- keys ----------------------------------------------------------------------------------------------------

    def turn(self, ways: int) -> bool:
        """Turn the chosen knob by a twentieth of its way, or to its next word; False where there is none."""
        knobs = self._panel.knobs if self._panel is not None and self.alive else None
        if knobs is None or not self.isVisible():
            return False
        knob, slider = knobs.tried.knobs[self.chosen], self.sliders[self.chosen]
        if slider is not None:
            slider.setValue(slider.value() + ways * max(1, slider.maximum() // STEPS))
        else:
            at = knob.words.index(knobs.values[knob.name]) + ways
            if 0 <= at < len(knob.words):
                self._choose(knob.name, at)
        return True

    def next_knob(self) -> None:
        """Keys turn the next one."""
        if self._names:
            self.chosen = (self.chosen + 1) % len(self._names)
            self.refresh()

    def go(self) -> None:
        """What the button of the page does."""
        if self._panel is not None and self.alive and self._panel.do_it is not None:
            self._panel.do_it.click()

    # -- looks -----------------------------------------------------------------------------------------------------

    def restyle(self) -> None:
        """Letters and handles for this screen and theme."""
        theme, size = self._canvas.look, self._canvas.sizes.text
        pad = size // 4
        self._row.setContentsMargins(size // 2, pad, size // 2, pad)
        self._row.setSpacing(size // 2)
        for name, number in self._numbers.items():
            number.setFont(mono_font(size))
            number.setFixedWidth(number.fontMetrics().horizontalAdvance("0" * self._longest.get(name, 1)) + 2)
        for slider in self.sliders:
            if slider is not None:
                slider.setMinimumWidth(3 * size)
        buttons: list[QObject] = [self.do_it, *(b for row in self.words.values() for b in row)] if self.do_it is not None else []
        for button in buttons:
            if isinstance(button, QPushButton):
                button.setFont(ui_font(size, bold=True))
        groove, handle = max(6, size // 4), size
        self.setStyleSheet(
            f"#stage_try {{ background: {theme.surface} }} QLabel {{ color: {theme.text}; background: transparent }}"
            f" QSlider {{ min-height: {handle + 4}px; background: transparent }}"
            f" QSlider::groove:horizontal {{ height: {groove}px; background: {theme.border}; border-radius: {groove // 2}px }}"
            f" QSlider::sub-page:horizontal {{ height: {groove}px; background: {theme.current}; border-radius: {groove // 2}px }}"
            f" QSlider::handle:horizontal {{ width: {handle}px; height: {handle}px; margin: -{(handle - groove) // 2}px 0;"
            f" background: {theme.text}; border-radius: {handle // 2}px }}"
            f" QPushButton {{ color: {theme.text}; background: {theme.raised}; border: 2px solid {theme.border};"
            f" border-radius: {pad}px; padding: {pad // 2}px {size // 2}px }}"
            f" QPushButton:hover {{ border-color: {theme.text} }}"
            f" QPushButton:checked {{ border: 4px solid {theme.current} }}"
        )
        self.refresh()

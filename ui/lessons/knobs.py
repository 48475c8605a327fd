"""The knobs of a lesson: sliders and words that turn a number or a name in a line of the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QWidget

from gradviz.lessons.knobs import at_position, line_of, position_of, positions

from ..style.breakable import breakable
from ..style.theme import mono_font
from .boxes import TEXT_PX

if TYPE_CHECKING:
    from gradviz.lessons.lesson import Knob, Try

REST_MS = 25  # that a slider stands still before the script runs again
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown)  # fmt: skip
PAGE = 10  # of a slider, for Page Up and a click beside its handle


class Slider(QSlider):
    """A slider that keeps the keys that move it, although the window has shortcuts with them."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)


class Knobs(QWidget):
    """A row for each knob, and the line that they make."""

    turned = Signal(dict)  # name -> value
    told = Signal()  # another number stands beside a slider

    def __init__(self, tried: Try, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tried = tried
        self.values = {knob.name: knob.start for knob in tried.knobs}
        self.sliders: dict[str, QSlider] = {}
        self.choices: dict[str, QButtonGroup] = {}
        self._numbers: dict[str, QLabel] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: self.turned.emit(dict(self.values)))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        for row, knob in enumerate(tried.knobs):
            if knob.words:
                grid.addLayout(self._words(knob), row, 0, 1, 3)
                continue
            name = QLabel(knob.name, self)
            name.setFont(mono_font(TEXT_PX))
            grid.addWidget(name, row, 0)
            grid.addWidget(self._slider(knob), row, 1)
            grid.addWidget(self._numbers[knob.name], row, 2)
        grid.setColumnStretch(1, 1)
        self.line = QLabel(self)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setFont(mono_font(TEXT_PX - 1))
        self.line.setWordWrap(True)
        grid.addWidget(self.line, len(tried.knobs), 0, 1, 3)
        self._tell()

    def _slider(self, knob: Knob) -> QSlider:
        slider = Slider(Qt.Orientation.Horizontal, self)
        slider.setObjectName(f"knob {knob.name}")
        slider.setAccessibleName(f"{knob.name}, from {knob.low:g} to {knob.high:g}")
        slider.setRange(0, positions(knob))
        slider.setPageStep(max(1, positions(knob) // PAGE))
        slider.setValue(position_of(knob, knob.start))
        number = QLabel(self)
        number.setFont(mono_font(TEXT_PX))
        wide = max((at_position(knob, k) for k in range(positions(knob) + 1)), key=len)
        number.setMinimumWidth(number.fontMetrics().horizontalAdvance(wide) + 2)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sliders[knob.name], self._numbers[knob.name] = slider, number
        slider.valueChanged.connect(lambda position: self._turn(knob, at_position(knob, position)))
        return slider

    def _words(self, knob: Knob) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        group = QButtonGroup(self)
        for k, word in enumerate(knob.words):
            button = QPushButton(word.rpartition(".")[2], self)
            button.setObjectName(f"knob {word}")
            button.setToolTip(word)
            button.setCheckable(True)
            button.setChecked(word == knob.start)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            group.addButton(button, k)
            row.addWidget(button, 1)
        self.choices[knob.name] = group
        group.idClicked.connect(lambda k: self._turn(knob, knob.words[k]))
        return row

    def _turn(self, knob: Knob, value: str) -> None:
        if self.values[knob.name] != value:
            self.values[knob.name] = value
            self._tell()
            self._rest.start()

    def _tell(self) -> None:
        for name, label in self._numbers.items():
            label.setText(self.values[name].replace("-", "−"))
        self.line.setText(breakable(line_of(self.tried, self.values)))
        self.told.emit()

    def to_goal(self) -> None:
        """Turn each knob to what the lesson suggests, and run at once."""
        for knob in self.tried.knobs:
            if knob.words:
                self.choices[knob.name].button(knob.words.index(knob.goal)).setChecked(True)
                self._turn(knob, knob.goal)
            else:
                self.sliders[knob.name].setValue(position_of(knob, knob.goal))
                self._turn(knob, knob.goal)
        self._rest.stop()
        self.turned.emit(dict(self.values))

"""AlarmsPanel: what looks wrong, what it means, what to try; a click goes to where it happened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent, QValidator
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from gradviz.debugger import alarms as rules
from gradviz.debugger.alarms import Alarm, Severity, Thresholds
from gradviz.debugger.alarms.alarm import LABELS

from ..qt.background_modules import BackgroundModules
from ..style.breakable import breakable
from ..style.theme import TITLE_PX, ui_font

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradviz.debugger.diagnosis import Fix
    from gradviz.debugger.lint import Finding
    from gradviz.debugger.session import Session

    from ..bridge import Bridge

AT_ONCE = 1_000_000  # events up to which a recording is searched when the panel is looked at
UNSEEN = 100_000  # and also when it is not, so that its tab can tell
IDLE_MS = 500  # after a run
_NOTHING = "Nothing looks wrong: no nan or inf, no vanishing or exploding gradient, no forgotten zero_grad, no leaf left out."
_FAILED = "The run ended with the {error} of line {line}. Up to there nothing else looks wrong."
_EMPTY = "Alarms appear here when something has run."
_LOOKING = "Looking at the run…"
_DECIMALS = 20  # of a threshold: no gradient that is told of is smaller
_SHARES = {
    "update_low": "update too small: below this share of the parameter",
    "update_high": "update too large: above this share of the parameter",
}  # thresholds that are kept as logarithms, and how the form says them
# networkx answers where gradients stop; they take 0.2 s to load
_RULES = BackgroundModules("networkx", f"{rules.__name__}.find")


class AlarmsPanel(QWidget):
    """A list of alarms, and the chosen one in words."""

    counted = Signal(int)  # alarms that are errors or warnings; before a run, what the lint found
    line_wanted = Signal(int)  # of the script
    found = Signal(object)  # the alarms, a tuple
    fix_wanted = Signal(object)  # a change of the script, to be tried

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alarms")
        self.setAccessibleName("Alarms")
        self._bridge = bridge
        self.thresholds = Thresholds()
        self.alarms: tuple[Alarm, ...] = ()
        self._searched: tuple[Session, int, Thresholds] | None = None
        self.list = QListWidget(self)
        self.list.setObjectName("alarms_list")
        self.list.setAccessibleName("Alarms")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.currentRowChanged.connect(self._tell)
        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        self.sentence, self.advice = QLabel(self), QLabel(self)
        for label, name in ((self.sentence, "What it means"), (self.advice, "What to try")):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setAccessibleName(name)
            label.setMinimumWidth(80)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sentence.setFont(ui_font(TITLE_PX))
        self.limits = QPushButton("Thresholds…", self)
        self.limits.setAccessibleName("Thresholds of the alarms")
        self.limits.clicked.connect(self._edit)
        self.search = QPushButton("Search this recording", self)
        self.search.clicked.connect(lambda: self.refresh(asked=True))
        right = QWidget(self)
        words = QVBoxLayout(right)
        words.setContentsMargins(12, 8, 12, 8)
        words.addWidget(self._scrolled(right), 1)
        self.fix = QPushButton("Try the fix", self)
        self.fix.setAccessibleName("Try the fix of this alarm")
        self.fix.clicked.connect(lambda: self.fix_wanted.emit(self._fix))
        self._fix: Fix | None = None  # of the chosen alarm
        row = QHBoxLayout()
        row.addWidget(self.fix)
        row.addWidget(self.search)
        row.addStretch(1)
        row.addWidget(self.limits)
        words.addLayout(row)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.addWidget(self.list)
        self.split.addWidget(right)
        self.split.setStretchFactor(0, 2)
        self.split.setStretchFactor(1, 3)
        self.split.setChildrenCollapsible(False)
        self.empty = QLabel(_EMPTY, self)
        self.empty.setWordWrap(True)
        self.empty.setMinimumWidth(80)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.split)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._look)
        self._state: tuple[Session, int, Thresholds] | None = None  # what is being searched
        self._search: Iterator[None] = iter(())
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)
        bridge.session_changed.connect(self._idle.start)
        bridge.run_changed.connect(self._idle.start)
        bridge.findings_changed.connect(self._fill)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def _scrolled(self, parent: QWidget) -> QScrollArea:
        """Sentence and advice: of a nan with several origins they are longer than the panel is high."""
        self.words = QScrollArea(parent)
        self.words.setFrameShape(QFrame.Shape.NoFrame)
        self.words.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self.words.setAccessibleName("The alarm in words")
        inside = QWidget(self.words)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.advice)
        column.addStretch(1)
        self.words.setWidget(inside)
        self.words.setWidgetResizable(True)
        return self.words

    def _restyle(self) -> None:
        self.advice.setStyleSheet(f"color: {self._bridge.theme.muted}")
        self.empty.setStyleSheet(f"color: {self._bridge.theme.muted}")
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._idle.start()  # not now: while the docks are put in place each is shown for a moment

    def _look(self) -> None:
        """The user rests: search a little in each turn of the event loop."""
        if not _RULES.loaded():
            self._idle.start()
            return
        session = self._bridge.session
        if self._begin(asked=session is not None and session.length <= UNSEEN):
            self._turn.start()

    def refresh(self, *, asked: bool = False) -> None:
        """Search the recording, when it is whole; a very long one only when asked."""
        if self._begin(asked=asked):
            while self._go_on():
                pass

    def _begin(self, *, asked: bool) -> bool:
        """Whether there is anything to search that was not searched."""
        session = self._bridge.session
        if session is None or self._bridge.running:
            if session is None:
                self.alarms, self._searched = (), None
                self._fill()
            return False
        state = (session, session.length, self.thresholds)
        self.search.setVisible(session.length > AT_ONCE)
        if (session.length > AT_ONCE and not asked) or not (asked or self.isVisible()):
            return False
        if state != self._state:
            self._state, self._search = state, rules.searching(session, self.thresholds)
        return state != self._searched

    def _go_on(self) -> bool:
        """Search on with the next family of alarms; False: all are found, or something else is on the screen."""
        session = self._bridge.session
        if session is None or self._state != (session, session.length, self.thresholds) or self._bridge.running:
            self._turn.stop()
            return False
        try:
            next(self._search)
        except StopIteration as done:
            self._turn.stop()
            self.alarms, self._searched = done.value, self._state
            self._fill()
            return False
        return True

    def _fill(self) -> None:
        theme = self._bridge.theme
        colours = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning, Severity.HINT: theme.muted}
        signs = {Severity.ERROR: "✕", Severity.WARNING: "▲", Severity.HINT: "•"}
        self.list.clear()
        for alarm in self.alarms:
            often = f"  ×{alarm.count:,}" if alarm.count > 1 else ""
            where = f"  line\u00a0{alarm.line}" if alarm.line else ""
            item = QListWidgetItem(f"{signs[alarm.severity]}  {alarm.title}{often}{where}", self.list)
            item.setForeground(QColor(colours[alarm.severity]))
            item.setToolTip(alarm.sentence)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{alarm.severity.name.lower()}: {alarm.title}")
        for finding in self._bridge.findings:
            item = QListWidgetItem(f"▲  line\u00a0{finding.line}: {finding.rule}  (seen in the text)", self.list)
            item.setForeground(QColor(theme.warning))
            item.setToolTip(finding.sentence)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"warning: line {finding.line}, {finding.rule}")
        looked = self._nothing() if self._searched is not None else _LOOKING
        self.empty.setText(looked if self._bridge.session is not None else _EMPTY)
        long = self._bridge.session is not None and self._bridge.session.length > AT_ONCE
        self._stack.setCurrentWidget(self.split if self.list.count() or long else self.empty)
        self.found.emit(self.alarms)
        if self.list.count():
            self.list.setCurrentRow(0)  # which tells of it
        else:
            self._tell(-1)
        bad = sum(alarm.severity > Severity.HINT for alarm in self.alarms)
        self.counted.emit(bad or (len(self._bridge.findings) if self._bridge.session is None or not self.alarms else 0))

    def _nothing(self) -> str:
        """What is said when no alarm was found: the error that ended a run is told elsewhere, and is wrong enough."""
        error = self._bridge.session.recording.error if self._bridge.session is not None else None
        return _FAILED.format(error=error.get("type", "error"), line=error.get("line", 0)) if error and error.get("line") else _NOTHING

    def _tell(self, row: int) -> None:
        told: Alarm | Finding | None = None
        if 0 <= row < len(self.alarms):
            told = self.alarms[row]
        elif 0 <= row - len(self.alarms) < len(self._bridge.findings):
            told = self._bridge.findings[row - len(self.alarms)]
        self.sentence.setText(breakable(told.sentence) if told is not None else "")
        self._fix = self._mended(told)
        self.fix.setVisible(self._fix is not None)
        self.fix.setToolTip(f"Change it in the editor and run:\n{self._fix.diff}" if self._fix is not None else "")
        self.advice.setText(f"Try: {told.advice}" if told is not None else "")
        self.words.verticalScrollBar().setValue(0)

    def _mended(self, told: Alarm | Finding | None) -> Fix | None:
        """The change of the script that mends what is told, where there is a mechanical one."""
        from gradviz.debugger.explain import mending

        session = self._bridge.session
        if isinstance(told, Alarm):
            of_this_run = self._searched is not None and self._searched[0] is session  # the window may show another one by now
            return mending.of_alarm(session, told) if session is not None and of_this_run else None
        return mending.of_finding(self._bridge.source, told) if told is not None else None

    def _go(self, item: QListWidgetItem) -> None:
        """To the event, with its nodes selected; or to the line."""
        row = self.list.row(item)
        if row >= len(self.alarms):
            self.line_wanted.emit(self._bridge.findings[row - len(self.alarms)].line)
            return
        alarm = self.alarms[row]
        if alarm.event >= 0:
            self._bridge.seek(alarm.event)
        if alarm.nodes:
            self._bridge.select(alarm.nodes)
        if alarm.line:
            self.line_wanted.emit(alarm.line)

    def _edit(self) -> None:
        dialog = ThresholdsDialog(self.thresholds, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.set_thresholds(dialog.thresholds()))
        dialog.open()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Search again with other thresholds."""
        self.thresholds = thresholds
        self.refresh(asked=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._bridge.theme.surface))
        painter.end()
        super().paintEvent(event)


class _Number(QDoubleSpinBox):
    """A number as it is written elsewhere in the window, 1e-7; an arrow goes to the next that one would say."""

    def __init__(self, value: float, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDecimals(_DECIMALS)
        self.setRange(0.0, 1e12)
        self.setValue(value)
        self.setAccessibleName(name)
        self.setMinimumWidth(96)  # Qt finds its width from the ends of the range, which are shorter than what is between

    def textFromValue(self, value: float) -> str:
        """In as few letters as say it."""
        return f"{value:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")

    def valueFromText(self, text: str) -> float:
        """What was typed, 1e-7 too."""
        return float(text)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Whatever Python reads as a number that is in reach."""
        try:
            fits = self.minimum() <= float(text) <= self.maximum()
        except ValueError:
            fits = False
        return (QValidator.State.Acceptable if fits else QValidator.State.Intermediate, text, position)

    def stepBy(self, steps: int) -> None:
        """By one in its first digit; a power of ten becomes a smaller one."""
        for _ in range(abs(steps)):
            value = self.value()
            power = 10.0 ** math.floor(math.log10(value) + 1e-9) if value > 0 else 1.0
            down = power / 10 if value <= power * (1 + 1e-9) else power
            self.setValue(value + (power if steps > 0 else -down))


class ThresholdsDialog(QDialog):
    """A number for each threshold."""

    def __init__(self, thresholds: Thresholds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Thresholds of the alarms")
        self.fields: dict[str, QDoubleSpinBox] = {}
        form = QFormLayout(self)
        for name in Thresholds.names():
            value, label = float(getattr(thresholds, name)), LABELS[name]
            if name in _SHARES:
                value, label = 10.0**value, _SHARES[name]
            self.fields[name] = box = _Number(value, label, self)
            form.addRow(label, box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def thresholds(self) -> Thresholds:
        """What the form says."""
        values = {name: box.value() for name, box in self.fields.items()}
        values |= {name: math.log10(max(values[name], 10.0**-_DECIMALS)) for name in _SHARES}
        values["dead_steps"] = max(1, int(values["dead_steps"]))
        return Thresholds(**values)  # type: ignore[arg-type]  # dead_steps is whole now

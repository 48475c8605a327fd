"""The line in which a new breakpoint is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gradviz.debugger.breakpoints import KINDS, PHASES, Breakpoint, check
from gradviz.debugger.watch import WatchProblem

from ..style.theme import mono_font
from .words import offers

if TYPE_CHECKING:
    from ..bridge import Bridge

_CHOSEN = ("event", "error", "node")  # kinds of which one is picked, not typed
_HINTS = {
    "line": "number of a line", "op": "name of an op: relu", "write": "w or w.grad", "read": "w or w.grad",
    "change": "w.grad[0], w.requires_grad",
    "when": "norm(w.grad) < 1e-7",
}  # fmt: skip


class BreakpointForm(QWidget):
    """Kind, what, phase, and a button; a wrong text is underlined and explained below."""

    made = Signal(object)  # Breakpoint

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.kind = QComboBox(self)
        self.kind.setAccessibleName("Stop at")
        for key, text in KINDS.items():
            self.kind.addItem(text, key)
        self.typed = QLineEdit(self)
        self.typed.setAccessibleName("What")
        self.typed.setFont(mono_font())
        self.chosen = QComboBox(self)
        self.chosen.setAccessibleName("Which")
        self.chosen.setMinimumContentsLength(16)
        self.what = QStackedWidget(self)
        self.what.addWidget(self.typed)
        self.what.addWidget(self.chosen)
        self.what.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.phase = QComboBox(self)
        self.phase.setAccessibleName("Phase")
        for key, text in PHASES.items():
            self.phase.addItem(text, key)
        self.add = QPushButton("Add", self)
        self.add.setAccessibleName("Add the breakpoint")
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setVisible(False)
        row = QHBoxLayout()
        row.addWidget(QLabel("Stop at", self))
        row.addWidget(self.kind)
        row.addWidget(self.what, 1)
        row.addWidget(self.phase)
        row.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.problem)
        self.kind.currentIndexChanged.connect(self.offer)
        self.add.clicked.connect(self._make)
        self.typed.returnPressed.connect(self._make)
        self.kind.setCurrentIndex(self.kind.findData("when"))

    def offer(self) -> None:
        """Fill the choices of the kind; a hidden form waits until it is shown."""
        kind, session = self.kind.currentData(), self._bridge.session
        self.tell("")
        self.phase.setVisible(kind in ("op", "node"))
        chosen = kind in _CHOSEN
        self.what.setCurrentWidget(self.chosen if chosen else self.typed)
        found = offers(kind, session) if session is not None and self.isVisible() and kind != "line" else []
        self.chosen.clear()
        self.typed.clear()
        self.typed.setPlaceholderText(_HINTS.get(kind, ""))
        if chosen:
            for shown, meant in found:
                self.chosen.addItem(shown, meant)
            return
        completer = QCompleter([shown for shown, _ in found], self.typed)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.typed.setCompleter(completer)

    def tell(self, problem: str, wrong: bool = True) -> None:
        """Say what is wrong, "" for nothing; `wrong`: so wrong that it was not taken."""
        theme = self._bridge.theme
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.problem.setStyleSheet(f"color: {theme.error if wrong else theme.warning}")
        self.typed.setStyleSheet(f"border: none; border-bottom: 2px solid {theme.error};" if problem and wrong else "")

    def _make(self) -> None:
        kind = self.kind.currentData()
        text = str(self.chosen.currentData() or "") if kind in _CHOSEN else self.typed.text()
        phase = self.phase.currentData() if kind in ("op", "node") else "both"
        found = Breakpoint(kind, text.strip(), phase)
        try:
            check(found)
        except WatchProblem as problem:
            self.tell(str(problem))
            return
        self.tell("")
        self.typed.clear()
        self.made.emit(found)

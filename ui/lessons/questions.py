"""The widgets that a question is answered with: a number, a choice, a sign, an order, a click on a node."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ..style.theme import mono_font
from .boxes import TEXT_PX, OptionButton, plain

if TYPE_CHECKING:
    from gradviz.lessons.lesson import Ask
    from gradviz.lessons.walk import Walk

    from ..bridge import Bridge

SIGNS = (("−", "negative", -1), ("0", "zero", 0), ("+", "positive", 1))


def number_of(text: str) -> float | None:
    """What was typed as a number: 0.25, -1e-3, 1/3; None where it is none."""
    said = text.strip().replace("−", "-").replace(",", ".").replace(" ", "")
    try:
        return float(Fraction(said)) if "/" in said else float(said)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


class Question(QWidget):
    """A question; `answered` carries what was given."""

    answered = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)

    def lock(self, given: Any, right: Any) -> None:
        """It was answered: show what was given and what is right."""

    def _check_button(self) -> QPushButton:
        button = QPushButton("Check", self)
        button.setObjectName("check answer")
        button.setDefault(True)
        return button


class NumberQuestion(Question):
    """Type a number."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.line = QLineEdit(self)
        self.line.setFont(mono_font(TEXT_PX))
        self.line.setPlaceholderText("0.5 or 1/3")
        self.line.setAccessibleName("Your answer")
        self.check = self._check_button()
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.check)
        self.column.addLayout(row)
        self.note = QLabel("", self)
        self.note.setWordWrap(True)
        self.note.hide()
        self.column.addWidget(self.note)
        self.check.clicked.connect(self._take)
        self.line.returnPressed.connect(self._take)

    def _take(self) -> None:
        found = number_of(self.line.text())
        if found is None:
            self.note.setText("Type a number: 0.5, 1/3 or 2e-3.")
            self.note.show()
            return
        self.note.hide()
        self.answered.emit(found)

    def lock(self, given: Any, right: Any) -> None:
        if number_of(self.line.text()) != given:
            self.line.setText(f"{given:g}")
        self.line.setEnabled(False)
        self.check.hide()


class ChoiceQuestion(Question):
    """Click one of the answers."""

    def __init__(self, bridge: Bridge, options: list[tuple[str, str, Any]], parent: QWidget | None = None) -> None:
        """`options`: mark, text and what is given by it."""
        super().__init__(bridge, parent)
        self.buttons: list[tuple[OptionButton, Any]] = []
        for mark, text, value in options:
            button = OptionButton(bridge, plain(text), mark, self)
            button.clicked.connect(lambda _=False, value=value: self.answered.emit(value))
            self.column.addWidget(button)
            self.buttons.append((button, value))

    def lock(self, given: Any, right: Any) -> None:
        for button, value in self.buttons:
            button.setEnabled(False)
            if value == right:
                button.set_mark("right")
            elif value == given:
                button.set_mark("wrong")


class OrderQuestion(Question):
    """Click the items in their order; a second click takes the number away."""

    def __init__(self, bridge: Bridge, items: list[str], parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.chosen: list[int] = []
        self.buttons: list[OptionButton] = []
        for k, text in enumerate(items):
            button = OptionButton(bridge, plain(text), "", self)
            button.clicked.connect(lambda _=False, k=k: self._toggle(k))
            self.column.addWidget(button)
            self.buttons.append(button)
        self.check = self._check_button()
        self.check.setEnabled(False)
        self.column.addWidget(self.check, 0, Qt.AlignmentFlag.AlignRight)
        self.check.clicked.connect(lambda: self.answered.emit(list(self.chosen)))

    def _toggle(self, k: int) -> None:
        if k in self.chosen:
            self.chosen = self.chosen[: self.chosen.index(k)]
        else:
            self.chosen.append(k)
        self._number(self.chosen)
        self.check.setEnabled(len(self.chosen) == len(self.buttons))

    def _number(self, order: list[int]) -> None:
        for k, button in enumerate(self.buttons):
            button.set_mark(str(order.index(k) + 1) if k in order else "")

    def lock(self, given: Any, right: Any) -> None:
        self._number(list(right))
        for button in self.buttons:
            button.setEnabled(False)
        self.check.hide()


class NodeQuestion(Question):
    """Click a card of the canvas."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.node = -1
        self.note = QLabel("Click a card of the graph.", self)
        self.note.setWordWrap(True)
        self.check = self._check_button()
        self.check.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        row.addWidget(self.check)
        self.column.addLayout(row)
        self.check.clicked.connect(lambda: self.answered.emit(self.node))
        bridge.selection_changed.connect(self._selected)

    def _title(self, node_id: int) -> str:
        graph = self.bridge.graph()
        node = graph.node(node_id) if graph is not None else None
        return f"{node.title} ({node.op}, line {node.line})" if node is not None else "?"

    def _selected(self) -> None:
        chosen = self.bridge.selected
        if not self.check.isVisibleTo(self):
            return
        self.node = chosen[0] if len(chosen) == 1 else -1
        self.check.setEnabled(self.node >= 0)
        self.note.setText(f"You chose {self._title(self.node)}." if self.node >= 0 else "Click a card of the graph.")

    def lock(self, given: Any, right: Any) -> None:
        self.check.hide()
        self.note.setText(f"You chose {self._title(int(given))}.")


def make_question(bridge: Bridge, walk: Walk, ask: Ask, parent: QWidget) -> Question:
    """The widget for a question of the page that is shown."""
    if ask.kind == "number":
        return NumberQuestion(bridge, parent)
    if ask.kind == "sign":
        return ChoiceQuestion(bridge, [(sign, words, value) for sign, words, value in SIGNS], parent)
    if ask.kind == "choice":
        return ChoiceQuestion(bridge, [("", walk.text(option.text), k) for k, option in enumerate(ask.options)], parent)
    if ask.kind == "order":
        return OrderQuestion(bridge, [walk.text(item.text) for item in ask.items], parent)
    return NodeQuestion(bridge, parent)

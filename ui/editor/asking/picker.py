"""Type to find, Enter to take: the quick-add menu and every other choice on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the picker."""

    text: str
    detail: str
    key: object
    possible: bool = True


class Picker(QFrame):
    """A small window with a line and what fits it."""

    picked = Signal(object)

    def __init__(self, title: str, find: Callable[[str], Sequence[Choice]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("picker")
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._find = find
        self._before = QApplication.focusWidget()  # the keyboard goes back there
        self.label = QLabel(title, self)
        self.label.setWordWrap(True)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Type a name: mul, relu, mean…")
        self.line.setAccessibleName(title)
        self.list = QListWidget(self)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("What fits")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.label)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.resize(460, 330)
        self.line.textChanged.connect(self.narrow)
        self.line.installEventFilter(self)
        self.line.returnPressed.connect(self._take)
        self.list.currentTextChanged.connect(self.line.setAccessibleDescription)  # the line has the focus: it says what Enter takes
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self._choices: list[Choice] = []
        self.narrow("")

    def narrow(self, text: str) -> None:
        """Show what fits."""
        self._choices = list(self._find(text))[:SHOWN]
        self.list.clear()
        if not self._choices:
            self._choices = [Choice(f"Nothing fits “{text.strip()}”" if text.strip() else "Nothing fits here", "", None, False)]
        for choice in self._choices:
            item = QListWidgetItem(f"{choice.text}    {choice.detail}" if choice.detail else choice.text)
            if not choice.possible:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        first = next((k for k, c in enumerate(self._choices) if c.possible), -1)
        self.list.setCurrentRow(first)

    def _take(self, *_: object) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._choices) and self._choices[row].possible:
            key = self._choices[row].key
            self.close()
            self.picked.emit(key)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        parent = self.parentWidget()
        if parent is not None:  # some platforms leave no window active when a popup goes
            parent.activateWindow()
            give_back(self._before, parent)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(Qt.Key(event.key()), 0)
            if step:
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
        return super().eventFilter(watched, event)


def give_back(before: QWidget | None, otherwise: QWidget) -> None:
    """The keyboard to the widget that had it, if that is still there to be seen."""
    there = before is not None and isValid(before) and before.isVisible()  # what Qt has deleted can be asked nothing
    (before if before is not None and there else otherwise).setFocus()

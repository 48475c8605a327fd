"""The page of all actions with their keys, made from the table; a double-click on a key chooses another one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .actions import RECENT, TABLE
from .keys import Keys
from .mouse import HANDS

KEYS = 2  # the column
HINT = "A double-click on a row's keys (or F2) waits for another key."


class _KeyCell(QStyledItemDelegate):
    """A cell that waits for a key to be pressed; Esc leaves it as it is."""

    pressed = Signal(int, str)  # row, key

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QWidget:
        made = QKeySequenceEdit(parent)
        made.setMaximumSequenceLength(1)
        made.setAccessibleName("The key, as it is pressed")
        made.keySequenceChanged.connect(lambda _: self._take(made))
        return made

    def _take(self, editor: QKeySequenceEdit) -> None:
        editor.blockSignals(True)  # one key is wanted
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Nothing: the next key is waited for."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QKeySequenceEdit) and not editor.keySequence().isEmpty():
            self.pressed.emit(index.row(), editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and event.type() == QEvent.Type.KeyPress and isinstance(watched, QWidget):
                self.closeEditor.emit(watched, QStyledItemDelegate.EndEditHint.NoHint)
                return True
            return False  # Tab and Return are keys, too
        return super().eventFilter(watched, event)


class ShortcutsPage(QDialog):
    """Every action: what it does and which keys do it."""

    def __init__(self, keys: Keys, panels: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._recent = [row.id for row in TABLE if row.menu == RECENT]
        alone = [row for row in TABLE if row.id not in self._recent[1:]]  # nine rows would say the same of nine files
        self._rows = [(row.id, row.menu.replace("&", ""), row.text.replace("&", ""), row.tip) for row in alone]
        first = next(k for k, row in enumerate(alone) if row.id in self._recent)
        self._rows[first] = ("", self._rows[first][1], f"Recent files 1 to {len(self._recent)}", self._rows[first][3])
        self._rows += [(a.objectName(), "View", f"Panel: {a.text()}", a.statusTip()) for a in panels]
        self._by_hand = {len(self._rows) + k: hand.how for k, hand in enumerate(HANDS)}
        self._spans = first
        self._rows += [("", hand.menu, hand.text, hand.tip) for hand in HANDS]
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcuts page")
        self.resize(980, 640)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search…")
        self.line.setAccessibleName("Search the actions")
        self.table = QTableWidget(len(self._rows), 4, self)
        self.table.setAccessibleName("All actions with their keys")
        self.table.setHorizontalHeaderLabels(["Menu", "Action", "Keys", "What it does"])
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        triggers = QTableWidget.EditTrigger
        self.table.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.cell = _KeyCell(self.table)
        self.cell.pressed.connect(self._pressed)
        self.table.setItemDelegateForColumn(KEYS, self.cell)
        for k, (name, menu, text, tip) in enumerate(self._rows):
            for column, words in enumerate((menu, text, "", tip)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if column == KEYS and name else flags)
                self.table.setItem(k, column, item)
        self._fill()
        for column in range(3):
            self.table.resizeColumnToContents(column)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)  # a long sentence has two lines
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.words = QLabel(HINT, self)
        self.words.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close | QDialogButtonBox.StandardButton.RestoreDefaults, self)
        buttons.rejected.connect(self.reject)
        self.usual = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        self.usual.setText("All keys as at first")
        self.usual.clicked.connect(self._reset)
        self.usual.setAutoDefault(False)  # Enter behind a search is meant for no button
        layout = QVBoxLayout(self)
        for widget in (self.line, self.table, self.words, buttons):
            layout.addWidget(widget)
        self.line.textChanged.connect(self._narrow)

    def _span(self) -> str:
        """The keys of all recent files: as they are at first, the first and the last."""
        keys = [self._keys.of(name)[:1] for name in self._recent]
        usual = [row.shortcuts[:1] for row in TABLE if row.menu == RECENT]
        return f"{keys[0][0]} … {keys[-1][0]}" if keys == usual else ",  ".join(key for one in keys for key in one)

    def _fill(self) -> None:
        self._by_hand[self._spans] = self._span()
        for k, (name, *_) in enumerate(self._rows):
            item = self.table.item(k, KEYS)
            words = self._by_hand[k] if k in self._by_hand else ",  ".join(self._keys.of(name))
            if item is not None and item.text() != words:
                item.setText(words)
                item.setToolTip(words)

    def _pressed(self, row: int, key: str) -> None:
        name, _, text, _ = self._rows[row]
        lost = self._keys.give(name, key)
        other = next((words for other, _, words, _ in self._rows if other == lost), "A recent file")
        left = (", ".join(self._keys.of(lost)) or "no key") if lost else ""
        self.words.setText(f"{key}: {text}." + (f" “{other}” had it, and has {left} now." if lost else ""))
        self._fill()

    def _reset(self) -> None:
        self._keys.reset()
        self.words.setText(HINT)
        self._fill()

    def _narrow(self, wanted: str) -> None:
        """The rows in which each word stands. (Letters in their order, as the palette of commands looks for them, nearly all rows have.)"""
        words = wanted.casefold().split()
        for k, (name, menu, text, tip) in enumerate(self._rows):
            keys = (self._by_hand[k],) if k in self._by_hand else self._keys.of(name)
            row = " ".join((menu, text, *keys, tip)).casefold()
            self.table.setRowHidden(k, not all(word in row for word in words))

"""The palette: every kind of node by category, with a search; drag it, press Enter, or double-click."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gradviz.document.palette.catalogue import Entry, offered
from gradviz.document.palette.search import search

from .letters import is_letter

MIME = "application/x-gradviz-op"
_ORDER = (
    "Tensors", "Elementwise",
    "Reductions", "Linear algebra", "Activations", "Losses", "Autograd", "Shapes", "Joining", "Indexing", "Functions",
    "Statistics", "Layers", "Layers: activations", "Layers: losses", "Layers: convolution", "Layers: pooling", "Layers: normalization",
    "Layers: recurrent", "Layers: dropout", "Layers: padding",
)  # fmt: skip
OP = Qt.ItemDataRole.UserRole


class _Tree(QTreeWidget):
    typed = Signal(str)  # letters: they are meant for the search above, and no menu's action

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and is_letter(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_letter(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def mimeData(self, items: object) -> QMimeData:
        mime = QMimeData()
        item = self.currentItem()
        if item is not None and item.data(0, OP):
            mime.setData(MIME, QByteArray(str(item.data(0, OP)).encode()))
        return mime


class Palette(QWidget):
    """Search above, categories below."""

    chosen = Signal(str)  # id of an entry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editor palette")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search nodes…")
        self.line.setAccessibleName("Search nodes")
        self.line.setClearButtonEnabled(True)
        self.tree = _Tree(self)
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Nodes by category")
        self.tree.setDragEnabled(True)
        self.tree.setIndentation(14)
        self.tree.setUniformRowHeights(True)
        self.tree.itemActivated.connect(self._activated)
        self.tree.itemExpanded.connect(self._fill)
        self._waiting: dict[str, list[Entry]] = {}  # the rows of categories that were not opened yet
        self.tree.typed.connect(self._typed)
        self.line.textChanged.connect(self._narrow)
        self.line.returnPressed.connect(self._first)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.tree, 1)
        self._narrow("")

    def sizeHint(self) -> QSize:
        return QSize(190, 400)  # the names of the categories

    def _typed(self, letters: str) -> None:
        self.line.setFocus()
        self.line.setText(letters)

    def _narrow(self, text: str) -> None:
        self.tree.clear()
        if text.strip():
            for entry in search(text)[:80]:
                self.tree.addTopLevelItem(_row(entry.op, entry.title, entry.op, entry.doc))
            first = self.tree.topLevelItem(0)
            if first is not None:
                self.tree.setCurrentItem(first)
            return
        groups: dict[str, QTreeWidgetItem] = {}
        found = offered()
        for category in sorted({e.category for e in found}, key=lambda c: (_ORDER.index(c) if c in _ORDER else len(_ORDER), c)):
            groups[category] = QTreeWidgetItem([category])
            groups[category].setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.tree.addTopLevelItem(groups[category])
        self._waiting = {}
        for entry in found:
            self._waiting.setdefault(entry.category, []).append(entry)
            groups[entry.category].setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        for name in ("Tensors", "Elementwise", "Reductions"):
            if name in groups:
                groups[name].setExpanded(True)

    def _fill(self, group: QTreeWidgetItem) -> None:
        """The rows of a category, when it is first opened: there are hundreds."""
        for entry in self._waiting.pop(group.text(0), []):
            group.addChild(_row(entry.op, entry.title, entry.op, entry.doc))

    def _first(self) -> None:
        item = self.tree.topLevelItem(0)
        if item is not None and self.line.text().strip():
            self._activated(item)

    def _activated(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        op = item.data(0, OP)
        if op:
            self.chosen.emit(str(op))


def _row(op: str, title: str, detail: str, doc: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([title])
    item.setData(0, OP, op)
    item.setToolTip(0, f"{detail}\n{doc}" if doc else detail)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    return item

"""The graph as a table: for screen readers, and for those who like rows better. All of it can be changed here."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from gradviz.document import edits, values
from gradviz.document.model import TENSOR, Block, ordered
from gradviz.document.run.inference import show as shape_text
from gradviz.document.wiring import rewired

from ..desk import Desk
from ..words import flags_of, numbers_of, source_text, title_of
from .grid import begins_number

COLUMNS = ("name", "node", "reads", "shape", "value", "gradient", "problem")
NAME, NODE, READS, SHAPE, VALUE, GRADIENT, PROBLEM = range(len(COLUMNS))


class _Cells(QStyledItemDelegate):
    """Cells whose open line says what is typed there."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QWidget:
        line = super().createEditor(parent, option, index)
        line.setAccessibleName(f"{COLUMNS[index.column()]} of {index.model().index(index.row(), NAME).data()}")
        return line


class TableTwin(QWidget):
    """One row a node, in the order of computation."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("table twin")
        self._desk = desk
        self._rows: list[str] = []
        self._filling = False
        self.table = QTableWidget(0, len(COLUMNS), self)
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.setAccessibleName("The graph as a table: one row a node")
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setDefaultSectionSize(23)
        self.table.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate((80, 90, 110, 80, 110, 110)):
            self.table.setColumnWidth(column, width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.table)
        self.table.setItemDelegate(_Cells(self.table))
        self.table.installEventFilter(self)
        self.table.itemSelectionChanged.connect(self._row_selected)
        self.table.cellChanged.connect(self._changed)
        desk.rested.connect(self.refresh)
        desk.selection_changed.connect(self._follow)

    def sizeHint(self) -> QSize:
        return QSize(270, 400)

    def showEvent(self, event: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """All rows as they are now."""
        if not self.isVisible():
            return
        self._filling = True
        document = self._desk.document
        order = ordered(document)
        rows = order + [b for b in document.blocks if b not in set(order)]
        if rows != self._rows:
            self._move_to(rows)
        self.table.setRowCount(len(self._rows))
        for row, block_id in enumerate(self._rows):
            for column, text in enumerate(self._texts(document.blocks[block_id])):
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem(text)
                    self.table.setItem(row, column, item)
                elif item.text() != text:
                    item.setText(text)
                leaf = document.blocks[block_id].op == TENSOR
                can = column == NAME or column == (VALUE if leaf else READS)
                flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                flags = flags | Qt.ItemFlag.ItemIsEditable if can else flags
                if item.flags() != flags:  # whatever is set anew is read anew into an open cell, over what is typed there
                    item.setFlags(flags)
        self._filling = False
        self._follow()

    def _move_to(self, rows: list[str]) -> None:
        """Other rows: a cell that is open was about another node, so it is closed; the current cell goes along with its node."""
        row, column = self.table.currentRow(), self.table.currentColumn()
        block_id = self._rows[row] if 0 <= row < len(self._rows) else ""
        self._rows = rows
        nothing = QItemSelectionModel.SelectionFlag.NoUpdate
        self.table.setCurrentCell(-1, -1, nothing)
        if block_id in rows:
            self.table.setRowCount(len(rows))
            self.table.setCurrentCell(rows.index(block_id), column, nothing)

    def _texts(self, block: Block) -> tuple[str, ...]:
        desk, known = self._desk, self._desk.known.get(block.id)
        reads = ", ".join(f"{port}={source_text(desk, wire)}" for port, wire in desk.document.inputs(block.id).items())
        numbers = values.show(block.value) if block.value is not None else numbers_of(desk, block.id, "values")
        shape = shape_text(known.spec.shape) if known is not None and known.spec is not None else ""
        waiting = "waits for " + ", ".join(known.waiting) if known is not None and known.waiting else ""
        kind = ", ".join((title_of(block), *flags_of(desk, block)))
        words = desk.problem_of(block.id) or waiting or desk.told_of(block.id)
        return (block.name, kind, reads, shape, numbers, numbers_of(desk, block.id, "grads"), words)

    def _follow(self) -> None:
        """The rows of the selected nodes."""
        if not self.isVisible() or self._filling:
            return
        self._filling = True
        self.table.clearSelection()
        for row, block_id in enumerate(self._rows):
            if block_id in self._desk.selected:
                for column in range(len(COLUMNS)):
                    item = self.table.item(row, column)
                    if item is not None:
                        item.setSelected(True)
        self._filling = False

    def _row_selected(self) -> None:
        if not self._filling:
            rows = sorted({i.row() for i in self.table.selectedIndexes()})
            self._desk.select(self._rows[r] for r in rows if r < len(self._rows))

    def _changed(self, row: int, column: int) -> None:
        item = self.table.item(row, column)
        if self._filling or item is None or row >= len(self._rows):
            return
        block = self._desk.document.blocks.get(self._rows[row])
        text = item.text()
        if block is not None and column == NAME:
            self._desk.attempt(f"Rename {block.name}", lambda: edits.rename(self._desk.document, block.id, text))
        elif block is not None and column == VALUE and block.value is not None:
            document, value = self._desk.document, block.value
            typed = partial(values.typed, text, value, edits.seeds(document))
            self._desk.attempt(f"Set {block.name}", lambda: self._desk.follow(edits.set_value(document, block.id, typed()), block.id))
        elif block is not None and column == READS:
            self._desk.attempt(f"Connect {block.name}", lambda: rewired(self._desk.document, block.id, text, self._desk.known))
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            item = self.table.currentItem()
            typed = begins_number(event) and item is not None and item.column() == VALUE and bool(item.flags() & Qt.ItemFlag.ItemIsEditable)
            if typed or event.key() == Qt.Key.Key_F2:
                event.accept()  # it opens the cell, and does not zoom, slide, or name the node on the canvas
                return True
        return super().eventFilter(watched, event)

"""The page of all actions with their keys, made from the table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from ..actions import TABLE
from .palette import score


class ShortcutsPage(QDialog):
    """Every action: what it does and which keys do it."""

    def __init__(self, panels: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = [(row.menu, row.text.replace("&", ""), ",  ".join(row.shortcuts), row.tip) for row in TABLE]
        self._rows += [("View", f"Panel: {a.text()}", a.shortcut().toString(), a.statusTip()) for a in panels]
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcuts page")
        self.resize(980, 640)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search…")
        self.table = QTableWidget(len(self._rows), 4, self)
        self.table.setHorizontalHeaderLabels(["Menu", "Action", "Keys", "What it does"])
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        for k, row in enumerate(self._rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.table.setItem(k, column, item)
        for column in range(3):
            self.table.resizeColumnToContents(column)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.horizontalHeader().setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.line, self.table, buttons):
            layout.addWidget(widget)
        self.line.textChanged.connect(self._narrow)

    def _narrow(self, wanted: str) -> None:
        for k, row in enumerate(self._rows):
            self.table.setRowHidden(k, bool(wanted) and score(wanted, " ".join(row[1:])) == 0)

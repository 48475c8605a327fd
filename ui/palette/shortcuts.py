"""The page of all actions with their keys, made from the table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from ..actions import TABLE
from .palette import score


class ShortcutsPage(QDialog):
    """Every action: what it does and which keys do it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcuts page")
        self.resize(760, 560)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search…")
        self.table = QTableWidget(len(TABLE), 4, self)
        self.table.setHorizontalHeaderLabels(["Menu", "Action", "Keys", "What it does"])
        self.table.verticalHeader().setVisible(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        for k, row in enumerate(TABLE):
            for column, text in enumerate((row.menu, row.text.replace("&", ""), ",  ".join(row.shortcuts), row.tip)):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.table.setItem(k, column, item)
        self.table.resizeColumnsToContents()
        self.table.horizontalHeader().setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.line, self.table, buttons):
            layout.addWidget(widget)
        self.line.textChanged.connect(self._narrow)

    def _narrow(self, wanted: str) -> None:
        for k, row in enumerate(TABLE):
            text = f"{row.text} {row.tip} {' '.join(row.shortcuts)}"
            self.table.setRowHidden(k, bool(wanted) and score(wanted, text.replace("&", "")) == 0)

"""What-if: the changes in force, and what they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from ..style.breakable import breakable
from .workbench import Workbench

if TYPE_CHECKING:
    from gradviz.debugger.comparing.what_changed import Comparison

EMPTY = (
    "Select a leaf and press R to turn requires_grad, operations and press G for no_grad, an edge and press D to detach. "
    "The script runs again with the change; its text stays as it is."
)


class OverridesPanel(QWidget):
    """The list of overrides with a button to take each away, beside the sentences of the comparison."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("what-if")
        self._workbench = workbench
        self.list = QListWidget(self)
        self.list.setAccessibleName("What-if changes in force")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.remove = QPushButton("Remove", self)
        self.remove.clicked.connect(self._remove)
        self.sentences = QListWidget(self)
        self.sentences.setAccessibleName("What they changed")
        self.sentences.setWordWrap(True)
        self.sentences.itemClicked.connect(self._point)
        self._empty = QLabel(EMPTY, self)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        left = QVBoxLayout()
        left.addWidget(QLabel("Changes in force", self))
        left.addWidget(self.list)
        left.addWidget(self.remove)
        right = QVBoxLayout()
        right.addWidget(QLabel("Against the script as it is", self))
        right.addWidget(self._empty, 1)
        right.addWidget(self.sentences, 1)
        layout = QHBoxLayout(self)
        layout.addLayout(left, 1)
        layout.addLayout(right, 2)
        workbench.bridge.overrides_changed.connect(self.refresh)
        workbench.compared.connect(self.show_comparison)
        self.refresh()
        self.show_comparison(None)

    def refresh(self) -> None:
        """Show the overrides in force."""
        self.list.clear()
        for override in self._workbench.what_if.overrides:
            self.list.addItem(self._workbench.what_if.label_of(override))
        if self.list.count():
            self.list.setCurrentRow(self.list.count() - 1)
        self.remove.setEnabled(bool(self.list.count()))

    def _remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self._workbench.what_if.remove(row)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Sentences of what changed; a click lights the nodes."""
        self.sentences.clear()
        self._empty.setVisible(comparison is None)
        self.sentences.setVisible(comparison is not None)
        if comparison is None:
            return
        theme = self._workbench.bridge.theme
        if not len(comparison):
            self.sentences.addItem(comparison.text)
        for difference in comparison:
            item = QListWidgetItem(breakable(difference.sentence))
            item.setData(Qt.ItemDataRole.UserRole, difference.nodes)
            if difference.kind in ("error", "leaf lost", "cut"):
                item.setForeground(QColor(theme.error))
            self.sentences.addItem(item)

    def _point(self, item: QListWidgetItem) -> None:
        nodes = item.data(Qt.ItemDataRole.UserRole)
        if nodes:
            self._workbench.bridge.select(tuple(int(n) for n in nodes))

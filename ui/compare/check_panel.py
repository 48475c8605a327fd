"""CheckPanel: the table of the numeric check; a click goes to the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gradviz.debugger.check import MEANINGS, OK, ORDER, SKIPPED, NodeCheck, summary

from .overlay import COLOURS, SIGNS

if TYPE_CHECKING:
    from .comparing import Comparing

_HINT = "Is each backward the slope of its forward? The script runs once more, and every node is compared with differences in float64."
_CHECKING = "Checking: the script runs once more…"


class CheckPanel(QWidget):
    """One row a node, the worst first."""

    def __init__(self, room: Comparing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("check")
        self.setAccessibleName("Numeric check")
        self._room = room
        self.button = QPushButton("Check every node", self)
        self.button.clicked.connect(room.check)
        self.all = QCheckBox("with ok", self)
        self.all.setChecked(True)
        self.all.toggled.connect(self.refresh)
        self.words = QLabel(_HINT, self)
        self.words.setWordWrap(True)
        self.words.setMinimumWidth(80)
        self.words.setAccessibleName("Summary of the numeric check")
        self.table = QTreeWidget(self)
        self.table.setAccessibleName("Checked nodes")
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels(["Verdict", "Node", "Line", "Backward", "Slope", "Left", "Right", "What it means"])
        for column, width in enumerate((90, 150, 46, 90, 90, 90, 90)):
            self.table.setColumnWidth(column, width)
        self.table.itemClicked.connect(self._go)
        self.table.itemActivated.connect(self._go)
        head = QHBoxLayout()
        head.addWidget(self.button)
        head.addWidget(self.words, 1)
        head.addWidget(self.all)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(6, 6, 6, 6)
        rows.addLayout(head)
        rows.addWidget(self.table, 1)
        room.checked.connect(self.refresh)
        room.bridge.theme_changed.connect(self.refresh)
        room.bridge.run_changed.connect(self.refresh)
        self.refresh()

    @property
    def shown(self) -> list[NodeCheck]:
        """The rows, from above."""
        every = sorted(self._room.checks, key=lambda check: (ORDER.index(check.verdict), check.site))
        return every if self.all.isChecked() else [check for check in every if check.verdict not in (OK, SKIPPED)]

    def refresh(self) -> None:
        """Show what was found."""
        theme, session = self._room.bridge.theme, self._room.bridge.session
        self.button.setEnabled(session is not None and not self._room.bridge.running)
        self.table.clear()
        self.words.setText(_CHECKING if self._room.checking else f"{summary(self._room.checks)}." if self._room.checks else _HINT)
        sites = session.recording.sites if session is not None else []
        for check in self.shown:
            name = sites[check.site].name if check.site < len(sites) else ""
            numbers = [f"{n:.6g}" if check.checked else "" for n in (check.analytic, check.numeric, check.left, check.right)]
            told = f"{check.op}{f' ({name})' if name else ''}"
            words = f"{check.words}: {MEANINGS[check.verdict]}" if check.verdict not in (OK, SKIPPED) else check.words
            item = QTreeWidgetItem(self.table, [f"{SIGNS[check.verdict]}  {check.verdict}", told, str(check.line), *numbers, words])
            item.setForeground(0, QColor(getattr(theme, COLOURS[check.verdict])))
            for column in range(2, 7):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(7, words)

    def _go(self, item: QTreeWidgetItem) -> None:
        self._room.go_to_check(self.shown[self.table.indexOfTopLevelItem(item)])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._room.bridge.theme.surface))
        painter.end()

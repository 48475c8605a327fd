"""RunsPanel: the list of runs at the left, what tells two of them apart at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.debugger.comparing import RunComparison, curves_of, parameters

from ..style.theme import FONT_PX, TITLE_PX, ui_font
from .curves_view import CurvesView

if TYPE_CHECKING:
    from .comparing import Comparing
    from .runs import Run

LISTED = 200  # differences in the list
TOLERANCES = (("exactly equal", 0.0), ("within 1e-12", 1e-12), ("within 1e-6", 1e-6), ("within 1e-3", 1e-3))
_HOW = "The shown run with the chosen one. A does what B leaves out, or is the earlier; of two chosen ones it is the upper."
_HINT = "Run the script again, change something (R, G, D), or branch at this moment (Ctrl+B): each run stays here. Choose two and compare."
_EVENT = Qt.ItemDataRole.UserRole


class RunsTree(QTreeWidget):
    """The runs; Enter switches, Delete forgets, Escape ends the comparison."""

    key = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_Escape) and not event.modifiers():
            self.key.emit(int(event.key()))
        else:
            super().keyPressEvent(event)


class RunsPanel(QWidget):
    """Wiring of widgets; what they do is the room's."""

    def __init__(self, room: Comparing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setAccessibleName("Runs")
        self._room = room
        self._filling = False
        self.tree = RunsTree(self)
        self.tree.setAccessibleName("Runs")
        self.tree.setHeaderLabels(["Run", "What was changed", "Verdict"])
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.tree.setMinimumWidth(180)
        self.tree.itemDoubleClicked.connect(lambda item, _: self._switch(item))
        self.tree.itemChanged.connect(self._renamed)
        self.tree.itemSelectionChanged.connect(self._enable)
        self.tree.key.connect(self._key)
        self.compare = self._button("Compare", _HOW, self._compare)
        self.branch = self._button("Branch…", "Change something at this moment and go on from there (Ctrl+B)", room.ask_branch)
        self.open = self._button("Open…", "Put a recording beside the others", self._open)
        self.save = self._button("Save…", "Write the chosen run to a .gvrec file", self._save)
        buttons = QHBoxLayout()
        for button in (self.compare, self.branch, self.open, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left = QWidget(self)
        rows = QVBoxLayout(left)
        rows.setContentsMargins(6, 6, 6, 6)
        rows.setSpacing(4)
        rows.addWidget(self.tree, 1)
        rows.addLayout(buttons)
        self.comparison = ComparisonView(room, self)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.addWidget(left)
        self.split.addWidget(self.comparison)
        self.split.setStretchFactor(0, 2)
        self.split.setStretchFactor(1, 3)
        self.split.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.split)
        room.runs.changed.connect(self.refresh)
        room.bridge.theme_changed.connect(self.refresh)
        self.refresh()

    def _button(self, text: str, tip: str, call: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setMinimumWidth(
            button.fontMetrics().horizontalAdvance(text) + 12
        )  # less than the style's: the dock's neighbours keep their width
        button.setToolTip(tip)
        button.setAccessibleName(text.rstrip("…"))
        button.clicked.connect(call)
        return button

    # -- the list ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the runs as they are."""
        chosen = {id(run) for run in self.chosen()}
        self._filling = True
        self.tree.clear()
        pair = self._room.pair
        for run in self._room.runs.runs:
            letter = "A  " if pair and run is pair[0] else "B  " if pair and run is pair[1] else ""
            item = QTreeWidgetItem(self.tree, [run.name, run.changed, run.verdict])
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            if run is self._room.runs.current:
                bold = QFont(self.font())
                bold.setBold(True)
                item.setFont(0, bold)
            if letter:
                theme = self._room.bridge.theme
                item.setForeground(0, QColor(theme.value if letter[0] == "A" else theme.parameter))
            item.setToolTip(1, "\n".join((run.changed, *run.problems)))
            item.setToolTip(2, run.verdict)
            item.setSelected(id(run) in chosen)
            if run.problems:
                item.setForeground(1, QColor(self._room.bridge.theme.error))
        for column, width in ((0, 90), (1, 130)):
            self.tree.setColumnWidth(column, width)
        self._filling = False
        self._enable()

    def chosen(self) -> list[Run]:
        """The runs that are selected, from above."""
        runs = self._room.runs.runs
        rows = sorted(self.tree.indexOfTopLevelItem(item) for item in self.tree.selectedItems())
        return [runs[row] for row in rows if 0 <= row < len(runs)]

    def _enable(self) -> None:
        chosen = self.chosen()
        self.compare.setEnabled(self._wanted() is not None)
        self.save.setEnabled(len(chosen) == 1 or bool(self._room.runs.current))
        self.branch.setEnabled(self._room.bridge.session is not None)

    def _wanted(self) -> tuple[Run, Run] | None:
        """The two runs that the button would compare."""
        chosen, current = self.chosen(), self._room.runs.current
        if len(chosen) >= 2:
            return chosen[0], chosen[1]
        others = [run for run in self._room.runs.runs if run is not current]
        if current is None or not others:
            return None
        return current, chosen[0] if chosen and chosen[0] is not current else others[-1]

    def _compare(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            return
        if len(self.chosen()) >= 2:
            self._room.compare(*wanted)
        else:
            self._room.compare_in_order(*wanted)

    # Both come from a signal of the tree, which goes on with the item: the list is made anew only when the tree has finished.

    def _switch(self, item: QTreeWidgetItem) -> None:
        run = self._room.runs.runs[self.tree.indexOfTopLevelItem(item)]
        QTimer.singleShot(0, self, lambda: self._room.switch(run))

    def _renamed(self, item: QTreeWidgetItem, column: int) -> None:
        if not self._filling and column == 0:
            run, name = self._room.runs.runs[self.tree.indexOfTopLevelItem(item)], item.text(0)
            QTimer.singleShot(0, self, lambda: self._room.runs.rename(run, name))

    def _key(self, key: int) -> None:
        chosen = self.chosen()
        if key == Qt.Key.Key_Escape:
            self._room.end()
        elif key == Qt.Key.Key_Delete:
            for run in chosen:
                self._room.forget(run)
        elif chosen:
            self._room.switch(chosen[0])

    def _open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a recording beside", "", "Recordings (*.gvrec)")
        if path:
            self._room.open(path)

    def _save(self) -> None:
        run = next(iter(self.chosen()), self._room.runs.current)
        if run is None:
            return
        path, _ = QFileDialog.getSaveFileName(self, "Save run", f"{run.name}.gvrec", "Recordings (*.gvrec)")
        if path:
            self._room.save(run, str(Path(path).with_suffix(".gvrec")))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._room.bridge.theme.surface))
        painter.end()


class ComparisonView(QWidget):
    """The verdict, the list of differences, and a plot per parameter."""

    def __init__(self, room: Comparing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.hint = QLabel(_HINT, self)
        self.hint.setWordWrap(True)
        self.hint.setMinimumWidth(80)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setContentsMargins(16, 8, 16, 8)
        self.verdict = QLabel(self)
        self.verdict.setWordWrap(True)
        self.verdict.setFont(ui_font(TITLE_PX))
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.verdict.setMinimumWidth(80)
        self.verdict.setAccessibleName("Verdict")
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.first = QPushButton("First difference", self)
        self.first.clicked.connect(room.to_first)
        self.before, self.after = QPushButton("◀", self), QPushButton("▶", self)
        for button, name, delta in ((self.before, "Previous difference", -1), (self.after, "Next difference", 1)):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setFixedWidth(32)
            button.clicked.connect(lambda _=False, delta=delta: room.to_next(delta))
        self.tolerance = QComboBox(self)
        self.tolerance.setAccessibleName("When two values count as equal")
        for text, number in TOLERANCES:
            self.tolerance.addItem(text, number)
        self.tolerance.activated.connect(lambda _: room.set_tolerance(float(self.tolerance.currentData())))
        self.swap = QPushButton("Swap", self)
        self.swap.setToolTip("A becomes B")
        self.swap.clicked.connect(room.swap)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Differences")
        self.list.setMinimumWidth(140)
        self.list.setWordWrap(True)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.leaf = QComboBox(self)
        self.leaf.setAccessibleName("Parameter")
        self.leaf.activated.connect(self._plot)
        self.quantity = QComboBox(self)
        self.quantity.setAccessibleName("What is plotted")
        self.quantity.addItem(".grad", "grad")
        self.quantity.addItem("value", "value")
        self.quantity.activated.connect(self._plot)
        self.curves = CurvesView(room.bridge, self)
        self.curves.seeked.connect(room.bridge.seek)
        head = QHBoxLayout()
        for widget in (self.first, self.before, self.after, self.tolerance, self.swap):
            head.addWidget(widget)
        head.addStretch(1)
        which = QHBoxLayout()
        which.addWidget(self.leaf, 1)
        which.addWidget(self.quantity)
        plot = QWidget(self)
        column = QVBoxLayout(plot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(which)
        column.addWidget(self.curves, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.addWidget(self.list)
        self.split.addWidget(plot)
        self.split.setChildrenCollapsible(False)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 1)
        whole = QWidget(self)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(6, 6, 6, 4)
        rows.setSpacing(4)
        rows.addWidget(self.verdict)
        rows.addLayout(head)
        rows.addWidget(self.split, 1)
        self._whole = whole
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(whole)
        room.compared.connect(self.refresh)
        room.bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.hint.setStyleSheet(f"color: {self._room.bridge.theme.muted}")
        self.refresh()

    def refresh(self) -> None:
        """Show the comparison that stands."""
        found = self._room.comparison
        self._stack.setCurrentWidget(self._whole if found is not None else self.hint)
        self.list.clear()
        if found is None:
            return
        self.verdict.setText(f"{found.verdict}.")
        self._make_room()
        self.first.setEnabled(found.first is not None)
        for button in (self.before, self.after):
            button.setEnabled(found.first is not None)
        row = self.tolerance.findData(found.tolerance)
        self.tolerance.setCurrentIndex(max(row, 0))
        self._fill(found)
        before = self.leaf.currentText()
        self.leaf.clear()
        for leaf, name in parameters(found):
            self.leaf.addItem(name, leaf)
        self.leaf.setCurrentIndex(max(0, self.leaf.findText(before)))
        self._plot()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence keeps the lines that it needs."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """All lines of the sentence: a stack of pages does not ask how high a text is at its width."""
        width, most = max(80, self.width() - 12), max(24, self.height() // 2)
        for px in (TITLE_PX, FONT_PX):
            self.verdict.setFont(ui_font(px))
            needed = max(0, self.verdict.heightForWidth(width))  # -1 for no text
            if needed <= most:
                break
        line = self.verdict.fontMetrics().lineSpacing()
        self.verdict.setFixedHeight(needed if needed <= most else most // line * line)  # whole lines
        self.verdict.setToolTip(self.verdict.text())
        layout = self._whole.layout()
        if layout is not None:
            layout.activate()  # now, not in the next turn of the event loop

    def _fill(self, found: RunComparison) -> None:
        theme = self._room.bridge.theme
        for extra in found.extras[:LISTED]:
            item = QListWidgetItem(f"{'−' if extra.run == 'A' else '+'}  {extra.text}", self.list)
            item.setData(_EVENT, (extra.run, extra.events[0]))
            item.setForeground(QColor(theme.value if extra.run == "A" else theme.parameter))
            item.setToolTip(extra.text)
        differing = found.differing.tolist()
        for event in differing[:LISTED]:
            spot = found.spot(event)
            item = QListWidgetItem(f"≠  {spot.text}", self.list)
            item.setData(_EVENT, ("A", event))
            item.setToolTip(spot.text)
        if len(differing) > LISTED:
            QListWidgetItem(f"and {len(differing) - LISTED:,} more: ▶ goes through all", self.list)
        if not self.list.count():
            QListWidgetItem("Nothing differs.", self.list)

    def _go(self, item: QListWidgetItem) -> None:
        where = item.data(_EVENT)
        if where is not None:
            self._room.go(str(where[0]), int(where[1]))

    def _plot(self) -> None:
        found, leaf = self._room.comparison, self.leaf.currentData()
        there = found is not None and leaf is not None
        self.curves.show_curves(curves_of(found, int(leaf), str(self.quantity.currentData())) if there and found is not None else None)

"""BreakpointsPanel: all breakpoints with their conditions, hit counts and log texts; what the logging ones said."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.debugger.breakpoints import Breakpoint, check, log_lines, trouble, waits_for
from gradviz.debugger.watch import WatchProblem

from ..style.theme import mono_font
from .form import BreakpointForm
from .search import Searches
from .words import label

if TYPE_CHECKING:
    from ..bridge import Bridge

WHERE, CONDITION, COUNT, AFTER, LOG, HITS = range(6)
_FIELDS = {CONDITION: "condition", COUNT: "count", LOG: "log"}
_HEADS = ("Stops at", "Only if", "Count", "Only after", "Log", "Hits")
_TIPS = (
    "Off: it stays in the list and does not stop. Double-click: its next hit",
    "An expression that must be true at the hit: norm(w.grad) > 1",
    "3: from the third hit on; == 3: only the third; % 3: every third",
    "Another breakpoint that must have been hit before (it may be off); double-click to choose",
    "A text that is told at each hit instead of stopping; {w.grad} is filled in",
    "How often it is hit in this recording",
)
_EMPTY = "No breakpoints yet. Click beside a line number, press F9 on a node, or say above where to stop."


def _with(found: Breakpoint, column: int, text: str) -> Breakpoint:
    if column == CONDITION:
        return replace(found, condition=text)
    return replace(found, count=text) if column == COUNT else replace(found, log=text)


class BreakpointsPanel(QWidget):
    """The list, a form for a new one, and the log."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("breakpoints")
        self.setAccessibleName("Breakpoints")
        self._bridge = bridge
        self._stale = True
        self._filling = False
        self._new = -1  # the row that becomes the current one
        self._soon = QTimer(self)  # not at once: a click on a box would lose its row under its hands
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.refresh)
        self.form = BreakpointForm(bridge, self)
        self.form.made.connect(self._add)
        self.searches = Searches(bridge, self)
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName("List of breakpoints")
        self.tree.setHeaderLabels(_HEADS)
        for column, tip in enumerate(_TIPS):
            self.tree.headerItem().setToolTip(column, tip)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head = self.tree.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(WHERE, QHeaderView.ResizeMode.Stretch)
        for column in (CONDITION, AFTER, LOG):
            head.resizeSection(column, 92)
        for column in (COUNT, HITS):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.log = QListWidget(self)
        self.log.setAccessibleName("What the logging breakpoints said")
        self.log.setFont(mono_font())
        self.empty = QLabel(_EMPTY, self)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self.tree)
        split.addWidget(self.log)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(8, 6, 8, 6)
        column_.setSpacing(5)
        column_.addWidget(self.form)
        column_.addWidget(self.searches)
        column_.addWidget(self.empty, 1)
        column_.addWidget(split, 1)
        self._split = split
        self.tree.itemChanged.connect(self._edited)
        self.tree.itemDoubleClicked.connect(self._double_clicked)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.log.itemActivated.connect(self._to_line)
        self.log.itemClicked.connect(self._to_line)
        for signal in (bridge.session_changed, bridge.recording_grew, bridge.breakpoints_changed, bridge.theme_changed):
            signal.connect(self._soon.start)

    # -- showing ----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()
        self.form.offer()

    def refresh(self) -> None:
        """The list as the session has it; a hidden panel waits."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        session = self._bridge.session
        breakpoints = session.breakpoints if session is not None else []
        self._filling = True
        current = self.tree.currentItem()
        row = self.tree.indexOfTopLevelItem(current) if current is not None else -1
        row, self._new = (self._new if self._new >= 0 else row), -1
        self.tree.clear()
        for found in breakpoints:
            self.tree.addTopLevelItem(self._item(found))
        self._make_current(row)
        self._filling = False
        self.form.setEnabled(session is not None)
        self.empty.setText(_EMPTY if session is not None else "Run a script or open a recording first.")
        self.empty.setStyleSheet(f"color: {self._bridge.theme.muted}")
        self.empty.setVisible(not breakpoints)
        self._split.setVisible(bool(breakpoints))
        self._show_log()

    def _item(self, found: Breakpoint) -> QTreeWidgetItem:
        session = self._bridge.session
        assert session is not None
        hits, source = len(session.hits(found)), self._bridge.source
        before = next(iter(waits_for(session.breakpoints, found) or ()), None)
        after = label(before, session, source) if before is not None else found.after
        item = QTreeWidgetItem([label(found, session, source), found.condition, found.count, after, found.log, f"{hits:,}"])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(WHERE, Qt.CheckState.Checked if found.enabled else Qt.CheckState.Unchecked)
        item.setTextAlignment(HITS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, tip in enumerate(_TIPS):
            item.setToolTip(column, tip)
        why = trouble(session, found)
        if why:
            for column in (WHERE, HITS):
                item.setForeground(column, QBrush(QColor(self._bridge.theme.muted)))
                item.setToolTip(column, why)
        for column in (CONDITION, LOG):
            item.setFont(column, mono_font())
        return item

    def _make_current(self, number: int) -> None:
        item = self.tree.topLevelItem(number) if number >= 0 else None
        if item is not None:
            self.tree.setCurrentItem(item)

    def _show_log(self) -> None:
        session = self._bridge.session
        told = []
        if session is not None:
            told = sorted(line for found in session.breakpoints if found.enabled and found.log for line in log_lines(session, found))
        self.log.clear()
        for event, text in told:
            row = QListWidgetItem(f"{event + 1:>6}  {text}")
            row.setData(Qt.ItemDataRole.UserRole, event)
            self.log.addItem(row)
        self.log.setVisible(bool(told))

    # -- changing ---------------------------------------------------------------------------------------

    def _add(self, found: Breakpoint) -> None:
        self.searches.begin(found, lambda: self._take(found))

    def _take(self, found: Breakpoint) -> None:
        """A breakpoint whose hits are known."""
        session = self._bridge.session
        if session is None:
            return
        if found not in session.breakpoints:
            session.breakpoints.append(found)
        self._new = session.breakpoints.index(found)
        self._bridge.breakpoints_changed.emit()
        self.form.tell(trouble(session, found), wrong=False)

    def _edited(self, item: QTreeWidgetItem, column: int) -> None:
        session = self._bridge.session
        if self._filling or session is None:
            return
        number = self.tree.indexOfTopLevelItem(item)
        old = session.breakpoints[number]
        if column == WHERE:
            new = replace(old, enabled=item.checkState(WHERE) == Qt.CheckState.Checked)
        else:
            new = _with(old, column, item.text(column).strip())
        if new == old:
            return
        try:
            check(new)
        except WatchProblem as problem:
            self._filling = True
            item.setForeground(column, QBrush(QColor(self._bridge.theme.error)))
            item.setToolTip(column, str(problem))
            self._filling = False
            self.form.tell(f"{_HEADS[column]}: {problem}")
            return
        self.form.tell("")
        self.searches.begin(new, lambda: self._exchange(old, new))

    def _exchange(self, old: Breakpoint, new: Breakpoint) -> None:
        """A breakpoint was edited, and what it hits now is known."""
        session = self._bridge.session
        if session is not None and old in session.breakpoints:
            session.breakpoints[session.breakpoints.index(old)] = new
            self._bridge.breakpoints_changed.emit()

    def _edit(self, column: int) -> None:
        item = self.tree.currentItem()
        if item is not None:
            self.tree.editItem(item, column)

    def remove(self) -> None:
        """Remove the current breakpoint."""
        session, item = self._bridge.session, self.tree.currentItem()
        if session is not None and item is not None:
            gone = session.breakpoints.pop(self.tree.indexOfTopLevelItem(item))
            session.breakpoints = [replace(b, after="") if b.after == gone.key else b for b in session.breakpoints]
            self._bridge.breakpoints_changed.emit()

    def wait_for(self, key: str) -> None:
        """Let the current breakpoint count only after another one was hit; "" for at once."""
        session, item = self._bridge.session, self.tree.currentItem()
        if session is not None and item is not None:
            number = self.tree.indexOfTopLevelItem(item)
            session.breakpoints[number] = replace(session.breakpoints[number], after=key)
            self._new = number
            self._bridge.breakpoints_changed.emit()

    def _others(self) -> list[Breakpoint]:
        """What the current breakpoint may wait for: those that do not wait for it."""
        session, item = self._bridge.session, self.tree.currentItem()
        if session is None or item is None:
            return []
        found = session.breakpoints[self.tree.indexOfTopLevelItem(item)]
        return [b for b in session.breakpoints if b.key != found.key and found not in (waits_for(session.breakpoints, b) or ())]

    def _choices_after(self, menu: QMenu) -> QMenu:
        """All that the current breakpoint may wait for, as actions of a menu."""
        session = self._bridge.session
        menu.addAction("Nothing: from the start", lambda: self.wait_for(""))
        for other in self._others():
            if session is not None:
                menu.addAction(label(other, session, self._bridge.source), partial(self.wait_for, other.key))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = event.key()
        item = self.tree.currentItem()
        if keys == Qt.Key.Key_Delete and self.tree.hasFocus():
            self.remove()
        elif keys == Qt.Key.Key_F2 and item is not None:
            self.tree.editItem(item, CONDITION)
        elif keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None and self.tree.hasFocus():
            self.to_hit(1)
        else:
            super().keyPressEvent(event)

    # -- going there ------------------------------------------------------------------------------------

    def to_hit(self, direction: int) -> None:
        """To the next (+1) or previous (-1) hit of the current breakpoint; after the last the first again."""
        session, item = self._bridge.session, self.tree.currentItem()
        if session is None or item is None:
            return
        hits = session.hits(session.breakpoints[self.tree.indexOfTopLevelItem(item)]).tolist()
        if not hits:
            return
        ahead = [row for row in hits if row > session.position] if direction > 0 else [row for row in hits if row < session.position]
        if direction > 0:
            self._bridge.seek(ahead[0] if ahead else hits[0])
        else:
            self._bridge.seek(ahead[-1] if ahead else hits[-1])

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column in _FIELDS:
            self.tree.editItem(item, column)
        elif column == AFTER:
            box = self.tree.visualItemRect(item)
            menu = self._choices_after(QMenu(self))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.tree.viewport().mapToGlobal(QPoint(self.tree.columnViewportPosition(AFTER), box.bottom())))
        else:
            self.to_hit(1)

    def _menu(self, at: QPoint) -> None:
        if self.tree.itemAt(at) is None:
            return
        menu = QMenu(self)
        menu.addAction("Next hit", lambda: self.to_hit(1))
        menu.addAction("Previous hit", lambda: self.to_hit(-1))
        menu.addSeparator()
        for column, field in _FIELDS.items():
            menu.addAction(f"Edit {field}", partial(self._edit, column))
        self._choices_after(menu.addMenu("Only after"))
        menu.addSeparator()
        menu.addAction("Remove", self.remove)
        menu.exec(self.tree.viewport().mapToGlobal(at))
        menu.deleteLater()

    def _to_line(self, item: QListWidgetItem) -> None:
        self._bridge.seek(int(item.data(Qt.ItemDataRole.UserRole)))

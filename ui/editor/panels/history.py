"""The history of edits as a list: each by its name, and a click goes to the state after it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QListView, QWidget

from ..history import History


class _Rows(QAbstractListModel):
    def __init__(self, history: History) -> None:
        super().__init__(history)
        self._history = history

    def refresh(self) -> None:
        """Read the history again."""
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._history) + 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return "As it was opened" if index.row() == 0 else self._history.label(index.row())


class HistoryList(QListView):
    """The edits by name; a click goes to the state after one."""

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("History of edits")
        self._history = history
        self._rows = _Rows(history)
        self.setModel(self._rows)
        self.setUniformItemSizes(True)
        self.selectionModel().currentChanged.connect(self._chosen)
        history.index_changed.connect(self._follow)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Delete):
            event.accept()  # no node goes by a key that is pressed on an edit
            return True
        return super().event(event)

    def _follow(self) -> None:
        if self.isVisible():
            self._rows.refresh()
            self.setCurrentIndex(self._rows.index(self._history.index))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid() and now.row() != self._history.index:
            self._history.go(now.row())

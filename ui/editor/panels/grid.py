"""A matrix as a spreadsheet: typed, copied and pasted in pieces, cleared; its keys are its own while it has the keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemDelegate, QApplication, QTableWidget, QWidget

from gradviz.document.model import Value
from gradviz.document.numerals import decimal_mark, number
from gradviz.document.problem import DocumentProblem
from gradviz.document.values import checked

_DONE = QAbstractItemDelegate.EndEditHint.SubmitModelCache
_KEYS = QKeySequence.StandardKey


def begins_number(event: QKeyEvent) -> bool:
    """Whether a key is the beginning of a number: it opens a cell, and no menu's action."""
    control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(event.text()) and event.text() in "0123456789+-.,−" and not event.modifiers() & control


def with_cell(value: Value, place: int, text: str) -> Value:
    """The value with another number at a place, as a spreadsheet would read it.

    Raises:
        DocumentProblem: it is none, or none that the dtype has.
    """
    text = text.strip()
    read = number(text, decimal_mark([text], ",")) if text else None
    if read is None:
        raise DocumentProblem(f"“{text}” is no number")
    if math.isinf(read) and any(c.isdigit() for c in text):
        raise DocumentProblem(f"{text} is too large for a number")
    data = list(value.data)
    data[place] = float(bool(read)) if value.dtype == "bool" else read
    return checked(replace(value, data=tuple(data)))


class Grid(QTableWidget):
    """The numbers of a tensor; a piece of another spreadsheet can be pasted."""

    def __init__(self, pasted: Callable[[str], None], cleared: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._pasted, self._cleared = pasted, cleared
        self.setAccessibleName("Numbers of the tensor")
        self.horizontalHeader().setDefaultSectionSize(62)
        self.verticalHeader().setDefaultSectionSize(24)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = (_KEYS.Paste, _KEYS.Copy, _KEYS.SelectAll, _KEYS.Delete)
            if begins_number(event) or event.key() == Qt.Key.Key_F2 or any(event.matches(key) for key in own):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_KEYS.Paste):
            self._pasted(QApplication.clipboard().text())
        elif event.matches(_KEYS.Copy):
            self._copy()
        elif event.matches(_KEYS.Delete):
            self._cleared()
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Enter goes on to the cell below."""
        super().closeEditor(editor, hint)
        if hint == _DONE and self.currentRow() + 1 < self.rowCount():
            self.setCurrentCell(self.currentRow() + 1, self.currentColumn())

    def _copy(self) -> None:
        """The selected cells, as spreadsheets take them."""
        rows: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda i: (i.row(), i.column())):
            item = self.item(index.row(), index.column())
            rows.setdefault(index.row(), []).append(item.text() if item is not None else "")
        if rows:
            QApplication.clipboard().setText("\n".join("\t".join(cells) for cells in rows.values()))

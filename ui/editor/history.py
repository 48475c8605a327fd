"""The history of edits: every state of the document with the name of the edit that made it.

A document is a value, so the history is a list of documents. Qt's QUndoStack would want a QUndoCommand for each edit;
PySide never frees the wrapper of a command that was merged into another or fell off, with the documents that it
holds: a slider dragged for an hour would keep 200,000 of them, and collecting them ends in a crash
(docs/dependencies.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from gradviz.document.model import Document

LIMIT = 1000  # edits; the oldest fall off


@dataclass(slots=True)
class _Edit:
    label: str
    before: Document
    after: Document
    merge: str  # edits with one such key after another are one edit; "" is never merged


class History(QObject):
    """Edits in their order, and how many of them are done. `show(document, label)` puts a state on the screen."""

    index_changed = Signal()  # an edit was made, taken back or made again
    clean_changed = Signal()  # whether the state is the saved one
    travelled = Signal(object, object)  # from one Document to another, by undo, redo or a click in the list

    def __init__(self, show: Callable[[Document, str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._edits: list[_Edit] = []
        self._done = 0
        self._told_clean = True
        self._saved: int | None = 0  # how many edits were done when it was saved; None: that state is gone

    def push(self, label: str, before: Document, after: Document, merge: str = "") -> None:
        """Make an edit; what was taken back before it is forgotten."""
        top = self._edits[self._done - 1] if self._done else None
        merges = bool(merge) and top is not None and top.merge == merge and self._done == len(self._edits) and self._saved != self._done
        del self._edits[self._done :]
        if self._saved is not None and self._saved > self._done:
            self._saved = None
        self._show(after, label)
        if merges and top is not None:
            top.after = after
            if after is top.before:
                self._edits.pop()
                self._done -= 1
        else:
            self._edits.append(_Edit(label, before, after, merge))
            self._done += 1
            if len(self._edits) > LIMIT:
                del self._edits[0]
                self._done -= 1
                self._saved = self._saved - 1 if self._saved else None
        self._tell()

    def undo(self) -> None:
        """Take the last edit back."""
        self.go(self._done - 1)

    def cancel(self) -> None:
        """Take the last edit back as if it had never been made: what a drag did before Esc."""
        self._back()
        del self._edits[self._done :]
        self._tell()

    def redo(self) -> None:
        """Make the next edit again."""
        self.go(self._done + 1)

    def go(self, index: int) -> None:
        """To the state after that many edits."""
        index = max(0, min(index, len(self._edits)))
        if index == self._done:
            return
        left = self._edits[self._done - 1].after if self._done else self._edits[0].before
        while self._done > index:
            self._back()
        while self._done < index:
            edit = self._edits[self._done]
            self._show(edit.after, edit.label)
            self._done += 1
            self._tell()
        self.travelled.emit(left, self._edits[index - 1].after if index else self._edits[0].before)

    def _back(self) -> None:
        if self._done:
            edit = self._edits[self._done - 1]
            self._show(edit.before, f"undo {edit.label}")
            self._done -= 1
            self._tell()

    def clear(self) -> None:
        """Forget all; the state is the saved one."""
        self._edits.clear()
        self._done = self._saved = 0
        self._tell()

    def set_clean(self) -> None:
        """The state is the saved one now."""
        self._saved = self._done
        self._tell()

    @property
    def clean(self) -> bool:
        """Whether the state is the saved one."""
        return self._saved == self._done

    @property
    def index(self) -> int:
        """How many edits are done."""
        return self._done

    def __len__(self) -> int:
        return len(self._edits)

    def __bool__(self) -> bool:
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._done > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to make again."""
        return self._done < len(self._edits)

    @property
    def undo_label(self) -> str:
        """The name of the last edit, "" where there is none."""
        return self._edits[self._done - 1].label if self._done else ""

    @property
    def merge(self) -> str:
        """The key with which the next edit would be one with the last."""
        return self._edits[self._done - 1].merge if self._done else ""

    def label(self, number: int) -> str:
        """The name of an edit, counted from 1."""
        return self._edits[number - 1].label

    def _tell(self) -> None:
        self.index_changed.emit()
        if self.clean != self._told_clean:
            self._told_clean = self.clean
            self.clean_changed.emit()

"""What the script printed: as of the current position; what comes later is dimmed."""

from __future__ import annotations

from bisect import bisect_right
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from gradviz.recording.event import Kind
from gradviz.terminal import without_orders

from ..style.theme import FONT_PX, mono_font

if TYPE_CHECKING:
    from ..bridge import Bridge

MOST = 20_000  # prints of one look at the recording that are shown: the first and the last of them
MOST_TEXT = 1 << 20  # characters that are shown: of more the middle goes, because a script says at its end what came out
LEFT_OUT = -1  # stands for prints that are not shown, among the numbers of events
LONGEST_LINE = 2_000  # a longer one is cut on the screen: Qt lays a line out as a whole
SLICE_SECONDS = 0.015  # how long the text may keep the event loop at a time


class ConsoleView(QWidget):
    """Output of the run; prints are events, so they know when they happened."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.setObjectName("console")
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(FONT_PX))
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setAccessibleName("Output of the script")
        self.text.setPlaceholderText("What the script prints appears here.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.text)
        self._events: list[int] = []
        self._ends: list[int] = []  # length of the text after each print
        self._seen = 0
        self._dimmed_from = -1
        self._waiting: list[int] = []  # prints that are not in the text yet
        self._gap = (0, 0)  # where the note stands that tells how much is left out
        self._left_out = 0  # characters
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._fill)
        bridge.session_changed.connect(self._reset)
        bridge.on_growth(self._grow)
        bridge.position_changed.connect(self._dim)
        bridge.theme_changed.connect(self._reset)
        self._reset()

    def _reset(self) -> None:
        self.text.clear()
        self._events, self._ends, self._waiting, self._seen, self._dimmed_from = [], [], [], 0, -1
        self._gap, self._left_out = (0, 0), 0
        self._grow()

    def _grow(self) -> None:
        session = self.bridge.session
        if session is None:
            return
        found = np.sort(np.concatenate([session.recording.events_of_kind(kind) for kind in (Kind.PRINT, Kind.ERROR)]))
        self._waiting += found[self._seen :].tolist()
        self._seen = len(found)
        if len(self._waiting) > MOST:
            self._waiting[MOST // 2 : -MOST // 2] = [LEFT_OUT]
        self._fill()

    def _fill(self) -> None:
        """Put prints into the text, for as long as the event loop can wait."""
        session = self.bridge.session
        if session is None:
            return
        until = perf_counter() + SLICE_SECONDS
        theme, document = self.bridge.theme, self.text.document()
        done = 0
        for index in self._waiting:
            if done and perf_counter() > until:
                break
            done += 1
            if index == LEFT_OUT:
                self.note("\n[some output is not shown here; the recording keeps it]\n")
                continue
            detail = session.recording.event(index).detail
            if "stream" in detail:
                self._append(_shown(detail["text"]), theme.error if detail["stream"] == "stderr" else theme.text)
            self._events.append(index)
            self._ends.append(document.characterCount() - 1)
            if document.characterCount() > MOST_TEXT * 5 // 4:
                self._leave_out_middle()
        del self._waiting[:done]
        if self._waiting:
            self._later.start()
        self._dimmed_from = -1
        self._dim()

    def _leave_out_middle(self) -> None:
        """Keep as much text as is allowed: the beginning, and what was printed last."""
        document = self.text.document()
        begin, after = self._gap if self._left_out else (MOST_TEXT // 2, MOST_TEXT // 2)
        end = document.characterCount() - MOST_TEXT // 2
        self._left_out += end - after
        words = f"\n[{self._left_out:,} characters are not shown here; the recording keeps them]\n"
        cursor = QTextCursor(document)
        cursor.setPosition(begin)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(words, _form(self.bridge.theme.warning))
        self._gap = (begin, begin + len(words))
        shift = self._gap[1] - end
        self._ends = [at if at <= begin else max(at + shift, self._gap[1]) for at in self._ends]

    def note(self, text: str) -> None:
        """A line of gradviz's own, such as "output cut"."""
        self._append(text, self.bridge.theme.warning)

    def _append(self, text: str, colour: str) -> None:
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, _form(colour))

    def printed(self) -> str:
        """What has been printed up to the current position."""
        return self.text.toPlainText()[: self._border()]

    def _border(self) -> int:
        session = self.bridge.session
        position = session.position if session is not None else -1
        past = bisect_right(self._events, position)
        return self._ends[past - 1] if past else 0

    def _dim(self) -> None:
        """Give what is not yet printed a muted colour."""
        border = self._border() if self._events else self.text.document().characterCount()
        if border == self._dimmed_from:
            return
        self._dimmed_from = border
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.text.document())
        cursor.setPosition(min(border, self.text.document().characterCount() - 1))
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        selection.format, selection.cursor = _form(self.bridge.theme.no_grad), cursor  # after a run all of it is still to come, and is read
        self.text.setExtraSelections([selection] if cursor.hasSelection() else [])
        view = QTextCursor(self.text.document())
        view.setPosition(min(border, self.text.document().characterCount() - 1))
        self.text.setTextCursor(view)
        self.text.ensureCursorVisible()


def _form(colour: str) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(QColor(colour))
    return form


def _shown(text: str) -> str:
    """The text with very long lines cut, and without orders to a terminal."""
    text = without_orders(text)
    if len(text) <= LONGEST_LINE:
        return text
    return "".join(
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} … {len(line) - LONGEST_LINE:,} more characters\n"
        for line in text.splitlines(keepends=True)
    )

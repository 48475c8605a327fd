"""The document as a PyTorch program, beside the canvas: a line and its node are selected together."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QTextCursor, QTextFormat
from PySide6.QtWidgets import QApplication, QCheckBox, QHBoxLayout, QPlainTextEdit, QPushButton, QTextEdit, QVBoxLayout, QWidget

from gradviz.document.script.code import Code

from ...bridge import Bridge
from ...source.highlight import Highlighter
from ...style.theme import FONT_PX, mono_font
from ..desk import Desk
from .letters import is_letter

WRITTEN = "The code is written from the graph: change the node of a line, or copy lines and paste them, changed, on the canvas (Ctrl+V)."


class _Program(QPlainTextEdit):
    """A text to read: what is selected in it is copied, and no node is changed from here."""

    typed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)  # so the keyboard goes from line to line

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            copies = event.matches(keys.Copy) and self.textCursor().hasSelection()
            if copies or is_letter(event) or any(event.matches(key) for key in (keys.SelectAll, keys.Delete, keys.Cut)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Who types here takes it for an editor, and means no node."""
        if is_letter(event):
            self.typed.emit()
        else:
            super().keyPressEvent(event)


class CodePanel(QWidget):
    """Follows the document; read-only."""

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("code")
        self._desk, self._bridge = desk, bridge
        self.code = Code("", {})
        self.edit = _Program(self)
        self.edit.setAccessibleName("The graph as PyTorch code")
        self.edit.setFont(mono_font(FONT_PX - 1))
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._highlighter = Highlighter(self.edit.document(), bridge.theme)
        self.loop = QCheckBox("with the training loop", self)
        self.loop.toggled.connect(self.refresh)
        copy = QPushButton("Copy", self)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.code.text))
        row = QHBoxLayout()
        row.addWidget(self.loop, 1)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addLayout(row)
        column.addWidget(self.edit, 1)
        self._following = False
        self.edit.cursorPositionChanged.connect(self._line_chosen)
        self.edit.typed.connect(lambda: desk.note.emit("passing", WRITTEN))
        desk.rested.connect(self.refresh)
        desk.selection_changed.connect(self._mark)
        bridge.theme_changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        return QSize(270, 400)

    def refresh(self) -> None:
        """The text of the document as it is now."""
        if not self.isVisible():
            return
        self.code = self._desk.code(train=self.loop.isChecked())
        if self.edit.toPlainText() != self.code.text:
            self._following = True
            bar = self.edit.verticalScrollBar().value()
            self.edit.setPlainText(self.code.text)
            self.edit.verticalScrollBar().setValue(bar)
            self._following = False
        self._mark()

    def showEvent(self, event: object) -> None:
        self.refresh()

    def _mark(self) -> None:
        """The lines of the selected nodes."""
        marks = []
        for block in self._desk.selected:
            line = self.code.lines.get(block)
            if line is None:
                continue
            mark = QTextEdit.ExtraSelection()
            colour = QColor(self._bridge.theme.selection)
            colour.setAlphaF(0.25)
            mark.format.setBackground(colour)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.cursor = QTextCursor(self.edit.document().findBlockByNumber(line - 1))
            marks.append(mark)
        self.edit.setExtraSelections(marks)

    def _line_chosen(self) -> None:
        if not self._following and self.edit.hasFocus():
            block = self.code.block_at(self.edit.textCursor().blockNumber() + 1)
            if block:
                self._desk.select((block,))

    def _restyle(self) -> None:
        self._highlighter.set_theme(self._bridge.theme)
        self._mark()

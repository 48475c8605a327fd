"""Editing in place: a line over the card for a value, a name, the settings of a new layer, the text of a comment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import frexp

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gradviz.document import edits, values
from gradviz.document.model import TENSOR, Document, Value
from gradviz.document.palette.sizing import asked_of
from gradviz.document.params import read_param

from ...style.theme import FONT_PX, mono_font
from ..paper import Paper
from .picker import give_back

_FAR = 64  # times a number: a slider so much longer is of no use for it


class Inline(QObject):
    """The line that is open on the canvas, if any."""

    def __init__(self, view: Paper) -> None:
        super().__init__(view)
        self._view = view
        self.line: QLineEdit | None = None
        self._area = QRectF()
        self._commit: Callable[[str], Document] | None = None
        self._label = ""
        self._about = ""  # the block or the frame
        self._before: QWidget = view
        self._next: Callable[[], None] | None = None  # what comes when it was taken

    def edit(self, block_id: str) -> None:
        """Edit what a block is about: a tensor's value, another block's name; the words of a closed group."""
        block = self._view.desk.document.blocks[block_id]
        if block.op == TENSOR and block.value is not None and not self._view.shapes.blocks[block_id].group:
            self.edit_value(block_id)
        elif block.op != "reroute":
            self.rename(block_id)

    def edit_value(self, block_id: str, typed: str = "") -> None:
        """A number, lists of numbers, or randn(2, 3); it may begin with what was typed."""
        desk = self._view.desk
        block = desk.document.blocks[block_id]
        value = block.value or Value()
        shape = self._view.shapes.blocks[block_id]
        area = QRectF(shape.rect.left() + 8, shape.rect.top() + 58, shape.rect.width() - 16, 26)

        def commit(text: str) -> Document:
            made = values.typed(text, value, edits.seeds(desk.document))
            return desk.follow(edits.set_value(desk.document, block_id, widened(made)), block_id)

        self._open(block_id, area, values.show(value), f"Set {block.name}", commit, "1.5, [1, 2, 3], randn(2, 3), linspace(-1, 1, 20)")
        if typed and self.line is not None:
            self.line.insert(typed)

    def rename(self, block_id: str) -> None:
        """The name of a block; the words of a closed group that it is in."""
        desk = self._view.desk
        shape = self._view.shapes.blocks[block_id]
        if shape.group:
            self.edit_comment(shape.group)
            return
        area = QRectF(shape.rect.left() + 8, shape.rect.top() + 4, shape.rect.width() - 16, 26)
        name = desk.document.blocks[block_id].name
        self._open(block_id, area, name, f"Rename {name}", lambda text: edits.rename(desk.document, block_id, text), "Name of the variable")

    def ask(self, block_id: str) -> None:
        """What a new layer needs to be told, one after the other; Esc leaves the rest to the form beside the canvas."""
        desk = self._view.desk
        missing = asked_of(desk.document, block_id, desk.known) if block_id in desk.document.blocks else ()
        if missing:
            self.edit_setting(block_id, missing[0])
            self._next = lambda: self.ask(block_id)

    def edit_setting(self, block_id: str, name: str) -> None:
        """A setting of an operation."""
        desk = self._view.desk
        block, card = desk.document.blocks[block_id], self._view.shapes.blocks[block_id].rect
        area = QRectF(card.left() + 8, card.top() + 58, card.width() - 16, 26)
        held = block.params.get(name)

        def commit(text: str) -> Document:
            return edits.set_param(desk.document, block_id, name, read_param(text))

        self._open(block_id, area, "" if held is None else str(held), f"Set {name} of {block.name}", commit, name)

    def edit_comment(self, frame_id: str) -> None:
        """The text of a comment."""
        desk = self._view.desk
        frame = desk.document.frames[frame_id]
        rect = self._view.shapes.frame_rect(frame)
        area = QRectF(rect.left() + 8, rect.top() + 3, max(rect.width() - 16, 160), 28)
        self._open(
            frame_id, area, frame.text, "Change a comment", lambda text: edits.retext(desk.document, frame_id, text), "Text of the comment"
        )

    def forget(self, document: Document) -> None:
        """Close the line where what it is about is gone."""
        if self.line is not None and self._about not in document.blocks and self._about not in document.frames:
            self.drop()

    def _open(self, about: str, area: QRectF, text: str, label: str, commit: Callable[[str], Document], hint: str) -> None:
        self.drop()
        self._before = QApplication.focusWidget() or self._view  # the keyboard goes back there
        line = QLineEdit(text, self._view)
        line.setObjectName("inline")
        line.setAccessibleName(hint)
        line.setPlaceholderText(hint)
        line.setFont(mono_font(FONT_PX))
        line.selectAll()
        line.installEventFilter(self)
        self.line, self._area, self._commit, self._label, self._about = line, area, commit, label, about
        self.follow()
        line.show()
        line.setFocus()

    def follow(self) -> None:
        """Stay over the card when the canvas moves."""
        if self.line is not None:
            corner = self._view.to_widget(self._area.topLeft())
            width = max(round(self._area.width() * self._view.scale), 170)
            self.line.setGeometry(round(corner.x()), round(corner.y()), width, max(round(26 * self._view.scale), 24))

    def take(self) -> None:
        """Use what was typed; what is refused stays open, with the reason."""
        line, commit = self.line, self._commit
        if line is None or commit is None:
            return
        QGuiApplication.inputMethod().commit()  # what an input method still composes is meant, too
        text = line.text()
        if not line.isModified():
            self.drop()
            return
        if self._view.desk.attempt(self._label, lambda: commit(text)):
            then = self._next
            self.drop()
            if then is not None:
                then()

    def drop(self) -> None:
        """Close the line."""
        line, self.line, self._commit, self._next = self.line, None, None, None
        if line is not None:
            line.removeEventFilter(self)
            focused = line.hasFocus()
            line.hide()
            line.deleteLater()
            if focused:
                give_back(self._before, self._view)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.drop()
                return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()  # here, because the canvas below would take the key for its own
            return True
        return super().eventFilter(watched, event)


def widened(value: Value) -> Value:
    """A slider whose ends hold the number. One that was widened for a number that is gone again, typed by mistake perhaps, is as it was."""
    if value.size != 1 or value.source != "data" or not value.data:
        return value
    number = value.data[0]
    if number != number or abs(number) == float("inf"):
        return value
    low, high, usual = value.low, value.high, Value()
    if high - low > _FAR * max(abs(number), usual.high) and _is_widened(low / usual.low) and _is_widened(high / usual.high):
        low, high = usual.low, usual.high
    while number < low:
        low = low * 2 if low < 0 else -1.0
    while number > high:
        high = high * 2 if high > 0 else 1.0
    return replace(value, low=low, high=high)


def _is_widened(ratio: float) -> bool:
    """Whether an end is the usual one, doubled some times: nobody chose it."""
    return ratio >= 1 and frexp(ratio)[0] == 0.5

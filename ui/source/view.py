"""The script: line numbers, breakpoints in the gutter, the current line, errors underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QVBoxLayout, QWidget

from ..qt.background_modules import BackgroundModules
from ..style.theme import FONT_PX, mono_font
from .highlight import Highlighter

if TYPE_CHECKING:
    from gradviz.debugger.breakpoints import Breakpoint
    from gradviz.debugger.lint import Finding

    from ..bridge import Bridge
    from ..style.theme import Theme


LINT_MS = 350  # after the last key
_LINT = BackgroundModules("gradviz.debugger.lint")


class SourceView(QWidget):
    """Shows and edits the script, and follows the session."""

    edited = Signal()
    left = Signal()  # by Escape

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.setObjectName("source")
        self.editor = Editor(bridge, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.editor)
        bridge.source_changed.connect(self._load)
        bridge.position_changed.connect(self._follow)
        bridge.session_changed.connect(self._follow)
        bridge.selection_changed.connect(self._mark_selection)
        bridge.breakpoints_changed.connect(self.editor.gutter.update)
        bridge.theme_changed.connect(self._theme)
        self.editor.escaped.connect(self.left)
        self.editor.document().modificationChanged.connect(lambda _: self.edited.emit())
        self._lint_soon = QTimer(self)
        self._lint_soon.setSingleShot(True)
        self._lint_soon.setInterval(LINT_MS)
        self._lint_soon.timeout.connect(self._lint)
        self.editor.textChanged.connect(self._lint_soon.start)
        bridge.findings_changed.connect(self.editor.mark)
        self._theme()
        self._load()

    @property
    def text(self) -> str:
        """The text on the screen."""
        return self.editor.toPlainText()

    @property
    def modified(self) -> bool:
        """Whether the text differs from the file."""
        return self.editor.document().isModified()

    def saved(self) -> None:
        """The text on the screen is the file's now."""
        self.editor.document().setModified(False)

    def _load(self) -> None:
        if self.text != self.bridge.source:
            self.editor.setPlainText(self.bridge.source)
            self.editor.document().setModified(False)
        self.editor.problem = (0, 0, "")
        self._follow()

    def _lint(self) -> None:
        """Look for mistakes that can be seen before the script runs."""
        if not _LINT.loaded():
            self._lint_soon.start()
            return
        from gradviz.debugger.lint import lint

        self.bridge.set_findings(lint(self.text))

    def set_problem(self, line: int, column: int, text: str) -> None:
        """Underline an error at its place (0: none) and go there."""
        self.editor.problem = (line, column, text)
        if line:
            self.editor.show_line(line)
        self.editor.mark()

    def replace_line(self, line: int, before: str, after: str) -> bool:
        """Put other text in the place of some lines, from one on, as if it were typed; False where they are not what they were."""
        first = block = self.editor.document().findBlockByNumber(line - 1)
        for number, text in enumerate(before.split("\n")):
            block = first if not number else block.next()
            if not block.isValid() or block.text() != text:
                return False
        cursor = QTextCursor(first)
        cursor.beginEditBlock()  # one undo takes it back, of several lines too
        cursor.setPosition(block.position() + block.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(after)
        cursor.endEditBlock()
        return True

    def go_to_line(self, line: int) -> None:
        """Put the text cursor at the start of a line, in sight."""
        block = self.editor.document().findBlockByNumber(line - 1)
        if block.isValid():
            self.editor.setTextCursor(QTextCursor(block))
            self.editor.show_line(line)

    def current_line(self) -> int:
        """The line that the text cursor is in, from 1."""
        return self.editor.textCursor().blockNumber() + 1

    def _follow(self) -> None:
        session = self.bridge.session
        line = session.line if session is not None else 0
        if line != self.editor.current:
            self.editor.current = line
            if line:
                self.editor.show_line(line)
        self.editor.mark()

    def _mark_selection(self) -> None:
        graph = self.bridge.graph()
        lines = {n.line for n in graph.nodes if n.id in self.bridge.selected} if graph is not None else set()
        self.editor.chosen = {line for line in lines if line}
        self.editor.mark()

    def _theme(self) -> None:
        self.editor.set_theme()


class Editor(QPlainTextEdit):
    """The text itself. Tab indents; Escape leads out of it."""

    escaped = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.setObjectName("editor")
        self.setAccessibleName("Script")
        self.setFont(mono_font(FONT_PX))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setPlaceholderText("Open a script (Ctrl+O), or type one here and run it (F5).")
        self.current = 0
        self.chosen: set[int] = set()
        self.problem = (0, 0, "")
        self.gutter = Gutter(self)
        self.highlighter: Highlighter | None = None
        self.blockCountChanged.connect(self._room)
        self.updateRequest.connect(self._scrolled)
        self._room()
        QTimer.singleShot(0, self, self._highlight)  # pygments is not needed for the first paint

    def _highlight(self) -> None:
        if self.highlighter is None:
            self.highlighter = Highlighter(self.document(), self.bridge.theme)

    def set_theme(self) -> None:
        """Colours of the bridge's theme."""
        if self.highlighter is not None:
            self.highlighter.set_theme(self.bridge.theme)
        self.mark()
        self.gutter.update()

    def gutter_width(self) -> int:
        """Pixels for breakpoints and line numbers."""
        digits = max(2, len(str(self.blockCount())))
        return 26 + self.fontMetrics().horizontalAdvance("9") * digits

    def _room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scrolled(self, area: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self.gutter.update(0, area.y(), self.gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self.gutter.setGeometry(area.left(), area.top(), self.gutter_width(), area.height())

    def show_line(self, line: int) -> None:
        """Scroll so that a line is visible with some lines around it."""
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid():
            return
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        height = self.blockBoundingRect(block).height()
        if top < height * 2 or top > self.viewport().height() - height * 3:
            visible = max(int(self.viewport().height() / max(height, 1)), 1)
            self.verticalScrollBar().setValue(max(0, line - 1 - visible // 2))

    def mark(self) -> None:
        """Paint the current line, the lines of the selected nodes, and the error."""
        theme = self.bridge.theme
        marks = [_whole_line(self, line, theme.selection, 0.16) for line in self.chosen if line != self.current]
        if self.current:
            marks.append(_whole_line(self, self.current, theme.current, 0.20))
        line, column, _ = self.problem
        if line:
            marks += [_whole_line(self, line, theme.error, 0.14), self._wave(line, column)]
        marks += [
            self._wave(f.line, f.column + 1, f.end_column if f.end_line == f.line else 0, theme.warning) for f in self.bridge.findings
        ]
        self.setExtraSelections([m for m in marks if m is not None])
        self.gutter.update()

    def _wave(self, line: int, column: int, end: int = 0, colour: str = "") -> QTextEdit.ExtraSelection | None:
        """A wavy line below a line's text from a column (from 1; 0: all of it) to another."""
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid():
            return None
        made = QTextEdit.ExtraSelection()
        cursor = QTextCursor(block)
        text = block.text()
        start = min(max(column - 1, 0), max(len(text) - 1, 0)) if column else len(text) - len(text.lstrip())
        cursor.setPosition(block.position() + start)
        cursor.setPosition(block.position() + (min(end, len(text)) if end else len(text)), QTextCursor.MoveMode.KeepAnchor)
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(QColor(colour or self.bridge.theme.error))
        made.format, made.cursor = form, cursor
        return made

    def findings_at(self, line: int) -> list[Finding]:
        """What the lint says of a line."""
        return [finding for finding in self.bridge.findings if finding.line == line]

    def told_at(self, line: int) -> str:
        """The words of a line's marks: an error, findings of the lint."""
        said = [f"{found.sentence}\nTry: {found.advice}" for found in self.findings_at(line)]
        if line == self.problem[0] and self.problem[2]:
            said.insert(0, self.problem[2])
        return "\n\n".join(said)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            said = self.told_at(self.cursorForPosition(event.pos()).blockNumber() + 1)
            if said:
                QToolTip.showText(event.globalPos(), said, self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        session = self.bridge.session
        if session is not None and event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.bridge.select(session.nodes_of_line(self.textCursor().blockNumber() + 1))

    def toggle_breakpoint(self, line: int) -> None:
        """Set or remove the breakpoint of a line."""
        session = self.bridge.session
        if session is None:
            return
        session.breakpoint_lines ^= {line}
        self.bridge.breakpoints_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab and not event.modifiers():
            self.insertPlainText("    ")
            return
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.escaped.emit()
            return
        super().keyPressEvent(event)


def _whole_line(editor: QPlainTextEdit, line: int, colour: str, strength: float) -> QTextEdit.ExtraSelection | None:
    block = editor.document().findBlockByNumber(line - 1)
    if not block.isValid():
        return None
    made = QTextEdit.ExtraSelection()
    ground = QColor(colour)
    ground.setAlphaF(strength)
    form = QTextCharFormat()
    form.setBackground(ground)
    form.setProperty(QTextFormat.Property.FullWidthSelection, True)
    made.format, made.cursor = form, QTextCursor(block)
    return made


def _draw_breakpoint(p: QPainter, at: QPointF, found: Breakpoint, theme: Theme) -> None:
    """A disc; hollow when it is off, a diamond when it only logs, with a bar when it has a condition."""
    p.setPen(QPen(QColor(theme.error), 1.5))
    p.setBrush(QColor(theme.error) if found.enabled else Qt.BrushStyle.NoBrush)
    if found.log:
        p.drawPolygon(QPolygonF([at + QPointF(0, -5), at + QPointF(5, 0), at + QPointF(0, 5), at + QPointF(-5, 0)]))
    else:
        p.drawEllipse(at, 4.5, 4.5)
    if found.condition or found.count:
        p.setPen(QPen(QColor(theme.surface if found.enabled else theme.error), 1.5))
        p.drawLine(at + QPointF(-2.5, 0), at + QPointF(2.5, 0))


def _draw_doubt(p: QPainter, at: QPointF, theme: Theme) -> None:
    """A triangle with a mark of exclamation: the lint has something to say."""
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(theme.warning))
    p.drawPolygon(QPolygonF([at + QPointF(0, -5.5), at + QPointF(6, 5), at + QPointF(-6, 5)]))
    p.setPen(QPen(QColor(theme.surface), 1.6))
    p.drawLine(at + QPointF(0, -2), at + QPointF(0, 1.5))
    p.drawPoint(at + QPointF(0, 3.6))


class Gutter(QWidget):
    """Line numbers, breakpoints (click) and the arrow at the current line."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setObjectName("gutter")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width(), 0)

    def line_at(self, y: float) -> int:
        """The line at a height, 0 for none."""
        editor = self._editor
        block = editor.firstVisibleBlock()
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        while block.isValid():
            bottom = top + editor.blockBoundingRect(block).height()
            if top <= y < bottom:
                return block.blockNumber() + 1
            top, block = bottom, block.next()
        return 0

    def line_rect(self, line: int) -> QRectF:
        """Where a line stands in the gutter."""
        editor = self._editor
        block = editor.document().findBlockByNumber(line - 1)
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        first = block.layout().lineAt(0)  # below the last line Qt adds the margin of the document
        return QRectF(0, top, self.width(), first.height() if first.isValid() else editor.blockBoundingRect(block).height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            said = self._editor.told_at(self.line_at(event.pos().y()))
            QToolTip.showText(event.globalPos(), said or "Click: breakpoint", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        line = self.line_at(event.position().y())
        if line:
            self._editor.toggle_breakpoint(line)

    def paintEvent(self, event: QPaintEvent) -> None:
        editor, theme = self._editor, self._editor.bridge.theme
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), QColor(theme.surface))
        session = editor.bridge.session
        marks = {int(found.what): found for found in session.breakpoints if found.kind == "line"} if session is not None else {}
        doubtful = {finding.line for finding in editor.bridge.findings}
        p.setFont(editor.font())
        block = editor.firstVisibleBlock()
        while block.isValid():
            line = block.blockNumber() + 1
            box = self.line_rect(line)
            if box.top() > self.height():
                break
            current = line == editor.current
            p.setPen(QColor(theme.text if current else theme.muted))
            p.drawText(box.adjusted(0, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))
            middle = box.center().y()
            if line in doubtful and line not in marks and not current:
                _draw_doubt(p, QPointF(9, middle), theme)
            if line in marks:
                _draw_breakpoint(p, QPointF(9, middle), marks[line], theme)
            if current:
                p.setPen(Qt.PenStyle.NoPen)
                p.setBrush(QColor(theme.current))
                p.drawPolygon(QPolygonF([QPointF(4, middle - 5), QPointF(14, middle), QPointF(4, middle + 5)]))
            block = block.next()

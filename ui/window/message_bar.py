"""A line above the canvas that tells what went well or wrong; nothing waits for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, partial
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ..bridge import Bridge
from ..style.theme import mono_font

CHANGED_LINES = 7  # of a diff; more would cover the canvas
LINES = 6  # of a message that are in sight at once
QUOTED_LINES = 3  # of PyTorch's words that are in sight where there is no room for all
BOTH_LINES = 10  # of all together: PyTorch's words, ours and the change


class MessageBar(QWidget):
    """Shows one message with at most two buttons; hidden while there is none."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kind = "info"
        self.setObjectName("message bar")
        self._text = self._change = ""
        self._buttons: list[QPushButton] = []
        self._again: Callable[[], None] | None = None  # shows the lasting message that is in sight once more
        self._waiting: Callable[[], None] | None = None  # the same of one that another message took the place of
        super().hide()

    @cached_property
    def label(self) -> Words:
        """The words."""
        return Words("message", lambda _: LINES, self)

    @cached_property
    def quoted(self) -> Words:
        """PyTorch's own words, above ours: all of them where ours leave that room."""
        return Words("quoted_message", self._quoted_lines, self)

    def _quoted_lines(self, width: int) -> int:
        """How many lines PyTorch's words may take: ours and the change come first."""
        own = min(LINES, self.label.lines_at(width)) + len(self._change.splitlines()[:CHANGED_LINES])
        whole = self.quoted.lines_at(width)
        return whole if whole + own <= BOTH_LINES else QUOTED_LINES

    @cached_property
    def diff(self) -> QLabel:
        """The change that mends it."""
        from PySide6.QtWidgets import QSizePolicy

        made = QLabel(self)
        made.setObjectName("message_diff")
        made.setAccessibleName("The change that mends it")
        made.setFont(mono_font())
        made.setTextFormat(Qt.TextFormat.RichText)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # a long line is cut, not the canvas widened
        return made

    @cached_property
    def _row(self) -> QHBoxLayout:
        """What the bar holds, made for the first message."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(_Sign(self))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.quoted)
        words.addWidget(self.label)
        words.addWidget(self.diff)
        layout.addLayout(words, 1)
        close = QToolButton(self)
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Close")
        close.setAccessibleName("Close the message")
        close.clicked.connect(self.hide)
        layout.addWidget(close)
        self._close = close
        self._bridge.theme_changed.connect(self._restyle)
        return layout

    @property
    def kind(self) -> str:
        """ "error", "good", "info" or "ask"."""
        return self._kind

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def _restyle(self) -> None:
        """The change as lines that go and lines that come, in the colours of the theme."""
        theme, lines = self._bridge.theme, []
        for line in self._change.splitlines()[:CHANGED_LINES]:
            colour = theme.error if line.startswith("- ") else theme.success if line.startswith("+ ") else theme.muted
            shown = line.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&nbsp;")
            lines.append(f'<span style="color:{colour}">{shown}</span>')
        self.diff.setText("<br>".join(lines))
        self.diff.setAccessibleDescription(self._change)
        self.diff.setVisible(bool(lines))
        self.update()

    def tell(
        self,
        kind: str,
        text: str,
        details: str = "",
        buttons: tuple[tuple[str, Callable[[], object]], ...] = (),
        change: str = "",
        quoted: str = "",
        lasting: bool = False,
    ) -> None:
        """Show a message.

        Args:
            change: a diff of the script that one of the buttons tries.
            quoted: what PyTorch said about it; its first lines are in sight, so that the message below is, too.
            lasting: it comes again when what took its place goes, until it is answered or closed.
        """
        if not self.isHidden() and self._again is not None:
            self._waiting = self._again
        self._again = partial(self.tell, kind, text, details, buttons, change, quoted, True) if lasting else None
        self._kind, self._change = kind, change
        self._text = f"{quoted}\n{text}" if quoted else text
        row = self._row
        self._restyle()
        for old in self._buttons:
            row.removeWidget(old)
            old.deleteLater()
        self._buttons = []
        for k, (words, call) in enumerate(buttons):
            button = QPushButton(words, self)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, call=call: call())
            row.insertWidget(2 + k, button)
            self._buttons.append(button)
        for one, after in pairwise((*self._buttons, self._close)):
            self.setTabOrder(one, after)  # the answers come first
        self.label.show_text(text, details)
        self.quoted.show_text(quoted)
        self.setAccessibleName(self._text)
        self.show()
        self.update()

    def hide(self) -> None:
        """No message any more; or the question that the last one took the place of."""
        waiting, self._waiting, self._again = self._waiting, None, None
        super().hide()
        if waiting is not None:
            waiting()

    @property
    def answers(self) -> list[QPushButton]:
        """The buttons, from left to right."""
        return self._buttons

    def button(self, words: str) -> QPushButton | None:
        """A button by its text."""
        return next((b for b in self._buttons if b.text() == words), None)

    def colour(self) -> str:
        """The colour of the message's kind."""
        theme = self._bridge.theme
        return {"error": theme.error, "good": theme.success, "ask": theme.warning}.get(self._kind, theme.selection)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        ground = QColor(self.colour())
        ground.setAlphaF(0.14)
        p.fillRect(self.rect(), ground)
        p.fillRect(QRectF(0, 0, 4, self.height()), QColor(self.colour()))


class Words(QScrollArea):
    """A text to read and to copy, of which so many lines are in sight: what is longer is scrolled, and leaves the canvas its room."""

    def __init__(self, name: str, lines: Callable[[int], int], parent: QWidget) -> None:
        """`lines`: how many, where they are so wide."""
        super().__init__(parent)
        self._lines = lines
        self.label = QLabel(self)
        self.label.setObjectName(name)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self.setWidget(self.label)
        self.setWidgetResizable(True)

    def show_text(self, text: str, details: str = "") -> None:
        """Another text; none hides it."""
        self.label.setText(text)
        self.label.setToolTip(details)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.verticalScrollBar().setValue(0)
        self._fit()

    def lines_at(self, width: int) -> int:
        """How many lines the text has in a width."""
        return round(max(0, self.label.heightForWidth(width)) / self._line()) if self.label.text() else 0

    def _line(self) -> int:
        """The height of a line, as the label takes it."""
        return math.ceil(QFontMetricsF(self.label.font()).lineSpacing())

    def _fit(self) -> None:
        """As high as the text is, up to the limit; only a text that goes on takes the keyboard."""
        width = self.viewport().width()
        whole = max(0, self.label.heightForWidth(width))
        most = self._lines(width) * self._line()
        self.setFixedHeight(min(whole, most))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if whole > most else Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _Sign(QWidget):
    """The sign of a message's kind: never colour alone."""

    def __init__(self, bar: MessageBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.setFixedSize(20, 20)

    def sizeHint(self) -> QSize:
        return QSize(20, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(QColor(self._bar.colour()), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.drawEllipse(QPointF(10, 10), 8, 8)
        if self._bar.kind == "good":
            p.drawPolyline([QPointF(6, 10.5), QPointF(9, 13.5), QPointF(14, 7)])
        elif self._bar.kind == "error":
            p.drawLine(QPointF(7, 7), QPointF(13, 13))
            p.drawLine(QPointF(13, 7), QPointF(7, 13))
        else:
            p.drawLine(QPointF(10, 9), QPointF(10, 14))
            p.drawPoint(QPointF(10, 6))

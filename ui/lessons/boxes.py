"""The painted parts of a lesson's page: option buttons, coloured boxes, the bar of pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..style.theme import FONT_PX, Theme, ui_font

if TYPE_CHECKING:
    from ..bridge import Bridge

TEXT_PX = FONT_PX + 2
_EMPHASIS = re.compile(r"(\*\*|(?<!\*)\*)(\S|\S[^*]*\S)\1")
MARK = 28  # room for the sign of an option


def plain(markdown: str) -> str:
    """A text without the signs of Markdown; what stands in code keeps its own."""
    parts = markdown.split("`")
    parts[::2] = [_EMPHASIS.sub(r"\2", part) for part in parts[::2]]
    return "".join(parts)


def words_label(parent: QWidget, px: int = TEXT_PX) -> QLabel:
    """A label for Markdown that wraps."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    label.setWordWrap(True)
    label.setFont(ui_font(px))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label


def paint_sign(p: QPainter, middle: QPointF, kind: str, colour: str, r: float = 8.0) -> None:
    """A sign in a circle: a check mark, a cross, a question mark or a hand's finger; never colour alone."""
    p.setPen(QPen(QColor(colour), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawEllipse(middle, r, r)
    x, y, s = middle.x(), middle.y(), r / 8
    if kind == "right":
        p.drawPolyline([QPointF(x - 4 * s, y + 0.5 * s), QPointF(x - s, y + 3.5 * s), QPointF(x + 4 * s, y - 3 * s)])
    elif kind == "wrong":
        p.drawLine(QPointF(x - 3 * s, y - 3 * s), QPointF(x + 3 * s, y + 3 * s))
        p.drawLine(QPointF(x - 3 * s, y + 3 * s), QPointF(x + 3 * s, y - 3 * s))
    elif kind in ("ask", "try"):
        p.setFont(ui_font(round(r * 1.45), bold=True))
        p.drawText(QRectF(x - r, y - r, 2 * r, 2 * r), Qt.AlignmentFlag.AlignCenter, "?" if kind == "ask" else "!")


class Box(QFrame):
    """A rounded box with a coloured edge and a sign: a question, praise, an explanation, something to try."""

    def __init__(self, bridge: Bridge, kind: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.kind = kind
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 12, 12, 12)
        self.column.setSpacing(10)
        self.title = QLabel(title, self)
        self.title.setFont(ui_font(FONT_PX, bold=True))
        self.title.setContentsMargins(24, 0, 0, 0)
        self.title.setWordWrap(True)
        self.column.addWidget(self.title)
        bridge.theme_changed.connect(self.update)

    def colour(self) -> str:
        """The colour of its kind."""
        theme = self._bridge.theme
        return {"right": theme.success, "wrong": theme.warning, "try": theme.parameter}.get(self.kind, theme.selection)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), 8, 8)
        p.fillPath(whole, QColor(theme.raised))
        p.setClipPath(whole)
        p.fillRect(QRectF(0, 0, 4, self.height()), QColor(self.colour()))
        p.setClipping(False)
        paint_sign(p, QPointF(self.title.x() + 9, self.title.y() + 9), self.kind, self.colour())
        p.end()


class OptionButton(QAbstractButton):
    """An answer to choose: its text wraps, and afterwards it says whether it was right."""

    def __init__(self, bridge: Bridge, text: str, mark: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.mark = mark  # what stands before the text: "−", "2.", "right", "wrong"
        self.setText(text)
        self.setAccessibleName(text)
        self.setFont(ui_font(TEXT_PX))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        bridge.theme_changed.connect(self.update)

    def set_mark(self, mark: str) -> None:
        """Another sign before the text."""
        self.mark = mark
        said = {"right": ": right", "wrong": ": not right"}.get(mark, f" {mark}" if mark else "")
        self.setAccessibleName(self.text() + said)
        self.update()

    def _box(self, width: int) -> QRect:
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        return self.fontMetrics().boundingRect(QRect(0, 0, max(40, width - MARK - 22), 2000), flags, self.text())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(36, self._box(width).height() + 16)

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 36)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        edge = {"right": theme.success, "wrong": theme.warning}.get(self.mark, theme.selection if self._hot() else theme.border)
        ground = QColor(theme.surface)
        p.setPen(QPen(QColor(edge), 2 if self._hot() or self.mark in ("right", "wrong") else 1))
        p.setBrush(ground)
        p.drawRoundedRect(box, 6, 6)
        middle = QPointF(box.left() + 18, box.center().y())
        if self.mark in ("right", "wrong"):
            paint_sign(p, middle, self.mark, edge)
        else:
            p.setPen(QPen(QColor(theme.selection if self.mark else theme.border), 1.5))
            p.drawEllipse(middle, 9, 9)
            p.setFont(ui_font(FONT_PX, bold=True))
            p.drawText(QRectF(middle.x() - 10, middle.y() - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, self.mark)
        p.setFont(self.font())
        p.setPen(QColor(theme.text if self.isEnabled() or self.mark else theme.muted))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        p.drawText(box.adjusted(MARK + 8, 4, -8, -4), flags, self.text())
        p.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _hot(self) -> bool:
        return self.isEnabled() and (self.hasFocus() or self.underMouse())


class Progress(QWidget):
    """One segment a page: what was passed, where one is, what was answered rightly."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._marks: tuple[str, ...] = ()
        self._index = 0
        self.setFixedHeight(12)
        bridge.theme_changed.connect(self.update)

    def show_marks(self, marks: tuple[str, ...], index: int) -> None:
        """For each page "", "right" or "wrong"; and the page that is shown."""
        self._marks, self._index = marks, index
        self.setAccessibleName(f"Page {index + 1} of {len(marks)}")
        self.setToolTip(f"Page {index + 1} of {len(marks)}")
        self.update()

    def colour(self, k: int, theme: Theme) -> str:
        """Of one segment."""
        known = {"right": theme.success, "wrong": theme.warning}.get(self._marks[k])
        return known or (theme.selection if k <= self._index else theme.border)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._marks:
            return
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        wide = (self.width() + 4) / len(self._marks)
        for k in range(len(self._marks)):
            p.setBrush(QColor(self.colour(k, theme)))
            tall = 8 if k == self._index else 4
            p.drawRoundedRect(QRectF(k * wide, (self.height() - tall) / 2, wide - 4, tall), 2, 2)
        p.end()

"""Section: a titled part of the inspector that folds away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ..style.theme import FONT_PX, SMALL_PX, ui_font

if TYPE_CHECKING:
    from ..bridge import Bridge


_FOLD = "Click to fold or unfold"


class _Header(QAbstractButton):
    """The title line: a coloured bar, the title, a note at the right, an arrow."""

    def __init__(self, bridge: Bridge, title: str, role: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._role = bridge, role
        self.note = ""
        self.alarm = False
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setObjectName(f"section_{title.lower().replace(' ', '_')}")
        self.setAccessibleName(f"{title} section")
        self.setToolTip(_FOLD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse():
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(QColor(getattr(theme, self._role)))
        painter.drawRoundedRect(QRectF(0, 6, 4, 14), 2, 2)
        middle, x = box.center().y(), box.right() - 11
        painter.setBrush(QColor(theme.muted))
        down = ((-4, -2), (4, -2), (0, 3)) if self.isChecked() else ((2, -4), (2, 4), (-3, 0))
        arrow = QPolygonF()
        for dx, dy in down:
            arrow.append(QRectF(x + dx, middle + dy, 0, 0).topLeft())
        painter.drawPolygon(arrow)
        flags = Qt.AlignmentFlag
        painter.setFont(ui_font(FONT_PX, bold=True))
        painter.setPen(QColor(theme.text))
        painter.drawText(box.adjusted(12, 0, -24, 0), flags.AlignLeft | flags.AlignVCenter, self.text())
        room = box.width() - 48 - QFontMetrics(painter.font()).horizontalAdvance(self.text())
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.error if self.alarm else theme.muted))
        note = QFontMetrics(painter.font()).elidedText(self.note, Qt.TextElideMode.ElideRight, round(room))
        painter.drawText(box.adjusted(12, 0, -24, 0), flags.AlignRight | flags.AlignVCenter, note)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selection), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


class Section(QWidget):
    """A header and a body of widgets under each other."""

    def __init__(self, bridge: Bridge, title: str, role: str, parent: QWidget | None = None) -> None:
        """`role` is the theme's colour of the bar."""
        super().__init__(parent)
        self.header = _Header(bridge, title, role, self)
        self.body = QWidget(self)
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(12, 2, 2, 8)
        self.rows.setSpacing(6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        outer.addWidget(self.header)
        outer.addWidget(self.body)
        self.header.toggled.connect(self.body.setVisible)

    def settle(self) -> None:
        """Lay out at once what changed: Qt would take a frame for each level of nesting, and the panel would jump."""
        self.rows.activate()
        outer = self.layout()
        if outer is not None:
            outer.activate()

    def set_note(self, note: str, alarm: bool = False) -> None:
        """The small text at the right of the title; red for an alarm, which the section's content shows with a sign."""
        self.header.note, self.header.alarm = note, alarm
        self.header.setAccessibleDescription(note)
        self.header.setToolTip(f"{note}\n{_FOLD}" if note else _FOLD)  # a narrow panel cuts the note
        self.header.update()

"""FlagsTable: PyTorch's own attributes of a tensor, name beside value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import mono_font

if TYPE_CHECKING:
    from ..bridge import Bridge

_LINE = 20
_GAP = 12  # pixels between a name and its value


class FlagsTable(QWidget):
    """Two columns; True in the parameter's colour, so that the eye finds it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("flags")
        self.setAccessibleName("Flags")
        self._bridge = bridge
        self.flags: tuple[tuple[str, str], ...] = ()
        self._hot = -1  # the row under the mouse
        self.setMouseTracking(True)
        self.setToolTip("Click a name: what it means")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_flags(self, flags: tuple[tuple[str, str], ...]) -> None:
        """Show names and values."""
        if flags == self.flags:
            return
        if len(flags) != len(self.flags):
            self.updateGeometry()
        self.flags = flags
        self.setAccessibleDescription(", ".join(f"{name} {value}" for name, value in flags))
        self.update()

    def name_at(self, y: float) -> str:
        """The name in the row at a height, "" for none."""
        row = int(y // _LINE)
        return self.flags[row][0] if 0 <= row < len(self.flags) else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._heat(int(event.position().y() // _LINE))

    def leaveEvent(self, event: QEvent) -> None:
        self._heat(-1)

    def _heat(self, row: int) -> None:
        if row != self._hot:
            self._hot = row
            known = 0 <= row < len(self.flags)
            self.setCursor(Qt.CursorShape.PointingHandCursor if known else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        name = self.name_at(event.position().y())
        if name and event.button() == Qt.MouseButton.LeftButton:
            self._bridge.help_wanted.emit(name)

    def sizeHint(self) -> QSize:
        """A line for each flag."""
        return QSize(200, _LINE * len(self.flags))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the table."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setFont(mono_font(12))
        metrics = painter.fontMetrics()
        names = max((metrics.horizontalAdvance(name) for name, _ in self.flags), default=0) + _GAP
        values = max((metrics.horizontalAdvance(value) for _, value in self.flags), default=0)
        middle = max(names, min(self.width() * 0.46, self.width() - values))
        for k, (name, value) in enumerate(self.flags):
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(theme.selection if k == self._hot else theme.muted))
            font = painter.font()
            font.setUnderline(k == self._hot)
            painter.setFont(font)
            painter.drawText(QRectF(0, k * _LINE, middle, _LINE), flags, name)
            font.setUnderline(False)
            painter.setFont(font)
            painter.setPen(QColor(theme.parameter if value == "True" else theme.text))
            room = self.width() - middle
            shown = metrics.elidedText(value, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QRectF(middle, k * _LINE, room, _LINE), flags, shown)
        painter.end()

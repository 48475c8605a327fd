"""Line: one line of text that is cut with … where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget


class Line(QLabel):
    """A label that gives way down to `narrowest` pixels; cut at its end, or in the middle where the end of a name tells most."""

    def __init__(self, parent: QWidget, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, narrowest: int = 0) -> None:
        super().__init__(parent)
        self._mode, self._narrowest = mode, narrowest

    def shown(self) -> str:
        """What can be read of the text."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.width())

    def minimumSizeHint(self) -> QSize:
        """As narrow as it may become."""
        hint = super().minimumSizeHint()
        return QSize(min(self._narrowest, hint.width()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        p = QPainter(self)
        p.setFont(self.font())
        p.setPen(self.palette().color(self.foregroundRole()))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.shown())
        p.end()

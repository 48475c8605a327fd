"""Line: a line of text that changes at each move of the cursor, and leaves all around it where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Line(QWidget):
    """As a QLabel, which would have the whole window laid out anew for each text. Hot path: each frame of the timeline's slider."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text, self._colour = "", "#000000"
        self._widest = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What it says."""
        return self._text

    @property
    def colour(self) -> str:
        """Of its letters."""
        return self._colour

    def say(self, text: str) -> None:
        """Another text; its room grows where none was as long before."""
        if text == self._text:
            return
        self._text = text
        self.update()
        if self.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored:
            return  # it takes the room that there is
        wide = self.fontMetrics().horizontalAdvance(text) + 2
        if wide > self._widest:
            self._widest = wide
            self.updateGeometry()

    def forget(self) -> None:
        """Texts that were longer do not count any more."""
        self._widest = self.fontMetrics().horizontalAdvance(self._text) + 2
        self.updateGeometry()

    def set_colour(self, colour: str) -> None:
        """Of its letters."""
        if colour != self._colour:
            self._colour = colour
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as the longest text so far."""
        return QSize(self._widest, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Whoever says something sees to it that there is room."""
        return QSize(20, self.fontMetrics().height() + 2)

    def changeEvent(self, event: QEvent) -> None:
        """Smaller letters leave the line as high as it is."""
        if event.type() == QEvent.Type.FontChange:
            self.update()
        else:
            super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(self._colour))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()

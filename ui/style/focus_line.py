"""The line around what has the keyboard and does not show it: Qt's style draws none around what scrolls, and around flat buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPushButton, QWidget
from shiboken6 import isValid


def install(app: QApplication) -> None:
    """Draw it wherever the keyboard goes; once."""
    if app.findChild(_Keyboard) is None:
        _Keyboard(app)


class _Keyboard(QObject):
    """Follows the keyboard from widget to widget."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._line: FocusLine | None = None
        app.focusChanged.connect(self._go)
        self._go(None, app.focusWidget())

    def _go(self, _: QWidget | None, now: QWidget | None) -> None:
        line, self._line = self._line, None
        if line is not None and isValid(line):
            line.leave()
        silent = isinstance(now, QAbstractScrollArea) or (isinstance(now, QPushButton) and now.isFlat())
        if now is not None and silent and now.window().windowType() != Qt.WindowType.Popup:
            self._line = FocusLine(now)


class FocusLine(QWidget):
    """Lies over the border of a widget, one pixel wide; the mouse does not see it."""

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self._around = around
        self.setObjectName("focus_line")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        around.installEventFilter(self)
        self._fit()
        self.show()

    def leave(self) -> None:
        """The keyboard is elsewhere."""
        self.hide()
        self.deleteLater()

    def _fit(self) -> None:
        box = self._around.rect()
        self.setGeometry(box)
        self.setMask(QRegion(box) - QRegion(box.adjusted(1, 1, -1, -1)))  # what is under it is not painted again with it
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is as large as what it surrounds."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the colour of what is selected."""
        p = QPainter(self)
        p.setBackground(QColor(self.palette().color(QPalette.ColorRole.Highlight)))
        p.eraseRect(self.rect())
        p.end()

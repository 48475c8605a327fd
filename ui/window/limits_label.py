"""LimitsLabel: within which limits a script runs, in the status bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from ..style.theme import SMALL_PX, ui_font

WIDEST_PX = 660


class LimitsLabel(QLabel):
    """The limits in one line, all of them in its tooltip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("limits")
        self.setFont(ui_font(SMALL_PX))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._words = ""

    def tell(self, limits: list[str]) -> None:
        """Show the limits."""
        self._words = "Limits of a script: " + " · ".join(limits)
        self.setToolTip(self._words)
        self.fit()

    def fit(self) -> None:
        """As much of it as a window of this width has room for."""
        room = min(WIDEST_PX, self.window().width() // 2)  # messages stand beside it
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))

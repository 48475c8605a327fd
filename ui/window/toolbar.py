"""Toolbar: the steps as buttons, one of them marked, and the speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolBar

from ..actions.actions import PRIMARY, TOOLBAR
from ..style.theme import primary_style
from .speed_button import SpeedButton

if TYPE_CHECKING:
    from .panels import PanelledWindow


class Toolbar(QToolBar):
    """The toolbar of a window."""

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__("Steps", window)
        self._bridge = window.bridge
        self.setObjectName("toolbar")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setMovable(False)
        for name in TOOLBAR:
            if name:
                self.addAction(window.action(name))
            else:
                self.addSeparator()
        self.addSeparator()
        self.speed = SpeedButton(window.canvas, self)
        self.speed.chosen.connect(lambda speed: setattr(window.settings, "speed", speed))
        self.addWidget(self.speed)
        self.widgetForAction(window.action(PRIMARY)).setObjectName("primary")
        self.restyle()

    def restyle(self) -> None:
        """The marked button in the colours of the theme."""
        self.setStyleSheet(primary_style(self._bridge.theme))

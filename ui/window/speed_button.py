"""SpeedButton: how fast gradients travel on the canvas, seen and chosen by the mouse."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ..canvas.view import CanvasView

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 0.0)  # 0 is instant


def speed_text(speed: float) -> str:
    """A speed as the button shows it."""
    return f"{speed:g}×" if speed > 0 else "instant"


class SpeedButton(QToolButton):
    """Shows the speed; a click lists all, from slow motion to instant."""

    chosen = Signal(float)

    def __init__(self, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setObjectName("speed")
        self.setAutoRaise(True)
        self.setAccessibleName("Speed")
        self.setToolTip("Speed of the animation, from slow motion to instant  (slower: Ctrl+,  faster: Ctrl+.)")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        group = QActionGroup(menu)
        self.choices = {}
        for speed in SPEEDS:
            action = menu.addAction(speed_text(speed) + {0.1: "  slow motion", 1.0: "  normal"}.get(speed, ""))
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, speed=speed: self._choose(speed))
            self.choices[speed] = action
        self.setMenu(menu)
        canvas.speed_changed.connect(self._show)
        self._show()

    def _choose(self, speed: float) -> None:
        self._canvas.set_speed(speed)
        self.chosen.emit(speed)

    def _show(self) -> None:
        self.setText(f"Speed {speed_text(self._canvas.speed)}")
        chosen = self.choices.get(self._canvas.speed)
        for action in self.choices.values():
            action.setChecked(action is chosen)

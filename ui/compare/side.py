"""SideBySide: the canvas, and beside it the canvas of another run, each with its name above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QToolButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from ..bridge import Bridge
    from ..canvas.view import CanvasView

HEAD_PX, BESIDE_PX = 28, 10


class SideBySide(QSplitter):
    """Holds the window's canvas; a second one comes while runs are compared."""

    def __init__(self, canvas: CanvasView, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._bridge = bridge
        self.setChildrenCollapsible(False)
        self.setHandleWidth(5)
        self.canvas = canvas
        self.other: CanvasView | None = None
        self.other_bridge: Bridge | None = None
        self.close_button = QToolButton(self)
        self.close_button.setText("✕")
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName("End the comparison")
        self.close_button.setToolTip("End the comparison (Esc in the list of runs)")
        self.close_button.hide()
        self.names = (_Name(self), _Name(self))
        self._left = _Titled(self.names[0], canvas)
        self._right: _Titled | None = None
        self.scale: QWidget | None = None  # of the differences, made with the second canvas
        self._letters = ("A", "B")  # of the window's canvas and of the second one
        self.addWidget(self._left)
        self.names[0].hide()
        self.names[1].hide()
        bridge.theme_changed.connect(self._restyle)

    def open(self, name_a: str, name_b: str, *, swapped: bool) -> tuple[CanvasView, Bridge]:
        """Show the second canvas; it is made at the first call.

        Args:
            swapped: the window's canvas shows B, and stands at the right; the second one shows A.
        """
        if self.other is None or self.other_bridge is None or self._right is None or self.scale is None:
            from ..bridge import Bridge
            from ..canvas.view import CanvasView
            from .scale import DifferenceScale

            self.other_bridge = Bridge(self._bridge.theme, self)
            self.other = CanvasView(self.other_bridge)
            self.other.setObjectName("canvas_b")
            self._right = _Titled(self.names[1], self.other)
            self._right.head.addWidget(self.close_button)
            self.scale = DifferenceScale(self._bridge, HEAD_PX, self)
            self._left.head.addWidget(self.scale)
            self.addWidget(self._right)
        self.other.direction = self.canvas.direction
        self.other.folding.take(self.canvas.folding)
        self.other.set_speed(self.canvas.speed)
        self.insertWidget(0, self._right if swapped else self._left)
        self.other.setAccessibleName(f"Computation graph of run {'A' if swapped else 'B'}")
        self._letters = ("B", "A") if swapped else ("A", "B")
        texts = (name_b, name_a) if swapped else (name_a, name_b)
        for letter, label, text in zip(self._letters, self.names, texts, strict=True):
            label.show_name(letter, text)
            label.show()
        self.close_button.show()
        self.scale.show()
        self._right.show()
        self.setSizes([self.width() // 2, self.width() // 2])
        self._restyle()
        return self.other, self.other_bridge

    def shut(self) -> None:
        """Only the one canvas again."""
        self.names[0].hide()
        if self._right is not None and self.other_bridge is not None and self.scale is not None:
            self.scale.hide()
            self._right.hide()
            self.other_bridge.set_session(None)

    def stop(self) -> None:
        """The window closes."""
        if self.other is not None:
            self.other.arranger.close()

    def _restyle(self) -> None:
        theme = self._bridge.theme
        if self.other_bridge is not None:
            self.other_bridge.set_theme(theme)
        for label, letter in zip(self.names, self._letters, strict=True):
            colour = theme.value if letter == "A" else theme.parameter
            label.setStyleSheet(
                f"background: {theme.surface}; color: {colour}; padding: 4px {BESIDE_PX}px; border-bottom: 1px solid {theme.border};"
            )


class _Name(QLabel):
    """The letter of a run, and of its name what there is room for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._letter = self._name = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setMinimumWidth(60)
        self.setFixedHeight(HEAD_PX)

    def show_name(self, letter: str, name: str) -> None:
        """Another run."""
        self._letter, self._name = letter, name
        self.setToolTip(name)
        self.setAccessibleName(f"Run {letter}: {name}")
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width() - 2 * BESIDE_PX - self.fontMetrics().horizontalAdvance(f"{self._letter}    ")
        shown = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, max(room, 20))
        shown = shown.replace("&", "&amp;").replace("<", "&lt;")
        self.setText(f"<b>{self._letter}</b>&nbsp;&nbsp;{shown}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _Titled(QWidget):
    """A canvas with a line above."""

    def __init__(self, label: QLabel, below: QWidget) -> None:
        super().__init__()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(0, 0, 0, 0)
        self.head.setSpacing(0)
        self.head.addWidget(label, 1)
        rows.addLayout(self.head)
        rows.addWidget(below, 1)

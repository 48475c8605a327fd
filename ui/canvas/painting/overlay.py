"""What is painted over the cards of a canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ...style.theme import Theme
from ..geometry import Geometry


class Overlay:
    """Painted over the cards."""

    def paint(self, p: QPainter, geometry: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """On the cards, in the graph's coordinates."""

    def legend_box(self, width: float, theme: Theme) -> QRectF:
        """Where that stands in the widget, empty for nowhere: what moves goes under it."""
        return QRectF()

    def paint_legend(self, p: QPainter, width: float, height: float, theme: Theme) -> None:
        """What the colours mean, in the widget's."""

"""Changes: what a what-if did to the graph, marked on the canvas: nodes whose gradient is lost, and nodes that now get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from ..style.theme import SMALL_PX, Theme, ui_font
from .geometry import Geometry
from .painting.edges import thickness
from .painting.overlay import Overlay

if TYPE_CHECKING:
    from gradviz.debugger.comparing.what_changed import Comparison

LOST, GAINED = "no gradient any more", "gets a gradient now"


class Changes(Overlay):
    """An overlay of the canvas, while there is a comparison."""

    def __init__(self) -> None:
        self.comparison: Comparison | None = None

    @property
    def nodes(self) -> tuple[int, ...]:
        """The nodes that are to be seen."""
        found = self.comparison
        if found is None:
            return ()
        ends = () if found.cut is None else (found.cut.source, found.cut.target)
        marked = {*found.lost, *found.gained, *found.new, *ends}
        return tuple(sorted(marked or found.changed_grads | found.changed_values))

    @property
    def stops(self) -> tuple[int, ...]:
        """What the way back stops at, and what it no longer comes to: the scissors are between them."""
        cuts = [found for found in self.comparison.differences if found.kind == "cut"] if self.comparison is not None else []
        return tuple(dict.fromkeys((*cuts[0].nodes, *([cuts[0].edge.source] if cuts[0].edge is not None else [])))) if cuts else ()

    def _marks(self, theme: Theme) -> list[tuple[frozenset[int], str, str]]:
        found = self.comparison
        if found is None:
            return []
        return [mark for mark in ((found.lost, theme.error, LOST), (found.gained, theme.success, GAINED)) if mark[0]]

    def paint(self, p: QPainter, made: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """A dashed outline around each node that changed."""
        p.setBrush(Qt.BrushStyle.NoBrush)
        for nodes, colour, _ in self._marks(theme):
            p.setPen(QPen(QColor(colour), 1.6 * thickness(scale), Qt.PenStyle.DashLine))
            for node in nodes:
                rect = made.rect(node)
                if not rect.isEmpty() and rect.intersects(shown):
                    p.drawRoundedRect(rect.adjusted(-5, -5, 5, 5), 11, 11)

    def legend_box(self, width: float, theme: Theme) -> QRectF:
        """In the upper left corner."""
        words = self._words(theme)
        return QRectF(6, 6, sum(words) + 42 * len(words), 24) if words else QRectF()

    def _words(self, theme: Theme) -> list[int]:
        metrics = QFontMetrics(ui_font(SMALL_PX))
        return [metrics.horizontalAdvance(text) for _, _, text in self._marks(theme)]

    def paint_legend(self, p: QPainter, width: float, height: float, theme: Theme) -> None:
        """What the outlines mean."""
        marks, words = self._marks(theme), self._words(theme)
        p.setFont(ui_font(SMALL_PX))
        if not marks:
            return
        p.setPen(QPen(QColor(theme.border), 1))
        p.setBrush(QColor(theme.surface))
        p.drawRoundedRect(self.legend_box(width, theme), 6, 6)
        x = 14.0
        for (_, colour, text), wide in zip(marks, words, strict=True):
            p.setPen(QPen(QColor(colour), 1.6, Qt.PenStyle.DashLine))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(QRectF(x, 12, 18, 12), 4, 4)
            p.setPen(QColor(theme.text))
            p.drawText(QRectF(x + 24, 6, wide + 4, 24), Qt.AlignmentFlag.AlignVCenter, text)
            x += wide + 42

"""What a lesson points at: rings and arrows over the canvas, a bar beside lines of the script."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMoveEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF, QRegion
from PySide6.QtWidgets import QWidget

from ..canvas.view import CanvasView
from ..source.view import Editor


class Overlay(QWidget):
    """A transparent sheet over a widget: it lets the mouse through and keeps its size."""

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._below = below
        self.resize(below.size())
        below.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.resize(self._below.size())
        return False

    def moveEvent(self, event: QMoveEvent) -> None:
        if not self.pos().isNull():
            self.move(0, 0)  # a text that scrolls takes what lies on it along


class CanvasPointer(Overlay):
    """Rings around cards, light along edges, and an arrow at each card."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.nodes: tuple[int, ...] = ()
        self.edges: tuple[tuple[int, int], ...] = ()

    def point(self, nodes: tuple[int, ...], edges: tuple[tuple[int, int], ...]) -> None:
        """Point at these, and at nothing else."""
        self.nodes, self.edges = nodes, edges
        self.setVisible(bool(nodes or edges))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        canvas, p = self._canvas, QPainter(self)
        theme = canvas.bridge.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        free = QRegion(self.rect())
        for box in canvas.covered():
            free -= box.toAlignedRect()
        p.setClipRegion(free)
        made = canvas.geometry_
        light = QColor(theme.selection)
        light.setAlphaF(0.35)
        for row, edge in enumerate(made.edges):
            if edge[0][:2] in self.edges and row < len(made.samples):
                points = [canvas.to_widget(QPointF(*xy)) for xy in np.asarray(made.samples[row])]
                p.setPen(QPen(light, 12, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
                p.drawPolyline(QPolygonF(points))
        for node in self.nodes:
            rect = made.rect(node)
            if rect.isEmpty():
                continue
            box = QRectF(canvas.to_widget(rect.topLeft()), canvas.to_widget(rect.bottomRight())).adjusted(-8, -8, 8, 8)
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(light, 7))
            p.drawRoundedRect(box, 13, 13)
            p.setPen(QPen(QColor(theme.selection), 2))
            p.drawRoundedRect(box, 13, 13)
            _arrow(p, QPointF(box.left() + 14, box.top() - 1), theme.selection, theme.window)
        p.end()


def _arrow(p: QPainter, tip: QPointF, colour: str, edge: str) -> None:
    """A fat arrow that points down to a place."""
    shape = QPainterPath(tip)
    for dx, dy in ((-9, -12), (-4, -12), (-4, -26), (4, -26), (4, -12), (9, -12)):
        shape.lineTo(tip + QPointF(dx, dy))
    shape.closeSubpath()
    p.setPen(QPen(QColor(edge), 2))
    p.setBrush(QColor(colour))
    p.drawPath(shape)


class LinePointer(Overlay):
    """A frame around lines of the script."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor.viewport())
        self._editor = editor
        self.lines: tuple[int, ...] = ()

    def point(self, lines: tuple[int, ...]) -> None:
        """Point at these lines, and at nothing else."""
        self.lines = lines
        self.setVisible(bool(lines))
        if lines:
            self._editor.show_line(lines[0])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        editor, p = self._editor, QPainter(self)
        theme = editor.bridge.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.selection)
        ground.setAlphaF(0.10)
        for line in self.lines:
            box = editor.gutter.line_rect(line)
            p.setPen(QPen(QColor(theme.selection), 1.5))
            p.setBrush(ground)
            p.drawRoundedRect(QRectF(1, box.top(), self.width() - 3, box.height()), 4, 4)
        p.end()

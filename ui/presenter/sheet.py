"""A sheet of glass over the stage: the ring around the pointer, and what the pen drew."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from .canvas import StageCanvas
from .pen import Drawing

RING = 1.3  # radius, in heights of the letters
PENS = ("current", "gradient", "value")


class Sheet(QWidget):
    """Takes the mouse only while the pen is out."""

    def __init__(self, canvas: StageCanvas, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stage_sheet")
        self.setAccessibleName("Pen and pointer")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._canvas = canvas
        self.drawing = Drawing()
        self.pen = PENS[0]
        self.ring_on = True
        self.pressed = False
        self.at = QPoint(-9999, -9999)
        self._out = True
        self.set_pen_out(False)

    @property
    def pen_out(self) -> bool:
        """Whether the mouse draws."""
        return self._out

    def set_pen_out(self, out: bool) -> None:
        """Draw with the mouse, or point with it."""
        self._out = out
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not out)
        self.setCursor(Qt.CursorShape.CrossCursor if out else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_ring(self, on: bool) -> None:
        """Show the ring around the pointer, or not."""
        self.ring_on = on
        self.update()

    def point_at(self, at: QPoint, pressed: bool) -> None:
        """The mouse is there."""
        old = self._ring_box()
        self.at, self.pressed = at, pressed
        if self.ring_on:
            self.update(old.united(self._ring_box()))

    @property
    def radius(self) -> float:
        """Of the ring, in pixels."""
        return RING * self._canvas.sizes.text

    def _ring_box(self) -> QRect:
        reach = round(self.radius * 1.5) + 8
        return QRect(self.at.x() - reach, self.at.y() - reach, 2 * reach, 2 * reach)

    def undo(self) -> None:
        """Take the last stroke back."""
        self.drawing.undo()
        self.update()

    def forget(self) -> None:
        """Another graph: nothing is drawn on it yet."""
        self.drawing = Drawing()
        self.update()

    def clear(self) -> None:
        """Wipe all strokes."""
        self.drawing.clear()
        self.update()

    # -- the mouse, while the pen is out ------------------------------------------------------------------

    def _in_graph(self, at: QPointF) -> QPointF:
        return self._canvas.to_graph(QPointF(at.toPoint() - self._canvas.pos()))

    def _on_stage(self, point: QPointF) -> QPointF:
        return QPointF(self._canvas.pos()) + self._canvas.to_widget(point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.drawing.begin(self.pen, self._in_graph(event.position()))
        elif event.button() == Qt.MouseButton.RightButton:
            self.undo()
        self.point_at(event.position().toPoint(), True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.drawing.draw(self._in_graph(event.position()))
            self.update()
        self.point_at(event.position().toPoint(), bool(event.buttons()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.point_at(event.position().toPoint(), False)

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._canvas.look, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = 2.0 * self._canvas.sizes.edge
        for stroke in self.drawing.strokes:
            p.setPen(
                QPen(QColor(getattr(theme, stroke.role)), wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            points = [self._on_stage(point) for point in stroke.points]
            if len(points) == 1:
                p.drawPoint(points[0])
            else:
                p.drawPolyline(QPolygonF(points))
        if self.ring_on:
            ring = QColor(getattr(theme, self.pen) if self._out else theme.current)
            radius = self.radius * (0.7 if self.pressed else 1.0)
            p.setPen(QPen(ring, 1.5 * self._canvas.sizes.edge))
            ring.setAlphaF(0.22 if self.pressed else 0.10)
            p.setBrush(ring)
            p.drawEllipse(QPointF(self.at), radius, radius)
        p.end()

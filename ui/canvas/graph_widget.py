"""GraphWidget: a widget that looks at a part of a graph. The eye, the wheel, and the drag that goes on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from .mouse.gestures import Gesture, Pan

ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class GraphWidget(QWidget):
    """Moved by the middle button, by the left one with Space held, and by a touchpad; zoomed by the wheel."""

    context_menu_requested = Signal(QPoint)

    most_scale = 4.0
    wheel_scrolls = False  # of all canvases: the wheel moves them, and zooms with Ctrl

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.offset = QPointF(0, 0)  # where the graph's origin stands in the widget
        self.scale = 1.0
        self.gesture: Gesture | None = None  # the drag that goes on
        self._space = False

    def sizeHint(self) -> QSize:
        return QSize(800, 500)

    @property
    def least_scale(self) -> float:
        """The scale below which the wheel goes no further."""
        return 0.05

    # -- the eye -----------------------------------------------------------------------------------------------

    @property
    def middle(self) -> QPointF:
        """The middle of the widget."""
        return QPointF(self.width() / 2, self.height() / 2)

    def to_graph(self, at: QPointF) -> QPointF:
        """A point of the widget as a point of the graph."""
        return (at - self.offset) / self.scale

    def to_widget(self, at: QPointF) -> QPointF:
        """A point of the graph as a point of the widget."""
        return at * self.scale + self.offset

    @property
    def shown(self) -> QRectF:
        """The part of the graph that the widget shows."""
        return QRectF(self.to_graph(QPointF(0, 0)), self.to_graph(QPointF(self.width(), self.height())))

    def pan_to(self, offset: QPointF) -> None:
        """Put the graph's origin at a point of the widget."""
        self.offset = QPointF(offset)
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom, keeping the point under `at` (the middle, where None) where it is."""
        place = self.middle if at is None else at
        held = self.to_graph(place)
        self.scale = min(max(self.scale * factor, self.least_scale), self.most_scale)
        self.pan_to(place - held * self.scale)

    def zoom_in(self) -> None:
        """A step nearer."""
        self.zoom(1.25)

    def zoom_out(self) -> None:
        """A step away."""
        self.zoom(0.8)

    def zoom_actual(self) -> None:
        """One pixel for one unit."""
        self.zoom(1.0 / self.scale)

    def sheet(self) -> QPixmap:
        """An empty picture of the widget's size, as sharp as its screen."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        return made

    def paint_focus(self, p: QPainter, colour: QColor) -> None:
        """A line around the widget that has the focus, of four strips: drawn as a rectangle it costs a fifth of all that is below it.

        They are erased, not filled: of `fillRect` PySide would make the 169 names of its gradients.
        """
        width, height = self.width(), self.height()
        p.setBackground(colour)
        for strip in (QRect(0, 0, width, 1), QRect(0, height - 1, width, 1), QRect(0, 0, 1, height), QRect(width - 1, 0, 1, height)):
            p.eraseRect(strip)

    # -- the mouse -----------------------------------------------------------------------------------------------

    def begins_pan(self, event: QMouseEvent) -> bool:
        """Whether a press takes hold of the paper; then it does."""
        button = event.button()
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space):
            self.gesture = Pan(self, event.position())
            return True
        return False

    def hover(self, here: QPointF) -> None:
        """The mouse moves over a point of the graph, and drags nothing."""

    def set_tip(self, text: str) -> None:
        """What the tooltip says from here on. Set before it is asked for: answering in `event` costs at each event, painting too."""
        if text != self.toolTip():
            self.setToolTip(text)
            if not text:
                QToolTip.hideText()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            self.gesture.move(event.position())
        else:
            self.hover(self.to_graph(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.end()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, control = event.pixelDelta(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not control:
            self.pan_to(self.offset + QPointF(pixels))
        elif self.wheel_scrolls and not control:
            turned = QPointF(event.angleDelta()) * 0.5
            aside = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.pan_to(self.offset + (QPointF(turned.y(), turned.x()) if aside else turned))
        else:
            self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    # -- keys that belong to the mouse ---------------------------------------------------------------------------

    def takes_key(self, event: QKeyEvent) -> bool:
        """Whether a key was meant for a drag: Space for the next one, Escape for the one that goes on."""
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            return True
        return event.key() == Qt.Key.Key_Escape and self._give_up()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        if not self.keeps_drag(event):
            self._give_up()
        self.update()

    def keeps_drag(self, event: QFocusEvent) -> bool:
        """Whether a drag goes on though the focus goes elsewhere."""
        return False

    def _give_up(self) -> bool:
        """Take back the drag that goes on; False where none does."""
        gesture, self.gesture = self.gesture, None
        if gesture is None:
            return False
        gesture.cancel()
        self.update()
        return True

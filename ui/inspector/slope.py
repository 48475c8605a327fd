"""SlopeView: each element as a point of the op's curve with the tangent that backward multiplies by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..pictures.numbers import short
from ..style.theme import SMALL_PX, ui_font

if TYPE_CHECKING:
    from gradviz.debugger.answers import Derivation
    from gradviz.debugger.session import Session

    from ..bridge import Bridge

Array = np.ndarray[Any, Any]
MOST = 64


@dataclass(frozen=True, slots=True)
class Slopes:
    """Points of a curve with their slopes, as flat arrays of equal length."""

    x: Array
    y: Array
    slope: Array
    x_name: str
    y_name: str


def slopes_of(session: Session, derivation: Derivation) -> Slopes | None:
    """The points of an elementwise op at the moment, None where they are too many or not known."""
    local = derivation.local
    if local is None or local.picture.array is None or not 0 < local.picture.array.size <= MOST:
        return None
    node = session.inspect(derivation.node)
    sources = [edge.source for edge in session.graph().edges if edge.target == derivation.node and edge.port == derivation.input_nr]
    source = session.inspect(sources[0]) if sources else None
    if node is None or source is None or node.value is None or source.value is None:
        return None
    y, x = node.value.array, source.value.array
    if x is None or y is None or y.shape != local.picture.array.shape or "c" in (x.dtype.kind, y.dtype.kind):
        return None
    try:
        x = np.broadcast_to(x, y.shape)
    except ValueError:
        return None
    flat = [np.asarray(a, np.float64).reshape(-1) for a in (x, y, local.picture.array)]
    fine = np.isfinite(flat[0]) & np.isfinite(flat[1]) & np.isfinite(flat[2])
    return Slopes(flat[0][fine], flat[1][fine], flat[2][fine], source.title, node.title) if fine.any() else None


class SlopeView(QWidget):
    """Points with tangents: steep where much gradient goes through, flat where it stops."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("slopes")
        self.setAccessibleName("Slope at each element")
        self._bridge = bridge
        self.slopes: Slopes | None = None
        self._flat = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_slopes(self, slopes: Slopes | None) -> None:
        """Show the points, or hide."""
        self.slopes = slopes
        self.setVisible(slopes is not None)
        if slopes is not None:
            text = f"{slopes.y_name} over {slopes.x_name}: slopes {', '.join(short(float(v)) for v in slopes.slope)}"
            self.setAccessibleDescription(text)
            self.setToolTip("Each point is one element. Its tangent is the local derivative that the gradient is multiplied by.")
        self.update()

    def set_flat(self, on: bool) -> None:
        """Lower, for a strip of cards."""
        self._flat = on
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """A small square picture."""
        return QSize(150, 112) if self._flat else QSize(210, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, tangents and points."""
        found, theme = self.slopes, self._bridge.theme
        if found is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(10, 20, self.width() - 20, self.height() - 40)
        (x0, x1), (y0, y1) = _padded(found.x), _padded(found.y)
        sx, sy = box.width() / (x1 - x0), box.height() / (y1 - y0)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.drawLine(box.bottomLeft(), box.topLeft())
        for zero, line in ((x0 < 0 < x1, "x"), (y0 < 0 < y1, "y")):
            if zero:
                painter.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DotLine))
                at = QPointF(box.left() - x0 * sx, box.bottom() + y0 * sy)
                upright = (QPointF(at.x(), box.top()), QPointF(at.x(), box.bottom()))
                level = (QPointF(box.left(), at.y()), QPointF(box.right(), at.y()))
                painter.drawLine(*(upright if line == "x" else level))
        reach = max(10.0, min(26.0, box.width() / (len(found.x) + 1)))
        painter.setClipRect(box.adjusted(-4, -4, 4, 4))
        for x, y, slope in zip(found.x, found.y, found.slope, strict=True):
            point = QPointF(box.left() + (x - x0) * sx, box.bottom() - (y - y0) * sy)
            dx, dy = 1.0, -slope * sy / sx
            length = float(np.hypot(dx, dy))
            step = QPointF(dx / length * reach, dy / length * reach)
            painter.setPen(QPen(QColor(theme.value), 2))
            painter.drawLine(point - step, point + step)
            painter.setPen(QPen(QColor(theme.window), 1))
            painter.setBrush(QColor(theme.text))
            painter.drawEllipse(point, 3.2, 3.2)
        painter.setClipping(False)
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        room = self.width() - 20
        told = (f"{found.y_name}, slope at each element", f"slopes of {found.y_name}")
        words = next((text for text in told if painter.fontMetrics().horizontalAdvance(text) <= room), "slopes")
        painter.drawText(QRectF(10, 0, room, 16), Qt.AlignmentFlag.AlignLeft, words)
        painter.drawText(QRectF(10, self.height() - 17, self.width() - 20, 16), Qt.AlignmentFlag.AlignRight, f"{found.x_name} →")
        painter.end()


def _padded(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = 0.18 * (high - low) if high > low else max(1.0, abs(low)) * 0.5
    return low - pad, high + pad

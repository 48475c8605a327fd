"""Layers: what of the still picture changes seldomer than the cards: the ground below them, the minimap above them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from gradviz.debugger.scene import Moment

from ...style.theme import Theme
from ..geometry import Geometry
from . import minimap
from .kept_picture import KeptPicture
from .picture import paint_ground


class Layers:
    """The last pictures of them. Hot path: each frame while the mouse drags through time."""

    def __init__(self) -> None:
        self.minimap = KeptPicture()
        self._ground: QPixmap | None = None
        self._ground_of: object = None
        self._rows: tuple[object, minimap.Rows] | None = None

    def paint_ground(self, p: QPainter, corner: QPointF, shown: QRectF, scale: float, theme: Theme) -> None:
        """The canvas's own colour and its dots; kept from the second time on: while the eye moves there is none to be copied."""
        device = p.device()
        size = QRectF(0, 0, device.width(), device.height())
        wanted = (corner, shown, scale, theme, size.size(), device.devicePixelRatioF())
        if wanted != self._ground_of:
            self._ground_of, self._ground = wanted, None
            _paint_ground(p, size, corner, shown, scale, theme)
            return
        if self._ground is None:
            ratio = device.devicePixelRatioF()
            self._ground = QPixmap(device.width(), device.height())
            self._ground.setDevicePixelRatio(ratio)
            q = QPainter(self._ground)
            q.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_ground(q, size, corner, shown, scale, theme)
            q.end()
        p.drawPixmap(0, 0, self._ground)

    def paint_minimap(self, p: QPainter, made: Geometry, moment: Moment | None, shown: QRectF, box: QRectF, theme: Theme) -> None:
        """The whole graph in a corner."""
        places = (made.rects.tobytes(), box.getRect())  # while cards settle they move in place
        if self._rows is None or self._rows[0] != places:
            self._rows = places, minimap.spots(made, box)
        rows = self._rows[1]
        computed = minimap.born(made, rows, moment)
        of = (places, made.graph, computed, theme)
        self.minimap.paint(p, box, of, lambda q: minimap.paint_blocks(q, made, rows, computed, box, theme))
        minimap.paint_eye(p, made, shown, box, theme)


def _paint_ground(p: QPainter, all_of_it: QRectF, corner: QPointF, shown: QRectF, scale: float, theme: Theme) -> None:
    p.setBackground(QColor(theme.window))
    p.eraseRect(all_of_it)  # of `fillRect` PySide would make the 169 names of its gradients
    p.save()
    p.translate(corner)
    p.scale(scale, scale)
    paint_ground(p, shown, theme, scale)
    p.restore()

"""KeptPicture: a part of the still picture that looks the same in most frames: it is painted when it changes, and copied else."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap


class KeptPicture:
    """The last look of one part."""

    def __init__(self) -> None:
        self._of: object = None
        self._picture: QPixmap | None = None
        self.painted = 0  # tests watch it

    def paint(self, p: QPainter, box: QRectF, of: object, paint: Callable[[QPainter], None]) -> None:
        """Paint what stands in `box` (whole pixels, in the widget).

        Args:
            of: all that the look hangs on, to be compared.
            paint: paints it anew, in the widget's coordinates.
        """
        ratio = p.device().devicePixelRatioF()
        wanted = (of, box.getRect(), ratio)
        if self._picture is None or wanted != self._of:
            self._of = wanted
            self._picture = QPixmap(ceil((box.width() + 2) * ratio), ceil((box.height() + 2) * ratio))  # a line around it is half outside
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            q = QPainter(self._picture)
            q.setRenderHint(QPainter.RenderHint.Antialiasing)
            q.translate(QPointF(1, 1) - box.topLeft())
            paint(q)
            q.end()
            self.painted += 1
        p.drawPixmap(box.topLeft() - QPointF(1, 1), self._picture)

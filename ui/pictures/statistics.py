"""StatisticsRow: norm, range, mean and the counts of zeros, nan and inf; bad ones red with a sign."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import SMALL_PX, mono_font, ui_font
from .numbers import fitted, short

if TYPE_CHECKING:
    from gradviz.debugger.scene import Picture

    from ..bridge import Bridge

_LINE = 34
_LEAST_COLUMNS = 3
_CELL = 58  # room for a number of seven characters
NO_NUMBER = "–"  # the mean of elements of which none is finite


def paint_alarm(painter: QPainter, box: QRectF, colour: QColor, ground: QColor) -> None:
    """A warning triangle: errors are never told by colour alone."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()]))
    painter.setPen(ground)
    painter.setFont(ui_font(max(8, round(box.height() * 0.72)), bold=True))
    painter.drawText(box.adjusted(0, box.height() * 0.18, 0, 0), Qt.AlignmentFlag.AlignCenter, "!")
    painter.restore()


class StatisticsRow(QWidget):
    """Small cells: a name above a number."""

    def __init__(self, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name.replace(" ", "_"))
        self.setAccessibleName(name)
        self._bridge = bridge
        self._cells: list[tuple[str, str, bool]] = []
        self._values: list[float] = []  # of the cells
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_picture(self, picture: Picture | None) -> None:
        """Show the statistics of a value; hidden without one."""
        before, self._cells = len(self._cells), []
        bad = False
        if picture is not None:
            stats = picture.stats
            size = " |z|" if picture.array is not None and picture.array.dtype.kind == "c" else ""  # complex numbers have no order
            numbers = ((f"min{size}", stats.minimum), (f"max{size}", stats.maximum), (f"mean{size}", stats.mean))
            broken = ((label, count, True) for label, count in (("nan", stats.nans), ("inf", stats.infs)) if count)
            counts = (("zeros", stats.zeros, False), *broken)  # of what there is none nothing is said: the gradient below is worth the room
            bad = stats.nans > 0 or stats.infs > 0
            self._cells = [("norm", short(stats.whole_norm), False)]
            self._cells += [(label, short(value) if stats.some_finite else NO_NUMBER, False) for label, value in numbers]
            self._cells += [(label, str(count), alarming) for label, count, alarming in counts]
            self._values = [stats.whole_norm, *(value for _, value in numbers), *(float(count) for _, count, _ in counts)]
        self.setVisible(picture is not None and (bad or math.prod(picture.stats.shape) > 1))
        self.setAccessibleDescription(self.text())
        if len(self._cells) != before:
            self.updateGeometry()
        self.update()

    def alarms(self) -> tuple[str, ...]:
        """The names of the cells that are red: "nan", "inf"."""
        return tuple(label for label, _, alarming in self._cells if alarming)

    def written(self, k: int) -> str:
        """The number of a cell as it is drawn: with as many digits as leave a gap before the next column."""
        _, value, alarming = self._cells[k]
        room = int((self.width() / self._columns() - (17 if alarming else 0)) / QFontMetricsF(mono_font(12)).horizontalAdvance("0") - 0.7)
        return value if len(value) <= room else fitted(self._values[k], room) or value

    def text(self) -> str:
        """What a screen reader says."""
        return ", ".join(f"{label} {value}" for label, value, _ in self._cells)

    def sizeHint(self) -> QSize:
        """One line; more where not all numbers fit side by side."""
        return QSize(200, -(-max(len(self._cells), 1) // self._columns()) * _LINE)

    def _columns(self) -> int:
        return min(max(self.width() // _CELL, _LEAST_COLUMNS), max(len(self._cells), _LEAST_COLUMNS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that the new width needs."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells."""
        theme = self._bridge.theme
        painter = QPainter(self)
        columns = self._columns()
        width = self.width() / columns
        for k, (label, _, alarming) in enumerate(self._cells):
            x, y = (k % columns) * width, (k // columns) * _LINE
            painter.setFont(ui_font(SMALL_PX))
            painter.setPen(QColor(theme.error if alarming else theme.muted))
            painter.drawText(QRectF(x, y, width, 14), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
            shift = 0
            if alarming:
                paint_alarm(painter, QRectF(x, y + 16, 13, 12), QColor(theme.error), QColor(theme.surface))
                shift = 17
            painter.setFont(mono_font(12))
            painter.setPen(QColor(theme.error if alarming else theme.text))
            number = QRectF(x + shift, y + 14, width - shift, 16)
            painter.drawText(number, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.written(k))
        painter.end()

"""ArrayView: a value as numbers when they fit, as a heat map when they are many."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..style.theme import FONT_PX, SMALL_PX, Theme, mono_font, ui_font
from .heat import heat_colour, limit_of, paint_heat, paint_scale
from .numbers import brief, brief_complex, fitted, shape_text, short, torch_format

if TYPE_CHECKING:
    from gradviz.debugger.scene import Picture

    from ..bridge import Bridge

Array = np.ndarray[Any, Any]

_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
GRID = 8  # rows and columns that are written out
_ROW = 22  # height of a row of numbers
_INDEX = 30  # room for the index before a wrapped row
_SCALE = 26  # the heat map's scale
_FOOT = 24  # the pager of arrays of more than two axes


class ArrayView(QWidget):
    """Paints one value; arrays of more than two axes page by page.

    Left / Right and a click on the arrows turn the page; the tooltip tells index and number of a cell.
    """

    def __init__(self, bridge: Bridge, name: str, parent: QWidget | None = None, quantity: str = "value") -> None:
        """`quantity` names the colours: "value" or "gradient"."""
        super().__init__(parent)
        self._quantity = quantity
        self.setObjectName(name.replace(" ", "_"))
        self.setAccessibleName(name)
        self._bridge = bridge
        self._picture: Picture | None = None
        self._none = "None"
        self._page, self._turned = 0, False  # turned: by the user, who wants to stay there
        self._written: list[list[str]] | None = None  # the numbers of the page, while it is the same
        self._told_height = -1
        self.centred = False
        self.tallest = 168.0  # of a heat map
        self.most_written = (GRID, GRID)  # rows and columns of numbers
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        bridge.theme_changed.connect(self.update)

    # What is shown.

    def show_as(self, name: str, quantity: str) -> None:
        """Be the view of another quantity."""
        if quantity != self._quantity or self.accessibleName() != name:
            self._quantity = quantity
            self.setObjectName(name.replace(" ", "_"))
            self.setAccessibleName(name)
            self.update()

    def set_picture(self, picture: Picture | None, none: str = "None") -> None:
        """Show a value; `none` is said where there is none."""
        if picture is not None and picture is self._picture and none == self._none:
            return
        if picture is None or self._picture is None or picture.stats.shape != self._picture.stats.shape:
            self._page, self._turned = 0, False
        self._picture, self._none, self._written = picture, none, None
        if not self._turned:
            self._page = self._page_to_look_at()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.pages > 1 else Qt.FocusPolicy.NoFocus)
        self.setAccessibleDescription(self.text())
        if self.sizeHint().height() != self._told_height:  # a new layout of the panel for each number would take longer than its paint
            self._told_height = self.sizeHint().height()
            self.updateGeometry()
        self.update()

    def _page_to_look_at(self) -> int:
        """The first page with a number that is none, which one looks for; else the first."""
        array, stats = self._array(), self._picture.stats if self._picture is not None else None
        if array is None or stats is None or self.pages == 1 or not (stats.nans or stats.infs):
            return 0
        bad = np.isnan(array) if stats.nans else np.isinf(array)
        return int(bad.reshape(self.pages, -1).any(axis=1).argmax())

    @property
    def pages(self) -> int:
        """How many planes the array has."""
        array = self._array()
        return 1 if array is None or array.ndim <= 2 else max(1, math.prod(array.shape[:-2]))

    @property
    def is_grid(self) -> bool:
        """Whether numbers are written out (else: a heat map, a sentence or nothing)."""
        plane = self._plane()
        return plane is not None and plane.size > 0 and plane.shape[0] <= self.most_written[0] and plane.shape[1] <= self.most_written[1]

    def write_at_most(self, rows: int, columns: int) -> None:
        """Be a heat map where more numbers would have to be written."""
        if self.most_written != (rows, columns):
            self.most_written, self._written = (rows, columns), None
            self.setAccessibleDescription(self.text())
            self.updateGeometry()
            self.update()

    def texts(self) -> list[list[str]]:
        """The numbers of the page as they are written out, row by row."""
        if self._written is None:
            self._written = self._write()
        return self._written

    def _write(self) -> list[list[str]]:
        plane, array = self._plane(), self._array()
        if plane is None or array is None or not self.is_grid:
            return []
        write = torch_format(array)
        wrapped = self._wrapped()
        flat = [write(v) for v in plane.reshape(-1).tolist()]
        count = array.size if wrapped else plane.size
        columns = plane.shape[1]
        return [flat[k : min(k + columns, count)] for k in range(0, count, columns)]

    def text(self) -> str:
        """What a screen reader says."""
        if self._picture is None:
            return self._none
        if self.is_grid:
            return "; ".join(", ".join(row) for row in self.texts())
        stats = self._picture.stats
        span = f", from {short(stats.minimum)} to {short(stats.maximum)}" if stats.some_finite else ""
        return f"{shape_text(stats.shape)}, norm {short(stats.whole_norm)}{span}"

    def _array(self) -> Array | None:
        return self._picture.array if self._picture is not None else None

    def _wrapped(self) -> bool:
        """Whether a row of numbers is broken into several lines, as PyTorch prints it."""
        array, (rows, columns) = self._array(), self.most_written
        return bool(array is not None and array.ndim == 1 and columns == GRID < array.size <= GRID * rows)

    def _plane(self) -> Array | None:
        """The page as two axes."""
        array = self._array()
        if array is None:
            return None
        if self._wrapped():
            rows = -(-array.size // GRID)
            padded = np.zeros(rows * GRID, array.dtype)
            padded[: array.size] = array
            lines: Array = padded.reshape(rows, GRID)
            return lines
        if array.ndim <= 2:
            flat: Array = array.reshape(1, -1) if array.ndim < 2 else array
            return flat
        planes = array.reshape(-1, *array.shape[-2:]) if array.size else array.reshape(1, 0, 0)
        page: Array = planes[min(self._page, len(planes) - 1)]
        return page

    # Size.

    def sizeHint(self) -> QSize:
        """As high as the numbers or the heat map need."""
        return QSize(240, self._content_height() + (_FOOT if self.pages > 1 else 0))

    def minimumSizeHint(self) -> QSize:
        """As narrow as a heat map is still readable."""
        return QSize(60, self.sizeHint().height())

    def _content_height(self) -> int:
        plane = self._plane()
        if plane is None or not plane.size:
            return max(_ROW, self._words_rect().height() + 6)
        if self.is_grid:
            return _ROW * len(self.texts()) + 2
        rows, columns = plane.shape
        height = min(self.tallest, max(18.0, 260.0 * float(rows) / float(columns)))
        return round(height) + _SCALE + 4

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, plane = self._bridge.theme, self._plane()
        if plane is None or not plane.size:
            self._paint_words(painter, theme)
        elif self.is_grid:
            self._paint_grid(painter, theme, plane)
        else:
            real = np.abs(plane) if plane.dtype.kind == "c" else plane
            limit = self._limit()
            paint_heat(painter, self._heat_rect(plane), real, theme, limit, self._quantity)
            box = self._heat_rect(plane)
            paint_scale(painter, QRectF(box.left(), box.bottom() + 4, box.width(), _SCALE - 4), limit, theme, self._quantity)
        if self.pages > 1:
            self._paint_pager(painter, theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selection), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _limit(self) -> float:
        """The ends of the colour scale: the same on all pages."""
        array = self._array()
        return limit_of(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)) if array is not None else 0.0

    def _words(self) -> str:
        """What is said where there are no numbers."""
        if self._picture is None:
            return self._none
        if self._picture.array is None:
            return "numbers not kept (statistics only)"
        return f"no elements: shape {tuple(self._picture.stats.shape)}"

    def _words_rect(self) -> QRect:
        """The room that the words take, in as many lines as they need."""
        return QFontMetrics(ui_font(FONT_PX)).boundingRect(0, 0, max(self.width(), 60), 1000, int(_WRAPPED), self._words())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words need more lines where there is less room."""
        super().resizeEvent(event)
        if self._plane() is None and self.sizeHint().height() != self._told_height:
            self._told_height = self.sizeHint().height()
            self.updateGeometry()

    def _paint_words(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(ui_font(FONT_PX))
        painter.setPen(QColor(theme.muted))
        painter.drawText(self.rect(), int(_WRAPPED), self._words())

    def _grid_rect(self, plane: Array) -> QRectF:
        left = _INDEX if self._wrapped() else 0
        width = min(self.width() - left - 1.0, plane.shape[1] * 96.0)
        return QRectF(left + 0.5 + self._shift(left + width), 0.5, width, _ROW * len(self.texts()))

    def _shift(self, width: float) -> float:
        """How far the picture stands from the left edge."""
        return max(0.0, (self.width() - 1 - width) // 2) if self.centred else 0.0

    def _fit(self, rows: list[list[str]], plane: Array, width: float) -> tuple[int, Callable[[Any], str] | None]:
        """Font size, and another format where PyTorch's is too wide for the cells."""
        if plane.dtype.kind == "c":
            return self._fit_complex(plane, width)
        for write in (None, brief):
            texts = [text for row in rows for text in row] if write is None else [brief(float(v)) for v in np.abs(plane.reshape(-1))]
            longest = max(texts, key=len) + ("-" if write is not None else "")
            for px in (12, 11, 10):
                if QFontMetricsF(mono_font(px)).horizontalAdvance(longest) + 6 <= width:
                    return px, write
        room = int((width - 2) / QFontMetricsF(mono_font(9)).horizontalAdvance("0"))
        unread = sum(fitted(float(v), room) is None for v in np.abs(plane.reshape(-1)))
        dots = "…" if 2 * unread <= plane.size else ""  # a row of nothing but dots says less than the colours alone
        return 9, lambda value: fitted(float(value), room) or dots

    def _fit_complex(self, plane: Array, width: float) -> tuple[int, Callable[[Any], str] | None]:
        """Real and imaginary part in fewer digits; only where there is no room for both, the absolute values, as such."""
        ways: tuple[Callable[[Any], str], ...] = (torch_format(plane), brief_complex, lambda value: f"|{brief(abs(value))}|")
        for write in ways:
            longest = max((write(v) for v in plane.reshape(-1).tolist()), key=len)
            for px in (12, 11, 10, 9):
                if QFontMetricsF(mono_font(px)).horizontalAdvance(longest) + 6 <= width:
                    return px, write
        return 9, lambda _: "…"

    def _paint_grid(self, painter: QPainter, theme: Theme, plane: Array) -> None:
        box, rows = self._grid_rect(plane), self.texts()
        width = box.width() / plane.shape[1]
        px, write = self._fit(rows, plane, width)
        limit = self._limit()
        strength = 0.55 if plane.size > 1 else 0.0  # one number has nothing to be compared with
        complex_ = plane.dtype.kind == "c"
        for i, row in enumerate(rows):
            if self._wrapped():
                painter.setFont(mono_font(9))
                painter.setPen(QColor(theme.muted))
                index = QRectF(box.left() - _INDEX, box.top() + i * _ROW, _INDEX - 4, _ROW)
                painter.drawText(index, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"[{i * GRID}]")
            for j, text in enumerate(row):
                value = plane[i, j]
                cell = QRectF(box.left() + j * width, box.top() + i * _ROW, width, _ROW).adjusted(0.5, 0.5, -0.5, -0.5)
                number = abs(complex(value)) if complex_ else float(value)
                painter.fillRect(cell, heat_colour(number, limit, theme, strength if np.isfinite(number) else 0.7, self._quantity))
                painter.setFont(mono_font(px))
                painter.setPen(QColor(theme.text))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text if write is None else write(value if complex_ else number))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)

    def _heat_rect(self, plane: Array) -> QRectF:
        height = self._content_height() - _SCALE - 4.0
        rows, columns = plane.shape
        width = min(self.width() - 1.0, max(90.0, height * columns / rows))
        return QRectF(0.5 + self._shift(width), 0.5, width, height)

    # Pages.

    def _paint_pager(self, painter: QPainter, theme: Theme) -> None:
        foot = QRectF(0, self.height() - _FOOT, self.width(), _FOOT)
        array = self._array()
        index = ", ".join(map(str, np.unravel_index(self._page, array.shape[:-2]))) if array is not None else ""
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.text))
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, f"[{index}, :, :]   {self._page + 1} of {self.pages}")
        for left, words, live in ((True, "◀", self._page > 0), (False, "▶", self._page < self.pages - 1)):
            painter.setPen(QColor(theme.text if live else theme.border))
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            painter.drawText(foot.adjusted(8, 0, -8, 0), side | Qt.AlignmentFlag.AlignVCenter, words)

    def turn(self, pages: int) -> None:
        """Turn to a later (or earlier) page."""
        self._page, self._turned = max(0, min(self._page + pages, self.pages - 1)), True
        self._written = None
        self.setAccessibleDescription(self.text())
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right turn the page."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.pages == 1:
            super().keyPressEvent(event)
        else:
            self.turn(step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The arrows of the pager."""
        if self.pages > 1 and event.position().y() >= self.height() - _FOOT:
            self.turn(-1 if event.position().x() < self.width() / 2 else 1)
        else:
            super().mousePressEvent(event)

    # Cells.

    def cell_at(self, point: QPointF) -> tuple[int, ...] | None:
        """The index of the element under a point."""
        plane, array = self._plane(), self._array()
        if plane is None or array is None or not plane.size:
            return None
        box = self._grid_rect(plane) if self.is_grid else self._heat_rect(plane)
        if not box.contains(point):
            return None
        rows, columns = plane.shape
        i = min(rows - 1, int((point.y() - box.top()) / box.height() * rows))
        j = min(columns - 1, int((point.x() - box.left()) / box.width() * columns))
        if array.ndim < 2:
            return (() if array.ndim == 0 else (i * columns + j,)) if i * columns + j < max(1, array.size) else None
        return (*(int(k) for k in np.unravel_index(self._page, array.shape[:-2])), i, j)

    def event(self, event: QEvent) -> bool:
        """Tell index and number of the cell under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index, array = self.cell_at(QPointF(event.pos())), self._array()
            if index is None or array is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), f"[{', '.join(map(str, index))}] = {array[index]}", self)
            return True
        return super().event(event)

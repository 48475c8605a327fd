"""The Jacobian as a grid: the incoming gradient beside its rows, what goes on under its columns."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.idea_pictures.jacobian import Jacobian

from ..style.theme import SMALL_PX, Theme, mono_font, ui_font
from .heat import Array, heat_colour, heat_image, limit_of
from .hit import Hit
from .numbers import brief, shape_text

CELL_MOST, CELL_TEXT = 54.0, 30.0
HEAD, GAP, LINES = 20.0, 12.0, 34.0  # LINES: two lines of words


def caption(found: Jacobian) -> str:
    """What the picture says, in words."""
    shape = f"{found.matrix.shape[0]} × {found.matrix.shape[1]}"
    if found.is_diagonal and found.matrix.shape[0] > 1:
        return f"{found.grad_fn}: {shape}, but only its diagonal is not 0: so multiplying element by element is enough."
    rule = "Each row times its entry of the incoming gradient, added down the columns, is what goes on to"
    return f"{found.grad_fn}: {shape}. {rule} {found.input}."


def paint(p: QPainter, rect: QRectF, found: Jacobian, theme: Theme) -> list[Hit]:
    """Draw v at the left, J in the middle, v·J below."""
    rows, columns = found.matrix.shape
    cell = min(CELL_MOST, (rect.width() - 150) / (columns + 1.4), (rect.height() - 2 * HEAD - GAP - 8) / (rows + 1))
    cell = max(cell, 2.0)
    wide = min(CELL_MOST * 1.25, max(cell, (rect.width() - 150) / (columns + 1.4))) if columns <= 8 else cell
    left = rect.left() + 110 + wide
    top = rect.top() + HEAD + 4
    grid = QRectF(left, top, columns * wide, rows * cell)
    v = QRectF(left - GAP - wide, top, wide, rows * cell)
    below = QRectF(left, grid.bottom() + GAP, columns * wide, cell)
    _cells(p, grid, found.matrix, theme, "value", diagonal=True)
    _cells(p, v, found.v.reshape(-1, 1), theme, "gradient")
    _cells(p, below, found.product.reshape(1, -1), theme, "gradient")
    flags = Qt.AlignmentFlag
    p.setFont(ui_font(SMALL_PX, bold=True))
    p.setPen(QColor(theme.text))
    aside = flags.AlignRight | flags.AlignVCenter
    head = QRectF(left, rect.top(), max(grid.width(), 260), HEAD)
    p.drawText(head, flags.AlignLeft | flags.AlignVCenter, f"∂{found.output}/∂{found.input}")
    p.setPen(QColor(theme.gradient))
    beside = QRectF(rect.left(), v.center().y() - max(v.height(), LINES) / 2, v.left() - rect.left() - 8, max(v.height(), LINES))
    p.drawText(beside, aside, f"comes in\n{_shape(found.output_shape)}")
    foot = QRectF(rect.left(), below.top() - 6, below.left() - rect.left() - 8, below.height() + 12)
    p.drawText(foot, aside, f"goes on {_shape(found.input_shape)}")
    return [Hit(grid, caption(found), found.event)]


def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape)


def _cells(p: QPainter, area: QRectF, numbers: Array, theme: Theme, role: str, *, diagonal: bool = False) -> None:
    """Cells in the diverging colours; numbers in them where they fit, zeros of a grid left faint."""
    rows, columns = numbers.shape
    limit = limit_of(numbers)
    width, height = area.width() / columns, area.height() / rows
    text = width >= CELL_TEXT and height >= 15
    if text:
        p.setFont(mono_font(SMALL_PX if width >= 40 else SMALL_PX - 1))
        for i in range(rows):
            for j in range(columns):
                box = QRectF(area.left() + j * width, area.top() + i * height, width, height)
                value = float(numbers[i, j])
                p.fillRect(box, heat_colour(value, limit, theme, 0.75, role))
                p.setPen(QColor(theme.muted if diagonal and value == 0 else theme.text))
                p.drawText(box, Qt.AlignmentFlag.AlignCenter, brief(value))
    else:  # thousands of cells as one picture: one by one they would hold the window up
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        p.drawImage(area, heat_image(numbers, theme, limit, role))
    if width >= 6 and height >= 6:
        p.setPen(QPen(QColor(theme.window), 1))
        for j in range(1, columns):
            p.drawLine(int(area.left() + j * width), int(area.top()), int(area.left() + j * width), int(area.bottom()))
        for i in range(1, rows):
            p.drawLine(int(area.left()), int(area.top() + i * height), int(area.right()), int(area.top() + i * height))
    p.setPen(QPen(QColor(theme.border), 1))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(area)

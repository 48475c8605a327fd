"""A card as it is seen from further away: a block with its bar, and its name where that can be read."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen

from gradviz.debugger.scene import GraphNode, NodeState, Status

from ...pictures.heat import blend
from ...style.theme import Theme, ui_font
from .card import bar_colour, elided, paint_warning

LEAST_PX = 5.0  # of letters that can be read
LONGEST = 12  # letters of a name that a line stands for


def _title_px(height: float) -> int:
    """The size of the name on a card that is seen from further away."""
    return int(height * 0.3)


def legible(height: float, scale: float) -> bool:
    """Whether the name on a card of some height can be read from further away, at so many pixels for one; else a line stands for it."""
    return _title_px(height) * scale >= LEAST_PX


def length_of(title: str) -> int:
    """How long the line is that stands for a name, in letters: cards that look alike are painted once."""
    return min(len(title) + 1, LONGEST) // 2 * 2


def paint_simple(p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme) -> None:
    """A card seen from further away: a block with its bar and, where it fits, its name."""
    ghost = state is None or state.status == Status.UNBORN
    p.fillRect(rect, blend(QColor(theme.window), QColor(theme.surface), 0.5) if ghost else QColor(theme.raised))
    p.fillRect(QRectF(rect.left(), rect.top(), rect.width() * 0.06, rect.height()), QColor(bar_colour(node.kind, theme)))
    if state is not None and state.status >= Status.FIRED:
        p.fillRect(QRectF(rect.left(), rect.bottom() - rect.height() * 0.1, rect.width(), rect.height() * 0.1), QColor(theme.gradient))
    colour, room = QColor(theme.muted if ghost else theme.text), rect.adjusted(rect.width() * 0.1, 0, -4, 0)
    in_pixels = p.paintEngine().type() == QPaintEngine.Type.Raster  # others are read at any size
    if not in_pixels or legible(rect.height(), p.worldTransform().m11() * p.device().devicePixelRatioF()):
        elided(p, room, node.title, ui_font(_title_px(rect.height())), colour)
    else:
        colour.setAlphaF(0.4)
        line = min(room.width(), length_of(node.title) * 0.55 * _title_px(rect.height()))
        p.fillRect(QRectF(room.left(), rect.center().y() - rect.height() * 0.08, line, rect.height() * 0.16), colour)
    held = (state.value, state.grad) if state is not None else ()
    if any(picture is not None and (picture.stats.nans or picture.stats.infs) for picture in held):
        p.setPen(QPen(QColor(theme.error), rect.height() * 0.06))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(rect)
        paint_warning(p, rect.topRight(), theme, rect.height() / 50)

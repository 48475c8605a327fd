"""Where the eye should stand: the scale and the offset that show a part of a graph in a widget of a size."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF

from gradviz.debugger.scene import NodeKind

from ..geometry import Geometry

MARGIN = 28.0  # room around the cards
LARGEST = 1.2  # the scale that "fit" does not exceed
NEAR = 0.85  # the scale that a first look at a part of a graph does not exceed: what is around it is to be seen, too
LEAST = 0.55  # the scale below which a first look shows a part: cards would have no room for numbers


def around(made: Geometry, nodes: Iterable[int]) -> QRectF:
    """The rectangle around cards."""
    area = QRectF()
    for node_id in nodes:
        area = area.united(made.rect(node_id))
    return area


def together(made: Geometry, nodes: Iterable[int], room: QSizeF) -> QRectF:
    """The rectangle around the first of some cards and as many more as stand within a room: between those far apart is nothing to see."""
    area = QRectF()
    for node_id in nodes:
        both = area.united(made.rect(node_id))
        if area.isEmpty() or (both.width() <= room.width() and both.height() <= room.height()):
            area = both
    return area


def scale_for(area: QRectF, size: QSize, most: float = LARGEST) -> float:
    """The scale at which an area fills the widget, but not more than `most`."""
    if area.isEmpty():
        return most
    width, height = max(size.width() - 2 * MARGIN, 50), max(size.height() - 2 * MARGIN, 50)
    return min(width / area.width(), height / area.height(), most)


def resting(area: QRectF, bounds: QRectF, scale: float, size: QSize) -> QPointF:
    """The offset that puts an area into the middle; nothing is left blank above or left of the graph while there is more of it opposite."""
    offset = QPointF(size.width() / 2, size.height() / 2) - area.center() * scale
    left, right = offset.x() + bounds.left() * scale - MARGIN, bounds.right() * scale + offset.x() - (size.width() - MARGIN)
    above, below = offset.y() + bounds.top() * scale - MARGIN, bounds.bottom() * scale + offset.y() - (size.height() - MARGIN)
    return offset - QPointF(max(min(left, right), 0), max(min(above, below), 0))


def first_look(made: Geometry, current: tuple[int, ...], size: QSize) -> tuple[QPointF, float] | None:
    """Offset and scale that show the component of the current nodes: of a large one what lies around them. None: it fits as a whole."""
    whole = component(made, current)
    if scale_for(whole, size) >= LEAST or not made.nodes:
        return None
    width, height = (size.width() - 2 * MARGIN) / LEAST, (size.height() - 2 * MARGIN) / LEAST
    near = together(made, current or (made.nodes[0].id,), QSizeF(width, height))
    x = min(max(near.center().x() - width / 2, whole.left()), max(whole.left(), whole.right() - width))
    y = min(max(near.center().y() - height / 2, whole.top()), max(whole.top(), whole.bottom() - height))
    if whole.width() < width:
        x = whole.center().x() - width / 2
    return QPointF(MARGIN, MARGIN) - QPointF(x, y) * LEAST, LEAST


def subject(made: Geometry, size: QSize) -> tuple[int, ...]:
    """What to look at before anything has run: the first thing that ran, and where that is a screen full of data made, what is learned.

    Empty: the first component.
    """
    learned = {node.group for node in made.nodes if node.kind == NodeKind.LOSS}
    if 0 in learned or not made.nodes or scale_for(component(made, ()), size) >= LEAST:
        return ()
    return next(((node.id,) for node in made.nodes if node.group in learned and node.kind == NodeKind.PARAMETER), ())


def component(made: Geometry, nodes: tuple[int, ...]) -> QRectF:
    """The rectangle around the component of nodes; around the first component where they are in none."""
    group = next((n.group for n in made.nodes if n.id in nodes), 0)
    return made.group_rect(group)


def with_its_graph(area: QRectF, made: Geometry, nodes: tuple[int, ...], scale: float, size: QSize) -> QRectF:
    """The component of the nodes in an area, where there is room for all of it."""
    whole = component(made, nodes)
    fits = whole.width() * scale < size.width() - 40 and whole.height() * scale < size.height() - 40
    return whole if fits else area

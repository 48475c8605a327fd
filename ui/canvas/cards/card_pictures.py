"""Cards as pictures: from one event to the next most cards look the same, and are copied.

Hot path: each step, and each frame while the timeline is scrubbed; a card costs about 0.5 ms to paint and 0.02 ms to copy. Far away
in time all cards look otherwise: while the mouse drags they take turns, a few in each frame, and none is more than some frames late.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from gradviz.debugger.scene import GraphNode, NodeState

from ...style.theme import Theme
from .card import paint_card

_MARGIN = 14  # pixels: badges and warnings stand out of a card
_HAIR = 1e-4  # pixels that a card may be left of a whole one by rounding
_MOST = 6_000_000  # pixels of all pictures
HURRIED_SECONDS = 0.002  # of a frame for the cards, while the mouse drags through time


@dataclass(slots=True)
class _Kept:
    """How large a card was when it was last painted, and its picture from the second time on: while the eye zooms it has none."""

    place: tuple[object, ...]
    node: GraphNode | None = None
    state: NodeState | None = None
    picture: QPixmap | None = None
    late: int = 0  # frames in which it had to wait for its turn


class CardPictures:
    """The last picture of each card."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._pixels = 0
        self.painted = 0  # tests and benchmarks watch it
        self.late = 0  # frames that the card waits which has waited longest, 0: all of them are as they should be
        self._until: float | None = None
        self._first: frozenset[int] = frozenset()
        self._longest = 0  # frames that a card had waited when this one began

    def begin(self, *, hurried: bool, first: tuple[int, ...] = ()) -> None:
        """A frame begins. `hurried`: cards may wait for their turn, but those that are looked at (`first`, node ids)."""
        self._until = perf_counter() + HURRIED_SECONDS if hurried else None
        self._first = frozenset(first)
        self._longest, self.late = self.late, 0

    def _waits(self, kept: _Kept, node_id: int) -> bool:
        """Whether a card keeps its last look in this frame; those go before it that have waited longer."""
        if self._until is None or node_id in self._first:
            return False
        return kept.late < self._longest or perf_counter() > self._until

    def paint(self, p: QPainter, rect: QRectF, node: GraphNode, state: NodeState | None, theme: Theme, scale: float = 1.0) -> None:
        """What `paint_card` paints, pixel by pixel."""
        ratio = p.device().devicePixelRatioF()
        at = p.worldTransform().map(rect.topLeft()) * ratio
        left, top = floor(at.x() + _HAIR), floor(at.y() + _HAIR)
        within = QPointF(round(at.x() - left, 3), round(at.y() - top, 3))
        place = (theme, scale, ratio, rect.width(), rect.height(), within.x(), within.y())
        kept = self._kept.get(node.id)
        if kept is None or kept.place != place:
            self._forget(kept)
            self._kept[node.id] = _Kept(place)
            self.painted += 1
            paint_card(p, rect, node, state, theme, scale)
            return
        margin = ceil(_MARGIN * max(scale, 1.0) * ratio)
        picture = kept.picture
        if picture is not None and kept.state == state and kept.node == node:
            kept.late = 0
        elif picture is not None and self._waits(kept, node.id):
            kept.late += 1
            self.late = max(self.late, kept.late)
        else:
            kept.late = 0
            picture = kept.picture = self._picture(picture, rect, scale * ratio, margin, ratio)
            kept.node, kept.state = node, state
            self.painted += 1
            q = QPainter(picture)
            q.setRenderHint(QPainter.RenderHint.Antialiasing)
            q.translate((within + QPointF(margin, margin)) / ratio)
            q.scale(scale, scale)
            q.translate(-rect.topLeft())
            paint_card(q, rect, node, state, theme, scale)
            q.end()
        p.save()
        p.setWorldTransform(QTransform())
        p.drawPixmap(QPointF(left - margin, top - margin) / ratio, picture)
        p.restore()

    def _picture(self, old: QPixmap | None, rect: QRectF, scale: float, margin: int, ratio: float) -> QPixmap:
        """An empty one for a card; the place is the same, so an old one has the right size."""
        if old is None:
            old = QPixmap(ceil(rect.width() * scale) + 2 * margin + 1, ceil(rect.height() * scale) + 2 * margin + 1)
            old.setDevicePixelRatio(ratio)
            self._pixels += old.width() * old.height()
            if self._pixels > _MOST:
                self._kept.clear()
                self._pixels = 0
        old.fill(Qt.GlobalColor.transparent)
        return old

    def _forget(self, kept: _Kept | None) -> None:
        if kept is not None and kept.picture is not None:
            self._pixels -= kept.picture.width() * kept.picture.height()

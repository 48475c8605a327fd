"""Cards as pictures: a card is painted when what it shows has changed, and copied otherwise.

Hot path: each frame while a slider is dragged; a card costs about 0.6 ms to paint and 0.02 ms to copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from gradviz.document.model import TENSOR
from gradviz.document.run.evaluate import Evaluation

from ...canvas.cards.far import legible, length_of
from ...style.theme import Theme
from ..desk import Desk
from ..layout.shape import Shape
from .paint import NEAR, badges_of, paint_face

Array = np.ndarray[Any, Any]
MARGIN = 12.0  # pixels: badges stand out so far below a card, however small it is seen
MOST = 24_000_000  # pixels of all pictures
ALIKE = 500  # pictures that blocks share; each zoom has others


class CardCache:
    """The last picture of each block, and from so far away that no name can be read one for all blocks that look alike."""

    def __init__(self) -> None:
        self._alike: dict[tuple[object, ...], QPixmap] = {}
        self._pictures: dict[str, tuple[tuple[object, ...], QPixmap]] = {}
        self._pixels = 0
        self.painted = 0  # tests and benchmarks watch it

    def draw(self, p: QPainter, desk: Desk, shape: Shape, theme: Theme, scale: float, at: QPointF) -> None:
        """Draw a block's card, its top left corner at a point of the widget."""
        ratio, margin = p.device().devicePixelRatioF(), _margin(scale) * scale
        key = _key(desk, shape, theme, scale, ratio)
        corner = QPointF(round(at.x() - margin), round(at.y() - margin))
        if scale < NEAR and not legible(shape.rect.height(), scale * ratio):
            picture = self._alike.get(key)
            if picture is None:
                if len(self._alike) >= ALIKE:
                    self._alike.clear()
                picture = self._alike[key] = self._paint(desk, shape, theme, scale, ratio)
            p.drawPixmap(corner, picture)
            return
        known = self._pictures.get(shape.block.id)
        if known is None or known[0] != key:
            made = self._paint(desk, shape, theme, scale, ratio)
            self._pixels += made.width() * made.height() - (known[1].width() * known[1].height() if known is not None else 0)
            if self._pixels > MOST:
                self._pictures.clear()
                self._pixels = made.width() * made.height()
            known = self._pictures[shape.block.id] = key, made
        p.drawPixmap(corner, known[1])

    def _paint(self, desk: Desk, shape: Shape, theme: Theme, scale: float, ratio: float) -> QPixmap:
        self.painted += 1
        margin, size = _margin(scale), shape.rect.size()
        # As it looks at the origin: far away half pixels are rounded one way or the other by the last digits of its place.
        here = replace(shape, rect=QRectF(QPointF(), size), output=QPointF(size.width(), size.height() / (1 if shape.upright else 2)))
        made = QPixmap(ceil((size.width() + 2 * margin) * scale * ratio), ceil((size.height() + 2 * margin) * scale * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        p = QPainter(made)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.scale(scale, scale)
        p.translate(margin, margin)
        paint_face(p, desk, here, theme, scale)
        p.end()
        return made


def _margin(scale: float) -> float:
    return MARGIN / min(scale, 1.0)


def shown_otherwise(last: Evaluation, ran: Evaluation, near: Iterable[str]) -> set[str]:
    """The blocks whose cards look otherwise after another run; `near` are those of which the numbers are seen."""
    made = (last.values.keys() ^ ran.values.keys()) | (last.grads.keys() ^ ran.grads.keys())
    for before, after in ((last.requires_grad, ran.requires_grad), (last.grad_fns, ran.grad_fns), (last.problems, ran.problems)):
        made.update(differing_values(before, after))
    if last.loss != ran.loss:
        made.update((last.loss, ran.loss))
    for old, new in ((last.values, ran.values), (last.grads, ran.grads)):
        made.update(b for b in near if not _alike(old.get(b), new.get(b)))
    return made


def differing_values(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """The blocks for which two runs say something else."""
    if before == after:
        return set()
    return {b for b in before.keys() | after.keys() if before.get(b) != after.get(b)}


def _alike(a: Array | None, b: Array | None) -> bool:
    if a is b or a is None or b is None:
        return a is b
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _key(desk: Desk, shape: Shape, theme: Theme, scale: float, ratio: float) -> tuple[object, ...]:
    """Everything that a card shows."""
    block, ran = shape.block, desk.ran
    block_id = block.id
    value, grad = ran.values.get(block_id), ran.grads.get(block_id)
    known = desk.known.get(block_id)
    known_spec = known.spec if known is not None else None
    state = (ran.requires_grad.get(block_id), ran.grad_fns.get(block_id), ran.loss == block_id, block_id in desk.quiet)
    frame = (theme.name, theme.hidden, scale, ratio, shape.rect.height(), shape.upright)
    if scale < NEAR:
        if legible(shape.rect.height(), scale * ratio):
            return block.op, block.name, block.requires_grad, value is None, grad is None, state, frame
        tensor = block.requires_grad if block.op == TENSOR else None
        return tensor, length_of(block.name), value is None, grad is None, state[0], state[2:], frame
    look = (block.op, block.name, block.params, block.value, block.requires_grad, badges_of(desk, block))
    numbers = None if value is None else (value.shape, value.tobytes()), None if grad is None else grad.tobytes()
    return look, numbers, known_spec, state, frame

"""What comparing paints over the cards of a canvas: how far two runs are apart, and the verdicts of the numeric check."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.debugger.check import KINK, NOISY, OK, SKIPPED, WRONG, NodeCheck
from gradviz.debugger.scene import NodeKind

from ..canvas.cards.chips import Chip, chip
from ..canvas.painting.overlay import Overlay
from ..pictures.heat import blend
from ..style.theme import Theme

if TYPE_CHECKING:
    from gradviz.debugger.comparing import NodeDifference

    from ..canvas.geometry import Geometry

LEAST, MOST = 1e-8, 1.0  # relative differences at the ends of the scale


def share_of(difference: float) -> float:
    """Where a relative difference stands on the scale, 0 (the same) to 1."""
    if difference == 0:
        return 0.0
    if not math.isfinite(difference) or difference >= MOST:
        return 1.0
    return 0.12 + 0.88 * float(np.clip(np.log(difference / LEAST) / np.log(MOST / LEAST), 0.0, 1.0))


def difference_colour(difference: float, theme: Theme) -> QColor:
    """From the success green of "the same" over amber to the red of "as large as the value itself"."""
    share = share_of(difference)
    if share == 0:
        return QColor(theme.success)
    return blend(QColor(theme.warning), QColor(theme.error), share)


@dataclass(slots=True)
class DifferenceOverlay(Overlay):
    """Cards coloured by |A - B| / |A|."""

    nodes: dict[int, NodeDifference] = field(default_factory=dict)
    only_here: frozenset[int] = frozenset()  # nodes that the other run does not have
    run: str = "A"

    def paint(self, p: QPainter, geometry: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """See Overlay."""
        for node, row in geometry.row.items():
            rect = QRectF(*geometry.rects[row])
            if not shown.intersects(rect):
                continue
            if node in self.only_here:
                _tint(p, rect, QColor(theme.selection), 0.16)
                chip(p, geometry, row, f"only in {self.run}", QColor(theme.selection), theme, scale, _below(geometry, row))
            elif node in self.nodes:
                apart = self.nodes[node]
                colour = difference_colour(apart.worst, theme)
                _tint(p, rect, colour, 0.05 if apart.worst == 0 else 0.10 + 0.22 * share_of(apart.worst))
                if apart.worst:
                    chip(p, geometry, row, _told(apart), colour, theme, scale, _below(geometry, row))


SIGNS = {OK: "✓", KINK: "∧", WRONG: "✕", NOISY: "≈", SKIPPED: "–"}


COLOURS = {OK: "success", KINK: "warning", WRONG: "error", NOISY: "parameter", SKIPPED: "muted"}  # of the theme; the word stands beside


def chips_of(checks: Iterable[NodeCheck]) -> dict[int, Chip]:
    """What the numeric check says, at the nodes that it looked at."""
    return {c.site: Chip(f"{SIGNS[c.verdict]} {c.verdict}", COLOURS[c.verdict]) for c in checks if c.verdict != SKIPPED}


def _told(apart: NodeDifference) -> str:
    """What the chip of a node says."""
    which = "value" if apart.value >= apart.grad else "grad"
    worst = apart.worst
    if math.isinf(worst):
        return f"{which} differs"
    return (
        f"{which} off by {worst:.0f}×" if worst >= 10 else f"{which} off by {worst:.0%}" if worst >= 0.01 else f"{which} off by {worst:.0e}"
    )


def _tint(p: QPainter, rect: QRectF, colour: QColor, strength: float) -> None:
    ground = QColor(colour)
    ground.setAlphaF(strength)
    p.setPen(QPen(colour, 2.0))
    p.setBrush(ground)
    p.drawRoundedRect(rect, 8, 8)


def _below(geometry: Geometry, row: int) -> bool:
    """Whether a card's chip goes below it: a bucket stands under the cards of the next layer."""
    return geometry.nodes[row].kind == NodeKind.BUCKET

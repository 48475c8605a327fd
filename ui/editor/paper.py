"""The editor's canvas as its parts know it: the document with its shapes, the wire that is chosen, and where the eye stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from gradviz.document import edits
from gradviz.document.model import TENSOR, WireKey
from gradviz.document.palette.catalogue import entry

from ..canvas.graph_widget import GraphWidget
from ..style.theme import Theme
from .layout.shapes import Shapes

if TYPE_CHECKING:
    from ..bridge import Bridge
    from .desk import Desk

BORDER = 48.0  # pixels between a card that was brought into sight and the edge


class Paper(GraphWidget):
    """What gestures, drops and the picture work on."""

    added = Signal(str)  # a block by the quick-add menu: what it needs to be told is asked next

    most_scale = 3.0

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.bridge = bridge
        self.shapes = Shapes(desk.document, None, desk.known)
        self.offset = QPointF(60, 60)
        self.mouse = QPointF(200, 200)  # where the mouse was last, in the widget: new blocks go there
        self.chosen_wire: WireKey | None = None
        self.free_move = False
        self._fresh = True
        self._fitted: tuple[QPointF, float] | None = None  # where `fit` put the eye

    @property
    def theme(self) -> Theme:
        """The look."""
        return self.bridge.theme

    def fit(self) -> None:
        """Show everything."""
        self._fresh = False
        self._show_area(self.shapes.bounds)
        self._fitted = (self.offset, self.scale)

    def zoom_to_selection(self) -> None:
        """Show the selected blocks; everything where none is selected."""
        area = QRectF()
        for i in self.desk.selected:
            area = area.united(self.shapes.blocks[i].rect)
        self._show_area(area if not area.isEmpty() else self.shapes.bounds)

    def _show_area(self, area: QRectF) -> None:
        if area.isEmpty():
            self.scale = 1.0
            self.pan_to(QPointF(60, 60))
            return
        area = area.adjusted(-110, -60, 90, 70)
        self.scale = max(self.least_scale, min(self.width() / area.width(), self.height() / area.height(), 1.0))
        self.pan_to(self.middle - area.center() * self.scale)

    def show_block(self, block_id: str) -> None:
        """Bring a block into sight, and move no further than that: what it is connected to is beside it."""
        shape = self.shapes.blocks.get(block_id)
        if shape is not None:
            self.show_area(shape.rect)

    def show_blocks(self, ids: Iterable[str]) -> None:
        """Bring blocks into sight: all of the graph, where they are more than the widget shows."""
        area, shown = QRectF(), self.shown
        for block_id in ids:
            if block_id in self.shapes.blocks:
                area = area.united(self.shapes.blocks[block_id].rect)
        if area.width() > shown.width() or area.height() > shown.height():
            self.fit()
        else:
            self.show_area(area)

    def show_area(self, area: QRectF) -> None:
        """Bring a part of the graph into sight, and move no further than that."""
        if area.isEmpty() or self.shown.contains(area):
            return
        corner, size = self.to_widget(area.topLeft()), area.size() * self.scale
        x = max(BORDER, min(corner.x(), self.width() - BORDER - size.width()))
        y = max(BORDER, min(corner.y(), self.height() - BORDER - size.height()))
        self.pan_to(self.offset + QPointF(x, y) - corner)

    def add(self, op: str, at: QPointF) -> str:
        """A new block at a point of the widget; gives its id."""
        here = self.to_graph(at)
        made, block_id = edits.add(self.desk.document, op, round(here.x() / 12) * 12, round(here.y() / 12) * 12)
        found = entry(op)
        self.desk.do(f"Add {found.title if found is not None and op != TENSOR else 'a tensor'}", made)
        self.desk.select((block_id,))
        return block_id

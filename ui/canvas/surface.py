"""The canvas as its parts know it: where the cards stand, the moment that they show, and what lies over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from gradviz.debugger.scene import Moment

from .geometry import Geometry
from .graph_widget import GraphWidget
from .painting import minimap
from .painting.overlay import Overlay

if TYPE_CHECKING:
    from ..bridge import Bridge


class Surface(GraphWidget):
    """Keeps a still picture, which is painted again when a part of the canvas asks for it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.geometry_ = Geometry()
        self.overlays: list[Overlay] = []  # painted over the cards, in this order
        self._moment: Moment | None = None
        self._static: QPixmap | None = None
        self._under = 0

    @property
    def moment(self) -> Moment | None:
        """The state on the screen."""
        return self._moment

    @property
    def _current(self) -> tuple[int, ...]:
        """The nodes that the event is at."""
        return self._moment.current if self._moment is not None else ()

    def repaint_all(self) -> None:
        """Paint the still picture again."""
        self._static = None
        self.update()

    # -- what lies over the graph -------------------------------------------------------------------------------

    def lie_under(self, pixels: int) -> None:
        """So many pixels at the bottom lie under a sheet: the minimap stands above it."""
        if pixels != self._under:
            self._under = pixels
            self.repaint_all()

    @property
    def _free_height(self) -> int:
        return self.height() - self._under

    def covered(self) -> list[QRectF]:
        """What lies over the graph, in the widget: the minimap where it is shown, and the legends of overlays."""
        others = [overlay.legend_box(self.width(), self.bridge.theme) for overlay in self.overlays]
        return [*([self._minimap()] if self._minimap_shown() else []), *(box for box in others if not box.isEmpty())]

    def _minimap_shown(self) -> bool:
        return bool(self.geometry_.nodes) and not self.shown.contains(self.geometry_.bounds)

    def _minimap(self) -> QRectF:
        return minimap.place(self.width(), self._free_height, self.geometry_.bounds)

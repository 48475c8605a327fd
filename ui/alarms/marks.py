"""What the alarms say, on the nodes of the canvas: a chip below the node that each of them points at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QColor, QPainter

from gradviz.debugger.alarms import Alarm, Severity
from gradviz.debugger.scene import NodeKind

from ..compare.overlay import Overlay, chip

if TYPE_CHECKING:
    from ..canvas.geometry import Geometry
    from ..canvas.view import CanvasView
    from ..theme import Theme


@dataclass(slots=True)
class AlarmOverlay(Overlay):
    """A chip on each card that an alarm points at."""

    alarms: dict[int, Alarm] = field(default_factory=dict)

    def paint(self, p: QPainter, geometry: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """See Overlay."""
        for node, alarm in self.alarms.items():
            row = geometry.row.get(node)
            if row is None:
                continue
            rect = QRectF(*geometry.rects[row])
            if shown.intersects(rect.adjusted(0, -40, 0, 40)):
                error = alarm.severity == Severity.ERROR
                colour = QColor(theme.error if error else theme.warning)
                # Under a leaf hangs the bucket of its .grad; above an op stands what the lint says.
                below = geometry.nodes[row].kind != NodeKind.PARAMETER
                chip(p, rect, f"{'✕' if error else '▲'} {alarm.title}", colour, theme, scale, below=below)


class AlarmMarks(QObject):
    """Keeps the canvas' chips in step with the alarms that were found."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.overlay = AlarmOverlay()

    def show(self, alarms: tuple[Alarm, ...]) -> None:
        """Mark the first node of each that is more than a hint; of several at one node the worst, which comes first."""
        found: dict[int, Alarm] = {}
        for alarm in alarms:
            if alarm.severity > Severity.HINT and alarm.nodes:
                found.setdefault(alarm.nodes[0], alarm)
        if found == self.overlay.alarms:
            return
        self.overlay.alarms = found
        overlays = self._canvas.overlays
        if found and self.overlay not in overlays:
            overlays.append(self.overlay)
        elif not found and self.overlay in overlays:
            overlays.remove(self.overlay)
        self._canvas.repaint_all()

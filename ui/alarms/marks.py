"""What the alarms say, on the nodes of the canvas: a chip at the node that each of them points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gradviz.debugger.alarms import Alarm, Severity
from gradviz.debugger.scene import NodeKind

from ..canvas.cards.chips import Chip, Chips

if TYPE_CHECKING:
    from ..canvas.view import CanvasView


class AlarmMarks(QObject):
    """Keeps the canvas' chips in step with the alarms that were found."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._bridge = canvas.bridge
        self.chips = Chips(canvas)

    def show(self, alarms: tuple[Alarm, ...]) -> None:
        """Mark the first node of each that is more than a hint; of several at one node the worst, which comes first."""
        graph = self._bridge.graph()
        found: dict[int, Chip] = {}
        for alarm in alarms:
            node = graph.node(alarm.nodes[0]) if graph is not None and alarm.severity > Severity.HINT and alarm.nodes else None
            if node is None:
                continue
            sign, colour = ("✕", "error") if alarm.severity == Severity.ERROR else ("▲", "warning")
            # Under a leaf hangs the bucket of its .grad; above an op stands what the lint says.
            found.setdefault(node.id, Chip(f"{sign} {alarm.title}", colour, below=node.kind != NodeKind.PARAMETER))
        self.chips.show(found)

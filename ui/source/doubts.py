"""What the lint says, on the nodes of the canvas: a chip on the first node of each line that it doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..canvas.cards.chips import Chip, Chips

if TYPE_CHECKING:
    from ..bridge import Bridge
    from ..canvas.view import CanvasView


class Doubts(QObject):
    """Keeps the canvas' chips in step with the lint and the graph."""

    def __init__(self, bridge: Bridge, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._bridge = bridge
        self.chips = Chips(canvas)
        for signal in (bridge.findings_changed, bridge.session_changed, bridge.run_changed):
            signal.connect(self._update)

    def _update(self) -> None:
        graph = self._bridge.graph() if self._bridge.findings and not self._bridge.running else None
        found: dict[int, Chip] = {}
        for finding in self._bridge.findings if graph is not None else ():
            lines = range(finding.line, finding.end_line + 1)
            node = next((node for node in graph.nodes if node.line in lines), None) if graph is not None else None
            if node is not None:
                found.setdefault(node.id, Chip(f"▲ {finding.rule}", "warning"))
        self.chips.show(found)

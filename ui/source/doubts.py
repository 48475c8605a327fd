"""What the lint says, on the nodes of the canvas: a chip on the first node of each line that it doubts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QColor, QPainter

from ..compare.overlay import Overlay, chip

if TYPE_CHECKING:
    from gradviz.debugger.lint import Finding

    from ..bridge import Bridge
    from ..canvas.geometry import Geometry
    from ..canvas.view import CanvasView
    from ..theme import Theme


@dataclass(slots=True)
class DoubtOverlay(Overlay):
    """A chip on each card that a finding is about."""

    findings: dict[int, Finding] = field(default_factory=dict)

    def paint(self, p: QPainter, geometry: Geometry, shown: QRectF, scale: float, theme: Theme) -> None:
        """See Overlay."""
        for node, finding in self.findings.items():
            row = geometry.row.get(node)
            if row is None:
                continue
            rect = QRectF(*geometry.rects[row])
            if shown.intersects(rect.adjusted(0, -40, 0, 0)):
                chip(p, rect, f"▲ {finding.rule}", QColor(theme.warning), theme, scale)


class Doubts(QObject):
    """Keeps the canvas' chips in step with the lint and the graph."""

    def __init__(self, bridge: Bridge, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._bridge = bridge
        self._canvas = canvas
        self.overlay = DoubtOverlay()
        for signal in (bridge.findings_changed, bridge.session_changed, bridge.run_changed):
            signal.connect(self._update)

    def _update(self) -> None:
        graph = self._bridge.graph() if self._bridge.findings and not self._bridge.running else None
        found: dict[int, Finding] = {}
        for finding in self._bridge.findings if graph is not None else ():
            lines = range(finding.line, finding.end_line + 1)
            node = next((node for node in graph.nodes if node.line in lines), None) if graph is not None else None
            if node is not None:
                found.setdefault(node.id, finding)
        if found == self.overlay.findings:
            return
        self.overlay.findings = found
        overlays = self._canvas.overlays
        if found and self.overlay not in overlays:
            overlays.append(self.overlay)
        elif not found and self.overlay in overlays:
            overlays.remove(self.overlay)
        self._canvas.repaint_all()

"""What a teacher draws over the canvas: strokes that stay where they were drawn in the graph."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF


@dataclass(slots=True)
class Stroke:
    """One line of the pen, in points of the graph; `role` is the theme's colour."""

    role: str
    points: list[QPointF] = field(default_factory=list)


class Drawing:
    """The strokes of a presentation. An undo takes back the last stroke, or the last clearing."""

    def __init__(self) -> None:
        self.strokes: list[Stroke] = []
        self._past: list[list[Stroke]] = []

    def begin(self, role: str, at: QPointF) -> None:
        """The pen touches."""
        self._past.append(list(self.strokes))
        self.strokes.append(Stroke(role, [at]))

    def draw(self, at: QPointF) -> None:
        """The pen moves; nothing where it has not touched."""
        if self.strokes:
            self.strokes[-1].points.append(at)

    def undo(self) -> bool:
        """Take the last stroke or clearing back; False where there is none."""
        if not self._past:
            return False
        self.strokes = self._past.pop()
        return True

    def clear(self) -> None:
        """Wipe everything."""
        if self.strokes:
            self._past.append(list(self.strokes))
            self.strokes = []

"""Lanes: where each event stands, and how dense each pixel column is, whatever the number of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradviz.debugger.answers import Timeline, TimelineMark

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
LANES = 3


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of events that is shown: from `start` (at x = 0) to `stop` (at x = width), in events."""

    start: float
    stop: float

    @property
    def span(self) -> float:
        """How many events are shown."""
        return max(1e-9, self.stop - self.start)

    def x_of(self, event: float, width: float) -> float:
        """Where an event begins."""
        return (event - self.start) / self.span * width

    def event_at(self, x: float, width: float) -> int:
        """The event under a point; negative left of the first."""
        return int(np.floor(self.start + x / max(1.0, width) * self.span))

    def zoomed(self, factor: float, x: float, width: float, length: int) -> Window:
        """A window `factor` times as wide that keeps the event at x where it is."""
        share = x / max(1.0, width)
        fixed = self.start + share * self.span
        span = min(float(max(1, length)), max(8.0, self.span * factor))
        return Window(fixed - share * span, fixed + (1 - share) * span).inside(length)

    def panned(self, events: float, length: int) -> Window:
        """The window moved along."""
        return Window(self.start + events, self.stop + events).inside(length)

    def inside(self, length: int) -> Window:
        """The window pushed back between the first and the last event."""
        span = min(self.span, float(max(1, length)))
        start = min(max(0.0, self.start), max(0.0, length - span))
        return Window(start, start + span)


class Lanes:
    """Prefix counts per lane: the density of any column is one subtraction, at a million events as at ten."""

    def __init__(self, timeline: Timeline | None) -> None:
        phases = np.asarray(timeline.phases if timeline is not None else (), np.uint8)
        self.length = len(phases)
        self.phases = phases
        self._before = np.zeros((LANES, self.length + 1), np.int32)
        for lane in range(LANES):
            np.cumsum(phases == lane, out=self._before[lane, 1:])
        self.marks: dict[str, list[TimelineMark]] = {}
        for mark in timeline.marks if timeline is not None else ():
            self.marks.setdefault(mark.kind, []).append(mark)
        self._at = {kind: np.array([mark.event for mark in marks], np.int64) for kind, marks in self.marks.items()}

    def density(self, window: Window, columns: int) -> Floats:
        """For each lane and pixel column the share of its events that are of the lane: (3, columns), 0 to 1."""
        edges = np.clip(np.rint(window.start + np.arange(columns + 1) * (window.span / columns)), 0, self.length).astype(np.int64)
        counts = self._before[:, edges[1:]] - self._before[:, edges[:-1]]
        return np.asarray(counts / np.maximum(1, edges[1:] - edges[:-1]), np.float64)

    def events(self, window: Window) -> range:
        """The events that the window shows, in part or whole."""
        return range(max(0, int(np.floor(window.start))), min(self.length, int(np.ceil(window.stop))))

    def in_view(self, kind: str, window: Window, width: float, apart: float = 1.0) -> list[tuple[float, TimelineMark]]:
        """The marks of a kind that are in the window with their x, at most one for each `apart` pixels."""
        if kind not in self.marks:
            return []
        at = self._at[kind]
        first, last = np.searchsorted(at, (window.start, window.stop))
        x = (at[first:last] - window.start) / window.span * width
        slot = np.floor(x / apart)  # ascending, as the events are
        keep = np.flatnonzero(np.diff(slot, prepend=slot[:1] - 1))
        return [(float(x[k]), self.marks[kind][first + k]) for k in keep.tolist()]

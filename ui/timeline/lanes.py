"""Lanes: where each event stands, and how dense each pixel column is, whatever the number of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradviz.debugger.answers import Timeline
    from gradviz.debugger.session import Session

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
LANES = 3
EVENT_PIXELS = 44  # width of an event from which on it can be named
STEP_PIXELS = 52  # and of a step
_NOTHING: Ints = np.zeros(0, np.int64)


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

    def __init__(self, timeline: Timeline | None, shorter: Lanes | None = None) -> None:
        """`shorter`: the lanes of the same run when it had fewer events; what was counted there is, and its memory goes on in these."""
        phases = np.asarray(timeline.phases if timeline is not None else (), np.uint8)
        self.length = len(phases)
        self.phases = phases
        known = shorter.length if shorter is not None and shorter.length <= self.length else 0
        self._before: np.ndarray[Any, np.dtype[np.int32]]
        if shorter is not None and known and self.length < shorter._before.shape[1]:
            self._before = shorter._before
        else:
            self._before = np.zeros((LANES, (2 if shorter is not None else 1) * self.length + 1), np.int32)
            if shorter is not None and known:
                self._before[:, : known + 1] = shorter._before[:, : known + 1]
        new = slice(known + 1, self.length + 1)
        for lane in range(LANES):
            np.cumsum(phases[known:] == lane, out=self._before[lane, new])
            self._before[lane, new] += self._before[lane, known]
        self.marks = timeline.marks if timeline is not None else None

    def density(self, window: Window, columns: int) -> Floats:
        """For each lane and pixel column the share of its events that are of the lane: (3, columns), 0 to 1."""
        edges = np.clip(np.rint(window.start + np.arange(columns + 1) * (window.span / columns)), 0, self.length).astype(np.int64)
        counts = self._before[:, edges[1:]] - self._before[:, edges[:-1]]
        return np.asarray(counts / np.maximum(1, edges[1:] - edges[:-1]), np.float64)

    def events(self, window: Window) -> range:
        """The events that the window shows, in part or whole."""
        return range(max(0, int(np.floor(window.start))), min(self.length, int(np.ceil(window.stop))))

    def in_view(self, kind: str, window: Window, width: float, apart: float = 1.0) -> list[tuple[float, int]]:
        """The events of the marks of a kind that are in the window with their x, at most one for each `apart` pixels."""
        at = self.events_of(kind)
        first, last = np.searchsorted(at, (window.start, window.stop))
        x = (at[first:last] - window.start) / window.span * width
        slot = np.floor(x / apart)  # ascending, as the events are
        keep = np.flatnonzero(np.diff(slot, prepend=slot[:1] - 1))
        return list(zip(x[keep].tolist(), at[first + keep].tolist(), strict=True))

    def label(self, kind: str, event: int) -> str:
        """What a mark says. Hot path: of hundreds in sight some are written out."""
        return self.marks.mark(kind, event).label if self.marks is not None else ""

    def events_of(self, kind: str) -> Ints:
        """The events of a kind of mark, ascending."""
        return self.marks.at.get(kind, _NOTHING) if self.marks is not None else _NOTHING

    def around(self, window: Window) -> str:
        """The epoch and the step in which the window begins, "" outside loops."""
        words = []
        for kind in ("epoch", "step"):
            at = self.events_of(kind)
            number = int(np.searchsorted(at, window.start, side="right"))
            if number:
                words.append(self.label(kind, int(at[number - 1])))
        return " · ".join(words)

    def level(self, window: Window, width: float) -> str:
        """What there is room for labels of: "epochs", "steps" or "events"."""
        if window.span * EVENT_PIXELS <= width:
            return "events"
        epochs, steps = (int(np.diff(np.searchsorted(self.events_of(kind), (window.start, window.stop)))[0]) for kind in ("epoch", "step"))
        return "steps" if steps > epochs and steps * STEP_PIXELS <= width else "epochs"


def word_of(session: Session, event: int) -> str:
    """An event in one word: the op where it computes one, else what happens."""
    from gradviz.recording.event import Kind

    columns = session.columns
    kind, site = Kind(int(columns.kind[event])), int(columns.site[event])
    if kind in (Kind.OP, Kind.VIEW, Kind.INPLACE_WRITE) and site >= 0:
        return session.recording.sites[site].op
    words = {Kind.CREATE_LEAF: "leaf", Kind.BACKWARD_BEGIN: "backward", Kind.BACKWARD_END: "end", Kind.BIND_NAME: "name"}
    words |= {Kind.FREE_SAVES: "free", Kind.OPTIMIZER_STEP: "step", Kind.SET_REQUIRES_GRAD: "flag"}
    return words.get(kind, kind.name.lower())

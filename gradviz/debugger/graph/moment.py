"""The state of the canvas at a position.

Each node's state is a pure function of the position (a few bisections in the rows of its site), so that a
seek costs the same wherever it goes. A move by a few events looks again only at the nodes that these
events touch; `tests/gradviz/debugger/graph/test_moment.py` holds both ways to the same answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from ..scene import Graph, Moment, NodeState, Pulse
from ..trace.trace import MAKING
from .state_reader import StateReader
from .states import States

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from ..trace.columns import Columns
    from ..trace.trace import Trace

_NEAR = 256  # events; after a longer move every state is found anew
_OPENED = 32768  # events of the step so far that are looked through for what to open at once
_READ = (Kind.OP, Kind.VIEW, Kind.SEED, Kind.DELIVER, Kind.SAVE)
_FLIGHTS = 65536  # deliveries kept opened


class Moments:
    """Makes moments of one state of a recording, each from the one before where that is near."""

    def __init__(self, recording: Recording, columns: Columns, trace: Trace, before: Moments | None = None) -> None:
        """`before`: the moments of the recording when it was shorter."""
        self._recording = recording
        self._columns = columns
        self._trace = trace
        self._reader = StateReader(trace)
        self._begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
        self._deliveries = np.flatnonzero(columns.kind == int(Kind.DELIVER))
        self._errors = np.flatnonzero(columns.kind == int(Kind.ERROR))
        self._flights: dict[int, tuple[tuple[int, int, int], float]] = {}
        self._last: Moment | None = None
        self._graph: Graph | None = None
        self._nodes: dict[int, None] = {}  # ids of the graph's nodes
        if before is not None:
            self._carry(before)

    def _carry(self, before: Moments) -> None:
        """The moment on the screen stays, where its step was over already: nothing that comes later changes it.

        But a node that ran in an earlier step only, and runs again now, becomes a ghost.
        """
        last, known, columns = before._last, self._columns.known, self._columns
        if last is None or last.position < 0 or not known or columns.step[last.position] >= columns.step[known - 1]:
            return
        new = columns.site[known:][np.isin(columns.kind[known:], MAKING)]
        for site in set(new.tolist()):
            rows = self._trace.made[site] if site >= 0 else []
            ran = bisect_right(rows, last.position)
            if ran == bisect_left(rows, known) and ran and columns.step[rows[ran - 1]] < columns.step[last.position]:
                return
        self._last, self._graph, self._nodes = last, before._graph, before._nodes

    def at(self, graph: Graph, position: int) -> Moment:
        """The moment after event `position`; the same object while neither changes."""
        last = self._last if self._graph is graph else None
        if last is not None and last.position == position:
            return last
        if last is None:
            self._nodes = {node.id: None for node in graph.nodes}
        made = self._last = self._make(position, last)
        self._graph = graph
        return made

    def _make(self, position: int, last: Moment | None) -> Moment:
        if position < 0:
            return Moment(position)
        from ..words.captions import caption  # the first picture stands before all events

        states = self._states(position, last)
        event = self._trace.event(position)
        failed = int(np.searchsorted(self._errors, position, side="right"))
        return Moment(
            position=position,
            states=states,
            current=tuple(site for site in dict.fromkeys(touched(self._trace, event)) if site in states),
            pulses=tuple(pulses(self._trace, event)),
            flown=self._flown(position),
            caption=caption(self._trace, event),
            line=event.line,
            error=str(self._trace.event(int(self._errors[failed - 1])).detail.get("text", "")) if failed else "",
        )

    def _states(self, position: int, last: Moment | None) -> States:
        """The states; those that were looked at before the move and are the same after it need not be found again."""
        known = last.states.found if last is not None and isinstance(last.states, States) else {}
        changed = self._changed(position, last, known)
        found = {} if changed is None else {site: state for site, state in known.items() if site not in changed}
        return States(self._nodes, self._reader, position, found, lambda: self._open(position))

    def _open(self, position: int) -> None:
        """Open what the nodes' states are read off: what they ran last, and what arrived in the latest pass."""
        columns = self._columns
        begun = int(np.searchsorted(self._begins, position, side="right"))
        start = int(self._begins[begun - 1]) if begun else position
        step = columns.step[position]
        first = int(np.searchsorted(columns.step, step)) if start > position - _OPENED else start
        first = max(first, position - _OPENED)
        rows = np.arange(first, position + 1)
        self._trace.open(rows[np.isin(columns.kind[rows], _READ)])

    def _changed(self, position: int, last: Moment | None, known: dict[int, NodeState | None]) -> set[int] | None:
        """The sites that a move from `last` can change, None for all: too far, or a step or a pass begins."""
        if last is None or last.position < 0 or abs(position - last.position) > _NEAR:
            return None
        low, high = sorted((position, last.position))
        columns = self._columns
        if columns.step[low] != columns.step[high] or columns.pass_[low] != columns.pass_[high]:
            return None
        sites: set[int] = set()
        for index in range(low + 1, high + 1):
            event = self._trace.event(index)
            sites.update(touched(self._trace, event))
            if event.kind in (Kind.INPLACE_WRITE, Kind.OPTIMIZER_STEP):  # may make saved values stale, anywhere
                sites.update(site for site, state in known.items() if state is not None and {"saved", "stale"} & set(state.badges))
        return sites

    def _flown(self, position: int) -> dict[tuple[int, int, int], float]:
        """The edges that cotangents have crossed in the latest pass, while its step lasts."""
        number = int(np.searchsorted(self._begins, position, side="right"))
        if not number:
            return {}
        begin = int(self._begins[number - 1])
        if self._columns.step[begin] != self._columns.step[position]:
            return {}
        first, stop = np.searchsorted(self._deliveries, (begin, position + 1))
        rows = self._deliveries[first:stop].tolist()
        if len(self._flights) > _FLIGHTS:
            self._flights.clear()
        self._look_up([row for row in rows if row not in self._flights])
        return dict(map(self._flights.__getitem__, rows))

    def _look_up(self, rows: list[int]) -> None:
        """The edges that these DELIVERs cross, and the norms that they carry."""
        trace = self._trace
        trace.open(np.array(rows, np.int64))
        events = [trace.event(row) for row in rows]
        values = np.array([event.reads[0].value if event.reads else -1 for event in events], np.int64)
        norms = np.where(values >= 0, self._recording.norms(values), 0.0)
        for event, norm in zip(events, norms.tolist(), strict=True):
            self._flights[event.index] = (_crossed(trace, event), norm)


def _crossed(trace: Trace, deliver: Event) -> tuple[int, int, int]:
    """The edge that a cotangent crosses: source, target, port."""
    target = trace.site_of_call(int(deliver.detail["target"]))
    return trace.leaf_of.get(target, target), deliver.site, int(deliver.detail["input_nr"])


def touched(trace: Trace, event: Event) -> Iterator[int]:
    """The sites that an event changes or happens at."""
    if event.site >= 0:
        yield event.site
    if event.kind == Kind.DELIVER:
        yield trace.site_of_call(int(event.detail["target"]))
    locations = trace.recording.locations
    refs = event.reads if event.kind in (Kind.BACKWARD_BEGIN, Kind.BIND_NAME) else event.writes
    for ref in refs:
        location = locations[ref.location]
        if location.kind in ("val", "grad", "flag"):
            site = trace.site_of_tensor(location.owner)
            if site < 0:
                continue  # what an optimizer keeps has no node
            yield site
            if site in trace.bucket_of:
                yield trace.bucket_of[site]
            yield from trace.sites_on(location.owner)


def pulses(trace: Trace, event: Event) -> Iterator[Pulse]:
    """What moves along edges during an event."""
    if event.kind in (Kind.OP, Kind.VIEW, Kind.DETACH, Kind.INPLACE_WRITE) and event.site >= 0:
        ports = event.detail.get("ports") or range(len(event.reads))
        for port, ref in zip(ports, event.reads, strict=False):
            source = trace.producer(ref.location, event.index)
            if source >= 0 and source != event.site:
                yield Pulse(source, event.site, int(port), True, trace.norm(ref.value))
    elif event.kind == Kind.DELIVER:
        value = event.reads[0].value if event.reads else -1
        yield Pulse(*_crossed(trace, event), False, trace.norm(value))
    elif event.kind == Kind.ACCUMULATE and event.site in trace.leaf_of:
        yield Pulse(trace.leaf_of[event.site], event.site, 0, True, trace.norm(event.reads[0].value if event.reads else -1))

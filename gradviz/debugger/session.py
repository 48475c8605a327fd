"""A cursor in a recording: step commands are searches, and what the panels show is asked for at the cursor."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..recording.event import Event
from .recorded_run import RecordedRun
from .stepping.frames import Frame, Level
from .trace.columns import Ints

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from ..recording.recording import Recording
    from .answers import Derivation, Inspection, Ledger, Timeline
    from .breakpoints.breakpoint import Breakpoint
    from .breakpoints.hits import Evaluated
    from .comparing.what_changed import Comparison
    from .scene import Moment

_LOOK_BACK = 500  # events within which one at a node is looked for


class Session(RecordedRun):
    """The debug session of one recording.

    Attributes:
        position: -1 before everything; p: the events 0..p have happened.
        substep: 0, or on a VJP event how far its derivation is written out (`Derivation.steps`).
        breakpoints: where `continue_` stops, in the order in which they were set.
    """

    def __init__(self, recording: Recording, position: int = -1) -> None:
        super().__init__(recording)
        self.substep = 0
        self.breakpoints: list[Breakpoint] = []
        self._focus = Level.NODE  # the frame that a step out leaves first is the one around this
        self.position = max(-1, min(position, len(recording) - 1))

    @property
    def event(self) -> Event | None:
        """The event at the cursor, None before the first."""
        return self.recording.event(self.position) if self.position >= 0 else None

    @property
    def line(self) -> int:
        """The script line of the cursor, 0 before the first event."""
        return int(self.columns.line[self.position]) if self.position >= 0 else 0

    # Commands. Each returns the new position; at an end the cursor stays there.

    def step_into(self) -> int:
        """To the next visible event; on a VJP first through its derivation."""
        if self.substep < len(self._sentences()):
            self.substep += 1
            return self.position
        return self._go(self.frames.next_step(self.position))

    def back_into(self) -> int:
        """Back through the derivation, then to the previous visible event (a VJP with all of its derivation)."""
        if self.substep:
            self.substep -= 1
            return self.position
        if self.position < 0:
            return self.position
        self._go(self.frames.previous_step(self.position))
        self.substep = len(self._sentences())
        return self.position

    def step_over(self) -> int:
        """To the next statement; inside a function to its next line, inside a backward pass to the next node.

        On the first event of a statement all that it calls is passed over; so on `loss.backward()` the whole pass.
        """
        frames = self.frames
        if self.position < 0:
            return self._go(frames.next_step(-1))
        if frames.in_backward(self.position):
            statement = frames.at(Level.STATEMENT, self.position)
            begins = frames.first(statement) == self.position
            target = frames.next_frame(Level.STATEMENT if begins else Level.LINE, self.position)
            return self._go(target if target >= 0 else self._last_visible())
        stop = self.calls.end(self.position, self.calls.begins(self.position))
        return self._go(min(frames.next_step(stop - 1), self._last_visible()))

    def back_over(self) -> int:
        """The mirror image of `step_over`; on the end of a backward pass to its beginning."""
        frames = self.frames
        if self.position < 0:
            return self.position
        statement = frames.at(Level.STATEMENT, self.position)
        first = frames.first(statement)
        if frames.in_backward(self.position) and first < self.position:
            if frames.last(statement) == self.position:  # where `step_over` came to in one go
                return self._go(first)
            start = frames.first(frames.at(Level.LINE, self.position))
            return self._go(start if 0 <= start < self.position else frames.previous_frame(Level.LINE, self.position))
        return self._go(self._statement_before())

    def _statement_before(self) -> int:
        """Where the statement begins that the cursor stands inside, or the one before it at the same depth."""
        calls, frames, here = self.calls, self.frames, self.position
        depth = calls.begins(here)
        start = frames.next_step(calls.start(here, depth) - 1)
        if start < here:
            return start
        before = frames.previous_step(here)
        if before < 0:
            return -1
        if frames.in_backward(before):
            return frames.first(frames.at(Level.STATEMENT, before))
        return frames.next_step(calls.start(before, depth) - 1)

    def step_out(self) -> int:
        """To the first event after the frame around: derivation, function, phase; again: after the step, the epoch, the run.

        What was left for is the focus: out of a phase the cursor stands in the next one, and the frame around it is the step.
        """
        for frame in self._around():
            target = self.frames.next_step(frame.stop - 1)
            if target >= frame.stop:  # else the recording ends with the frame
                self._go(target)
                self._focus = frame.level if frame.level <= Level.PHASE else Level.NODE
                return target
        return self._go(self._last_visible())

    def back_out(self) -> int:
        """To the last event before the frame around, the mirror image of `step_out`."""
        for frame in self._around():
            target = self.frames.previous_step(frame.start)
            if target >= 0:
                self._go(target)
                self._focus = frame.level if frame.level <= Level.PHASE else Level.NODE
                return target
        return self._go(-1)

    def _around(self) -> Iterator[Frame]:
        """The frames that a step out leaves, innermost first, each larger than the focus."""
        if self.position < 0:
            return
        frames, focus = self.frames, self._focus
        if focus > Level.PHASE:
            if self.substep:
                yield frames.at(Level.NODE, self.position)
            yield from self.calls.around(self.position)
            yield frames.at(Level.PHASE, self.position)
            focus = Level.PHASE
        within = frames.at(focus, self.position)
        for level in range(focus - 1, Level.RUN, -1):
            frame = frames.at(Level(level), self.position)
            # An epoch of one step is no frame of its own: leaving the step left it.
            if (frames.first(frame), frames.last(frame)) != (frames.first(within), frames.last(within)):
                yield frame

    @property
    def latest_site(self) -> int:
        """The site of the event at the cursor; of one without a node (a print, say), of the last one before it; -1 for none."""
        recent = self.columns.site[max(0, self.position - _LOOK_BACK) : self.position + 1]
        nodes = {node.id for node in self.graph().nodes}
        return next((site for site in recent[::-1].tolist() if site in nodes), -1)

    def continue_(self) -> int:
        """To the next breakpoint hit, else to the end."""
        hits = self._all_hits()
        number = int(np.searchsorted(hits, self.position, side="right"))
        return self._go(int(hits[number]) if number < len(hits) else self._last_visible())

    def reverse_continue(self) -> int:
        """To the previous breakpoint hit, else to the start."""
        hits = self._all_hits()
        number = int(np.searchsorted(hits, self.position, side="left"))
        return self._go(int(hits[number - 1]) if number else -1)

    @property
    def breakpoint_lines(self) -> set[int]:
        """The script lines with a breakpoint; assign to set and remove them."""
        return {int(found.what) for found in self.breakpoints if found.kind == "line"}

    @breakpoint_lines.setter
    def breakpoint_lines(self, lines: set[int]) -> None:
        self._place("line", lines)

    @property
    def breakpoint_nodes(self) -> set[int]:
        """The node ids with a breakpoint (a node's id is its site's index); assign to set and remove them."""
        return {int(found.what) for found in self.breakpoints if found.kind == "node"}

    @breakpoint_nodes.setter
    def breakpoint_nodes(self, nodes: set[int]) -> None:
        self._place("node", nodes)

    def _place(self, kind: str, wanted: set[int]) -> None:
        if not wanted and not self.breakpoints:
            return
        from .breakpoints.breakpoint import Breakpoint

        kept = [found for found in self.breakpoints if found.kind != kind or int(found.what) in wanted]
        there = {int(found.what) for found in kept if found.kind == kind}
        self.breakpoints = kept + [Breakpoint(kind, str(number)) for number in sorted(wanted - there)]

    def breakpoint_hits(self) -> tuple[int, ...]:
        """All events that a breakpoint stops at, for the ticks of the timeline."""
        if not self.breakpoints:
            return ()  # without asking: a live run is read again many times
        return tuple(self._all_hits().tolist())

    @cached_property
    def _evaluated(self) -> Evaluated:
        """What conditions came to so far."""
        from .breakpoints.hits import Evaluated

        return Evaluated()

    def hits(self, breakpoint_: Breakpoint) -> Ints:
        """The events of one breakpoint, ascending, whether it is on or not."""
        from .breakpoints.hits import find_hits

        key, begins = self._asked(breakpoint_)
        return self._reading().remember(key, lambda: find_hits(self, breakpoint_, self._reading().places, self._evaluated, begins()))

    def searching(self, breakpoint_: Breakpoint) -> Iterator[None]:
        """Look for the hits of a breakpoint, some events at a time, so that `hits` is quick afterwards."""
        from .breakpoints.hits import searching

        key, begins = self._asked(breakpoint_)
        reading = self._reading()
        found = yield from searching(self, breakpoint_, reading.places, self._evaluated, begins())
        reading.remember(key, lambda: found)

    def _asked(self, breakpoint_: Breakpoint) -> tuple[Hashable, Callable[[], Sequence[int] | Ints]]:
        """Under what the hits of a breakpoint are remembered, and what finds those that it waits for."""
        from .breakpoints.breakpoint import waits_for

        before = waits_for(self.breakpoints, breakpoint_)

        def begins() -> Sequence[int] | Ints:
            return self.hits(before[0]) if before and breakpoint_.key not in {each.key for each in before} else ()

        return ("breakpoint", replace(breakpoint_, enabled=True), before), begins

    def _all_hits(self) -> Ints:
        """The hits of all breakpoints that are on and do not only log."""
        stopping = tuple(found for found in self.breakpoints if found.enabled and not found.log)
        if not stopping:
            return np.zeros(0, np.int64)
        if len(stopping) == 1:
            return self.hits(stopping[0])  # ascending as they are
        from .breakpoints.breakpoint import waits_for

        key = ("hits", stopping, tuple(waits_for(self.breakpoints, found) for found in stopping))
        return self._reading().remember(key, lambda: np.unique(np.concatenate([self.hits(found) for found in stopping])))

    def run_to(self, node_id: int, backwards: bool = False, what: str = "any") -> int:
        """To the next (or previous) event at that node: "any" (it runs, fires, its `.grad` is written), its "vjp", or the write of
        its "grad"; stays where there is none.
        """
        from .stepping.jumps import event_at

        found = event_at(self, self._reading().places, self.position, node_id, what, backwards)
        return self._go(found) if found is not None else self.position

    def run_to_write(self, node_id: int, what: str = "val", backwards: bool = True) -> int:
        """To the last (or next) write of the node's "val", "grad", "flag" or "opt"; stays where there is none. Again: to the one before."""
        from .stepping.jumps import write_of

        found = write_of(self, self.position, node_id, what, backwards)
        return self._go(found) if found is not None else self.position

    def to_start(self) -> int:
        """Before the first event."""
        return self._go(-1)

    def to_end(self) -> int:
        """To the last event that a step stops at."""
        return self._go(self._last_visible())

    def seek(self, position: int) -> int:
        """To that event, or the nearest end."""
        return self._go(max(-1, min(position, self.length - 1)))

    def same_event(self, delta: int) -> int:
        """To the event of the same site and kind in the next (+1) or previous (-1) step that has one; stays where none is."""
        event = self.event
        if event is None or event.site < 0:
            return self.position
        columns = self.columns
        events = np.asarray(self.recording.events_of_site(event.site))
        events = events[columns.kind[events] == int(event.kind)]
        steps = columns.step[events]
        place = int(np.count_nonzero((steps == event.step) & (events < event.index)))
        others = steps[steps > event.step] if delta > 0 else steps[steps < event.step]
        if not len(others):
            return self.position
        same = events[steps == (others[0] if delta > 0 else others[-1])]
        return self._go(int(same[min(place, len(same) - 1)]))

    def next_epoch(self, delta: int) -> int:
        """To the start of the next (+1) or previous (-1) epoch; stays where there is none."""
        start = self.frames.epoch_start(self.position, delta)
        return self._go(start) if start is not None else self.position

    def _go(self, position: int) -> int:
        self.position = position
        self.substep = 0
        self._focus = Level.NODE
        return position

    def _last_visible(self) -> int:
        return self.frames.previous_step(self.length)

    def _sentences(self) -> tuple[str, ...]:
        """The steps of the longest derivation at the cursor."""
        return max((d.steps for d in self.derivation()), key=len, default=())

    @property
    def part(self) -> str:
        """What the derivation at the cursor told last, "" where it has told nothing yet."""
        told = self._sentences() if self.substep else ()
        return told[self.substep - 1] if 0 < self.substep <= len(told) else ""

    # Questions.

    def last_write(self, location: int) -> int | None:
        """The last event before the cursor's that wrote the location; ask again from there for the one before."""
        return self.trace.last_write(location, self.position - 1)

    def next_write(self, location: int) -> int | None:
        """The next event after the cursor's that writes the location."""
        return self.trace.next_write(location, self.position)

    def moment(self) -> Moment:
        """The state of the graph at the cursor."""
        return self._reading().moments.at(self.graph(), self.position)

    def inspect(self, node_id: int) -> Inspection | None:
        """All that is known of a node at the cursor, None for a node that the graph does not have."""
        from .inspection.inspection import inspect_node

        return inspect_node(self.trace, self.graph(), self.moment(), node_id)

    def derivation(self) -> tuple[Derivation, ...]:
        """The vjp at the cursor written out, one for each input that got a gradient; empty on other events."""
        return self.derivation_at(self.position)

    def ledger(self, leaf_id: int) -> Ledger:
        """How the leaf's `.grad` was filled, over the whole recording; of a long one the part around the position."""
        from .inspection.ledger import block_of, build_ledger

        build, block = build_ledger, block_of(self.trace, leaf_id, self.position)
        return self._reading().remember(("ledger", leaf_id, block), lambda: build(self.recording, self.columns, self.trace, leaf_id, block))

    def timeline(self) -> Timeline:
        """The lanes and marks of the timeline."""
        from .stepping.timeline import build_timeline

        hits = self.breakpoint_hits()
        return self._reading().remember(("timeline", hits), lambda: build_timeline(self.recording, self.columns, hits))

    def compare(self, other: Session) -> Comparison:
        """What `other`, a run with something toggled, changed against this one."""
        from .comparing.what_changed import compare

        return compare(self, other)

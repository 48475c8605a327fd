"""What a session has read off one state of its recording, each part when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from .graph.graph import build_graph
from .graph.moment import Moments
from .stepping.frames import Frames
from .trace.columns import Columns
from .trace.trace import Trace

if TYPE_CHECKING:
    from ..recording.recording import Recording
    from .breakpoints.places import Places
    from .inspection.connections import Connections
    from .scene import Graph
    from .stepping.calls import Calls

T = TypeVar("T")
_ANSWERS = 64  # answers kept: the panels ask for the same ones again at each step


class Reading:
    """One state of a recording; a recording that grew is read again, with the rows and pictures opened so far.

    A live run asks for columns, trace, graph and moment only: 0.1 s for a million events, milliseconds for
    the usual thousands. The tree of frames waits for the first step command.
    """

    def __init__(self, recording: Recording, before: Reading | None = None) -> None:
        self._recording = recording
        self._frames_before: Frames | None = before.__dict__.get("frames", before._frames_before) if before is not None else None
        self._graph_before: Graph | None = before.__dict__.get("graph", before._graph_before) if before is not None else None
        self._moments_before: Moments | None = None
        if before is not None and before.filled == recording.filled:
            self._moments_before = before.__dict__.get("moments", before._moments_before)
        self.columns: Columns = Columns(recording, before.columns if before is not None else None)
        self.trace: Trace = Trace(recording, self.columns, before.trace if before is not None else None)
        self.filled: int = recording.filled
        if before is not None and self.filled != before.filled:
            self.trace.forget_pictures()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def is_all_of(self, recording: Recording) -> bool:
        """Whether a recording has no more by now; a site may come before its first event, which waits until its epoch is known."""
        return self.columns.length == len(recording) and len(self.trace.made) == len(recording.sites)

    def look_again(self) -> None:
        """Numbers that were missing are there now: what was answered without them is forgotten."""
        self.filled = self._recording.filled
        self.trace.forget_pictures()
        self._answers.clear()
        self.__dict__.pop("moments", None)

    @cached_property
    def frames(self) -> Frames:
        """The tree of frames."""
        before, self._frames_before = self._frames_before, None
        return Frames(self._recording, self.columns, before)

    @cached_property
    def calls(self) -> Calls:
        """The functions that run at each event."""
        from .stepping.calls import Calls

        return Calls(self._recording, self.columns, self.frames)

    @cached_property
    def places(self) -> Places:
        """The events at lines and nodes."""
        from .breakpoints.places import Places

        return Places(self.columns, self.frames)

    @cached_property
    def graph(self) -> Graph:
        """The graph of all events; the same object as before where it is the same graph, so that the canvas lays out nothing anew."""
        before, self._graph_before = self._graph_before, None
        made = build_graph(self._recording, self.columns, self.trace)
        return before if before is not None and before == made else made

    @cached_property
    def connections(self) -> Connections:
        """The ways through the graph."""
        from .inspection.connections import Connections

        return Connections(self.graph)

    @cached_property
    def moments(self) -> Moments:
        """The states of the graph."""
        before, self._moments_before = self._moments_before, None
        return Moments(self._recording, self.columns, self.trace, before)

    def remember(self, key: Hashable, answer: Callable[[], T]) -> T:
        """The answer to a question, found once."""
        if key in self._answers:
            self._answers.move_to_end(key)
        else:
            self._answers[key] = answer()
            if len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)
        found: T = self._answers[key]
        return found

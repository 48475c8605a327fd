"""What is known of a recorded run, whatever the moment: its columns, frames, trace and graph, read when they are first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..recording.event import Kind
from .graph.graph import read_ahead
from .reading import Reading
from .stepping.frames import Frames
from .trace.columns import Columns
from .trace.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..recording.recording import Recording
    from .answers import Derivation, Series
    from .inspection.why_no_gradient import WhyNot
    from .scene import Graph
    from .stepping.calls import Calls


class RecordedRun:
    """A recording with what is read off it; one that grew is read on."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._read: Reading | None = None

    @property
    def length(self) -> int:
        """How many events there are."""
        return len(self.recording)

    @property
    def columns(self) -> Columns:
        """The columns that step commands search."""
        return self._reading().columns

    @property
    def frames(self) -> Frames:
        """The tree of frames."""
        return self._reading().frames

    @property
    def calls(self) -> Calls:
        """The functions of the script that run at each event."""
        return self._reading().calls

    @property
    def trace(self) -> Trace:
        """Which site made which tensor and call."""
        return self._reading().trace

    def _reading(self) -> Reading:
        """What is read off the recording, again after it grew."""
        if self._read is None or not self._read.is_all_of(self.recording):
            before = self._read if self._read is not None and self._read.trace.recording is self.recording else None
            self._read = Reading(self.recording, before)
        if self._read.filled != self.recording.filled:
            self._read.look_again()
        return self._read

    def graph(self) -> Graph:
        """The graph of all that is recorded so far; the same object until the recording grows."""
        return self._reading().graph

    def read_ahead(self) -> Iterator[None]:
        """Read what is new in pieces of some milliseconds, so that `graph` is quick afterwards; the recording must not grow meanwhile."""
        reading = self._reading()
        yield
        yield from read_ahead(self.recording, reading.trace)

    def derivation_at(self, position: int) -> tuple[Derivation, ...]:
        """As `derivation`, of another event."""
        if position < 0 or int(self.columns.kind[position]) != Kind.VJP:
            return ()
        from .derivation.derivation import derive

        return self._reading().remember(("derivation", position), lambda: derive(self.recording, self.trace, position))

    def leaves(self) -> tuple[int, ...]:
        """The node ids of the leaves that ever required grad, in order of creation."""
        return tuple(node.id for node in self.graph().nodes if node.is_leaf and node.requires_grad)

    def series(self, leaf_id: int) -> Series:
        """The leaf's `.grad` over time."""
        from .inspection.ledger import build_series

        return self._reading().remember(("series", leaf_id), lambda: build_series(self.recording, self.trace, leaf_id))

    def why_not(self, leaf_id: int, root_id: int | None = None) -> WhyNot:
        """Why a leaf gets no gradient: the first cut on the way back from the root, in words."""
        from .inspection.why_no_gradient import why_not

        return why_not(self.trace, self._reading().connections, leaf_id, root_id)

    def nodes_of_line(self, line: int) -> tuple[int, ...]:
        """The nodes that a script line made, itself or through the functions that it called."""
        return tuple(node.id for node in self.graph().nodes if node.line == line or line in self.recording.sites[node.id].path)

"""What a session has read off one state of its recording, each part when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from .breakpoints.places import Places
from .columns import Columns
from .frames import Frames
from .graph import build_graph
from .moment import Moments
from .trace import Trace

if TYPE_CHECKING:
    from ..recording.recording import Recording
    from .scene import Graph

T = TypeVar("T")
_ANSWERS = 64  # answers kept: the panels ask for the same ones again at each step


class Reading:
    """One state of a recording; a recording that grew is read again, with the rows and pictures opened so far.

    A live run asks for columns, trace, graph and moment only: 0.1 s for a million events, milliseconds for
    the usual thousands. The tree of frames waits for the first step command.
    """

    def __init__(self, recording: Recording, before: Trace | None = None) -> None:
        self._recording = recording
        self.columns = Columns(recording, before.columns if before is not None else None)
        self.trace = Trace(recording, self.columns, before)
        self.filled = recording.filled
        if before is not None and self.filled:
            self.trace.forget_pictures()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def look_again(self) -> None:
        """Numbers that were missing are there now: what was answered without them is forgotten."""
        self.filled = self._recording.filled
        self.trace.forget_pictures()
        self._answers.clear()
        self.__dict__.pop("moments", None)

    @cached_property
    def frames(self) -> Frames:
        """The tree of frames."""
        return Frames(self._recording, self.columns)

    @cached_property
    def places(self) -> Places:
        """The events at lines and nodes."""
        return Places(self.columns, self.frames)

    @cached_property
    def graph(self) -> Graph:
        """The graph of all events."""
        return build_graph(self._recording, self.columns, self.trace)

    @cached_property
    def moments(self) -> Moments:
        """The states of the graph."""
        return Moments(self._recording, self.columns, self.trace)

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

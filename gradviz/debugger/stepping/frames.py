"""The tree run > epoch > step > phase > statement > line > node as ranges of events.

The tree is never built: each level is one sorted array of the events where a frame of it starts, and a
frame is found by bisection. A log of a million events costs some numpy passes once and microseconds a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..trace.columns import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...recording.recording import Recording
    from ..trace.columns import Columns, Flags, Ints


_PIECE = 1 << 16  # events that are looked through at a time: memory that was just used is there at once, new memory is not
_HIDDEN: Flags = np.isin(np.arange(max(Kind) + 1), HIDDEN)  # a table: a tenth of the time of `np.isin`
_NONE: Ints = np.zeros(0, np.int64)


class Level(IntEnum):
    """Depth in the tree, outermost first."""

    RUN = 0
    EPOCH = 1
    STEP = 2
    PHASE = 3  # forward, one backward pass, update
    STATEMENT = 4  # a line of the script with all that it called; a whole backward pass
    LINE = 5  # a line inside a function; inside backward: a node
    NODE = 6  # one op call with its saves; in backward a node's fire with its delivers


@dataclass(frozen=True, slots=True)
class Frame:
    """The events `start` <= i < `stop`."""

    level: Level
    start: int
    stop: int


class Frames:
    """The frames of a recording."""

    def __init__(self, recording: Recording, columns: Columns, before: Frames | None = None) -> None:
        """`before`: the frames of the recording when it was shorter; what began up to its last visible event stays."""
        self.length = columns.length
        self.steps = columns.steps
        self.visible = columns.visible
        first = 0  # the event from which on frames are looked for; it begins what it began before
        parts: list[list[Ints]] = [[] for _ in Level]
        if before is not None and len(before.visible) and before.length <= columns.length:
            first = int(before.visible[-1])
            if first:
                parts = [[old[: np.searchsorted(old, first, side="right")]] for old in before._starts]
        self._backward = columns.is_backward()
        lines = _Lines(recording)
        for start, stop in self._pieces(first):
            new = slice(start, stop)
            for level, flags in enumerate(self._flags(lines, columns, self._backward[new], new), start=1):
                starts = np.flatnonzero(flags) + start
                parts[level].append(starts[starts > start] if start else starts)
        self._starts: list[Ints] = [np.zeros(min(self.length, 1), np.int64), *(np.concatenate([_NONE, *part]) for part in parts[1:])]
        self._epochs = columns.epoch
        self._kind = columns.kind

    def _pieces(self, first: int) -> Iterator[tuple[int, int]]:
        """The events from `first` on in pieces: each begins with a visible event, the last one of the piece before."""
        start, size = first, _PIECE
        while start < self.length:
            stop = min(start + size, self.length)
            if stop == self.length:
                yield start, stop
                return
            number = int(np.searchsorted(self.visible, stop)) - 1
            if number >= 0 and self.visible[number] > start:
                yield start, stop
                start, size = int(self.visible[number]), _PIECE
            else:  # nothing is visible in so many events
                size *= 2

    @staticmethod
    def _flags(lines: _Lines, columns: Columns, backward: Flags, new: slice) -> tuple[Flags, ...]:
        """For each level from EPOCH on whether a frame begins at each of some events; of the first one it is not known."""
        kind, call = columns.kind[new], columns.call[new]
        begins = kind == int(Kind.BACKWARD_BEGIN)
        after_end = np.roll(kind == int(Kind.BACKWARD_END), 1)
        after_end[:1] = False
        epoch = _changes(columns.epoch[new])
        # A loop that follows another starts again at epoch 0, maybe with nothing in between.
        step = epoch | _changes(columns.step[new])
        phase = step | _changes(columns.phase[new]) | begins | after_end
        hidden = _HIDDEN[kind]
        outer, inner = lines.of(columns, hidden, new)
        statement = phase | (_changes(outer) & ~backward)
        node = _changes(np.where(hidden & (call < 0), _previous(call), call))
        line = statement | (_changes(inner) & ~backward) | (node & backward)
        return epoch, step, phase, statement, line, line | node

    def at(self, level: Level, position: int) -> Frame:
        """The frame of that level around an event."""
        starts = self._starts[level]
        number = int(np.searchsorted(starts, position, side="right"))
        stop = int(starts[number]) if number < len(starts) else self.length
        return Frame(level, int(starts[number - 1]), stop)

    def path(self, position: int) -> tuple[Frame, ...]:
        """The frames around an event, outermost first."""
        return tuple(self.at(level, position) for level in Level)

    def in_backward(self, position: int) -> bool:
        """Whether the event belongs to a backward pass."""
        return bool(self._backward[position])

    def next_step(self, position: int) -> int:
        """The first event after `position` that a step stops at, `position` at the end."""
        number = int(np.searchsorted(self.steps, position, side="right"))
        return int(self.steps[number]) if number < len(self.steps) else position

    def previous_step(self, position: int) -> int:
        """The last event before `position` that a step stops at, -1 where there is none."""
        number = int(np.searchsorted(self.steps, position, side="left"))
        return int(self.steps[number - 1]) if number else -1

    def first(self, frame: Frame) -> int:
        """Where a step first stops in a frame, -1 where it passes all of it."""
        number = int(np.searchsorted(self.steps, frame.start))
        return int(self.steps[number]) if number < len(self.steps) and self.steps[number] < frame.stop else -1

    def last(self, frame: Frame) -> int:
        """Where a step last stops in a frame, -1 where it passes all of it."""
        number = int(np.searchsorted(self.steps, frame.stop))
        return int(self.steps[number - 1]) if number and self.steps[number - 1] >= frame.start else -1

    def next_frame(self, level: Level, position: int) -> int:
        """Where the next frame of that level first stops, -1 behind the last."""
        stop = self.at(level, position).stop if position >= 0 else 0
        return self.next_step(stop - 1) if len(self.steps) and stop <= self.steps[-1] else -1

    def previous_frame(self, level: Level, position: int) -> int:
        """Where the frame before the one around `position` first stops, -1 before the first."""
        previous = self.previous_step(self.at(level, position).start)
        return self.first(self.at(level, previous)) if previous >= 0 else -1

    def line_starts(self) -> Ints:
        """The visible events where a script line begins to run; a backward pass begins once."""
        starts = self._starts[Level.LINE]
        entered = np.ones(len(starts), bool)
        inside = self._backward[starts]
        entered[1:] = ~(inside[1:] & self._backward[starts - 1][1:] & (self._kind[starts[1:]] != int(Kind.BACKWARD_BEGIN)))
        places = np.searchsorted(self.visible, starts[entered])
        found = self.visible[places[places < len(self.visible)]]  # ascending, as the starts are
        return found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found

    def epoch_start(self, position: int, delta: int) -> int | None:
        """Where the next (+1) or previous (-1) epoch of any loop starts, None where there is none."""
        starts = self._starts[Level.EPOCH]
        starts = starts[self._epochs[starts] >= 0] if len(starts) else starts
        inside = int(np.searchsorted(starts, position, side="right"))  # epochs that have begun
        if delta > 0:
            number = inside + delta - 1
        else:
            here = position >= 0 and bool(self._epochs[position] >= 0)
            number = inside + delta - (1 if here else 0)
        if not 0 <= number < len(starts):
            return None
        found = self.first(self.at(Level.EPOCH, int(starts[number])))
        return found if found >= 0 else None


def _changes(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """True where a value differs from the one before; the first is a change."""
    flags = np.ones(len(values), bool)
    if len(values):
        np.not_equal(values[1:], values[:-1], out=flags[1:])
    return flags


def _previous(values: Ints) -> Ints:
    """The values one place later."""
    return np.concatenate((values[:1], values[:-1]))


class _Lines:
    """The script lines of events.

    Hidden events and events without a site on a line of their own belong to what stood before them, so that
    they never split a statement.
    """

    def __init__(self, recording: Recording) -> None:
        sites = recording.sites
        self._outer = np.array([each.path[0] if each.path else each.line for each in sites] + [0], np.int64)
        numbers: dict[tuple[tuple[int, ...], int], int] = {}
        self._inner = np.array([-1 - numbers.setdefault((each.path, each.line), len(numbers)) for each in sites] + [0], np.int64)
        # An event without a site only knows its own line; at top level this is the same number as that of a site there.
        self._top = {at: -1 - number for (path, at), number in numbers.items() if not path}

    def of(self, columns: Columns, hidden: Flags, new: slice) -> tuple[Ints, Ints]:
        """For each event the outermost script line, and a number for its innermost line with the calls that led there."""
        site, line = columns.site[new], columns.line[new]
        no_site = site < 0
        outer = np.where(no_site, line, self._outer[site])
        inner = self._inner[site]
        if no_site.any():
            lines = line[no_site]
            unique, back = np.unique(lines, return_inverse=True)
            inner[no_site] = np.array([self._top.get(number, number + 1) for number in unique.tolist()], np.int64)[back]
        keep = np.where(hidden, 0, np.arange(1, len(outer) + 1))
        source = np.maximum.accumulate(keep) - 1 if len(keep) else keep
        source = np.where(source < 0, np.arange(len(outer)), source)
        return outer[source], inner[source]

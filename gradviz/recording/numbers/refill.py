"""Numbers that were not kept, computed again: which events to run again, and whether what comes is the same run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..columns.layout import CHUNK_COLUMNS
from ..file.checks import form_of
from ..file.chunk import Chunk, decode
from ..problem import RecordingProblem
from ..recorder.again import Range
from ..statistics import MEAN, NAMES, NORM
from .store import numbers_of

if TYPE_CHECKING:
    from ..columns.columns import Ints
    from ..recording import Recording

Array = np.ndarray[Any, Any]
MOST_EVENTS = 50_000  # of a step that is run again as a whole
MOST_RANGES = 64
_BESIDE = 16  # the steps beside the cursor's may take this part of the budget
_SAME = ("kind", "site", "call", "line", "reads", "writes", "owner", "sub", "version")
_EXACT = [k for k in range(len(NAMES)) if k not in (NORM, MEAN)]
_CLOSE = 1e-4  # norm and mean: their last digits depend on how many arrays were measured at once


class Drift(Exception):  # noqa: N818 - an answer, shown in the window
    """The second run is not the first one."""


class _Appearances:
    """Where values first appear: they are numbered as they appear, so the highest number so far says how many there were."""

    def __init__(self, recording: Recording) -> None:
        values, self._begins = recording.mentions()
        self._highest = np.maximum.accumulate(values)
        self._bytes_between = recording.bytes_between
        self._steps = recording.column("step")

    def events(self, values: Ints) -> Ints:
        """The event of each value's first appearance, -1 for one that no event speaks of."""
        rows = np.searchsorted(self._highest, values)
        events = np.searchsorted(self._begins, rows, side="right") - 1
        return np.where(rows < len(self._highest), events, -1)

    def step(self, event: int) -> Range:
        """The events of the step around an event."""
        start, stop = np.searchsorted(self._steps, (self._steps[event], self._steps[event] + 1))
        return int(start), int(stop)

    def nbytes(self, start: int, stop: int) -> int:
        """What the numbers of the values take that appear first in some events."""
        return self._bytes_between(self._before(start), self._before(stop))

    def beside(self, step: Range, count: int, room: int) -> list[Range]:
        """The steps after and before one, the nearest first, as far as their numbers fit into the room."""
        found: list[Range] = []
        (start, stop), last = step, len(self._steps)
        for _ in range(count):
            for at in (stop, start - 1):
                if not 0 <= at < last:
                    continue
                near = self.step(at)
                room -= self.nbytes(*near)
                if room < 0 or near[1] - near[0] > MOST_EVENTS // count:
                    return found
                found.append(near)
                start, stop = min(start, near[0]), max(stop, near[1])
        return found

    def _before(self, event: int) -> int:
        row = int(self._begins[event]) if event < len(self._begins) else len(self._highest)
        return int(self._highest[row - 1]) + 1 if row else 0


def ranges_of(recording: Recording, values: Iterable[int], position: int = -1, around: int = 0) -> list[Range]:
    """The events to run again so that these values have numbers: the whole steps in which they first appeared, and the cursor's.

    Of a step that is too long, or whose numbers would not fit into the budget, the part around what is wanted. Up to `around`
    steps after the cursor's, and as many before it, come along where there is room: the cursor goes there next.
    """
    appear = _Appearances(recording)
    wanted = {event for event in appear.events(np.array(sorted(set(values)), np.int64)).tolist() if event >= 0}
    if position >= 0:
        wanted.add(position)
    room = max(1 << 20, recording.tiers.budget // 4)
    found: list[Range] = []
    for event in sorted(wanted, key=lambda event: abs(event - position)):  # the nearest are what the user looks at
        if any(start <= event < stop for start, stop in found):
            continue
        start, stop = appear.step(event)
        while stop - start > MOST_EVENTS or (stop - start > 1 and appear.nbytes(start, stop) > room):
            width = max(1, min(MOST_EVENTS, (stop - start) // 2))
            start = min(max(start, event - width // 2), event)
            stop = max(min(stop, start + width), event + 1)
        room -= appear.nbytes(start, stop)
        found.append((start, stop))
        if room <= 0 or len(found) == MOST_RANGES:
            break
    if around and position >= 0:
        found += appear.beside(appear.step(position), around, min(room, recording.tiers.budget // _BESIDE))
    return _merged(found)


def _merged(ranges: list[Range]) -> list[Range]:
    out: list[Range] = []
    for start, stop in sorted(ranges):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(stop, out[-1][1]))
        else:
            out.append((start, stop))
    return out


class Refill:
    """Takes the chunks of a second run, holds them against the recording, and gathers the numbers by the recording's values."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._known: dict[int, Array] = {}  # by the values of the second run
        self._found: list[tuple[int, dict[int, Array]]] = []  # first event of a chunk, numbers by the values of the recording
        self._ahead: list[Chunk] = []  # chunks of values only: the events that speak of them come next

    def take(self, data: bytes) -> None:
        """A chunk of `Again`.

        Raises:
            Drift: the second run did something else, or came to other numbers.
        """
        try:
            for chunk in decode(data, CHUNK_COLUMNS, len(NAMES)):
                self._one(chunk)
        except RecordingProblem as problem:
            raise Drift(str(problem)) from problem

    def _one(self, chunk: Chunk) -> None:
        self._known.update(_arrays(chunk))
        self._ahead.append(chunk)
        columns, first = chunk.columns, chunk.first
        rows = len(columns["kind"])
        if not rows:
            return
        before = self._recording.rows(first, min(first + rows, len(self._recording)))
        for name in _SAME:
            if len(columns[name]) != len(before[name]) or (columns[name] != before[name]).any():
                raise Drift(f"it does other things the second time, from about event {first + 1:,} on")
        old, new = before["value"], columns["value"]
        there = (old >= 0) & (new >= 0)
        if ((old >= 0) != (new >= 0)).any():
            raise Drift(f"it does other things the second time, from about event {first + 1:,} on")
        old, new = old[there], new[there]
        self._compare(old, new)
        pairs = dict(zip(old.tolist(), new.tolist(), strict=True))
        self._found.append((first, {value: self._known[again] for value, again in pairs.items() if again in self._known}))

    def fill(self, position: int) -> bool:
        """Give the numbers to the recording, those nearest to the cursor last, because they should stay longest; False: there are none."""
        for _, arrays in sorted(self._found, key=lambda found: -abs(found[0] - position)):
            self._recording.fill(arrays)
        return any(arrays for _, arrays in self._found)

    def _compare(self, old: Ints, new: Ints) -> None:
        """Statistics tell whether it is the same run, also where no numbers were kept the first time."""
        first, stats = self._ahead[0].first_value, np.concatenate([chunk.stats for chunk in self._ahead])
        self._ahead = []
        here = new >= first
        ours, theirs = self._recording.measures(old[here]), stats[new[here] - first]
        same = (ours[:, _EXACT] == theirs[:, _EXACT]).all(axis=1)
        for column in (NORM, MEAN):
            scale = _CLOSE * np.maximum(ours[:, NORM], 1e-30)
            same &= ~(np.abs(ours[:, column] - theirs[:, column]) > scale)
        if not same.all():
            raise Drift("it comes to other numbers the second time: it may draw random numbers without a seed, or read the clock or a file")


def _arrays(chunk: Chunk) -> dict[int, Array]:
    """The numbers of a chunk's values."""
    if not chunk.tables.get("kept") or not len(chunk.stats):
        return {}
    forms = [form_of(row) for row in chunk.tables["forms"]]
    (data,) = chunk.data
    found = numbers_of(forms, chunk.columns["form"], chunk.columns["same"], bytes(data))
    return {chunk.first_value + k: array for k, array in found.items()}

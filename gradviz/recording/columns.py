"""Append-only integer columns, and indexes over them: a million rows, a few bytes each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS
_SEARCHES = 64  # in a run, before it makes itself a table, which costs as much as one search for each fifty rows
_TABLE = 1 << 18  # rows of the longest run that does
_NARROW = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.uint32))


def narrow(values: Ints) -> tuple[int, np.ndarray[Any, Any]]:
    """`(base, small)` with `base + small == values`, in the smallest dtype that holds it."""
    if not len(values):
        return 0, np.zeros(0, np.uint8)
    low, high = int(values.min()), int(values.max())
    for dtype in _NARROW:
        if high - low <= np.iinfo(dtype).max:
            return low, (values - low).astype(dtype)
    return 0, values.astype(np.int64)


class Column:
    """Integers that are only ever appended: full blocks in the narrowest dtype, the last one wide."""

    def __init__(self) -> None:
        self._blocks: list[tuple[int, np.ndarray[Any, Any]]] = []
        self._tail: Ints = np.zeros(BLOCK, np.int64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self._length:
            raise IndexError(index)
        block = index >> BLOCK_BITS
        if block < len(self._blocks):
            base, small = self._blocks[block]
            return base + int(small[index & BLOCK - 1])
        return int(self._tail[index & BLOCK - 1])

    def __iter__(self) -> Iterator[int]:
        return iter(self.between(0, self._length).tolist())

    def append(self, value: int) -> None:
        """Add one row."""
        self.extend(np.array([value], np.int64))

    def extend(self, values: np.ndarray[Any, Any]) -> None:
        """Add rows."""
        done = 0
        while done < len(values):
            at = self._length & BLOCK - 1
            take = min(BLOCK - at, len(values) - done)
            self._tail[at : at + take] = values[done : done + take]
            self._length += take
            done += take
            if at + take == BLOCK:
                self._blocks.append(narrow(self._tail))

    def between(self, start: int, stop: int) -> Ints:
        """The rows `start` <= i < `stop` as a new array."""
        stop = min(stop, self._length)
        start = min(max(start, 0), stop)
        out = np.empty(stop - start, np.int64)
        at = start
        while at < stop:
            number = at >> BLOCK_BITS
            end = min(stop, (number + 1) << BLOCK_BITS)
            first, last = at & BLOCK - 1, (end - 1 & BLOCK - 1) + 1
            if number < len(self._blocks):
                base, small = self._blocks[number]
                np.add(small[first:last], np.int64(base), out=out[at - start : end - start])
            else:
                out[at - start : end - start] = self._tail[first:last]
            at = end
        return out

    def take(self, rows: Ints) -> Ints:
        """These rows as a new array: for many scattered rows, where one look each would take too long."""
        if not len(rows):
            return np.zeros(0, np.int64)
        low, high = int(rows.min()), int(rows.max()) + 1
        if high - low <= 4 * len(rows) + BLOCK:
            return self.between(low, high)[rows - low]
        out = np.empty(len(rows), np.int64)
        blocks = rows >> BLOCK_BITS
        for number in np.unique(blocks).tolist():
            mine = blocks == number
            first = number << BLOCK_BITS
            out[mine] = self.between(first, first + BLOCK)[rows[mine] - first]
        return out

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._tail.nbytes + sum(small.nbytes + 80 for _, small in self._blocks)


class Index:
    """For each key the ascending events that have it.

    Sorted runs, merged when they are of like size, so that a recording that grows under the user's eyes
    sorts each row a logarithmic number of times.
    """

    def __init__(self, rows: Callable[[int, int], tuple[Ints, Ints]]) -> None:
        """`rows(start, stop)` gives the (key, event) pairs of these events in their order."""
        self._rows = rows
        self._runs: list[_Run] = []
        self._stop = 0

    def grow(self, length: int) -> None:
        """Take in the events up to `length`."""
        if length <= self._stop:
            return
        start = self._stop
        while self._runs and self._stop - self._runs[-1].start <= 2 * (length - start):
            start = self._runs.pop().start
        keys, events = self._rows(start, length)
        order = np.argsort(keys, kind="stable")
        self._runs.append(_Run(start, keys[order], events[order]))
        self._stop = length

    def events(self, key: int) -> Ints:
        """The events with that key, ascending, each once."""
        parts = [found for found in (run.events_of(key) for run in self._runs) if len(found)]
        if not parts:
            return np.zeros(0, np.int64)
        found = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if len(found) > 1:
            first = np.ones(len(found), bool)
            np.not_equal(found[1:], found[:-1], out=first[1:])
            found = found[first]
        return found

    def last(self, key: int, at: int) -> int | None:
        """The last event up to and with `at` that has the key."""
        for run in reversed(self._runs):
            if run.start <= at:
                events = run.events_of(key)
                number = int(np.searchsorted(events, at, side="right"))
                if number:
                    return int(events[number - 1])
        return None

    def next(self, key: int, at: int) -> int | None:
        """The first event after `at` that has the key."""
        for run in self._runs:
            events = run.events_of(key)
            if len(events) and events[-1] > at:
                return int(events[np.searchsorted(events, at, side="right")])
        return None


class _Run:
    """A piece of an index: keys ascending, with their events.

    A search costs a few microseconds, which is too much for the thousands of lookups that a large picture takes: after
    some of them the run makes itself a table.
    """

    __slots__ = ("_asked", "_events", "_keys", "_table", "start")

    def __init__(self, start: int, keys: Ints, events: Ints) -> None:
        self.start = start
        self._keys = keys
        self._events = events
        self._asked = 0
        self._table: dict[int, tuple[int, int]] | None = None

    def events_of(self, key: int) -> Ints:
        """The events with that key, ascending."""
        if not len(self._keys):
            return self._events
        if self._table is not None:
            first, last = self._table.get(key, (0, 0))
            return self._events[first:last]
        self._asked += 1
        if self._asked > _SEARCHES and self._asked > len(self._keys) // 50 and len(self._keys) <= _TABLE:
            edges = np.flatnonzero(np.diff(self._keys)) + 1
            firsts = np.concatenate(([0], edges))
            spans = zip(firsts.tolist(), [*edges.tolist(), len(self._keys)], strict=True)
            self._table = dict(zip(self._keys[firsts].tolist(), spans, strict=True))
        return self._events[np.searchsorted(self._keys, key) : np.searchsorted(self._keys, key, side="right")]

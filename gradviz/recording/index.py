"""Indexes over columns: for a key all events that have it, the last one before a moment, the next one after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .columns import Ints

_SEARCHES = 64  # in a run, before it makes itself a table, which costs as much as one search for each fifty rows
_TABLE = 1 << 18  # rows of the longest run that does
_LONGEST = 1 << 17  # events of a run that is made of shorter ones: while it is sorted the window waits
_INT32 = np.iinfo(np.int32)


class Index:
    """For each key the ascending events that have it.

    Sorted runs, merged when they are of like size and not too long, so that a recording that grows under the user's eyes
    sorts each row a few times.
    """

    def __init__(self, rows: Callable[[int, int], tuple[Ints, Ints]]) -> None:
        """`rows(start, stop)` gives the (key, event) pairs of these events in their order."""
        self._rows = rows
        self._runs: list[_Run] = []
        self._stop = 0

    def grow(self, length: int) -> bool:
        """Take in the events up to `length`; whether there were new ones."""
        if length <= self._stop:
            return False
        start = self._stop
        while self._runs and self._stop - self._runs[-1].start <= 2 * (length - start) and length - self._runs[-1].start <= _LONGEST:
            start = self._runs.pop().start
        keys, events = self._rows(start, length)
        order = np.argsort(keys, kind="stable")
        self._runs.append(_Run(start, keys[order], events[order]))
        self._stop = length
        return True

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
                found = run.last(key, at)
                if found >= 0:
                    return found
        return None

    def next(self, key: int, at: int) -> int | None:
        """The first event after `at` that has the key."""
        for run in self._runs:
            found = run.next(key, at)
            if found >= 0:
                return found
        return None

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return sum(run.nbytes for run in self._runs)


class _Run:
    """A piece of an index: the events of one key behind those of another, and where those of each key begin.

    A search costs a few microseconds, which is too much for the thousands of lookups that a large picture takes: after
    some of them the run makes itself a table.
    """

    __slots__ = ("_asked", "_events", "_firsts", "_keys", "_table", "start")

    def __init__(self, start: int, keys: Ints, events: Ints) -> None:
        """`keys` ascend, and each has its event."""
        self.start = start
        edges = np.flatnonzero(np.diff(keys)) + 1
        firsts = np.concatenate((np.zeros(min(len(keys), 1), np.int64), edges))
        self._keys = _short(keys[firsts])
        self._firsts = _short(np.append(firsts, len(keys)))
        self._events = _short(events)
        self._asked = 0
        self._table: dict[int, int] | None = None

    def events_of(self, key: int) -> Ints:
        """The events with that key, ascending."""
        place = self._place(key)
        if place < 0:
            return _NONE
        return self._events[self._firsts[place] : self._firsts[place + 1]].astype(np.int64)

    def last(self, key: int, at: int) -> int:
        """The last event up to and with `at` that has the key, -1 for none."""
        place = self._place(key)
        if place < 0:
            return -1
        events = self._events[self._firsts[place] : self._firsts[place + 1]]
        number = int(np.searchsorted(events, _within(at, events.dtype), side="right"))
        return int(events[number - 1]) if number else -1

    def next(self, key: int, at: int) -> int:
        """The first event after `at` that has the key, -1 for none."""
        place = self._place(key)
        if place < 0:
            return -1
        events = self._events[self._firsts[place] : self._firsts[place + 1]]
        number = int(np.searchsorted(events, _within(at, events.dtype), side="right"))
        return int(events[number]) if number < len(events) else -1

    def _place(self, key: int) -> int:
        keys = self._keys
        if self._table is not None:
            return self._table.get(key, -1)
        if not len(keys):
            return -1
        self._asked += 1
        if self._asked > _SEARCHES and self._asked > len(self._events) // 50 and len(self._events) <= _TABLE:
            self._table = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        place = int(np.searchsorted(keys, _within(key, keys.dtype)))
        return place if place < len(keys) and keys[place] == key else -1

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._keys.nbytes + self._firsts.nbytes + self._events.nbytes


_NONE = np.zeros(0, np.int64)


def _short(values: Ints) -> np.ndarray[Any, Any]:
    """The same in half the memory, where that holds them."""
    fits = not len(values) or (int(values.min()) >= _INT32.min and int(values.max()) <= _INT32.max)
    return values.astype(np.int32) if fits else values


def _within(number: int, dtype: np.dtype[Any]) -> Any:
    """A number to look for, in the dtype of those that it is looked for among: with another one numpy would convert all of them."""
    return np.int32(min(max(number, _INT32.min), _INT32.max)) if dtype == np.int32 else np.int64(number)

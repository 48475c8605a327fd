"""Indexes over columns: for a key all events that have it, the last one before a moment, the next one after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .columns import Ints

_SEARCHES = 64  # in a run, before it makes itself a table, which costs as much as one search for each fifty rows
_LONGEST = 1 << 17  # events of a run: while it is sorted the window waits
_AGAIN = 1 << 14  # rows of a run that may be of keys which were there before it, else it is sorted whoever asks
_SMALL = 1 << 16  # numbers below it are sorted by counting them
_INT32 = np.iinfo(np.int32)


class Index:
    """For each key the ascending events that have it.

    Runs that are sorted when they are first asked for a key that may be in them. Numbers of calls and tensors ascend, and most of
    them are met in a short time only: so of each run it is known which keys are new in it, and which few are met again. Runs at the
    end of a recording that grows are merged while they are not too long.
    """

    def __init__(self, rows: Callable[[int, int], tuple[Ints, Ints]]) -> None:
        """`rows(start, stop)` gives the (key, event) pairs of these events in their order."""
        self._rows = rows
        self._runs: list[_Run] = []
        self._stop = 0
        self._known = 0  # so many of the runs know their keys

    def grow(self, length: int) -> bool:
        """Take in the events up to `length`; whether there were new ones."""
        if length <= self._stop:
            return False
        start = self._stop
        while self._runs and self._stop - self._runs[-1].start <= 2 * (length - start) and length - self._runs[-1].start <= _LONGEST:
            start = self._runs.pop().start
        self._known = min(self._known, len(self._runs))
        self._runs += [_Run(self._rows, first, min(first + _LONGEST, length)) for first in range(start, length, _LONGEST)]
        self._stop = length
        return True

    def events(self, key: int) -> Ints:
        """The events with that key, ascending, each once."""
        parts = [found for found in (run.events_of(key) for run in self._all()) if len(found)]
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
        for run in reversed(self._all()):
            if run.start <= at:
                found = run.last(key, at)
                if found >= 0:
                    return found
        return None

    def next(self, key: int, at: int) -> int | None:
        """The first event after `at` that has the key."""
        for run in self._all():
            found = run.next(key, at)
            if found >= 0:
                return found
        return None

    def _all(self) -> list[_Run]:
        for number in range(self._known, len(self._runs)):
            self._runs[number].meet(self._runs[number - 1].highest if number else -1)
        self._known = len(self._runs)
        return self._runs

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return sum(run.nbytes for run in self._runs)


class _Run:
    """A piece of an index: the events of one key behind those of another, and where those of each key begin.

    A search costs a few microseconds, which is too much for the thousands of lookups that a large picture takes: after
    some of them the run makes itself a table.
    """

    __slots__ = ("_again", "_asked", "_events", "_firsts", "_keys", "_lowest", "_rows", "_table", "highest", "start", "stop")

    def __init__(self, rows: Callable[[int, int], tuple[Ints, Ints]], start: int, stop: int) -> None:
        self.start = start
        self.stop = stop
        self._rows = rows
        self._lowest = 0  # of the keys that are new here
        self.highest = -1  # of all keys so far
        self._again: frozenset[int] | None = None  # those that are met again, None for too many
        self._keys: np.ndarray[Any, Any] | None = None
        self._firsts = self._events = _NONE
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
        """Where the key stands, -1 where it does not."""
        if self._table is not None:
            return self._table.get(key, -1)
        if key > self.highest or (0 <= key < self._lowest and self._again is not None and key not in self._again):
            return -1
        keys = self._keys if self._keys is not None else self._sort()
        if not len(keys):
            return -1
        self._asked += 1
        if self._asked > _SEARCHES and self._asked > len(self._events) // 50:
            self._table = dict(zip(keys.tolist(), range(len(keys)), strict=True))
        place = int(np.searchsorted(keys, _within(key, keys.dtype)))
        return place if place < len(keys) and keys[place] == key else -1

    def meet(self, before: int) -> None:
        """Learn which keys there are; `before` is the largest one of the runs before this."""
        keys, _ = self._rows(self.start, self.stop)
        self._lowest, self.highest = before + 1, int(keys.max(initial=before))
        again = keys[keys.view(np.uint64) <= max(before, 0)]  # those below 0, which stand for none, are the largest so
        # Most of them are met once a step, and steps are short.
        self._again = frozenset(again.tolist()) if len(again) <= _AGAIN else None

    def _sort(self) -> np.ndarray[Any, Any]:
        keys, events = self._rows(self.start, self.stop)
        order = _order(keys) if self.highest < _SMALL - 1 else self._order_in_parts(keys)
        keys = keys[order]
        firsts = np.flatnonzero(np.concatenate((_YES[: len(keys)], keys[1:] != keys[:-1])))
        self._events = _short(events)[order]
        self._firsts = _short(np.append(firsts, len(keys)))
        self._keys = _short(keys[firsts])
        return self._keys

    def _order_in_parts(self, keys: Ints) -> Ints:
        """Those for none, those that are met again and the new ones: each of them lie close together."""
        none, new = keys < 0, keys >= self._lowest
        parts = [np.flatnonzero(part) for part in (none, ~(none | new), new)]
        return np.concatenate([part[_order(keys[part])] for part in parts])

    @property
    def nbytes(self) -> int:
        """Memory taken; before it is sorted about what it will take."""
        if self._keys is None:
            return 8 * (self.stop - self.start)
        return self._keys.nbytes + self._firsts.nbytes + self._events.nbytes


_NONE: np.ndarray[Any, Any] = np.zeros(0, np.int64)
_YES = np.ones(1, bool)


def _order(keys: Ints) -> Ints:
    """The places of the keys as they ascend; those of one key stay in their order."""
    if len(keys) and keys.max() - keys.min() < _SMALL:
        keys = (keys - keys.min()).astype(np.uint16)
    return np.argsort(keys, kind="stable")


def _short(values: Ints) -> np.ndarray[Any, Any]:
    """The same in half the memory, where that holds them."""
    fits = not len(values) or (int(values.min()) >= _INT32.min and int(values.max()) <= _INT32.max)
    return values.astype(np.int32) if fits else values


def _within(number: int, dtype: np.dtype[Any]) -> Any:
    """A number to look for, in the dtype of those that it is looked for among: with another one numpy would convert all of them."""
    return np.int32(min(max(number, _INT32.min), _INT32.max)) if dtype == np.int32 else np.int64(number)

"""The writes (or reads) of a run by what they touched: a tensor that each step makes anew is as many locations as there are steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np

from ..location import KIND_BITS, KINDS, SUB_BITS
from .columns import Ints
from .index import Index

Rows = tuple[Ints, Ints, Ints, Ints]
_NOTHING: Ints = np.zeros(0, np.int64)
_PIECE = 1 << 15  # events that are read at a time: memory that was just used is there at once, new memory is not
_TURNS = 4  # so many are worth it
_SMALL = 1 << 16  # of numbers below it numpy counts how many there are of each, instead of sorting them


class Touched:
    """The writes (or reads) of a recording, each kind (and slot) on its own: row, owner and event, in the order of the events."""

    def __init__(self, rows: Callable[[int, int], Rows], steady: Callable[[int], tuple[int, int]]) -> None:
        """What it reads.

        Args:
            rows: `rows(start, stop)` gives row (any number that ascends), owner, rest of the location and event of each write.
            steady: `steady(start)` says after how many events each of these has grown by the same amount, and for how many times that
                goes on.
        """
        self._rows = rows
        self._steady = steady
        self._stop = 0
        self._parts: dict[int, _Part] = {}

    def grow(self, length: int) -> bool:
        """Take in the events up to `length`; whether there were new ones."""
        if length <= self._stop:
            return False
        while self._stop < length:
            period, turns = self._steady(self._stop)
            turns = min(turns, (length - self._stop) // period) if period else 0
            if turns > _TURNS:
                self._go_on(period, turns)
                self._stop += turns * period
            else:
                stop = min(self._stop + _PIECE, length)
                row, owner, rest, event = self._rows(self._stop, stop)
                for kind, mine in _groups(rest):
                    self._part(kind).add((row[mine], owner[mine], event[mine]), length / stop)
                self._stop = stop
        return True

    def _go_on(self, period: int, turns: int) -> None:
        """The steps of a training are alike: what two of them say goes for all."""
        row, owner, rest, event = self._rows(self._stop, self._stop + period)
        row_then, owner_then, _, event_then = self._rows(self._stop + period, self._stop + 2 * period)
        number = np.arange(turns, dtype=np.int32)[:, None]
        pairs = ((row, row_then - row), (owner, owner_then - owner), (event, event_then - event))
        for kind, mine in _groups(rest):
            self._part(kind).add((now[mine].astype(np.int32) + number * each[mine].astype(np.int32)).reshape(-1) for now, each in pairs)

    def _part(self, kind: int) -> _Part:
        return self._parts.setdefault(kind, _Part())

    def index(self, location: int) -> Index | None:
        """Where the events of each owner of a location's kind are found; None where there are none of that kind."""
        part = self._parts.get(location & (1 << SUB_BITS) - 1)
        if part is None:
            return None
        part.index.grow(self._stop)
        return part.index

    def of(self, owners: Ints, kinds: tuple[str, ...], slot: int | None, stop: int) -> tuple[Ints, Ints, Ints]:
        """Row, owner and event of the writes before event `stop` to a location of these owners and kinds, in the order of the events.

        Args:
            slot: None for all of them.
        """
        if not len(owners):
            return _NOTHING, _NOTHING, _NOTHING
        asked = np.zeros(int(owners.max()) + 2, bool)  # the last place is that of no owner
        asked[owners] = True
        numbers = {KINDS.index(kind) for kind in kinds}
        rests = [rest for rest in self._parts if rest & (1 << KIND_BITS) - 1 in numbers and slot in (None, rest >> KIND_BITS)]
        found = [rows for rows in (self._parts[rest].of(asked, stop) for rest in rests) if len(rows[0])]
        if len(found) == 1:
            return found[0]
        if not found:
            return _NOTHING, _NOTHING, _NOTHING
        row, owner, event = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.argsort(row, kind="stable")
        return row[order], owner[order], event[order]

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return sum(part.nbytes for part in self._parts.values())


class _Part:
    """The writes of one kind."""

    def __init__(self) -> None:
        self._count = 0
        self._room = np.zeros((3, 0), np.int32)  # an op of a thousand inputs makes as many kinds
        self.index = Index(self._between)

    def _between(self, start: int, stop: int) -> tuple[Ints, Ints]:
        """Owner and event of those of some events."""
        _, owner, event = self._room[:, : self._count]
        first, last = np.searchsorted(event, np.array((start, stop), np.int32))
        return owner[first:last].astype(np.int64), event[first:last].astype(np.int64)

    def add(self, rows: Iterable[Ints], ahead: float = 1) -> None:
        """More of them; `ahead` times as many as now are soon to be expected."""
        rows = tuple(rows)
        count = self._count + len(rows[0])
        if count > self._room.shape[1]:
            room = np.empty((3, max(int(count * ahead), 2 * self._room.shape[1])), np.int32)  # what is not written takes no memory
            room[:, : self._count] = self._room[:, : self._count]
            self._room = room
        for place, new in zip(self._room, rows, strict=True):
            place[self._count : count] = new
        self._count = count

    def of(self, asked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], stop: int) -> tuple[Ints, Ints, Ints]:
        """Those before event `stop` whose owner is asked for."""
        row, owner, event = self._room[:, : self._count]
        owner = owner[: np.searchsorted(event, np.int32(stop))]
        if int(owner.max(initial=-1)) >= len(asked):
            owner = np.minimum(owner, len(asked) - 1)
        found = np.flatnonzero(asked[owner])
        return row[found].astype(np.int64), owner[found].astype(np.int64), event[found].astype(np.int64)

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._room[:, : self._count].nbytes + self.index.nbytes


def _groups(kinds: Ints) -> Iterator[tuple[int, Ints]]:
    """Each kind with the places where it stands, ascending."""
    if int(kinds.max(initial=0)) < _SMALL:
        kinds = kinds.astype(np.uint16)
    order = np.argsort(kinds, kind="stable")
    ordered = kinds[order]
    edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    for first, stop in pairwise((0, *edges.tolist(), len(kinds))):
        if first < stop:
            yield int(ordered[first]), order[first:stop]

"""All writes of a run in four columns: a tensor that is made anew in each step has as many locations as the run has steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .columns import Ints
from .location import KIND_BITS, KINDS

Rows = tuple[Ints, Ints, Ints, Ints]
_NOTHING: Ints = np.zeros(0, np.int64)


class Written:
    """The writes of a recording: owner and rest of the location, event, value, in the order of the events."""

    def __init__(self, rows: Callable[[int, int], Rows]) -> None:
        """`rows(start, stop)` gives the four of these events."""
        self._rows = rows
        self._stop = 0
        self._owner, self._sub, self._event, self._value = (np.zeros(0, np.int32) for _ in range(4))

    def grow(self, length: int) -> bool:
        """Take in the events up to `length`; whether there were new ones."""
        if length <= self._stop:
            return False
        found = self._rows(self._stop, length)
        so_far = (self._owner, self._sub, self._event, self._value)
        self._owner, self._sub, self._event, self._value = (
            np.concatenate((old, new.astype(np.int32))) for old, new in zip(so_far, found, strict=True)
        )
        self._stop = length
        return True

    def of(self, owners: Ints, kinds: tuple[str, ...], slot: int, stop: int) -> tuple[Ints, Ints, Ints]:
        """Owner, event and value of the writes before event `stop` to a location of these owners and kinds, in the order of the events."""
        end = int(np.searchsorted(self._event, stop))
        if not len(owners) or not end:
            return _NOTHING, _NOTHING, _NOTHING
        sub, owner = self._sub[:end], self._owner[:end]
        wanted = np.zeros(end, bool)
        for kind in kinds:
            wanted |= sub == (slot << KIND_BITS | KINDS.index(kind))
        rows = np.flatnonzero(wanted)
        asked = np.zeros(max(int(owners.max()), int(owner.max())) + 1, bool)
        asked[owners] = True
        rows = rows[asked[owner[rows]]]
        return owner[rows].astype(np.int64), self._event[rows].astype(np.int64), self._value[rows].astype(np.int64)

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._owner.nbytes + self._sub.nbytes + self._event.nbytes + self._value.nbytes

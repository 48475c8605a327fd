"""A recorder for a run that is done again: it notes some ranges of events, and forgets all the rest at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .recorder import Recorder

_ROWS = 2048  # rows that are forgotten at once
_BYTES = 8 << 20  # of long arrays that are held until then
Range = tuple[int, int]


class Again(Recorder):
    """Notes the events of ascending ranges, with the numbers of every value that first appears in them.

    Args:
        script, source, meta: see `Recorder`.
        ranges: (first event, event behind the last) of each.
        take: called with each chunk of a range.
        done: called once, when the last range is over.
        rest: called now and then on the way to the first range, with the number of events so far and whether the range begins: it may
            return other ranges, where a copy of this process goes on later (`running/process/checkpoints.py`).
    """

    follows = False  # it counts rows one by one

    def __init__(
        self,
        script: str,
        source: str,
        ranges: Sequence[Range],
        take: Callable[[bytes], None],
        done: Callable[[], None],
        meta: dict[str, Any] | None = None,
        rest: Callable[[int, bool], Sequence[Sequence[int]] | None] | None = None,
    ) -> None:
        super().__init__(script, source, 1 << 62, meta)
        self._ranges = list(ranges)
        self._rest = rest
        self._take = take
        self._done = done
        self._keeping = False
        self._write = self._note_row  # type: ignore[assignment]
        self._left = _ROWS
        self._turn()

    def finish(self) -> None:
        """The program has ended, maybe before the last range."""
        if self._keeping:
            self._hand_over()

    def _note_row(self, row: bytes) -> None:
        self._rows.write(row)
        self._left -= 1
        if not self._left:
            self._turn()

    def _relieve(self, *, at_boundary: bool = False) -> None:
        if self._values.pending_bytes > _BYTES:
            self._turn()

    def _turn(self) -> None:
        """Hand over or forget what waits, and find out what comes next."""
        if self._keeping:
            self._hand_over()
        else:
            self._forget()
        now = self._sent[0]
        if self._ranges and now >= self._ranges[0][1]:
            self._ranges.pop(0)
            if not self._ranges:
                self._keeping = False
                self._left = _ROWS
                self._done()
                return
        if not self._ranges:
            self._left = _ROWS
            return
        if self._rest is not None:
            begins = now >= self._ranges[0][0]
            wanted = self._rest(now, begins)
            if wanted is not None:
                self._ranges = [(first, stop) for first, stop in wanted]
                begins = now >= self._ranges[0][0]
            if begins:
                self._rest = None
        start, stop = self._ranges[0]
        self._keeping = now >= start
        self._left = min(_ROWS, (stop if self._keeping else start) - now)

    def _hand_over(self) -> None:
        if self._rows:
            with self._handing:
                for piece in self._seal(len(self._rows)):
                    self._take(b"".join(piece))

    def _forget(self) -> None:
        with self._lock:
            rows = len(self._rows)
            if rows:
                self._time(self._sent[0], rows)
            self._rows.clear()
            self._wide.clear()
            self._sent[0] += rows
        self._values.forget()

"""Append-only columns of numbers: a million rows, a few bytes each, and those of a training that repeats itself almost none."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS
LONGEST_PERIOD = 1 << 16  # rows
_SHORT = 256  # rows: what repeats itself sooner is kept several times over, since numpy takes its time for each short row
_DENSE = 6  # times as many: of so many rows it is quicker to read all than those that are asked for
_NARROW = tuple((np.dtype(kind), int(np.iinfo(kind).max)) for kind in (np.uint8, np.uint16, np.uint32))


def narrow(values: Ints) -> tuple[int, np.ndarray[Any, Any]]:
    """`(base, small)` with `base + small == values`, in the smallest dtype that holds it."""
    if not len(values):
        return 0, np.zeros(0, np.uint8)
    low, high = int(values.min()), int(values.max())
    for dtype, largest in _NARROW:
        if high - low <= largest:
            return low, ((values if dtype.itemsize < 4 else values.astype(np.int64)) - low).astype(dtype)
    return 0, values.astype(np.int64)


class Steady(NamedTuple):
    """Rows up to `stop`, each of which has grown by the same amount after every `period` rows; `growth`: all by this one, if so."""

    period: int
    growth: int | None
    stop: int


class _Blocks:
    """Numbers that are only ever appended, in blocks of which only the last one stands as it came."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._blocks: list[_Narrow | _Plain | Repeat] = []
        self._tail: np.ndarray[Any, Any] = np.zeros(BLOCK, dtype)
        self._length = 0
        self._starts = [0]  # the row at which each other block begins (one that repeats itself stands there many times), the open one last
        self._closed_bytes = 0  # asked for with each chunk that comes, so it is kept and not added up

    def __len__(self) -> int:
        return self._length

    def _append(self, block: _Narrow | _Plain | Repeat) -> None:
        if self._blocks and block is self._blocks[-1]:
            self._starts[-1] += BLOCK
        else:
            self._starts.append(self._starts[-1] + BLOCK)
            self._closed_bytes += block.nbytes + 8
        self._blocks.append(block)

    def _extend(self, values: np.ndarray[Any, Any]) -> None:
        done = 0
        while done < len(values):
            at = self._length & BLOCK - 1
            take = min(BLOCK - at, len(values) - done)
            self._tail[at : at + take] = values[done : done + take]
            self._length += take
            done += take
            if at + take == BLOCK:
                self._close()

    def _close(self) -> None:
        """The last block is full."""
        raise NotImplementedError

    def _at(self, index: int) -> Any:
        if not 0 <= index < self._length:
            raise IndexError(index)
        number = index >> BLOCK_BITS
        if number < len(self._blocks):
            return self._blocks[number].at(index)
        return self._tail[index & BLOCK - 1].item()

    def between(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """The rows `start` <= i < `stop` as a new array."""
        stop = min(stop, self._length)
        start = min(max(start, 0), stop)
        out = np.empty(stop - start, self._tail.dtype)
        at = start
        blocks = self._blocks
        while at < stop:
            number = at >> BLOCK_BITS
            end = min(stop, (number + 1) << BLOCK_BITS)
            if number < len(blocks):
                block = blocks[number]
                while end < stop and number + 1 < len(blocks) and blocks[number + 1] is block:
                    number += 1
                    end = min(stop, (number + 1) << BLOCK_BITS)
                block.into(out[at - start : end - start], at)
            else:
                first, last = at & BLOCK - 1, (end - 1 & BLOCK - 1) + 1
                out[at - start : end - start] = self._tail[first:last]
            at = end
        return out

    def take(self, rows: Ints) -> np.ndarray[Any, Any]:
        """These rows as a new array; of few that lie far apart nothing else is read."""
        if not len(rows):
            return np.zeros(0, self._tail.dtype)
        low, high = int(rows.min()), int(rows.max()) + 1
        if low < 0 or high > self._length:
            raise IndexError(low if low < 0 else high - 1)
        if high - low <= _DENSE * len(rows):
            return self.between(low, high)[rows - low]
        edges = self._starts[bisect_right(self._starts, low) : bisect_left(self._starts, high)]
        if not edges:
            return self._around(low).take(rows)
        out = np.empty(len(rows), self._tail.dtype)
        if (rows[1:] >= rows[:-1]).all():
            self._take_ascending(rows, edges, out)
        else:
            order = np.argsort(rows, kind="stable")
            out[order] = self._take_ascending(rows[order], edges, np.empty_like(out))
        return out

    def _take_ascending(self, rows: Ints, edges: list[int], out: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Block for block; `edges` are where other blocks begin between the first and the last row."""
        for first, stop in pairwise((0, *np.searchsorted(rows, edges).tolist(), len(rows))):
            if first < stop:
                out[first:stop] = self._around(int(rows[first])).take(rows[first:stop])
        return out

    def _around(self, row: int) -> _Narrow | _Plain | Repeat:
        """The block that the row stands in."""
        number = row >> BLOCK_BITS
        return self._blocks[number] if number < len(self._blocks) else _Plain(number << BLOCK_BITS, self._tail)

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._tail.nbytes + 8 * len(self._blocks) + self._closed_bytes


class Column(_Blocks):
    """Integers: full blocks in the narrowest dtype.

    The columns of a training repeat themselves step after step, but for numbers that grow by the same amount each
    time. Blocks that do so stand as one `Repeat`, whatever their number.
    """

    def __init__(self) -> None:
        super().__init__(np.int64)
        self._periods: tuple[int, ...] = ()
        self._guesses: list[Repeat] = []

    def __getitem__(self, index: int) -> int:
        return int(self._at(index))

    def __iter__(self) -> Iterator[int]:
        return iter(self.between(0, self._length).tolist())

    def steady(self, row: int) -> Steady | None:
        """How the column goes on from a row on, where it repeats itself."""
        number = bisect_right(self._starts, row) - 1
        block = self._blocks[row >> BLOCK_BITS] if number + 1 < len(self._starts) else None
        return Steady(block.period, block.growth, self._starts[number + 1]) if isinstance(block, Repeat) else None

    def append(self, value: int) -> None:
        """Add one row."""
        self.extend(np.array([value], np.int64))

    def extend(self, values: np.ndarray[Any, Any], periods: tuple[int, ...] = ()) -> None:
        """Add rows. `periods` are guesses after how many rows they repeat themselves."""
        self._periods = periods or self._periods
        self._extend(values)

    def _close(self) -> None:
        start, stop = self._length - BLOCK, self._length
        for guess in self._guesses:
            if np.array_equal(guess.between(start, stop), self._tail):
                self._append(guess)
                self._guesses = [guess]
                return
        self._append(_Narrow(start, self._tail))
        self._guesses = [Repeat.guess(self.between, stop, period) for period in self._periods if 0 < 2 * period <= stop]

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        spare = [guess for guess in self._guesses if guess is not self._blocks[-1]]
        return super().nbytes + sum(guess.nbytes for guess in spare)


class Reals(_Blocks):
    """Floating-point numbers: full blocks in float32, where that loses nothing."""

    def __init__(self) -> None:
        super().__init__(np.float64)

    def __getitem__(self, index: int) -> float:
        return float(self._at(index))

    def extend(self, values: np.ndarray[Any, Any]) -> None:
        """Add rows."""
        self._extend(values)

    def _close(self) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            short = self._tail.astype(np.float32)
        exact = np.array_equal(short, self._tail, equal_nan=True)
        self._append(_Plain(self._length - BLOCK, short if exact else self._tail.copy()))


class _Plain:
    """A block as it is."""

    __slots__ = ("_start", "_values")

    def __init__(self, start: int, values: np.ndarray[Any, Any]) -> None:
        self._start = start
        self._values = values

    def at(self, index: int) -> Any:
        """One row."""
        return self._values[index - self._start].item()

    def into(self, out: np.ndarray[Any, Any], start: int) -> None:
        """Write the rows from `start` on into `out`."""
        first = start - self._start
        out[:] = self._values[first : first + len(out)]

    def take(self, rows: Ints) -> np.ndarray[Any, Any]:
        """These rows."""
        taken: np.ndarray[Any, Any] = self._values[rows - self._start]
        return taken

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._values.nbytes + 100


class _Narrow:
    """A block in the narrowest dtype."""

    __slots__ = ("_base", "_small", "_start")

    def __init__(self, start: int, values: Ints) -> None:
        self._start = start
        self._base, self._small = narrow(values)

    def at(self, index: int) -> int:
        """One row."""
        return self._base + int(self._small[index - self._start])

    def into(self, out: Ints, start: int) -> None:
        """Write the rows from `start` on into `out`."""
        first = start - self._start
        np.add(self._small[first : first + len(out)], np.int64(self._base), out=out)

    def take(self, rows: Ints) -> Ints:
        """These rows."""
        return np.asarray(self._small[rows - self._start] + np.int64(self._base))

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._small.nbytes + 100


class Repeat:
    """Rows that repeat themselves: row `anchor + n * period + k` is `pattern[k] + n * slope[k]`."""

    __slots__ = ("_anchor", "_even", "_pattern", "_slope", "period")

    def __init__(self, anchor: int, pattern: Ints, slope: Ints) -> None:
        self._anchor = anchor
        self._pattern = narrow(pattern)
        self._slope = narrow(slope)
        self._even = not self._slope[1].any()  # all grow by the same amount, most of them by none
        self.period = len(pattern)

    @classmethod
    def guess(cls, rows: Callable[[int, int], Ints], stop: int, period: int) -> Repeat:
        """What the last two periods before `stop` say."""
        last = rows(stop - period, stop)
        slope = last - rows(stop - 2 * period, stop - period)
        if period < _SHORT:
            times = -(-_SHORT // period)
            last, slope = (last + np.arange(times)[:, None] * slope).reshape(-1), np.tile(slope * times, times)
        return cls(stop - period, last, slope)

    @property
    def growth(self) -> int | None:
        """By how much all rows have grown after a period, None where they have not grown alike."""
        return self._slope[0] if self._even else None

    def at(self, index: int) -> int:
        """One row."""
        turn, k = divmod(index - self._anchor, self.period)
        low, pattern = self._pattern
        least, slope = self._slope
        return low + int(pattern[k]) + turn * (least + int(slope[k]))

    def into(self, out: Ints, start: int) -> None:
        """Write the rows from `start` on into `out`."""
        period = self.period
        turn, k = divmod(start - self._anchor, period)
        done = 0
        if k or len(out) < period:  # up to the end of the first turn
            done = min(period - k, len(out))
            self._part(out[:done], turn, k)
            turn += 1
        whole = (len(out) - done) // period
        if whole:
            turns = out[done : done + whole * period].reshape(whole, period)
            numbers, pattern = np.arange(turn, turn + whole)[:, None], _wide(self._pattern)
            if not self._even:
                np.multiply(numbers, _wide(self._slope), out=turns)
                turns += pattern
            elif self._slope[0]:  # one pass over the memory instead of two
                np.add(pattern, numbers * self._slope[0], out=turns)
            else:
                turns[:] = pattern
            done += whole * period
            turn += whole
        if done < len(out):
            self._part(out[done:], turn, 0)

    def _part(self, out: Ints, turn: int, k: int) -> None:
        """The rows of one turn from its row `k` on."""
        low, pattern = self._pattern
        least, slope = self._slope
        stop = k + len(out)
        if self._even:
            np.add(pattern[k:stop], np.int64(low + turn * least), out=out)
        else:
            np.multiply(slope[k:stop], np.int64(turn), out=out)
            out += pattern[k:stop]
            out += low + turn * least

    def take(self, rows: Ints) -> Ints:
        """These rows."""
        low, pattern = self._pattern
        least, slope = self._slope
        turn, k = np.divmod(rows - self._anchor, self.period)
        if self._even:
            turn *= least
        else:
            turn *= slope[k] + np.int64(least)
        turn += pattern[k]
        turn += low
        return turn

    def between(self, start: int, stop: int) -> Ints:
        """The rows `start` <= i < `stop`."""
        out = np.empty(stop - start, np.int64)
        self.into(out, start)
        return out

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self._pattern[1].nbytes + self._slope[1].nbytes + 200


def _wide(narrowed: tuple[int, np.ndarray[Any, Any]]) -> Ints:
    """What `narrow` was given."""
    base, small = narrowed
    return small.astype(np.int64) + base

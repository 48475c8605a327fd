"""The values of a recording: statistics of all, numbers within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from engine.half.bfloat16 import WORD

from ..columns.columns import Column, Ints, Reals
from ..event import Stats
from ..form import Form
from ..problem import RecordingProblem
from ..statistics import COUNTS, NAMES, NORM
from .tiers import Tiers

Array = np.ndarray[Any, Any]
LARGEST = 16 << 20  # bytes: of a larger value only the statistics are kept
_BLOCK = 1 << 20
_PIECE = 1 << 16
# (first value, forms, form of each, whose bytes each has, statistics, numbers or None)
Piece = tuple[int, list[list[Any]], Ints, Ints, np.ndarray[Any, np.dtype[np.float64]], bytes | None]


def _sizes(forms: Sequence[Form], form: Ints, same: Ints) -> tuple[Ints, np.ndarray[Any, np.dtype[np.bool_]]]:
    """How many bytes of each value travel, and which are too large for that."""
    size = np.array([min(each.nbytes, 1 << 50) for each in forms], np.int64)[form]
    large = size > LARGEST
    size[large | (same >= 0)] = 0
    return size, large


def numbers_of(forms: Sequence[Form], form: Ints, same: Ints, data: bytes) -> dict[int, Array]:
    """The values of a chunk by their place in it; those that are too large to travel are not there."""
    size, large = _sizes(forms, form, same)
    order = np.argsort(form, kind="stable")
    at = np.zeros(len(form), np.int64)
    at[order] = np.cumsum(size[order]) - size[order]
    at = np.where(same >= 0, at[same], at)
    return {k: forms[form[k]].view(data, int(at[k])) for k in np.flatnonzero(~large).tolist()}


class Store:
    """Values by their numbers; `tiers` says which of them stay in memory."""

    def __init__(self, budget: int) -> None:
        self.tiers = Tiers(budget)
        self.filled = 0  # grows when values were computed again
        self._forms: list[Form] = []
        self._form_numbers: dict[Form, int] = {}
        self._names: dict[np.dtype[Any], str] = {}  # numpy takes 10 us for the name of a dtype
        self._form = Column()
        self._block = Column()  # of each value, -1 for none
        self._offset = Column()
        self._stats: tuple[Reals | Column, ...] = tuple(Column() if name in COUNTS else Reals() for name in NAMES)

    def __len__(self) -> int:
        return len(self._form)

    def append(self, forms: Sequence[Form], form: Ints, same: Ints, stats: np.ndarray[Any, np.dtype[np.float64]], data: Any) -> None:
        """Add values; `data` has the numbers of the first form's values, then the second's, or is None.

        `same` says of each value whose bytes (by its place among these) it has, -1 for its own.

        Raises:
            RecordingProblem: when sizes do not fit.
        """
        if len(form) != len(stats) or len(same) != len(form) or (len(form) and (form.min() < 0 or form.max() >= len(forms))):
            raise RecordingProblem("The recording is damaged: its values and their types do not fit.")
        shared = np.flatnonzero(same >= 0)
        if len(shared):
            bytes_of = np.array([min(each.nbytes, 1 << 50) for each in forms], np.int64)[form]
            whose = same[shared]
            if whose.max() >= len(form) or (same[whose] >= 0).any() or (bytes_of[whose] != bytes_of[shared]).any():
                raise RecordingProblem("The recording is damaged: a value has the bytes of another one that does not fit.")
        self.tiers.begin_group(data is not None and bool(len(form)))  # each chunk counts, as it does for who sends (thinning.py)
        if not len(form):
            return
        size, large = _sizes(forms, form, same)
        order = np.argsort(form, kind="stable")
        block, offset = np.full(len(form), -1, np.int64), np.zeros(len(form), np.int64)
        if data is not None:
            ends = np.cumsum(size[order])
            if int(ends[-1]) != len(data) or (size > len(data)).any():
                raise RecordingProblem("The recording is damaged: the numbers have another size than their types say.")
            self._cut(data, order, ends, size, block, offset)
            block[large] = -1
            block[shared], offset[shared] = block[same[shared]], offset[same[shared]]
        for each in forms:
            if each not in self._form_numbers:
                self._form_numbers[each] = len(self._forms)
                self._forms.append(each)
                self._names.setdefault(each.dtype, "bfloat16" if each.dtype == WORD else each.dtype.name)
        self._form.extend(np.array([self._form_numbers[each] for each in forms], np.int64)[form])
        self._block.extend(block)
        self._offset.extend(offset)
        for column, numbers in zip(self._stats, stats.T, strict=True):
            column.extend(numbers)
        self.tiers.trim()

    def _cut(self, data: Any, order: Ints, ends: Ints, size: Ints, block: Ints, offset: Ints) -> None:
        """Cut the numbers into blocks of about a megabyte, never within a value."""
        first = 0
        while first < len(order):
            start = int(ends[first - 1]) if first else 0
            stop = max(first + 1, int(np.searchsorted(ends, start + _BLOCK, side="right")))
            rows = order[first:stop]
            block[rows] = self.tiers.add(bytes(data[start : int(ends[stop - 1])]))
            offset[rows] = ends[first:stop] - size[rows] - start
            first = stop

    def stats(self, value: int) -> Stats:
        """The statistics of a value."""
        dtype, shape, _ = self._forms[self._form[value]]
        norm, mean, low, high, nans, infs, zeros = (column[value] for column in self._stats)
        return Stats(shape, self._names[dtype], norm, max(abs(low), abs(high)), mean, low, high, int(nans), int(infs), int(zeros))

    def form(self, value: int) -> tuple[tuple[int, ...], str]:
        """Shape and dtype of a value."""
        dtype, shape, _ = self._forms[self._form[value]]
        return shape, self._names[dtype]

    def norms(self, values: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The norm of each value; nan for -1."""
        out = np.full(len(values), np.nan)
        out[values >= 0] = self._stats[NORM].take(values[values >= 0])
        return out

    def measures(self, values: Ints, which: Iterable[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The statistics of each value, a row each in the order of `NAMES`; nan for -1, and for those that are not asked for."""
        out = np.full((len(NAMES), len(values)), np.nan)
        known = values >= 0
        there = values[known]
        for number in which:
            out[number, known] = self._stats[number].take(there)
        return out.T

    def array(self, value: int) -> Array | None:
        """The numbers of a value, read-only; None where they were not kept: that is remembered in `tiers.missed`."""
        found = self.peek(value)
        if found is None and self._nbytes(value) <= LARGEST:
            self.tiers.miss(value)
        return found

    def peek(self, value: int) -> Array | None:
        """The same without remembering: for who takes what is there."""
        number = self._block[value]
        data = self.tiers.look(number) if number >= 0 else None
        if data is None:
            return self.tiers.again(value)
        return self._forms[self._form[value]].view(data, self._offset[value])

    def elements(self, values: Ints, key: tuple[int | slice, ...]) -> tuple[Array, np.ndarray[Any, np.dtype[np.bool_]]] | None:
        """`array(value)[key]` of many values at once, a row each, and which of them are there; None where they are not of one kind.

        A value of another shape may be among them: a last batch is shorter. What has no such element is not there.
        """
        out: Array | None = None
        there = np.zeros(len(values), bool)
        of_form = self._form.take(values)
        for number in np.unique(of_form).tolist():
            form = self._forms[number]
            if not form.nbytes:
                return None
            try:
                places = Form(np.dtype(np.int64), form.shape, form.axes).view(np.arange(prod(form.shape)).tobytes(), 0)[key]
            except IndexError:
                continue
            if out is None:
                out = np.zeros((len(values), *places.shape), form.dtype)
            if out.dtype != form.dtype or out.shape[1:] != places.shape:
                return None
            self._take(np.flatnonzero(of_form == number), values, form, key, places, out, there)
        return (out if out is not None else np.zeros(len(values))), there

    def _take(self, rows: Ints, values: Ints, form: Form, key: tuple[int | slice, ...], places: Ints, out: Array, there: Array) -> None:
        """These elements of the values of one form, a block at a time; who looks at all of them looks at none in particular."""
        block = self._block.take(values[rows])
        order = np.argsort(block, kind="stable")
        rows, block = rows[order], block[order]
        offset, size = self._offset.take(values[rows]), form.dtype.itemsize
        for first, stop in pairwise((0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(rows))):
            mine, at = rows[first:stop], offset[first:stop]
            data = self.tiers.blocks[int(block[first])].data if block[first] >= 0 else None
            if data is None:
                for row in mine.tolist():
                    found = self.array(int(values[row]))
                    if found is not None:
                        out[row], there[row] = found[key], True
                continue
            there[mine] = True
            for shift in np.unique(at % size).tolist():  # values of other types stand between them
                numbers = np.frombuffer(data, form.dtype, (len(data) - shift) // size, shift)
                here = at % size == shift
                out[mine[here]] = numbers[(at[here] // size).reshape(-1, *[1] * places.ndim) + places]

    def _nbytes(self, value: int) -> int:
        return self._forms[self._form[value]].nbytes

    def bytes_between(self, start: int, stop: int) -> int:
        """How many bytes the numbers of these values take, kept or not."""
        numbers, counts = np.unique(self._form.between(start, stop), return_counts=True)
        sizes = (self._forms[n].nbytes for n in numbers.tolist())
        return sum(size * count for size, count in zip(sizes, counts.tolist(), strict=True) if size <= LARGEST)

    def fill(self, arrays: dict[int, Array]) -> None:
        """Take in values that were computed again."""
        for value, array in arrays.items():
            array.flags.writeable = False
            self.tiers.add_again(value, array)
        self.filled += len(arrays)
        self.tiers.trim()

    @property
    def stats_bytes(self) -> int:
        """Memory taken by the statistics, which always stay."""
        return sum(column.nbytes for column in self._stats) + self._form.nbytes + self._block.nbytes + self._offset.nbytes

    def pieces(self) -> Iterator[Piece]:
        """All values in order, in pieces of bounded size."""
        block = self._block.between(0, len(self))
        kept = np.array([b.data is not None for b in self.tiers.blocks] + [False])[block]  # -1 finds the last
        edges = np.flatnonzero(np.diff(kept)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(self)], strict=True):
            first = start
            while first < stop:
                last, size = first, 0
                while last < stop and last - first < _PIECE and (last == first or size < 8 * _BLOCK):
                    size += self._nbytes(last)
                    last += 1
                here = (
                    set(self._block.between(first, last).tolist()) if kept[first] else set()
                )  # what was let go since the pieces began is not there
                yield self._piece(first, last, bool(here) and all(self.tiers.blocks[block].data is not None for block in here))
                first = last

    def _piece(self, first: int, last: int, kept: bool) -> Piece:
        numbers, form = np.unique(self._form.between(first, last), return_inverse=True)
        forms = [self._forms[n].row() for n in numbers.tolist()]
        same = np.full(last - first, -1, np.int64)
        data = None
        if kept:
            places: dict[tuple[int, int, int], int] = {}
            for k, value in enumerate(range(first, last)):
                size = self._nbytes(value)
                where = places.setdefault((self._block[value], self._offset[value], size), k)
                if where != k and size:
                    same[k] = where
            order = np.argsort(form, kind="stable")
            data = b"".join(self._raw(first + k) for k in order[same[order] < 0].tolist())
        return first, forms, form.astype(np.int64), same, self._stats_between(first, last), data

    def _stats_between(self, first: int, last: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.stack([column.between(first, last).astype(np.float64) for column in self._stats], axis=1)

    def _raw(self, value: int) -> bytes:
        at = self._offset[value]
        data = self.tiers.blocks[self._block[value]].data
        return (data or b"")[at : at + self._nbytes(value)]

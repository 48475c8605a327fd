"""Values in the form in which they travel: measured, and their bytes put together, form after form."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np

from ..form import Form, in_memory
from ..numbers.store import LARGEST
from ..statistics import NAMES, NEAR, Doubles, finish, gather, gather_one
from .measured import Measured, of_measured

Array = np.ndarray[Any, Any]

_form_of = attrgetter("dtype", "shape")


@dataclass
class Sealed:
    """Values in the form in which they travel: by form (dtype and shape), numbers form after form."""

    first: int
    forms: list[list[Any]]  # rows of `Form`
    form: list[int]  # of each value
    same: list[int]  # of each value the place of the one whose bytes it has, -1 for its own
    stats: np.ndarray[Any, np.dtype[np.float64]]
    data: list[bytes | memoryview]


def sealed(first: int, arrays: list[Any], long: list[int], measured: list[int], *, keep: bool) -> Sealed:
    """The values from `first` on with their statistics.

    Args:
        first: number of the first value.
        arrays: of each.
        long: places of the long ones: of these it is asked whether another one has the same bytes.
        measured: places of those of which nothing else is there; then no numbers are wanted.
        keep: whether their numbers are wanted.
    """
    forms: defaultdict[tuple[Any, ...], int] = defaultdict()
    forms.default_factory = forms.__len__
    form = list(map(forms.__getitem__, map(_form_of, arrays)))
    same = [-1] * len(arrays)
    shared = _share(long, arrays, forms, form, same)
    alone: list[Measured] = [arrays[place] for place in measured]
    for place, one in zip(measured, alone, strict=True):
        if one.axes:
            form[place] = forms.setdefault((one.dtype, one.shape, one.axes), len(forms))
    stats, parts = _measured(arrays, form, list(forms), shared + measured, keep=keep)
    stats[shared] = stats[[same[place] for place in shared]]
    stats[measured] = of_measured(alone)
    return Sealed(first, [Form(*key).row() for key in forms], form, same, stats, parts)


def _share(long: list[int], arrays: list[Array], forms: dict[tuple[Any, ...], int], form: list[int], same: list[int]) -> list[int]:
    """Long arrays as they lie in memory; those that lie where another one does have its bytes. The places of these."""
    there: dict[tuple[int, int, Any], int] = {}  # address, size and dtype -> the first
    looked_at = {id(arrays[place].base) for place in long}
    shared = []
    for place in long:
        array = arrays[place]
        if array.base is None and id(array) not in looked_at and array.flags.c_contiguous:
            continue  # nobody else has its memory
        flat, axes = in_memory(array)
        if axes:
            form[place] = forms.setdefault((array.dtype, array.shape, axes), len(forms))
        arrays[place] = flat
        first = there.setdefault((flat.__array_interface__["data"][0], flat.size, array.dtype), place)
        if first != place:
            same[place] = first
            shared.append(place)
    return shared


def _measured(
    arrays: list[Array], form: list[int], forms: list[tuple[Any, ...]], without: list[int], *, keep: bool
) -> tuple[Doubles, list[bytes | memoryview]]:
    """The statistics of arrays, `without` those at these places, and, where they are kept, their bytes, form after form."""
    of = np.array(form, np.int64)
    of[without] = len(forms)
    order = np.argsort(of, kind="stable")
    counts = np.bincount(of, minlength=len(forms))[: len(forms)].tolist()
    places = order.tolist()
    rows = np.zeros((sum(counts), len(NAMES)))
    parts: list[bytes | memoryview] = []
    kinds = []
    stop = 0
    with np.errstate(all="ignore"):
        for key, count in zip(forms, counts, strict=True):
            start, stop = stop, stop + count
            some = [arrays[place] for place in places[start:stop]]
            kinds.append((some[0].size if some else 0, key[0]))
            if some:
                parts += _gathered(some, rows[start:stop], keep=keep)
    finish(rows, counts, kinds, lambda row: arrays[places[row]])
    stats = np.zeros((len(arrays), len(NAMES)))
    stats[order[: len(rows)]] = rows
    return stats, parts


def _gathered(arrays: list[Array], out: Doubles, *, keep: bool) -> list[bytes | memoryview]:
    """Gather what is known of arrays of one form into rows of `out`; their bytes, one behind the other, unless they are too long."""
    size, dtype = arrays[0].size, arrays[0].dtype
    keep = keep and arrays[0].nbytes <= LARGEST
    if size > NEAR:
        for array, row in zip(arrays, out, strict=True):
            row[:] = gather_one(array.reshape(-1))
        alone = [held <= _ALONE + 1 for held in _holders(arrays)]  # 1: the values that are sealed
        return [_owned(array, only).reshape(-1).view(np.uint8).data for array, only in zip(arrays, alone, strict=True)] if keep else []
    near = max(1, NEAR // max(1, size))  # so many are looked at together
    parts: list[bytes | memoryview] = []
    for first in range(0, len(arrays), near):
        some = arrays[first : first + near]
        data = _joined(some)
        gather(np.frombuffer(data, dtype).reshape(len(some), -1), out[first : first + near])
        if keep:
            parts.append(data)
    return parts


def _joined(arrays: list[Any]) -> bytes:
    """Their bytes; for small arrays numpy's own `concatenate` takes four times as long."""
    try:
        return b"".join(arrays)
    except TypeError:  # one of them does not lie in rows
        return b"".join([array if array.flags.c_contiguous else array.tobytes() for array in arrays])


def _holders(arrays: list[Array]) -> list[int]:
    return [getrefcount(array) for array in arrays]


_ALONE = _holders([np.empty(0)])[0]  # of an array in a list that nobody else has; not the same in each Python


def _owned(array: Array, alone: bool) -> Array:
    """The array, copied where somebody else could write to it."""
    return array if alone and array.base is None and array.flags.c_contiguous else array.copy()

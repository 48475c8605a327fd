"""Scattered: the cotangent of a table of which few rows were looked up, as those rows (`Embedding(sparse=True)`).

It goes from the lookup to the table's AccumulateGrad and nowhere else, where it becomes a sparse `.grad`. Whoever looks at it as an
array (the recording does) sees the gradient of the whole table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# (places, entries, shape) -> the sparse tensor of it; filled by sparse/tensors.py, which stands on tensors and their functions
MADE: list[Callable[[Array, Array, tuple[int, ...]], Any]] = []


class Scattered:
    """Numbers at places of a larger array; those of one place are summed.

    Attributes:
        places: int64 array, a row for each dimension that is indexed.
        entries: the numbers, one (or one row) for each column of `places`.
    """

    __slots__ = ("_dense", "entries", "places", "shape")
    __array_ufunc__ = None  # an array plus one of these comes to `__radd__`

    def __init__(self, places: Array, entries: Array, shape: tuple[int, ...]) -> None:
        self.places, self.entries, self.shape = places, entries, shape
        self._dense: Array | None = None

    @property
    def dtype(self) -> Any:
        return self.entries.dtype

    @property
    def _data(self) -> Array:
        """The whole array."""
        if self._dense is None:
            self._dense = np.zeros(self.shape, self.entries.dtype)
            np.add.at(self._dense, tuple(self.places), self.entries)
        return self._dense

    def __add__(self, other: Any) -> Any:
        """Where cotangents meet, the one that came later stands first, as in PyTorch's engine."""
        return combined(other, self) if type(other) is Scattered else self._data + other

    __radd__ = __add__

    def tensor(self) -> Any:
        """The sparse tensor that a script sees."""
        return MADE[0](self.places, np.ascontiguousarray(self.entries), self.shape)


def joined(a: Array, b: Array, shape: tuple[int, ...], merge: bool) -> tuple[Array, Array]:
    """The places of a sum, and where each number of a and then of b goes to.

    PyTorch's loop over both lists at once: of equal heads one is made, else the smaller goes first, whether the lists are in order or not.
    """
    count = a.shape[1] + b.shape[1]
    if not merge or not count or not len(a):
        return np.concatenate([a, b], axis=1), np.arange(count)
    one, two = (np.ravel_multi_index(tuple(x), shape[: len(x)]).tolist() for x in (a, b))
    chosen: list[int] = []
    goes = np.empty(count, np.int64)
    i = j = 0
    while i < len(one) or j < len(two):
        first = j >= len(two) or (i < len(one) and one[i] <= two[j])
        second = i >= len(one) or (j < len(two) and two[j] <= one[i])
        if first:
            goes[i] = len(chosen)
        if second:
            goes[len(one) + j] = len(chosen)
        chosen.append(one[i] if first else two[j])
        i, j = i + first, j + second
    return np.array(np.unravel_index(chosen, shape[: len(a)]), np.int64).reshape(len(a), -1), goes


def in_rows(entries: Array) -> bool:
    """Whether numbers lie as PyTorch's loop wants them; an expanded gradient does not."""
    return entries.flags.c_contiguous and 0 not in entries.strides


def combined(a: Scattered, b: Scattered) -> Scattered:
    """Their sum, with the places in PyTorch's order."""
    places, goes = joined(a.places, b.places, a.shape, in_rows(a.entries) and in_rows(b.entries))
    entries = np.zeros((places.shape[1], *a.entries.shape[1:]), a.entries.dtype)
    np.add.at(entries, goes, np.concatenate([a.entries, b.entries]))
    return Scattered(places, entries, a.shape)


__all__ = ["Scattered", "combined", "in_rows", "joined"]

"""Large values whose numbers are not kept: measured while the processor has them near, and not held.

A held array costs the next one its memory: the program goes to another place for each, and all of them are read once more
from afar when they are measured (benchmark rows `engine/W3 recorded`, `engine/W7 recorded`).
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..form import axes_of, in_memory
from ..statistics import NAMES, Doubles, careful, doubtful, finish, gather_one

Array = np.ndarray[Any, Any]

LARGE = 1 << 14  # elements: smaller ones are measured together in less time


class Measured:
    """What stays of a value: its form, and its statistics as they were gathered."""

    __slots__ = ("axes", "dtype", "nbytes", "row", "shape", "size", "whole")

    def __init__(self, array: Array) -> None:
        self.dtype, self.shape, self.size, self.nbytes = array.dtype, array.shape, array.size, array.nbytes
        flat, self.axes = in_memory(array)
        with np.errstate(all="ignore"):
            self.row = gather_one(flat)
        self.whole = doubtful(self.row, array.dtype)
        if self.whole:
            self.row = careful(flat)

    def seen_as(self, view: Array) -> Measured:
        """The same elements in another shape."""
        other = Measured.__new__(Measured)
        other.dtype, other.shape, other.size, other.nbytes = self.dtype, view.shape, self.size, self.nbytes
        other.axes = axes_of(view) or ()
        other.row, other.whole = self.row, self.whole
        return other


def of_measured(values: Sequence[Measured]) -> Doubles:
    """Their statistics, a row each."""
    rows = np.array([value.row for value in values]).reshape(-1, len(NAMES))
    unfinished = [k for k, value in enumerate(values) if not value.whole]
    some = rows[unfinished]
    kinds = [(values[k].size, values[k].dtype) for k in unfinished]
    rows[unfinished] = finish(some, [1] * len(some), kinds, some.__getitem__)
    return rows


class Living(weakref.ref[Array]):
    """An array that is known as long as it lives.

    Attributes:
        key: its id.
        where: which elements of its owner's memory it shows, see `where`.
    """

    __slots__ = ("key", "measured", "where")

    key: int
    measured: Measured
    where: int | None


ALL = -1


def where(array: Array, owner: Array) -> int | None:
    """Which elements of its owner's memory an array shows, together with its size: ALL, or those from an address on.

    None: elements that do not lie one behind the other.
    """
    if array.base is None:
        return ALL
    if axes_of(array) is None:
        return None
    return ALL if array.size == owner.size and array.dtype == owner.dtype else int(array.__array_interface__["data"][0])

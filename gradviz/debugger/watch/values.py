"""What a watch can be worth: numbers, flags, words, None, a tensor at a moment, a histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BINS = 24
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the recording as a watch sees it: its number, and the event after which it is looked at."""

    number: int
    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Passing:
    """The gradient that passed through a result: its `.grad` is None, because PyTorch does not keep it, and the recording has it."""

    array: Array


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How often which values are there.

    Attributes:
        values: the finite ones, sorted.
        left_out: how many are nan or infinite.
    """

    values: Array
    left_out: int

    @property
    def low(self) -> float:
        """The least value, 0 without any."""
        return float(self.values[0]) if len(self.values) else 0.0

    @property
    def high(self) -> float:
        """The largest value, 0 without any."""
        return float(self.values[-1]) if len(self.values) else 0.0

    def over(self, low: float, high: float, bins: int = BINS) -> tuple[int, ...]:
        """The counts of equally wide bins between two values; where they are one, all is in the middle."""
        if high <= low:
            return tuple(len(self.values) if k == bins // 2 else 0 for k in range(bins))
        return tuple(np.histogram(self.values, bins, (low, high))[0].tolist())


def real(x: Any) -> Array:
    """An array in float64; of complex numbers their absolute values."""
    array = np.asarray(x)
    return np.asarray(np.abs(array) if array.dtype.kind == "c" else array, np.float64)


def histogram(x: Any) -> Histogram:
    """Of all numbers of an array."""
    flat = real(x).reshape(-1)
    finite = flat[np.isfinite(flat)]
    return Histogram(np.sort(finite), len(flat) - len(finite))


def as_number(value: Any) -> float:
    """A value as one number for a curve: its norm where it is many, the mean of a histogram, nan where there is none."""
    if value is None or isinstance(value, str):
        return float("nan")
    if isinstance(value, Histogram):
        return float(value.values.mean()) if len(value.values) else float("nan")
    found = np.asarray(value)
    return float(real(found).reshape(-1)[0]) if found.size == 1 else float(np.linalg.norm(real(found)))


def is_true(value: Any) -> bool:
    """Whether all of it is true; words and histograms are when there is something in them."""
    if isinstance(value, Histogram):
        return bool(len(value.values))
    return bool(value) if value is None or isinstance(value, str) else bool(np.all(value))


def mark(value: Any) -> int:
    """A number that is another one where the value is another one."""
    if value is None or isinstance(value, (bool, str)):
        return hash(repr(value))
    if isinstance(value, Histogram):
        return hash((value.values.tobytes(), value.left_out))
    array = np.asarray(value)
    return hash((array.tobytes(), array.shape))

"""Room around an array, and views of it with other strides: numpy.pad and as_strided, which are written in Python, take longer than what they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def surrounded(x: Any, widths: Sequence[tuple[int, int]], value: float) -> Any:
    """`x` with so many elements `value` before and behind it in each dimension."""
    if type(x) is not np.ndarray:  # a plan knows what numpy's own does
        return np.pad(x, widths, constant_values=value)
    made = np.empty([n + before + behind for n, (before, behind) in zip(x.shape, widths, strict=True)], x.dtype)
    made.fill(value)
    made[tuple([slice(before, before + n) for n, (before, _) in zip(x.shape, widths, strict=True)])] = x
    return made


def strided(x: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """A view, only to be read, that begins with x's first element and stays inside of x."""
    if type(x) is np.ndarray and x.flags.c_contiguous:
        return np.ndarray(shape, x.dtype, x, 0, strides)
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)

"""The Jacobian of one recorded op call, a row for each unit vector that its vjp pulls back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .engine_rows import Call

Array = np.ndarray[Any, Any]

MOST_SIDE = 64  # elements of input or output


def matrix_of(call: Call, nr: int, like: Array, shape: tuple[int, ...]) -> Array | None:
    """Row i is the vjp of the i-th unit vector, summed over broadcast axes to the input's shape."""
    if like.dtype.kind == "c":
        return None  # a slope of complex numbers has two parts, and a vjp gives one of them
    count, size = like.size, int(np.prod(shape, dtype=np.int64))
    matrix = np.zeros((count, size))
    for i in range(count):
        unit = np.zeros(count, like.dtype)
        unit[i] = 1
        made = call.vjp(nr, unit.reshape(like.shape))
        if made is None or np.iscomplexobj(made):
            return None
        summed = summed_to(np.asarray(made, np.float64), shape)
        if summed is None:
            return None
        matrix[i] = summed.reshape(-1)
    return matrix


def summed_to(array: Array, shape: tuple[int, ...]) -> Array | None:
    """Summed over broadcast axes; None where the shapes do not fit together."""
    if array.ndim < len(shape):
        return None
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    for axis, (have, want) in enumerate(zip(array.shape, shape, strict=True)):
        if have != want:
            if want != 1:
                return None
            array = array.sum(axis=axis, keepdims=True)
    return np.asarray(array)

"""The form of a value: what its bytes mean. Views that only turn the axes share the bytes of what they view."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from engine.half.bfloat16 import readable

Array = np.ndarray[Any, Any]


class Form(NamedTuple):
    """Type, shape, and how the axes lie in memory.

    Attributes:
        axes: the axes in the order in which they lie in memory, the slowest first; () is the order of the shape.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()

    @property
    def nbytes(self) -> int:
        """How many bytes a value takes."""
        return int(self.dtype.itemsize * prod(self.shape))

    def row(self) -> list[Any]:
        """As a chunk says it."""
        return [self.dtype.str, list(self.shape), *([list(self.axes)] if self.axes else [])]

    def view(self, data: bytes, offset: int) -> Array:
        """The value whose bytes begin at `offset`, read-only; of bfloat16 the numbers as float32."""
        flat = readable(np.frombuffer(data, self.dtype, prod(self.shape), offset))
        if not self.axes:
            return flat.reshape(self.shape)
        return flat.reshape([self.shape[axis] for axis in self.axes]).transpose(np.argsort(self.axes))


def axes_of(array: Array) -> tuple[int, ...] | None:
    """As `Form` has them; None where the elements do not lie one behind the other in memory."""
    if array.flags.c_contiguous:
        return ()
    strides = array.strides
    axes = tuple(sorted(range(array.ndim), key=lambda axis: -strides[axis]))
    return axes if array.transpose(axes).flags.c_contiguous else None


def in_memory(array: Array) -> tuple[Array, tuple[int, ...]]:
    """An array whose elements lie one behind the other in memory, flat, with the order of its axes; others are copied."""
    axes = axes_of(array)
    return (array.transpose(axes) if axes else array).reshape(-1), axes or ()

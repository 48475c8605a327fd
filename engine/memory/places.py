"""Where the numbers of a tensor lie in the memory of its storage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def origin(tensor: Any) -> Array:
    """The array whose memory is the storage of a tensor."""
    data: Array = tensor._data
    base = tensor._base
    if base is None or tensor._origin is not None:
        return data if tensor._origin is None else np.asarray(tensor._origin)
    whole: Array = base._data if base._origin is None else base._origin
    # the base may look at other memory by now (base.data = ...), and its view at the old one
    return whole if np.may_share_memory(whole, data) or not data.size else data


def offset(tensor: Any) -> int:
    """How many elements lie before the first one."""
    if tensor._base is None and tensor._origin is None:
        return 0
    start = tensor._data.__array_interface__["data"][0] - origin(tensor).__array_interface__["data"][0]
    return int(start // tensor._data.itemsize)


def in_line(whole: Array) -> Array:
    """All elements of the memory of an array, as they lie there."""
    if whole.flags.c_contiguous:
        return whole.reshape(-1)
    start, stop = np.lib.array_utils.byte_bounds(whole)
    return np.lib.stride_tricks.as_strided(whole, ((stop - start) // whole.itemsize,), (whole.itemsize,))


def with_room(line: Array, count: int) -> Array:
    """The elements that lie in line, or more memory that begins with them, where they are too few."""
    if count <= line.size:
        return line
    grown = np.zeros(count, line.dtype)
    grown[: line.size] = line
    return grown


def reshape(tensor: Any, shape: Sequence[int]) -> None:
    """Another shape over the same memory; where there is too little of it, over more, in which new numbers are arbitrary."""
    memory, start = origin(tensor), offset(tensor)
    line = in_line(memory).view(tensor._data.dtype)
    room = with_room(line, start + math.prod(shape))
    tensor._data, tensor._origin = look(room, shape, steps_of(shape), start), memory if room is line else room


def owner(array: Array) -> Array:
    """The array that owns the memory which a view looks into."""
    while True:
        below = array.base
        if not isinstance(below, np.ndarray):
            below = getattr(below, "base", None)  # numpy's as_strided puts an object between its result and what it looks into
            if not isinstance(below, np.ndarray):
                return array
        array = below


def loosened(array: Array, own: bool = False) -> Array:
    """The same elements of the same memory, which may be written to; of memory that nobody may write to a copy, if its `own` will do."""
    if array.flags.writeable:
        return array
    memory = owner(array)
    start = array.__array_interface__["data"][0] - in_line(memory).__array_interface__["data"][0]
    if not memory.flags.writeable:
        if not own:
            return array
        memory = memory.copy("K")
    return np.ndarray(array.shape, array.dtype, in_line(memory), start, array.strides)


def reach(size: Sequence[int], stride: Sequence[int], offset: int) -> int:
    """How many elements of a storage are needed for what sizes and strides name."""
    return offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1 if all(size) else 0


def overlap(size: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether what they name may have an element twice."""
    far = 0
    for step, n in sorted((abs(step), n) for step, n in zip(stride, size, strict=True) if n > 1):
        if step <= far:
            return True
        far += step * (n - 1)
    return False


def slowest_first(strides: Sequence[int]) -> list[int]:
    """Dimensions by their strides, where 0 goes with any neighbour (ATen/TensorIterator.cpp, reorder_dimensions)."""
    order = list(reversed(range(len(strides))))
    for i in range(1, len(order)):
        here = i
        for before in range(i - 1, -1, -1):
            a, b = strides[order[before]], strides[order[here]]
            if a and b and a < b:
                break
            if a and b and a > b:
                order[before], order[here] = order[here], order[before]
                here = before
    return order[::-1]


def empty_as(like: Array, dtype: Any) -> Array:
    """Memory for as many elements, which lie one after the other in the order of the others; what is expanded has none of its own."""
    if 0 not in like.strides:
        return np.empty_like(like, dtype)
    order = slowest_first(like.strides)
    made: Array = np.empty([like.shape[k] for k in order], dtype)
    return made.transpose(np.argsort(order))


def check_offset(offset: int) -> None:
    """Raise where a tensor would begin before its storage."""
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")


def check_geometry(size: Sequence[int], stride: Sequence[int], offset: int, storage: int, itemsize: int) -> None:
    """Raise what PyTorch raises where sizes and strides are none, or name places beyond a storage of so many elements."""
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    listed = ", ".join(map(str, size)), ", ".join(map(str, stride))
    if any(s < 0 for s in stride):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: [{listed[1]}]")
    check_offset(offset)
    if any(n < 0 for n in size):
        raise RuntimeError(f"Storage size calculation overflowed with sizes=[{listed[0]}] and strides=[{listed[1]}]")
    needed = reach(size, stride, offset)
    if needed > storage:
        raise RuntimeError(
            f"setStorage: sizes [{listed[0]}], strides [{listed[1]}], storage offset {offset}, and itemsize "
            f"{itemsize} requiring a storage size of {needed * itemsize} are out of bounds for storage of size {storage * itemsize}"
        )


def look(line: Array, size: Sequence[int], stride: Sequence[int], offset: int) -> Array:
    """What sizes and strides name in elements that lie in line."""
    if not math.prod(size):
        return np.empty(tuple(size), line.dtype)
    steps = tuple(s * line.itemsize for s in stride)
    return np.ndarray(tuple(size), line.dtype, line, offset * line.itemsize, steps)


def steps_of(size: Sequence[int]) -> tuple[int, ...]:
    """The strides of a contiguous tensor."""
    steps = [1]
    for n in reversed(size[1:]):
        steps.append(steps[-1] * max(n, 1))
    return tuple(reversed(steps)) if size else ()


__all__ = [
    "check_geometry",
    "check_offset",
    "empty_as",
    "in_line",
    "look",
    "loosened",
    "offset",
    "origin",
    "overlap",
    "owner",
    "reach",
    "reshape",
    "slowest_first",
    "steps_of",
    "with_room",
]

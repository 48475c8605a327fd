"""Which elements of an op's inputs one element of its output was computed from."""

from __future__ import annotations

import numpy as np

from ..oprows import row_of

Index = tuple[int, ...]
Place = tuple[int | slice, ...] | None


def sources_of(op: str, grad_fn: str, element: Index, shapes: list[tuple[int, ...]]) -> list[Place]:
    """For each input the elements that were read (an index for numpy), None for all of them."""
    row = row_of(op, grad_fn)
    if row is not None and row.elementwise:
        return [_broadcast(element, shape) for shape in shapes]
    if op in ("mm", "matmul", "mv", "bmm") and len(shapes) == 2:
        return _product(element, shapes)
    if op == "linear" and len(shapes) >= 2:
        places: list[Place] = [(*element[:-1], slice(None)), (element[-1], slice(None)), (element[-1],)]
        return places[: len(shapes)]
    return [None] * len(shapes)


def _broadcast(element: Index, shape: tuple[int, ...]) -> Index:
    tail = element[len(element) - len(shape) :] if shape else ()
    return tuple(0 if n == 1 else k for k, n in zip(tail, shape, strict=True))


def _product(element: Index, shapes: list[tuple[int, ...]]) -> list[Place]:
    left, right = shapes
    if len(left) == len(right) == 2:
        return [(element[0], slice(None)), (slice(None), element[1])]
    if len(left) == 2 and len(right) == 1:
        return [(element[0], slice(None)), None]
    if len(left) == len(right) == 3:
        return [(element[0], element[1], slice(None)), (element[0], slice(None), element[2])]
    return [None, None]


def parse_element(text: str, shape: tuple[int, ...]) -> Index | None:
    """The element that "1, 0" or "[1, 0]" names; None for an empty text.

    Raises:
        ValueError: it is none of the shape, in words.
    """
    bare = text.strip().removeprefix("[").removesuffix("]").strip()
    if not bare:
        return None
    try:
        index = tuple(int(part) for part in bare.split(","))
    except ValueError:
        raise ValueError("An element is named by whole numbers, such as 1, 0.") from None
    if len(index) != len(shape) or any(not -n <= k < n for k, n in zip(index, shape, strict=True)):
        raise ValueError(f"A value of shape {shape} has no element {list(index)}.")
    return tuple(int(k) for k in np.add(index, [n if k < 0 else 0 for k, n in zip(index, shape, strict=True)]))

"""What PyTorch says of index tensors that point at nothing or do not go together (ATen: IndexingUtils.h, TensorAdvancedIndexing.cpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import sizes

Array = np.ndarray[Any, Any]


def must_be_indices(keys: Any, shape: tuple[int, ...]) -> None:
    """Raise where arrays among the keys are no indices for dimensions of these sizes; a key that is no array stands for one of them."""
    arrays = [k for k in keys if isinstance(k, np.ndarray)]
    for k in arrays:
        if k.dtype != np.int64 and k.dtype.kind != "b" and k.dtype != np.int32:
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    at = 0
    for k in keys:
        if isinstance(k, np.ndarray) and k.dtype.kind == "b":
            if k.shape != shape[at : at + k.ndim]:
                bad = next(j for j in range(k.ndim) if k.shape[j] != shape[at + j])
                raise IndexError(
                    f"The shape of the mask {sizes(k.shape)} at index {bad} does not match the shape of the indexed tensor "
                    f"{sizes(shape)} at index {at + bad}"
                )
            at += k.ndim
        else:
            at += 1
    if len(arrays) > 1:
        _must_go_together(arrays)


def _must_go_together(arrays: list[Array]) -> None:
    """PyTorch's error for index tensors that do not broadcast; a mask counts as the places that it holds."""
    shapes = [(int(k.sum()),) if k.dtype.kind == "b" else k.shape for k in arrays]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(sizes(shape) for shape in shapes)
        raise IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}") from None


def out_of_bounds(keys: Any, shape: tuple[int, ...]) -> tuple[IndexError | None, bool]:
    """PyTorch's error for indices beyond dimensions of these sizes, None where none is looked at; and whether it comes before all others."""
    indexed: list[tuple[int, Array]] = []
    at = 0
    for k in keys:
        if isinstance(k, np.ndarray) and k.dtype.kind == "b":
            indexed += [(shape[at + axis], places) for axis, places in enumerate(k.nonzero() if k.ndim else ())]
            at += k.ndim
        else:
            if isinstance(k, np.ndarray):
                indexed.append((shape[at], k))
            at += 1
    common = np.broadcast_shapes(*(k.shape for _, k in indexed))
    if 0 not in common and any(n == 0 for n, _ in indexed):
        return IndexError("index is out of bounds for dimension with size 0"), True
    found: list[tuple[int, int]] = []
    for j, (n, k) in enumerate(indexed):
        wrong = np.flatnonzero(np.broadcast_to((k < -n) | (k >= n), common))
        found += [(int(wrong[0]), j)] if wrong.size else []
    if not found or 0 in harmless(keys, shape)[1]:
        return None, False
    place, j = min(found)
    n, k = indexed[j]
    return IndexError(f"index {np.broadcast_to(k, common).flat[place]} is out of bounds for dimension {j} with size {n}"), False


def harmless(keys: Any, shape: tuple[int, ...]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The same keys with the first place for each index, and the shape of what they take from dimensions of these sizes."""
    plain = tuple(np.zeros_like(k) if isinstance(k, np.ndarray) and k.dtype.kind != "b" else k for k in keys)
    whole = tuple(max(n, 1) if isinstance(k, np.ndarray) and k.dtype.kind != "b" else n for n, k in _with_sizes(keys, shape))
    taken: Array = np.broadcast_to(np.empty((), bool), whole)[plain]
    return plain, taken.shape


def _with_sizes(keys: Any, shape: tuple[int, ...]) -> list[tuple[int, Any]]:
    """Each dimension's size with the key that stands for it."""
    told: list[Any] = []
    for k in keys:
        told += [k] * (k.ndim if isinstance(k, np.ndarray) and k.dtype.kind == "b" else 1)
    return list(zip(shape, [*told, *[None] * (len(shape) - len(told))], strict=True))


__all__ = ["harmless", "must_be_indices", "out_of_bounds"]

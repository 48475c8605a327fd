"""What PyTorch asks before it adds, copies or fills by the numbers of slices, in its order (TensorAdvancedIndexing.cpp)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import must_fit, sizes
from ...half.bfloat16 import readable
from ...memory.inplace import apart, written_once
from ...tensor import Tensor
from ..views.reshape import one_dim


def must_match(name: str, x: Any, dim: int, index: Any, source: Any, inplace: bool) -> int:
    """Raise what PyTorch raises for x.index_...(dim, index, source); the dimension, counted from the front."""
    if name == "index_fill":
        return _must_fill(x, dim, index, source, inplace)
    d = one_dim(dim, x._data.ndim)
    if name == "index_copy":
        if inplace:
            _apart(x, index, source)
        _must_copy(x._data.shape, source._data.shape, d, x, index, source)
    else:
        _must_combine(name, x, d, index, source, inplace)
    _must_be_inside(name, x, d, index)
    return d


def _apart(x: Any, *others: Any) -> None:
    written_once(x)
    for other in others:
        if isinstance(other, Tensor):
            apart(x._data, other._data)


def _must_combine(name: str, x: Any, d: int, index: Any, source: Any, inplace: bool) -> None:
    """The checks of index_add and index_reduce."""
    if index._data.ndim > 1:
        raise IndexError(
            f"{name}_(): Index is supposed to be a vector, but got dim: {index._data.ndim} with type: {index.dtype.scalar_name} "
            f"and size: {sizes(index._data.shape)}"
        )
    if index._data.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{name}_(): Expected dtype int32/int64 for index but got: {index.dtype.scalar_name}")
    if x._data.dtype is not source._data.dtype:
        raise RuntimeError(
            f"{name}_(): self ({x.dtype.scalar_name}) and source ({source.dtype.scalar_name}) must have the same scalar type"
        )
    a, b = x._data.shape, source._data.shape
    if d and d >= len(b):
        raise RuntimeError(f"{name}_(): Indexing dim {d} is out of bounds of the source tensor with dim {len(b)}")
    if index._data.size != (b[d] if b else 1):
        if not b:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        raise RuntimeError(f"{name}_(): Number of indices ({index._data.size}) should be equal to source.size(dim): ({b[d]}), for dim: {d}")
    if len(a) != len(b) or a[:d] + a[d + 1 :] != b[:d] + b[d + 1 :]:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {sizes(a)} source.shape = {sizes(b)}"
        )
    if inplace:
        _apart(x, index, source)


def _must_copy(a: Any, b: Any, d: int, x: Any, index: Any, source: Any) -> None:
    """The checks of index_copy: as many dimensions, slices of one shape, as many of them as numbers."""
    count = index._data.size
    if index._data.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {index._data.ndim})")
    if not b and count != 1:
        raise IndexError(f"index_copy_(): When source is scalar, index should have one element (got {count})")
    if a and b and len(a) != len(b):
        raise IndexError(
            f"index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality "
            f"({len(b)}), destination dimensionality ({len(a)})"
        )
    if index._data.dtype != np.int64:
        raise RuntimeError(f"index_copy_(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if x._data.dtype is not source._data.dtype:
        raise RuntimeError(
            f"index_copy_(): self and source expected to have the same dtype, but got (self) {x.dtype.scalar_name} "
            f"and (source) {source.dtype.scalar_name}"
        )
    own, given = a[:d] + a[d + 1 :], b[:d] + b[d + 1 :]
    if own != given:
        raise RuntimeError(
            f"index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{' '.join(map(str, own))} at dimension {d} and source slice shape: {' '.join(map(str, given))} at dimension 0."
        )
    if b and count != b[d]:
        raise IndexError(f"index_copy_(): Number of indices ({count}) should be equal to source.size(dim) ({b[d]})")


def _must_fill(x: Any, dim: int, index: Any, value: Any, inplace: bool) -> int:
    """The checks of index_fill, and whether its number is one of the tensor's dtype."""
    if isinstance(value, Tensor) and value._data.ndim:
        raise RuntimeError(f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._data.ndim} dimension(s).")
    if index._data.dtype != np.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if inplace:
        apart(x._data, index._data)
    number = readable(value._data).item() if isinstance(value, Tensor) else value
    if isinstance(number, complex) and x._data.dtype.kind != "c":
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    d = one_dim(dim, x._data.ndim)
    if index._data.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    must_fit(number, x.dtype)
    _must_be_inside("index_fill", x, d, index)
    return d


def _must_be_inside(name: str, x: Any, d: int, index: Any) -> None:
    """Raise where an index points at nothing; index_fill counts from the end, too."""
    n = x._data.shape[d] if x._data.ndim else 1
    idx = index._data.reshape(-1)
    low = -n if name == "index_fill" else 0
    if not idx.size or (idx.min() >= low and idx.max() < n):
        return
    worst = f"index {idx[(idx < low) | (idx >= n)][0]} is out of bounds for dimension {d} with size {n}"
    if name == "index_add":
        raise IndexError("index out of range in self") if x._data.ndim < 2 else RuntimeError(worst)
    if name == "index_reduce":
        raise IndexError("index out of range in self")
    raise IndexError(f"index_copy_(): {worst}" if name == "index_copy" else worst)


__all__ = ["must_match"]

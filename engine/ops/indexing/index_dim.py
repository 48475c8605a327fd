"""Whole rows (or columns) by number: index_select, take, index_add, index_copy, index_fill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import must_fit, sizes
from ...graph.saved import track
from ...half.bfloat16 import readable
from ...inplace import check, write
from ...namespace import export
from ...op import Op, apply
from ...rows import into
from ...tensor import Tensor
from ..pointwise.elementwise import where
from ..views.reshape import one_dim
from .gather import zeros_like
from .index import index, index_add_into


@export("torch method")
def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """Rows (or columns) by number."""
    d = one_dim(dim, input._data.ndim)
    if index._data.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index._data.dtype.kind != "i":
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    n = input._data.shape[d] if input._data.ndim else 1
    idx = index._data.reshape(-1)
    if idx.size and (idx.min() < 0 or idx.max() >= n):
        raise IndexError("index out of range in self")
    key = (slice(None),) * d + (idx,) if input._data.ndim else (None, idx)
    return into(out, track(apply(index_select_row, (input,), {"key": key}), index), "index_select")


def _selected(x: Any, key: Any) -> Any:
    return np.ascontiguousarray(index.forward(x, key)) if x.ndim else x.copy()  # numpy leaves the chosen dimension outermost


index_select_row = Op(
    "index_select", _selected, frees="key", vjps=(lambda g, x_shape, key: index.vjps[0](g, x_shape, key) if x_shape else g,), formulas=index.formulas
)  # fmt: skip


@export("torch method")
def take(input: Any, index: Any) -> Any:
    """Elements of the flattened input."""
    n = input._data.size
    bad = index._data[(index._data < -n) | (index._data >= n)]
    if bad.size:
        raise IndexError("out of range: tried to access index " + f"{bad.flat[0]} on a tensor of {n} elements.")
    return track(apply(take_row, (input,), {"key": (index._data,)}), index)


take_row = Op(
    "take", lambda x, key: np.array(x.reshape(-1)[key]), frees="key", formulas=index.formulas,
    vjps=(lambda g, x, key: index_add_into(g, shape=(math.prod(x.shape),), key=key).reshape(tuple(x.shape)),),
)  # fmt: skip


def _key(dim: int, idx: Any) -> tuple[Any, ...]:
    return (slice(None),) * dim + (idx,)


def _index_add(x: Any, source: Any, dim: int, idx: Any, alpha: Any = 1) -> Any:
    out = x.copy()
    scaled = source if alpha == 1 else (source * np.asarray(alpha).astype(x.dtype)).astype(x.dtype, copy=False)
    if out.ndim == 0:
        return np.asarray(out + scaled.sum(dtype=x.dtype), x.dtype)
    np.add.at(out, _key(dim, idx), scaled)
    return out


def _index_copy(x: Any, source: Any, dim: int, idx: Any) -> Any:
    out = x.copy("K")
    if out.ndim == 0:
        return np.array(source.reshape(-1)[-1]) if source.size else out
    out[_key(dim, idx)] = source
    return out


def _picked(g: Any, dim: int, idx: Any, shape: Any) -> Any:
    got = index(g, key=_key(dim, idx)) if g.ndim else g
    return got.reshape(tuple(shape))


def _kept(g: Any, dim: int, idx: Any) -> Any:
    mask = np.ones(tuple(g.shape), np.bool_)
    if mask.ndim:
        mask[_key(dim, idx)] = False
    else:
        mask = np.zeros((), np.bool_) if idx.size else mask
    return where(Tensor._of(mask) if isinstance(g, Tensor) else mask, g, zeros_like(tuple(g.shape), g))


index_add = Op(
    "index_add", _index_add, inputs=("x", "source"), frees="idx", frees_for="source",
    vjps=(lambda g: g, lambda g, source, dim, idx, alpha: _picked(g, dim, idx, source.shape) * alpha),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip
index_copy = Op(
    "index_copy", _index_copy, inputs=("x", "source"), frees="idx",
    vjps=(_kept, lambda g, source, dim, idx: _picked(g, dim, idx, source.shape)),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip
index_fill = Op(
    "index_fill", lambda x, value, dim, idx: _index_copy(x, np.asarray(value), dim, idx) if x.ndim else np.array(value, x.dtype), inputs=("x", "value"),
    frees="idx",
    vjps=(_kept, lambda g, dim, idx: index(g, key=_key(dim, np.unique(idx % g.shape[dim]))).sum() if g.ndim else g),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{v} = \textstyle\sum \bar{z}[i]"),
)  # fmt: skip


def _must_match(name: str, x: Any, dim: int, index: Any, source: Any) -> None:
    """PyTorch's checks of index_add and index_copy (TensorAdvancedIndexing.cpp)."""
    if index._data.ndim > 1:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, but got dim: {index._data.ndim} with type: {index.dtype.scalar_name}"
        )
    if name == "index_fill" and isinstance(source, Tensor) and source._data.ndim:
        raise RuntimeError(f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {source._data.ndim} dimension(s).")
    if name == "index_fill":
        _must_fill(x, source)
    if name == "index_fill" or not isinstance(source, Tensor):
        _must_be_inside(name, x, dim, index)
        return
    a, b = x._data.shape, source._data.shape
    if name == "index_copy":
        _must_match_copied(a, b, dim, index)
    if name == "index_add" and len(a) and len(b):
        if len(a) != len(b) or any(p != q for k, (p, q) in enumerate(zip(a, b, strict=True)) if k != dim):
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. "
                f"Got self.shape = {sizes(a)} source.shape = {sizes(b)}"
            )
        if index._data.size != b[dim]:
            raise RuntimeError(
                f"index_add_(): Number of indices ({index._data.size}) should be equal to source.size(dim): ({b[dim]}), for dim: {dim}"
            )
    _must_be_inside(name, x, dim, index)


def _must_fill(x: Any, value: Any) -> None:
    """Raise where the number that index_fill writes is none of the tensor's dtype."""
    number = readable(value._data).item() if isinstance(value, Tensor) else value
    if isinstance(number, complex) and x._data.dtype.kind != "c":
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    must_fit(number, x.dtype)


def _must_be_inside(name: str, x: Any, dim: int, index: Any) -> None:
    """Raise where an index points at nothing; index_fill counts from the end, too."""
    n = x._data.shape[dim] if x._data.ndim else 1
    idx = index._data.reshape(-1)
    low = -n if name == "index_fill" else 0
    if not idx.size or (idx.min() >= low and idx.max() < n):
        return
    worst = f"index {idx[(idx < low) | (idx >= n)][0]} is out of bounds for dimension {dim} with size {n}"
    if name == "index_add":
        raise IndexError("index out of range in self") if x._data.ndim < 2 else RuntimeError(worst)
    raise IndexError(f"index_copy_(): {worst}" if name == "index_copy" else worst)


def _must_match_copied(a: Any, b: Any, dim: int, index: Any) -> None:
    """PyTorch's checks of index_copy: as many dimensions, slices of one shape, as many of them as numbers."""
    if a and b and len(a) != len(b):
        raise IndexError(
            f"index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality "
            f"({len(b)}), destination dimensionality ({len(a)})"
        )
    own, given = a[:dim] + a[dim + 1 :], b[:dim] + b[dim + 1 :]
    if own != given:
        raise RuntimeError(
            f"index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{' '.join(map(str, own))} at dimension {dim} and source slice shape: {' '.join(map(str, given))} at dimension 0."
        )
    if b and index._data.size != b[dim]:
        raise IndexError(f"index_copy_(): Number of indices ({index._data.size}) should be equal to source.size(dim) ({b[dim]})")


def _index_public(name: str, row: Op, by_number: Op) -> None:
    def params(self: Any, dim: int, index: Any, more: dict[str, Any]) -> dict[str, Any]:
        return {"dim": one_dim(dim, self._data.ndim), "idx": index._data.reshape(-1), **more}

    def method(input: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        given = source if source is not None else value
        _must_match(name, input, one_dim(dim, input._data.ndim), index, given)
        used = row if isinstance(given, Tensor) else by_number
        return track(apply(used, (input, given), params(input, dim, index, {} if alpha is None else {"alpha": alpha})), index)

    def write_method(self: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        check(self)
        given = source if source is not None else value
        _must_match(name, self, one_dim(dim, self._data.ndim), index, given)
        used = row if isinstance(given, Tensor) else by_number
        return write(used, self, (given,), params(self, dim, index, {} if alpha is None else {"alpha": alpha}), kept=(index,))

    export("torch method", name)(method)
    export("method", name + "_")(write_method)


_index_public("index_add", index_add, index_add)
_index_public("index_copy", index_copy, index_copy)
_index_public("index_fill", index_fill.named("IndexFillBackward1"), index_fill.named("IndexFillBackward0", without=(1,)))

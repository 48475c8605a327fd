"""Whole rows (or columns) by number: index_select, take, index_add, index_copy, index_fill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...graph.saved import track
from ...memory.inplace import check_history, write
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..views.reshape import one_dim
from .index import emptied, index, index_add_into
from .index_checks import must_match


@export("torch method")
def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """Rows (or columns) by number."""
    d = one_dim(dim, input._data.ndim)
    if index._data.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if not input._data.ndim and index._data.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index._data.size} value(s)")
    if index._data.dtype not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    n = input._data.shape[d] if input._data.ndim else 1
    idx = index._data.reshape(-1)
    if idx.size and (idx.min() < 0 or idx.max() >= n):
        if input._data.ndim > 1 and not input._data.size and not n:
            raise RuntimeError("index_select(): self indexing axis dim should be positive")
        if input._data.ndim > 1 and (d == 1 or not input._data.size):
            raise RuntimeError(f"INDICES element is out of DATA bounds, id={idx[(idx < 0) | (idx >= n)][0]} axis_dim={n}")
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
    if not n and index._data.size:
        raise IndexError("take(): tried to take from an empty tensor")
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
        return np.array(source.reshape(-1)[-1]) if source.size and idx.size else out
    out[_key(dim, idx)] = source
    return out


def _picked(g: Any, dim: int, idx: Any, shape: Any) -> Any:
    got = index(g, key=_key(dim, idx)) if g.ndim else g
    return got.reshape(tuple(shape))


_emptied = emptied.named("IndexFillBackward0")


def _kept(g: Any, dim: int, idx: Any) -> Any:
    return g if not idx.size else _emptied(g, key=_key(dim, idx) if g.ndim else ...)


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
    "index_fill", lambda x, value, dim, idx: _index_copy(x, np.asarray(value), dim, idx) if x.ndim or not idx.size else np.array(value, x.dtype), inputs=("x", "value"),
    frees="idx",
    vjps=(_kept, lambda g, dim, idx: index(g, key=_key(dim, np.unique(idx % g.shape[dim]))).sum() if g.ndim else g),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{v} = \textstyle\sum \bar{z}[i]"),
)  # fmt: skip


def _index_public(name: str, row: Op, by_number: Op) -> None:
    def params(self: Any, dim: int, index: Any, given: Any, alpha: Any, inplace: bool) -> dict[str, Any]:
        d = must_match(name, self, dim, index, given, inplace)
        return {"dim": d, "idx": index._data.reshape(-1), **({} if alpha is None else {"alpha": alpha})}

    def method(input: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        given = source if source is not None else value
        settings = params(input, dim, index, given, alpha, False)
        return track(apply(row if isinstance(given, Tensor) else by_number, (input, given), settings), index)

    def write_method(self: Any, dim: int, index: Any, source: Any = None, *, value: Any = None, alpha: Any = None) -> Any:
        check_history(self)
        given = source if source is not None else value
        settings = params(self, dim, index, given, alpha, True)
        return write(row if isinstance(given, Tensor) else by_number, self, (given,), settings, kept=(index,))

    export("torch method", name)(method)
    export("method", name + "_")(write_method)


_index_public("index_add", index_add, index_add)
_index_public("index_copy", index_copy, index_copy)
_index_public("index_fill", index_fill.named("IndexFillBackward1"), index_fill.named("IndexFillBackward0", without=(1,)))

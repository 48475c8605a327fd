"""Order: sort, topk, kthvalue."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...naming.namespace import export
from ...naming.rows import invalid_combination
from ...op import Op, apply
from ..indexing.gather import along, scatter_back
from ..views.reshape import one_dim, some_of
from .selection import quick_select, top, with_ties
from .statistics import _pick, _plain, _zeros, back_to_indices, return_type


def _order(x: Any, dim: int, descending: bool) -> Any:
    if not x.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    back = np.flip(x, dim)
    order = np.flip(np.argsort(back, axis=dim, kind="stable"), dim)
    return x.shape[dim] - 1 - order


def _sorted(x: Any, dim: int, descending: bool) -> Any:
    at = _order(x, dim, descending).astype(np.int64)
    if not x.ndim:
        return x.copy(), at
    return _as_lies(x[along(at, dim)], x), _as_lies(at, x)


def _as_lies(made: Any, x: Any) -> Any:
    """An array, lying in memory in the order of x."""
    if x.flags.c_contiguous:
        return made
    out = np.empty_like(x, dtype=made.dtype)
    out[...] = made
    return out


def put_back(g: Any, x_shape: Any, result1: Any, dim: int) -> Any:
    """The vjp of what puts elements into another order, and says where each stood."""
    first = g[0] if isinstance(g, list) else g
    return scatter_back(_zeros(tuple(x_shape), first), first, dim=dim, idx=_plain(result1)) if x_shape else first


sort_row = Op("sort", _sorted, vjps=(put_back,), nondiff=(1,), formulas=(r"\bar{x}[i] = \bar{z}",))


sort_stable = sort_row.named("SortBackward1")


@export("torch method")
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool | None = None, *, out: Any = None) -> Any:
    """Sorted values and where they stood."""
    if isinstance(dim, bool):
        dim, descending = -1, bool(dim)
    if not isinstance(dim, int):
        raise invalid_combination(
            "sort", (dim,), "int dim = -1, bool descending = False", "*, bool stable, int dim = -1, bool descending = False"
        )
    return return_type("sort")(
        *apply(sort_row if stable is None else sort_stable, (input,), {"dim": one_dim(dim, input._data.ndim), "descending": descending})
    )


export("torch method", "msort")(lambda input: sort(input, 0)[0])


@export("torch method")
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """Where the sorted values stood."""
    return sort(input.detach(), dim, descending)[1]


def _top_places(x: Any, k: int, dim: int, largest: bool, ordered: bool = True) -> Any:
    at = _order(x, dim, largest)
    if not x.ndim or not k:
        return at[(slice(None),) * dim + (slice(0, k),)] if x.ndim else at
    return with_ties(x, dim, at[(slice(None),) * dim + (slice(0, k),)], lambda row: top(row, k, largest, ordered), not ordered)


def _topk_forward(x: Any, k: int, dim: int, largest: bool, ordered: bool = True) -> Any:
    at = _top_places(x, k, dim, largest, ordered).astype(np.int64)
    return (x[along(at, dim)] if x.ndim else x.copy()), at


topk_row = Op(
    "topk", _topk_forward, nondiff=(1,), vjps=(put_back,), formulas=(r"\bar{x}[i] = \bar{z}",),
)  # fmt: skip


@export("torch method")
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """The k largest (or smallest) values and where they stand."""
    d = one_dim(dim, input._data.ndim)
    n = input._data.shape[d] if input._data.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError("selected index k out of range")
    if input._data.dtype.kind == "b":
        raise RuntimeError("topk does not support bool dtypes on CPU")
    return return_type("topk")(*apply(topk_row, (input,), {"k": int(k), "dim": d, "largest": largest, "ordered": sorted}))


def _kth(x: Any, dim: int, k: int, keepdim: bool) -> Any:
    at = np.take(_order(x, dim, False), k - 1, axis=dim) if x.ndim else np.zeros((), np.int64)
    at = with_ties(x, dim, at, lambda row: quick_select(row, k - 1)) if x.ndim else at
    return _pick(x, at, dim, keepdim)


kth_row = Op(
    "kthvalue", _kth, nondiff=(1,), vjps=(back_to_indices,), formulas=(r"\bar{x}[i] = \bar{z}",),
)  # fmt: skip


@export("torch method")
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest value along a dimension."""
    d = some_of(input, dim, "kthvalue")
    n = input._data.shape[d] if input._data.ndim else 1
    if not 1 <= k <= n:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {d}")
    return return_type("kthvalue")(*apply(kth_row, (input,), {"k": k, "dim": d, "keepdim": keepdim}))

"""Running totals: cumsum, cumprod, logcumsumexp, cummax, cummin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import log_add_exp
from ...dtypes import int64
from ...half.bfloat16 import cast
from ...memory.inplace import write
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import exp, log, where
from ..views.reshape import one_dim
from .order import put_back
from .statistics import _plain, return_type, sum_keep


def _reverse_cumsum(g: Any, dim: int) -> Any:
    from ..views.reshape import flip

    return flip(cumsum(flip(g, dims=(dim,)), dim=dim), dims=(dim,)) if g.ndim else g


def _cumsum(x: Any, dim: int) -> Any:
    return np.cumsum(np.ascontiguousarray(x), axis=dim, dtype=x.dtype) if x.ndim else x.copy()


cumsum = Op(
    "cumsum", _cumsum, vjps=(lambda g, dim: _reverse_cumsum(g, dim),), formulas=(r"\bar{x}_i = \textstyle\sum_{j \ge i} \bar{z}_j",)
)


def _cumprod_vjp(g: Any, x: Any, result: Any, dim: int) -> Any:
    if not x.ndim:
        return g
    if not (_plain(x) == 0).any():
        return _reverse_cumsum(g * result, dim) / x
    # with a zero: for each element the products in which a 1 stands for it
    from ..views.join import stack_row

    shape = [1] * x.ndim
    shape[dim] = x.shape[dim]
    places = np.arange(x.shape[dim]).reshape(shape)
    parts = []
    for k in range(x.shape[dim]):
        here, after = _as_given(places == k, g), _as_given((places >= k).astype(_plain(g).dtype), g)
        parts.append(sum_keep(g * cumprod(where(here, _as_given(np.ones((), _plain(g).dtype), g), x), dim=dim) * after, dim))
    joined = stack_row(parts, dim=dim)
    return joined.reshape(tuple(x.shape))


def _as_given(data: Any, other: Any) -> Any:
    if not isinstance(other, Tensor):
        return data
    return Tensor._of(cast(data, other._data.dtype) if data.dtype.kind == "f" else data)


cumprod = Op(
    "cumprod", lambda x, dim: np.cumprod(np.ascontiguousarray(x), axis=dim, dtype=x.dtype) if x.ndim else x.copy(),
    vjps=(_cumprod_vjp,), formulas=(r"\bar{x}_i = \textstyle\sum_{j \ge i} \bar{z}_j z_j / x_i",),
)  # fmt: skip


def _logcumsumexp(x: Any, dim: int) -> Any:
    if not x.ndim or not x.size:
        return x.copy()
    if x.dtype.kind != "c":
        return np.logaddexp.accumulate(x, axis=dim)
    out = x.copy()
    rows = np.moveaxis(out, dim, 0)
    for k in range(1, len(rows)):
        rows[k] = log_add_exp(rows[k - 1], rows[k])
    return out


def _logcumsumexp_vjp(g: Any, x: Any, result: Any, dim: int) -> Any:
    """PyTorch's way (logcumsumexp_backward): the positive and the negative part of g, each through its logarithm."""
    if not x.ndim:
        return g
    from ..views.reshape import flip

    if _plain(g).dtype.kind == "c":
        return exp(flip(logcumsumexp(flip(log(g) - result, dims=(dim,)), dim=dim), dims=(dim,)) + x)
    lowest = _as_given(np.asarray(np.finfo(_plain(g).dtype).min), g)
    total = None
    for sign, keep in ((1, _plain(g) > 0), (-1, _plain(g) < 0)):
        if not keep.any():
            continue
        one = _as_given(np.ones((), _plain(g).dtype), g)
        size = where(_as_given(keep, g), log(where(_as_given(keep, g), g * sign, one)), lowest)
        part = exp(flip(logcumsumexp(flip(size - result, dims=(dim,)), dim=dim), dims=(dim,)) + x) * sign
        total = part if total is None else total + part
    return g * 0 if total is None else total


logcumsumexp = Op(
    "logcumsumexp", _logcumsumexp, vjps=(_logcumsumexp_vjp,), formulas=(r"\bar{x}_i = \textstyle\sum_{j \ge i} \bar{z}_j e^{x_i - z_j}",)
)


def _cumulative(name: str, row: Op) -> None:
    def function(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
        if dtype is None and input._data.dtype.kind in "bui" and row is not logcumsumexp:
            dtype = int64
        x = input if dtype is None else input.to(dtype)
        return into(out, apply(row, (x,), {"dim": one_dim(dim, x._data.ndim, name)}), name)

    def write_method(self: Any, dim: int, *, dtype: Any = None) -> Any:
        return write(row, self, (), {"dim": one_dim(dim, self._data.ndim)})

    function.__name__ = name
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_cumulative("cumsum", cumsum)
_cumulative("cumprod", cumprod)
_cumulative("logcumsumexp", logcumsumexp)


def _running(name: str, better: Any) -> None:
    def places(x: Any, dim: int) -> Any:
        if not x.ndim:
            return np.zeros((), np.int64)
        rows = np.moveaxis(x, dim, 0)
        found = np.zeros(x.shape, np.int64)
        at = np.moveaxis(found, dim, 0)
        if not len(rows):
            return found
        best = rows[0].copy()
        where_best = np.zeros(best.shape, np.int64)
        for k in range(len(rows)):
            wins = better(rows[k], best) | np.isnan(rows[k]) if x.dtype.kind == "f" else better(rows[k], best)
            best = np.where(wins, rows[k], best)
            where_best = np.where(wins, k, where_best)
            at[k] = where_best
        return found

    def forward(x: Any, dim: int) -> Any:
        at = places(x, dim)
        return (np.take_along_axis(x, at, dim) if x.ndim else x.copy()), at

    def vjp(g: Any, x: Any, result1: Any, dim: int) -> Any:
        return put_back(g, x.shape, result1, dim)  # PyTorch keeps x, too

    row = Op(name, forward, vjps=(vjp,), nondiff=(1,), formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",))

    def function(input: Any, dim: int) -> Any:
        return return_type(name)(*apply(row, (input,), {"dim": one_dim(dim, input._data.ndim, name)}))

    export("torch method", name)(function)


_running("cummax", np.greater_equal)
_running("cummin", np.less_equal)

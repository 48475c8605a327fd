"""Extremes, spread and order: max, min, prod, var, logsumexp, sort, topk, cumulative sums."""

from __future__ import annotations

import math
import warnings
from collections import namedtuple
from typing import Any

import numpy as np

from ..dtypes import get_default_dtype
from ..inplace import write
from ..namespace import export
from ..op import Op, apply
from ..rows import into, invalid_combination, must_be_tensor, operand
from ..tensor import Tensor
from .elementwise import exp, log, maximum, minimum, where
from .index import _along, gather, scatter_add
from .reduce import _count, dims, spread, sum_
from .reshape import one_dim
from .selection import quick_select, top, with_ties

# What functions with several results return; they print as torch.return_types.max(values=..., indices=...).
_TYPES: dict[str, Any] = {}


def return_type(name: str, *fields: str) -> Any:
    """torch.return_types.NAME."""
    made = _TYPES.get(name)
    if made is None:
        base = namedtuple(name, fields)  # type: ignore[misc]

        def text(self: Any) -> str:
            return f"torch.return_types.{name}(\n" + ",\n".join(f"{f}={getattr(self, f)!r}" for f in fields) + ")"

        made = _TYPES[name] = type(name, (base,), {"__repr__": text, "__slots__": (), "__module__": "torch.return_types"})
    return made


def _zeros(shape: tuple[int, ...], like: Any) -> Any:
    return Tensor(np.zeros(shape, like._data.dtype)) if isinstance(like, Tensor) else np.zeros(shape, like.dtype)


def _plain(x: Any) -> Any:
    return x._data if isinstance(x, Tensor) else np.asarray(x)


def _even_share(g: Any, x: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """Ties share the gradient evenly: amax, amin, and max() of all."""
    shape = tuple(x.shape)
    full = result if dim is None and not keepdim else spread(result, shape, dim, keepdim)
    hits = (_plain(x) == _plain(full)) | (np.isnan(_plain(x)) & np.isnan(_plain(full)))
    count = hits.sum(axis=dims(dim, len(shape)), keepdims=True)
    weight = hits / count
    share = weight.astype(_plain(g).dtype)
    return spread(g, shape, dim, keepdim) * (share if isinstance(g, np.ndarray) else Tensor(share))


def _extreme(name: str, forward: Any, grad_fn: str) -> Op:
    return Op(
        name, lambda x, dim=None, keepdim=False: forward(x, axis=dims(dim, x.ndim) if dim is not None else None, keepdims=keepdim), grad_fn=grad_fn,
        vjps=(lambda g, x, result, dim, keepdim: _even_share(g, x, result, dim, keepdim),), formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
    )  # fmt: skip


max_all, min_all = _extreme("max", np.max, "MaxBackward1"), _extreme("min", np.min, "MinBackward1")
amax, amin = _extreme("amax", np.max, "AmaxBackward0"), _extreme("amin", np.min, "AminBackward0")


def _pick(x: Any, at: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    at = np.expand_dims(at, dim).astype(np.int64)
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim), at.squeeze(dim))


def _back_to(g: Any, x_shape: Any, dim: int, keepdim: bool, idx: Any) -> Any:
    g = g[0] if isinstance(g, list) else g
    if not x_shape:
        return g
    if not keepdim:
        g = g.reshape((*x_shape[:dim], 1, *x_shape[dim + 1 :]))
        idx = np.expand_dims(idx, dim)
    return scatter_add(_zeros(tuple(x_shape), g), g, dim=dim, idx=idx)


def _arg(kind: str) -> Any:
    def find(x: Any, dim: int) -> Any:
        if x.ndim == 0:
            return np.zeros((), np.int64)
        if x.dtype.kind == "f":
            return (np.argmax if kind == "max" else np.argmin)(np.where(np.isnan(x), np.inf if kind == "max" else -np.inf, x), axis=dim)
        return (np.argmax if kind == "max" else np.argmin)(x, axis=dim)

    return find


def _by_index(name: str, find: Any, grad_fn: str) -> Op:
    """An op that picks one element a row: its node keeps the places, and gives them the whole gradient."""

    def forward(x: Any, dim: int, keepdim: bool) -> Any:
        return _pick(x, find(x, dim), dim, keepdim)

    def vjp(g: Any, x: Any, dim: int, keepdim: bool) -> Any:
        at = find(_plain(x), dim)
        if keepdim and _plain(x).ndim:
            at = np.expand_dims(at, dim)
        return _back_to(g, tuple(x.shape), dim, keepdim, at.astype(np.int64))

    return Op(name, forward, grad_fn=grad_fn, vjps=(vjp,), nondiff=(1,), formulas=(r"\bar{x}[\mathrm{argmax}] = \bar{z}",))


max_dim = _by_index("max", _arg("max"), "MaxBackward0")
min_dim = _by_index("min", _arg("min"), "MinBackward0")


def _median_place(x: Any, dim: int) -> Any:
    if x.ndim == 0:
        return np.zeros((), np.int64)
    nth = (x.shape[dim] - 1) // 2
    at = np.take(np.argsort(x, axis=dim, kind="stable"), nth, axis=dim)
    if x.dtype.kind == "f" and np.isnan(x).any():
        return np.where(np.isnan(x).any(axis=dim), np.argmax(np.isnan(x), axis=dim), at)
    return at


median_dim = _by_index("median", _median_place, "MedianBackward1")
median_all = Op(
    "median", lambda x: x.reshape(-1)[_median_place(x.reshape(-1), 0)] if x.size else np.full((), np.nan, x.dtype), grad_fn="MedianBackward0",
    vjps=(lambda g, x, result: _even_share(g, x, result, None, False),), formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
)  # fmt: skip


def _two_ways(name: str, all_row: Op, dim_row: Op, pair: Op) -> None:
    def function(input: Any, *args: Any, dim: Any = None, keepdim: bool = False, other: Any = None, out: Any = None) -> Any:
        if not isinstance(input, Tensor) or (args and not isinstance(args[0], (Tensor, int))):
            raise invalid_combination(
                name, (input, *args), "Tensor input, *, Tensor out = None", "Tensor input, Tensor other, *, Tensor out = None",
                "Tensor input, int dim, bool keepdim = False, *, tuple of Tensors out = None",
            )  # fmt: skip
        if args:
            if isinstance(args[0], Tensor):
                other = args[0]
            else:
                dim = args[0]
                keepdim = args[1] if len(args) > 1 else keepdim
        if other is not None:
            return apply(pair, (input, operand(name, other)))
        if dim is None:
            if input._data.size == 0:
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
                )
            return apply(all_row, (input,))
        d = one_dim(dim, input._data.ndim)
        if input._data.ndim and input._data.shape[d] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")
        return return_type(name, "values", "indices")(*apply(dim_row, (input,), {"dim": d, "keepdim": keepdim}))

    function.__name__ = name
    export("torch method", name)(function)


_two_ways("max", max_all, max_dim, maximum)
_two_ways("min", min_all, min_dim, minimum)


@export("torch method")
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The middle value, the lower of two."""
    if dim is None:
        return apply(median_all, (input,))
    return return_type("median", "values", "indices")(
        *apply(median_dim, (input,), {"dim": one_dim(dim, input._data.ndim), "keepdim": keepdim})
    )


def _plain_reduction(name: str, row: Op) -> None:
    def function(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
        d = None if dim in ((), None) else dim
        if out is not None and out._data.dtype is not input._data.dtype:
            raise RuntimeError(
                f"Expected the dtype for input and out to match, but got {input.dtype.scalar_name} for input's dtype and "
                f"{out.dtype.scalar_name} for out's dtype."
            )
        if d is None and not input._data.size:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
            )
        for axis in dims(d, input._data.ndim):
            if input._data.ndim and input._data.shape[axis] == 0:
                raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")
        return into(out, apply(row, (input,), {"dim": d, "keepdim": keepdim}), name)

    function.__name__ = name
    export("torch method", name)(function)


_plain_reduction("amax", amax)
_plain_reduction("amin", amin)


@export("torch method")
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """Smallest and largest together."""
    axes = range(input._data.ndim) if dim is None else (one_dim(dim, input._data.ndim),)
    if input._data.ndim and any(not input._data.shape[k] for k in axes):
        if dim is not None:
            raise IndexError(f"aminmax: Expected reduction dim {dim} to have non-zero size.")
        raise RuntimeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.")
    return return_type("aminmax", "min", "max")(*apply(aminmax_row, (input,), {"dim": dim, "keepdim": keepdim}))


def _aminmax_vjp(g: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    total = None
    for cotangent, row in zip(g, (amin, amax), strict=True):
        if cotangent is not None:
            part = _even_share(cotangent, x, row(x, dim=dim, keepdim=keepdim), dim, keepdim)
            total = part if total is None else total + part
    return total


aminmax_row = Op(
    "aminmax", lambda x, dim=None, keepdim=False: (amin.forward(x, dim, keepdim), amax.forward(x, dim, keepdim)), vjps=(_aminmax_vjp,),
    formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
)  # fmt: skip


def _arg_public(name: str, find: Any) -> None:
    def function(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        x = input._data
        if dim is None:
            if x.size == 0:
                raise IndexError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
                )
            at = find(x.reshape(-1), 0)
            return _told(name, input, np.asarray(at, np.int64).reshape((1,) * x.ndim if keepdim else ()))
        d = one_dim(dim, x.ndim)
        at = np.asarray(find(x, d), np.int64)
        return _told(name, input, np.expand_dims(at, d) if keepdim and x.ndim else at)

    function.__name__ = name
    export("torch method", name)(function)


def _told(name: str, input: Any, data: Any) -> Any:
    """A result without gradient, told to the watcher like any op."""
    return apply(Op(name, lambda x: data), (input,))


_arg_public("argmax", _arg("max"))
_arg_public("argmin", _arg("min"))


# -- products, spread ---------------------------------------------------------------------------------


def _product(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if x.dtype.kind in "bui":
        x = x.astype(np.int64)
    return np.multiply.reduce(x, axis=dims(dim, x.ndim) if dim is not None else None, keepdims=keepdim)


def _product_vjp(g: Any, x: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    shape = tuple(x.shape)
    if not (_plain(x) == 0).any():
        return spread(g * result, shape, dim, keepdim) / x
    # with zeros the division fails: the product of the others, left times right
    axis = None if dim is None else dims(dim, len(shape))[0]
    flat = x.reshape(-1) if axis is None else x
    at = 0 if axis is None else axis
    others = _others(flat, at)
    grown = spread(g, shape, dim, keepdim)
    return grown * others.reshape(shape)


def _others(x: Any, dim: int) -> Any:
    n = x.shape[dim]
    parts = []
    from .join import stack_row

    for k in range(n):
        rest = None
        for j in range(n):
            if j != k:
                piece = x[(slice(None),) * dim + (j,)]
                rest = piece if rest is None else rest * piece
        if rest is None:
            one = x[(slice(None),) * dim + (k,)]
            rest = one * 0 + 1
        parts.append(rest)
    return stack_row(tuple(np.asarray(p) if not isinstance(p, Tensor) else p for p in parts), dim=dim)


prod_all = Op("prod", _product, grad_fn="ProdBackward0", vjps=(_product_vjp,), formulas=(r"\bar{x}_i = \bar{z}\,\prod_{j \ne i} x_j",))
prod_dim = Op("prod", _product, grad_fn="ProdBackward1", vjps=(_product_vjp,), formulas=(r"\bar{x}_i = \bar{z}\,\prod_{j \ne i} x_j",))


@export("torch method")
def prod(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """Product of all elements, or along a dimension."""
    x = input if dtype is None else input.to(dtype)
    if dim is None:
        return apply(prod_all, (x,))
    return apply(prod_dim, (x,), {"dim": one_dim(dim, x._data.ndim), "keepdim": keepdim})


def _variance(x: Any, dim: Any, correction: float, keepdim: bool) -> Any:
    axes = dims(dim, x.ndim)
    n = _count(x.shape, dim)
    centred = x - np.mean(x, axis=axes, keepdims=True, dtype=np.float64 if x.dtype.itemsize < 8 else None).astype(x.dtype)
    left = n - correction
    total = np.add.reduce(centred * centred, axis=axes, keepdims=keepdim)
    return total / x.dtype.type(left) if left > 0 else total * np.nan


def _variance_vjp(g: Any, x: Any, dim: Any, correction: float, keepdim: bool) -> Any:
    n = _count(tuple(x.shape), dim)
    left = n - correction
    grown = spread(g, tuple(x.shape), dim, keepdim)
    centred = x - (sum_keep(x, dim) / n)
    return grown * centred * (2.0 / left if left > 0 else math.nan)


def sum_keep(x: Any, dim: Any) -> Any:
    """Sum with the dimensions kept."""
    from .reduce import sum_dim

    return sum_dim(x, dim=dim, keepdim=True)


var_row = Op("var", _variance, vjps=(_variance_vjp,), formulas=(r"\bar{x} = \frac{2}{n-1}(x - \mu)\,\bar{z}",))


def _std_vjp(g: Any, x: Any, result: Any, dim: Any, correction: float, keepdim: bool) -> Any:
    zero = _plain(result) == 0
    g = where(zero if isinstance(g, np.ndarray) else Tensor(zero), _zeros(tuple(g.shape), g), g / (result * 2))
    return _variance_vjp(g, x, dim, correction, keepdim)


std_row = Op(
    "std", lambda x, dim, correction, keepdim: np.sqrt(_variance(x, dim, correction, keepdim)), vjps=(_std_vjp,),
    formulas=(r"\bar{x} = \frac{x - \mu}{(n-1)\,z}\,\bar{z}",),
)  # fmt: skip


def _with_mean(row: Op) -> Op:
    def vjp(g: Any, x: Any, result: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
        total = None
        if g[0] is not None:
            of_std = row is std_row
            total = _std_vjp(g[0], x, result, dim, correction, keepdim) if of_std else _variance_vjp(g[0], x, dim, correction, keepdim)
        if g[1] is not None:
            shape = tuple(x.shape)
            mean = spread(g[1] / _count(shape, dim), shape, dim, keepdim)
            total = mean if total is None else total + mean
        return total

    return Op(
        f"{row.name}_mean", lambda x, dim, correction, keepdim: (row.forward(x, dim, correction, keepdim), np.mean(x, axis=None if dim is None else dims(dim, x.ndim), keepdims=keepdim)),
        vjps=(vjp,), formulas=row.formulas,
    )  # fmt: skip


def _spread_public(name: str, row: Op) -> None:
    pair = _with_mean(row)

    def function(
        input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None, out: Any = None
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if input._data.dtype.kind not in "fc":
            raise RuntimeError(f"{name}: only support floating point and complex dtypes")
        c = correction if correction is not None else 0 if unbiased is False else 1
        if _count(input._data.shape, None if dim == () else dim) - c <= 0:
            warnings.warn(
                f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by "
                "output numel). (Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/ReduceOps.cpp:1861.)",
                UserWarning,
                stacklevel=2,
            )
        return apply(row, (input,), {"dim": None if dim == () else dim, "correction": c, "keepdim": keepdim})

    function.__name__ = name
    export("torch method", name)(function)

    def with_mean(input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if input._data.dtype.kind not in "fc":
            raise RuntimeError(f"{name}_mean only support floating point and complex dtypes")
        c = correction if correction is not None else 0 if unbiased is False else 1
        return apply(pair, (input,), {"dim": None if dim == () else dim, "correction": c, "keepdim": keepdim})

    export("torch", name + "_mean")(with_mean)


_spread_public("var", var_row)
_spread_public("std", std_row)


# -- logs of sums of exponentials ----------------------------------------------------------------------


def _logsumexp(x: Any, dim: Any, keepdim: bool) -> Any:
    axes = dims(dim, x.ndim)
    top = np.max(x, axis=axes, keepdims=True) if x.size else np.zeros(tuple(1 if k in axes else n for k, n in enumerate(x.shape)), x.dtype)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    out = np.log(np.add.reduce(np.exp(x - top), axis=axes, keepdims=True)) + top
    return out if keepdim else np.squeeze(out, axis=axes)


logsumexp_row = Op(
    "logsumexp", _logsumexp, promote="float",
    vjps=(lambda g, x, result, dim, keepdim: spread(g, tuple(x.shape), dim, keepdim) * exp(x - spread(result, tuple(x.shape), dim, keepdim)),),
    formulas=(r"\bar{x} = \bar{z}\,\mathrm{softmax}(x)",),
)  # fmt: skip


@export("torch method special", "logsumexp")
def logsumexp(input: Any, dim: Any, keepdim: bool = False, *, out: Any = None) -> Any:
    """log(sum(exp(x))), computed so that it does not overflow."""
    return apply(logsumexp_row, (input,), {"dim": dim, "keepdim": keepdim})


_SHORT = 128  # elements of a row up to which columns are faster than rows


def _top(x: Any, dim: int) -> Any:
    """The maximum along a dimension, kept; of short rows numpy takes it faster from a transposed copy."""
    if type(x) is np.ndarray and x.flags.c_contiguous and dim % x.ndim == x.ndim - 1 and 1 < x.shape[-1] <= _SHORT and x.dtype.kind == "f":
        columns = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).T)
        return np.maximum.reduce(columns, axis=0).reshape(*x.shape[:-1], 1)
    return np.max(x, axis=dim, keepdims=True)


def _total(x: Any, dim: int) -> Any:
    """The sum along a dimension, kept; of short rows a product with ones."""
    if type(x) is np.ndarray and x.flags.c_contiguous and dim % x.ndim == x.ndim - 1 and 1 < x.shape[-1] <= _SHORT and x.dtype.kind == "f":
        return np.dot(x.reshape(-1, x.shape[-1]), np.ones(x.shape[-1], x.dtype)).reshape(*x.shape[:-1], 1)
    return np.add.reduce(x, axis=dim, keepdims=True)


def _softmax(x: Any, dim: int) -> Any:
    if x.ndim == 0:
        return np.ones((), x.dtype)
    if not x.size:
        return x.copy()
    e = x - _top(x, dim)
    np.exp(e, out=e)
    e /= _total(e, dim)
    return e


def _log_softmax(x: Any, dim: int) -> Any:
    if x.ndim == 0:
        return np.zeros((), x.dtype)
    if not x.size:
        return x.copy()
    moved = x - _top(x, dim)
    moved -= np.log(_total(np.exp(moved), dim))
    return moved


softmax_row = Op(
    "softmax", _softmax, vjps=(lambda g, result, dim: _softmax_vjp(g, result, dim),),
    formulas=(r"\bar{x} = s \odot (\bar{z} - \textstyle\sum \bar{z} \odot s)",),
)  # fmt: skip
log_softmax_row = Op(
    "log_softmax", _log_softmax, vjps=(lambda g, result, dim: g - exp(result) * _along_sum(g, dim),),
    formulas=(r"\bar{x} = \bar{z} - \mathrm{softmax}(x) \textstyle\sum \bar{z}",),
)  # fmt: skip


def _along_sum(g: Any, dim: int) -> Any:
    if type(g) is np.ndarray and g.ndim and g.size:
        return _total(g, dim)
    return sum_keep(g, dim) if g.ndim else g


def _softmax_vjp(g: Any, result: Any, dim: int) -> Any:
    if type(g) is not np.ndarray or type(result) is not np.ndarray or not g.ndim:
        return result * (g - _along_sum(g * result, dim))
    made = g * result
    total = _along_sum(made, dim)
    np.subtract(g, total, out=made)
    made *= result
    return made


def _softmax_public(name: str, row: Op) -> None:
    def function(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        if not isinstance(input, Tensor):
            raise must_be_tensor(name, "input", 1, input)
        if dim is None:
            dim = 0 if input._data.ndim in (0, 1, 3) else 1
        x = input if dtype is None else input.to(dtype)
        if x._data.dtype.kind not in "fc":
            raise RuntimeError(
                f"\"{name}_lastdim_kernel_impl\" not implemented for '{x.dtype.scalar_name}'"
                if name == "softmax"
                else f"\"log_softmax_lastdim_kernel_impl\" not implemented for '{x.dtype.scalar_name}'"
            )
        return apply(row, (x,), {"dim": one_dim(dim, x._data.ndim)})

    function.__name__ = name
    export("torch method functional special", name)(function)


_softmax_public("softmax", softmax_row)
_softmax_public("log_softmax", log_softmax_row)
export("functional")(
    lambda input, dim=None, _stacklevel=3, dtype=None: apply(
        softmax_row, (-(input if dtype is None else input.to(dtype)),), {"dim": one_dim(dim, input._data.ndim)}
    )
)
export("functional", "softmin")(
    lambda input, dim=None, _stacklevel=3, dtype=None: apply(
        softmax_row, (-(input if dtype is None else input.to(dtype)),), {"dim": one_dim(dim, input._data.ndim)}
    )
)


# -- running totals --------------------------------------------------------------------------------------


def _reverse_cumsum(g: Any, dim: int) -> Any:
    from .reshape import flip

    return flip(cumsum(flip(g, dims=(dim,)), dim=dim), dims=(dim,)) if g.ndim else g


def _cumsum(x: Any, dim: int) -> Any:
    x = x.astype(np.int64) if x.dtype.kind in "bui" else x
    return np.cumsum(x, axis=dim) if x.ndim else x.copy()


cumsum = Op(
    "cumsum", _cumsum, vjps=(lambda g, dim: _reverse_cumsum(g, dim),), formulas=(r"\bar{x}_i = \textstyle\sum_{j \ge i} \bar{z}_j",)
)


def _cumprod_vjp(g: Any, x: Any, result: Any, dim: int) -> Any:
    if not x.ndim:
        return g
    if not (_plain(x) == 0).any():
        return _reverse_cumsum(g * result, dim) / x
    # with a zero: for each element the products in which a 1 stands for it
    from .join import stack_row

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
    return Tensor(data) if isinstance(other, Tensor) else data


cumprod = Op(
    "cumprod", lambda x, dim: (np.cumprod(x.astype(np.int64) if x.dtype.kind in "bui" else x, axis=dim) if x.ndim else x.copy()),
    vjps=(_cumprod_vjp,), formulas=(r"\bar{x}_i = \textstyle\sum_{j \ge i} \bar{z}_j z_j / x_i",),
)  # fmt: skip


def _logcumsumexp(x: Any, dim: int) -> Any:
    return np.logaddexp.accumulate(x, axis=dim) if x.ndim else x.copy()


def _logcumsumexp_vjp(g: Any, x: Any, result: Any, dim: int) -> Any:
    """PyTorch's way (logcumsumexp_backward): the positive and the negative part of g, each through its logarithm."""
    if not x.ndim:
        return g
    from .reshape import flip

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
        x = input if dtype is None else input.to(dtype)
        return apply(row, (x,), {"dim": one_dim(dim, x._data.ndim)})

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
        at = np.zeros(rows.shape, np.int64)
        if not len(rows):
            return np.moveaxis(at, 0, dim)
        best = rows[0].copy()
        where_best = np.zeros(best.shape, np.int64)
        for k in range(len(rows)):
            wins = better(rows[k], best) | np.isnan(rows[k]) if x.dtype.kind == "f" else better(rows[k], best)
            best = np.where(wins, rows[k], best)
            where_best = np.where(wins, k, where_best)
            at[k] = where_best
        return np.moveaxis(at, 0, dim)

    def forward(x: Any, dim: int) -> Any:
        at = places(x, dim)
        return (np.take_along_axis(x, at, dim) if x.ndim else x.copy()), at

    def vjp(g: Any, x: Any, dim: int) -> Any:
        first = g[0] if isinstance(g, list) else g
        return scatter_add(_zeros(tuple(x.shape), first), first, dim=dim, idx=places(_plain(x), dim)) if x.ndim else first

    row = Op(name, forward, vjps=(vjp,), nondiff=(1,), formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",))

    def function(input: Any, dim: int) -> Any:
        return return_type(name, "values", "indices")(*apply(row, (input,), {"dim": one_dim(dim, input._data.ndim)}))

    export("torch method", name)(function)


_running("cummax", np.greater_equal)
_running("cummin", np.less_equal)


# -- order -------------------------------------------------------------------------------------------------


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
    return (np.take_along_axis(x, at, dim) if x.ndim else x.copy()), at


def _sort_vjp(g: Any, x: Any, dim: int, descending: bool) -> Any:
    first = g[0] if isinstance(g, list) else g
    at = _order(_plain(x), dim, descending).astype(np.int64)
    return scatter_add(_zeros(tuple(x.shape), first), first, dim=dim, idx=at) if x.ndim else first


sort_row = Op("sort", _sorted, vjps=(_sort_vjp,), nondiff=(1,), formulas=(r"\bar{x}[i] = \bar{z}",))


@export("torch method")
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False, *, out: Any = None) -> Any:
    """Sorted values and where they stood."""
    if isinstance(dim, bool):
        dim, descending = -1, bool(dim)
    return return_type("sort", "values", "indices")(
        *apply(sort_row, (input,), {"dim": one_dim(dim, input._data.ndim), "descending": descending})
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
    return (np.take_along_axis(x, at, dim) if x.ndim else x.copy()), at


topk_row = Op(
    "topk", _topk_forward, nondiff=(1,), formulas=(r"\bar{x}[i] = \bar{z}",),
    vjps=(lambda g, x, k, dim, largest, ordered: scatter_add(_zeros(tuple(x.shape), _first(g)), _first(g), dim=dim, idx=_top_places(_plain(x), k, dim, largest, ordered).astype(np.int64)) if x.ndim else _first(g),),
)  # fmt: skip


def _first(g: Any) -> Any:
    return g[0] if isinstance(g, list) else g


@export("torch method")
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """The k largest (or smallest) values and where they stand."""
    d = one_dim(dim, input._data.ndim)
    n = input._data.shape[d] if input._data.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError("selected index k out of range")
    return return_type("topk", "values", "indices")(
        *apply(topk_row, (input,), {"k": int(k), "dim": d, "largest": largest, "ordered": sorted})
    )


def _kth(x: Any, dim: int, k: int, keepdim: bool) -> Any:
    at = np.take(_order(x, dim, False), k - 1, axis=dim) if x.ndim else np.zeros((), np.int64)
    at = with_ties(x, dim, at, lambda row: quick_select(row, k - 1)) if x.ndim else at
    return _pick(x, at, dim, keepdim)


kth_row = Op(
    "kthvalue", _kth, nondiff=(1,), formulas=(r"\bar{x}[i] = \bar{z}",),
    vjps=(lambda g, x, dim, k, keepdim: _back_to(g, tuple(x.shape), dim, keepdim, _kth(_plain(x), dim, k, keepdim)[1]),),
)  # fmt: skip


@export("torch method")
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest value along a dimension."""
    d = one_dim(dim, input._data.ndim)
    n = input._data.shape[d] if input._data.ndim else 1
    if not 1 <= k <= n:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {d}")
    return return_type("kthvalue", "values", "indices")(*apply(kth_row, (input,), {"k": k, "dim": d, "keepdim": keepdim}))


def _logic(name: str, ufunc: Any) -> None:
    def function(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
        x = input._data.astype(np.bool_)
        axes = None if dim is None else dims(dim, x.ndim)
        data = ufunc.reduce(x, axis=axes, keepdims=keepdim)
        return _told(name, input, np.asarray(data, np.uint8 if input._data.dtype == np.uint8 else np.bool_))

    export("torch method", name)(function)


_logic("any", np.logical_or)
_logic("all", np.logical_and)


@export("torch method")
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements are not zero."""
    axes = None if dim is None else dims(dim, input._data.ndim)
    return _told("count_nonzero", input, np.asarray(np.count_nonzero(input._data, axis=axes), np.int64))


@export("torch method")
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Sum with nan counted as zero."""
    x = input if dtype is None else input.to(dtype)
    if x._data.dtype.kind in "bui":
        return sum_(x, dim, keepdim)
    return apply(nansum_row, (x,), {"dim": dim, "keepdim": keepdim})


def _nansum_vjp(g: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    return spread(g, tuple(x.shape), dim, keepdim) * (x == x)


nansum_row = Op(
    "nansum", lambda x, dim=None, keepdim=False: np.add.reduce(np.where(np.isnan(x), x.dtype.type(0), x), axis=None if dim is None else dims(dim, x.ndim), keepdims=keepdim),
    vjps=(_nansum_vjp,), formulas=(r"\bar{x}_i = \bar{z}\,[x_i \ne \mathrm{nan}]",),
)  # fmt: skip


@export("torch method")
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """Mean of what is not nan."""
    good = Tensor((~np.isnan(input._data)).astype(input._data.dtype))
    return nansum(input, dim, keepdim) / (sum_(good, dim, keepdim) if dim is not None or keepdim else sum_(good))


__all__ = ["_along", "gather", "get_default_dtype"]

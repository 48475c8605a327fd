"""Extremes, medians, products, spread, counts: max, min, median, prod, var, std, any, all, nansum."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np

from ... import dtypes
from ...arrays.arithmetic import in_rows
from ...half.bfloat16 import cast, readable
from ...memory.computed import computed
from ...modes import warn
from ...naming.namespace import export
from ...naming.rows import into, invalid_combination, operand
from ...op import Op, apply
from ...tensor import Tensor
from ..indexing.gather import along, scatter_back
from ..pointwise.elementwise import maximum, minimum, where
from ..told import told
from ..views.reshape import one_dim, some_of
from .reduce import _count, dims, spread, sum_

# What functions with several results return; they print as torch.return_types.max(values=..., indices=...).
RETURNED = {
    "values indices": "cummax cummin kthvalue max median min mode nanmedian sort topk", "P L U": "linalg_lu lu_unpack", "LU pivots": "linalg_lu_factor",
    "LU pivots info": "linalg_lu_factor_ex", "mantissa exponent": "frexp", "solution residuals rank singular_values": "linalg_lstsq",
    "Q R": "linalg_qr qr", "hist bin_edges": "histogram", "result info": "linalg_solve_ex", "min max": "aminmax", "eigenvalues eigenvectors": "linalg_eig linalg_eigh",
    "inverse info": "linalg_inv_ex", "U S Vh": "linalg_svd", "U S V": "svd", "L info": "linalg_cholesky_ex", "sign logabsdet": "linalg_slogdet slogdet",
    "solution cloned_coefficient": "triangular_solve",
}  # fmt: skip
FIELDS = {name: fields.split() for fields, names in RETURNED.items() for name in names.split()}
_TYPES: dict[str, Any] = {}


def _again(returned: Any) -> tuple[Any, ...]:
    """How one is made anew from a file."""
    return _returned, (type(returned).__name__, tuple(returned))


def _returned(name: str, fields: tuple[Any, ...]) -> Any:
    return return_type(name)(*fields)


def return_type(name: str) -> Any:
    """torch.return_types.NAME."""
    made = _TYPES.get(name)
    if made is None:
        fields = FIELDS[name]
        base = namedtuple(name, fields)  # type: ignore[misc]

        def text(self: Any) -> str:
            return f"torch.return_types.{name}(\n" + ",\n".join(f"{f}={getattr(self, f)!r}" for f in fields) + ")"

        made = _TYPES[name] = dtypes.Spoken(
            name, (base,), {"__repr__": text, "__slots__": (), "__module__": "torch.return_types", "__reduce__": _again}
        )
        made.__name__ = f"torch.return_types.{name}"  # Python's own errors tell it whole
    return made


def _zeros(shape: tuple[int, ...], like: Any) -> Any:
    return Tensor._of(np.zeros(shape, like._data.dtype)) if isinstance(like, Tensor) else np.zeros(shape, like.dtype)


def _plain(x: Any) -> Any:
    return readable(x._data) if isinstance(x, Tensor) else np.asarray(x)


def _even_share(g: Any, x: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """Ties share the gradient evenly: amax, amin, and max() of all."""
    shape = tuple(x.shape)
    full = result if dim is None and not keepdim else spread(result, shape, dim, keepdim)
    hits = (_plain(x) == _plain(full)) | (np.isnan(_plain(x)) & np.isnan(_plain(full)))
    count = hits.sum(axis=dims(dim, len(shape)), keepdims=True)
    weight = np.divide(hits, count, out=np.zeros(hits.shape), where=hits)  # nowhere a hit, where `.data` was changed: no gradient
    share = weight.astype(_plain(g).dtype)
    if isinstance(g, np.ndarray):
        return np.where(hits, spread(g, shape, dim, keepdim) * share, g.dtype.type(0))  # no -0.0 elsewhere
    return spread(g, shape, dim, keepdim) * Tensor._of(cast(share, g._data.dtype))


def _scaled_share(g: Any, x: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """PyTorch's scale_grad_by_count: nan where no element equals the result, as where that is nan."""
    shape = tuple(x.shape)
    full = result if dim is None and not keepdim else spread(result, shape, dim, keepdim)
    hits = _plain(x) == _plain(full)
    count = hits.sum(axis=dims(dim, len(shape)), keepdims=True)
    kind = g.dtype if isinstance(g, np.ndarray) else g._data.dtype
    hits, count = cast(hits, kind), cast(count, kind)
    if not isinstance(g, np.ndarray):
        hits, count = Tensor._of(hits), Tensor._of(count)
    return spread(g, shape, dim, keepdim) * hits / count


def _extreme(name: str, forward: Any, grad_fn: str, share: Any = _even_share) -> Op:
    return Op(
        name, lambda x, dim=None, keepdim=False: in_rows(forward(x, axis=dims(dim, x.ndim) if dim is not None else None, keepdims=keepdim)),
        grad_fn=grad_fn,
        vjps=(lambda g, x, result, dim, keepdim: share(g, x, result, dim, keepdim),), formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
    )  # fmt: skip


max_all, min_all = _extreme("max", np.max, "MaxBackward1"), _extreme("min", np.min, "MinBackward1")
amax, amin = _extreme("amax", np.max, "AmaxBackward0", _scaled_share), _extreme("amin", np.min, "AminBackward0", _scaled_share)


def _pick(x: Any, at: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    before, behind = x.shape[:dim], x.shape[dim + 1 :]
    at = np.array(at, np.int64).reshape((*before, 1, *behind))
    values = x[along(at, dim)]
    return (values, at) if keepdim else (values.reshape(before + behind), at.reshape(before + behind))


def _back_to(g: Any, x_shape: Any, dim: int, keepdim: bool, idx: Any) -> Any:
    g = g[0] if isinstance(g, list) else g
    if not x_shape:
        return g
    if not keepdim:
        g = g.reshape((*x_shape[:dim], 1, *x_shape[dim + 1 :]))
        idx = np.expand_dims(idx, dim)
    return scatter_back(_zeros(tuple(x_shape), g), g, dim=dim, idx=idx)


def back_to_indices(g: Any, x_shape: Any, result1: Any, dim: int, keepdim: bool) -> Any:
    """The vjp of what picks one element a row, and says where it stood."""
    return _back_to(g, tuple(x_shape), dim, keepdim, _plain(result1))


def _arg(kind: str) -> Any:
    def find(x: Any, dim: int) -> Any:
        if x.ndim == 0:
            return np.zeros((), np.int64)
        return x.argmax(dim) if kind == "max" else x.argmin(dim)  # the first nan, where there is one

    return find


def _by_index(name: str, find: Any, grad_fn: str) -> Op:
    """An op that picks one element a row: its node keeps the places, and gives them the whole gradient."""

    def forward(x: Any, dim: int, keepdim: bool) -> Any:
        return _pick(x, find(x, dim), dim, keepdim)

    return Op(name, forward, grad_fn=grad_fn, vjps=(back_to_indices,), nondiff=(1,), formulas=(r"\bar{x}[\mathrm{argmax}] = \bar{z}",))


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
            if input._data.dtype.kind == "c":
                raise NotImplementedError(f"\"{name}_all\" not implemented for '{input.dtype.scalar_name}'")
            return apply(all_row, (input,))
        if not isinstance(dim, (int, np.integer)):
            raise invalid_combination(name, (dim,), "", "Tensor other", "int dim, bool keepdim = False")
        d = one_dim(int(dim), input._data.ndim)
        if input._data.ndim and input._data.shape[d] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")
        if input._data.dtype.kind == "c":
            raise RuntimeError(f"{name}(): does not support complex input")
        return return_type(name)(*apply(dim_row, (input,), {"dim": d, "keepdim": keepdim}))

    function.__name__ = name
    export("torch method", name)(function)


_two_ways("max", max_all, max_dim, maximum)
_two_ways("min", min_all, min_dim, minimum)


@export("torch method")
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The middle value, the lower of two."""
    d = median_along(input, dim)
    if d is None:
        return apply(median_all, (input,))
    return return_type("median")(*apply(median_dim, (input,), {"dim": d, "keepdim": keepdim}))


def median_along(input: Any, dim: Any) -> int | None:
    """The dimension of a median, counted from the front, None for all elements; raises where PyTorch has none."""
    d = None if dim is None else some_of(input, dim, "median")
    if input._data.dtype.kind == "c":
        raise NotImplementedError(f"\"median_{'cpu' if dim is None else 'out'}\" not implemented for '{input.dtype.scalar_name}'")
    return d


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
        for axis, given in zip(dims(d, input._data.ndim), d if isinstance(d, (tuple, list)) else (d,), strict=False):
            if input._data.ndim and input._data.shape[axis] == 0:
                raise IndexError(f"{name}(): Expected reduction dim {given} to have non-zero size.")
        return into(out, apply(row, (input,), {"dim": d, "keepdim": keepdim}), name)

    function.__name__ = name
    export("torch method", name)(function)


_plain_reduction("amax", amax)
_plain_reduction("amin", amin)


@export("torch method")
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False, out: Any = None) -> Any:
    """Smallest and largest together."""
    axes = range(input._data.ndim) if dim is None else (one_dim(dim, input._data.ndim),)
    if input._data.ndim and any(not input._data.shape[k] for k in axes):
        if dim is not None:
            raise IndexError(f"aminmax: Expected reduction dim {axes[0]} to have non-zero size.")
        raise RuntimeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.")
    made = apply(aminmax_row, (input,), {"dim": dim, "keepdim": keepdim})
    return return_type("aminmax")(*(into(o, r, "aminmax") for o, r in zip(out or (None, None), made, strict=True)))


def _aminmax_vjp(g: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    total = None
    for cotangent, row in zip(g, (amin, amax), strict=True):
        if cotangent is not None:
            part = _scaled_share(cotangent, x, row(x, dim=dim, keepdim=keepdim), dim, keepdim)
            total = part if total is None else total + part
    return total


aminmax_row = Op(
    "aminmax", lambda x, dim=None, keepdim=False: (amin.forward(x, dim, keepdim), amax.forward(x, dim, keepdim)), vjps=(_aminmax_vjp,),
    formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
)  # fmt: skip


def _arg_public(name: str, find: Any) -> None:
    def function(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        x = readable(input._data)
        if x.dtype.kind == "b":
            raise RuntimeError(f"{name}(): does not support bool input")
        if dim is None:
            if x.size == 0:
                raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
            return _without_gradient(
                name, input, lambda a: np.asarray(find(readable(a).reshape(-1), 0), np.int64).reshape((1,) * a.ndim if keepdim else ())
            )
        d = one_dim(dim, x.ndim, name)
        if x.ndim and not x.shape[d]:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")

        def places(a: Any) -> Any:
            at = np.asarray(find(readable(a), d), np.int64)
            return np.expand_dims(at, d) if keepdim and a.ndim else at

        return _without_gradient(name, input, places)

    function.__name__ = name
    export("torch method", name)(function)


def _without_gradient(name: str, input: Any, compute: Any) -> Any:
    return told(name, (input,), computed(compute, input))


_arg_public("argmax", _arg("max"))
_arg_public("argmin", _arg("min"))


# -- products, spread ---------------------------------------------------------------------------------


def _product(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return in_rows(np.multiply.reduce(x, axis=dims(dim, x.ndim) if dim is not None else None, keepdims=keepdim, dtype=x.dtype))


def _product_vjp(g: Any, x: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    shape = tuple(x.shape)
    if not (_plain(x) == 0).any():
        return spread(g * result, shape, dim, keepdim) / x
    # with zeros the division fails: the product of the others, left times right
    axis = None if dim is None or not shape else dims(dim, len(shape))[0]
    flat = x.reshape(-1) if axis is None else x
    at = 0 if axis is None else axis
    others = _others(flat, at)
    grown = spread(g, shape, dim, keepdim)
    return grown * others.reshape(shape)


def _others(x: Any, dim: int) -> Any:
    """For each element the product of the others along a dimension."""
    n = x.shape[dim]
    if isinstance(x, np.ndarray) and n:
        before, behind = np.ones_like(x), np.ones_like(x)
        rest: Any = (slice(None),) * dim
        np.cumprod(x[(*rest, slice(None, -1))], axis=dim, out=before[(*rest, slice(1, None))])
        np.cumprod(x[(*rest, slice(None, 0, -1))], axis=dim, out=behind[(*rest, slice(1, None))])
        return before * np.flip(behind, dim)
    parts = []
    from ..views.join import stack_row

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
    if dtype is None and input._data.dtype.kind in "bui":
        dtype = dtypes.int64
    x = input if dtype is None else input.to(dtype)
    if dim is None:
        return into(out, apply(prod_all, (x,)), "prod")
    if not isinstance(dim, (int, np.integer)):
        raise TypeError("prod")
    return into(out, apply(prod_dim, (x,), {"dim": one_dim(int(dim), x._data.ndim), "keepdim": keepdim}), "prod")


def _variance(x: Any, dim: Any, correction: float, keepdim: bool) -> Any:
    axes = dims(dim, x.ndim)
    n = _count(x.shape, dim)
    centred = x - np.mean(x, axis=axes, keepdims=True, dtype=np.float64 if x.dtype.itemsize < 8 else None).astype(x.dtype)
    left = n - correction
    squares = centred * centred if x.dtype.kind == "f" else (centred * centred.conj()).real
    total = in_rows(np.add.reduce(squares, axis=axes, keepdims=keepdim))
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / squares.dtype.type(max(left, 0))


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
    g = where(zero if isinstance(g, np.ndarray) else Tensor._of(zero), _zeros(tuple(g.shape), g), g / (result * 2))
    return _variance_vjp(g, x, dim, correction, keepdim)


std_row = Op(
    "std", lambda x, dim, correction, keepdim: np.sqrt(_variance(x, dim, correction, keepdim)), vjps=(_std_vjp,),
    formulas=(r"\bar{x} = \frac{x - \mu}{(n-1)\,z}\,\bar{z}",),
)  # fmt: skip


def _with_mean(row: Op) -> Op:
    def of_mean(total: Any, g: Any, x: Any, dim: Any, keepdim: bool) -> Any:
        if g is None:
            return total
        shape = tuple(x.shape)
        mean = spread(g / _count(shape, dim), shape, dim, keepdim)
        return mean if total is None else total + mean

    def var_vjp(g: Any, x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
        return of_mean(None if g[0] is None else _variance_vjp(g[0], x, dim, correction, keepdim), g[1], x, dim, keepdim)

    def std_vjp(g: Any, x: Any, result: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
        return of_mean(None if g[0] is None else _std_vjp(g[0], x, result, dim, correction, keepdim), g[1], x, dim, keepdim)

    return Op(
        f"{row.name}_mean", lambda x, dim, correction, keepdim: (row.forward(x, dim, correction, keepdim), np.mean(x, axis=None if dim is None else dims(dim, x.ndim), keepdims=keepdim)),
        vjps=(std_vjp if row is std_row else var_vjp,), formulas=row.formulas,
    )  # fmt: skip


def _spread_public(name: str, row: Op) -> None:
    pair = _with_mean(row)

    def function(
        input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None, out: Any = None
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if input._data.dtype.kind not in "fcV":
            raise RuntimeError("std and var only support floating point and complex dtypes")
        c = correction if correction is not None else 0 if unbiased is False else 1
        if _count(input._data.shape, None if dim == () else dim) - c <= 0:
            warn(
                f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by "
                "output numel). (Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/ReduceOps.cpp:1861.)",
                UserWarning,
            )
        return apply(row, (input,), {"dim": None if dim == () else dim, "correction": c, "keepdim": keepdim})

    function.__name__ = name
    export("torch method", name)(function)

    def with_mean(input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if input._data.dtype.kind not in "fcV":
            raise RuntimeError(f"{name}_mean only support floating point and complex dtypes")
        c = correction if correction is not None else 0 if unbiased is False else 1
        return apply(pair, (input,), {"dim": None if dim == () else dim, "correction": c, "keepdim": keepdim})

    export("torch", name + "_mean")(with_mean)


_spread_public("var", var_row)
_spread_public("std", std_row)


def _logic(name: str, ufunc: Any) -> None:
    def function(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
        axes = None if dim is None else dims(dim, input._data.ndim)

        def whether(a: Any) -> Any:
            data = in_rows(ufunc.reduce(readable(a).astype(np.bool_, copy=False), axis=axes, keepdims=keepdim))
            return np.asarray(data, np.uint8 if a.dtype == np.uint8 else np.bool_)

        return _without_gradient(name, input, whether)

    export("torch method", name)(function)


_logic("any", np.logical_or)
_logic("all", np.logical_and)


@export("torch method")
def count_nonzero(input: Any, dim: Any = None, *more: int) -> Any:
    """How many elements are not zero."""
    axes = None if dim is None else dims((dim, *more) if more else dim, input._data.ndim)
    return _without_gradient("count_nonzero", input, lambda a: np.asarray(np.count_nonzero(readable(a), axis=axes), np.int64))


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
    if input._data.dtype.kind in "biu":
        raise RuntimeError(f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.scalar_name}")
    good = Tensor._of(cast(~np.isnan(readable(input._data)), input._data.dtype))
    return nansum(input, dim, keepdim) / (sum_(good, dim, keepdim) if dim is not None or keepdim else sum_(good))

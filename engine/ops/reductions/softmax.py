"""Logs of sums of exponentials, softmax and log_softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...calls import quick
from ...errors import class_name
from ...modes import warn
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import exp
from ..views.reshape import one_dim
from .reduce import dims, ones, spread
from .statistics import sum_keep

# What functions with several results return; they print as torch.return_types.max(values=..., indices=...).
_TYPES: dict[str, Any] = {}


def _logsumexp(x: Any, dim: Any, keepdim: bool) -> Any:
    axes = dims(dim, x.ndim)
    top = (
        np.max(x.real, axis=axes, keepdims=True)
        if x.size
        else np.zeros(tuple(1 if k in axes else n for k, n in enumerate(x.shape)), x.dtype)
    )
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    out = np.log(np.add.reduce(np.exp(x - top), axis=axes, keepdims=True)) + top
    return in_rows(out if keepdim else np.squeeze(out, axis=axes))


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
    if (
        not isinstance(x, Tensor)
        and x.flags.c_contiguous
        and dim % x.ndim == x.ndim - 1
        and 1 < x.shape[-1] <= _SHORT
        and x.dtype.kind == "f"
    ):
        columns = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).T)
        return np.maximum.reduce(columns, axis=0).reshape(*x.shape[:-1], 1)
    return np.max(x, axis=dim, keepdims=True)


def _total(x: Any, dim: int) -> Any:
    """The sum along a dimension, kept; of short rows a product with ones."""
    if (
        not isinstance(x, Tensor)
        and x.flags.c_contiguous
        and dim % x.ndim == x.ndim - 1
        and 1 < x.shape[-1] <= _SHORT
        and x.dtype.kind == "f"
    ):
        return np.dot(x.reshape(-1, x.shape[-1]), ones(x.shape[-1], x.dtype)).reshape(*x.shape[:-1], 1)
    return np.add.reduce(x, axis=dim, keepdims=True)


def _softmax(x: Any, dim: int) -> Any:
    if x.ndim == 0:
        return np.ones((), x.dtype)
    if not x.size:
        return x.copy()
    x = in_rows(x)
    e = x - _top(x, dim)
    e = np.exp(e, out=e) if type(e) is np.ndarray else np.exp(e)
    e /= _total(e, dim)
    return e


def _log_softmax(x: Any, dim: int) -> Any:
    if x.ndim == 0:
        return np.zeros((), x.dtype)
    if not x.size:
        return x.copy()
    x = in_rows(x)
    moved = x - _top(x, dim)
    moved -= np.log(_total(np.exp(moved), dim))
    return moved


softmax_row = Op(
    "softmax", _softmax, vjps=(lambda g, result, dim: _softmax_vjp(g, result, dim),),
    formulas=(r"\bar{x} = s \odot (\bar{z} - \textstyle\sum \bar{z} \odot s)",),
)  # fmt: skip
log_softmax_row = Op(
    "log_softmax", _log_softmax, vjps=(lambda g, result, dim: _log_softmax_vjp(g, result, dim),),
    formulas=(r"\bar{x} = \bar{z} - \mathrm{softmax}(x) \textstyle\sum \bar{z}",),
)  # fmt: skip


def _along_sum(g: Any, dim: int) -> Any:
    if not isinstance(g, Tensor) and g.ndim and g.size:
        return _total(g, dim)
    return sum_keep(g, dim) if g.ndim else g


def _softmax_vjp(g: Any, result: Any, dim: int) -> Any:
    if type(g) is not np.ndarray and isinstance(g, Tensor):
        return _softmax_slope_row(g, result, dim=dim)
    made = g - _along_sum(g * result, dim)
    made *= result
    return made


def _log_softmax_vjp(g: Any, result: Any, dim: int) -> Any:
    if type(g) is not np.ndarray and isinstance(g, Tensor):
        return _log_softmax_slope_row(g, result, dim=dim)
    return g - exp(result) * _along_sum(g, dim)


# in a backward pass that is recorded itself: one node each, as in PyTorch
_softmax_slope_row = Op(
    "_softmax_backward_data", _softmax_vjp, inputs=("g", "y"), grad_fn="SoftmaxBackwardDataBackward0",
    vjps=(
        lambda z, y, dim: _softmax_vjp(z, y, dim),
        lambda z, g, y, dim: g * z - _along_sum(y * g, dim) * z - g * _along_sum(y * z, dim),
    ),
    formulas=(r"\bar{g} = s \odot (\bar{z} - \textstyle\sum \bar{z} \odot s)", r"\bar{s} = g \odot \bar{z} - \bar{z} \textstyle\sum s \odot g - g \sum s \odot \bar{z}"),
)  # fmt: skip
_log_softmax_slope_row = Op(
    "_log_softmax_backward_data", lambda g, y, dim: g - exp(y) * _along_sum(g, dim), inputs=("g", "y"),
    grad_fn="LogSoftmaxBackwardDataBackward0",
    vjps=(
        lambda z, y, dim: z - _along_sum(z * exp(y), dim),
        lambda z, g, y, dim: -_along_sum(g, dim) * exp(y) * z,
    ),
    formulas=(r"\bar{g} = \bar{z} - \textstyle\sum \bar{z} \odot e^{y}", r"\bar{y} = -e^{y} \odot \bar{z} \textstyle\sum g"),
)  # fmt: skip


def must_float(name: str, x: Any, dim: int) -> None:
    """softmax and log_softmax have kernels for floats alone."""
    if x._data.dtype.kind not in "fV":
        kernel = f"{name}_lastdim_kernel_impl" if dim >= x._data.ndim - 1 else f"{name}_kernel_impl"
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{x.dtype.scalar_name}'")


def implicit_dim(name: str, ndim: int) -> int:
    """The dimension that PyTorch guesses, with its warning."""
    warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.")
    return 0 if ndim in (0, 1, 3) else 1


def _softmax_public(name: str, row: Op) -> None:
    def function(input: Any, dim: Any, dtype: Any = None, *, out: Any = None) -> Any:
        if not isinstance(dim, (int, np.integer)) or isinstance(dim, bool):
            raise TypeError(f"{name}(): argument 'dim' (position 1) must be int, not {class_name(dim)}")
        x = input if dtype is None else input.to(dtype)
        d = one_dim(int(dim), x._data.ndim, name)
        must_float(name, x, d)
        return into(out, run(x, {"dim": d}), name)

    def with_choice(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        return function(input, implicit_dim(name, input._data.ndim) if dim is None else dim, dtype)

    run = quick.unary(row)
    function.__name__ = with_choice.__name__ = name
    export("torch method special", name)(function)
    export("functional", name)(with_choice)


_softmax_public("softmax", softmax_row)
_softmax_public("log_softmax", log_softmax_row)


@export("functional")
def softmin(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """softmax of -x."""
    if dim is None:
        dim = implicit_dim("softmin", input._data.ndim)
    x: Any = -input
    return x.softmax(dim, dtype=dtype)

"""torch._weight_norm: a weight as its direction times its length, one node where a slice is the first or the last dimension."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...naming.namespace import export
from ...op import Op, apply
from ..pointwise.elementwise import sqrt
from ..reductions.reduce import sum_dim


def _others(ndim: int, dim: int) -> tuple[int, ...]:
    return tuple(k for k in range(ndim) if k != dim)


def _normed(v: Any, g: Any, dim: int) -> Any:
    over = _others(v.ndim, dim)
    return (v * (g / np.sqrt((v * v).sum(over, keepdims=True)))).astype(v.dtype)


def _length(v: Any, over: tuple[int, ...]) -> Any:
    return sqrt(sum_dim(v * v, dim=over, keepdim=True))


def _direction_vjp(g_out: Any, v: Any, g: Any, dim: int) -> Any:
    over = _others(len(v.shape), dim)
    n = _length(v, over)
    along = sum_dim(g_out * v, dim=over, keepdim=True)
    return g / n * (g_out - v * (along / (n * n)))


def _length_vjp(g_out: Any, v: Any, dim: int) -> Any:
    over = _others(len(v.shape), dim)
    return sum_dim(g_out * v, dim=over, keepdim=True) / _length(v, over)


weight_norm_row = Op(
    "_weight_norm_interface", _normed, inputs=("v", "g"), grad_fn="WeightNormInterfaceBackward0", vjps=(_direction_vjp, _length_vjp),
    formulas=(
        r"\bar{v} = \frac{g}{\|v\|}\left(\bar{w} - \frac{\bar{w}^{\mathsf{T}}v}{\|v\|^2}v\right)",
        r"\bar{g} = \frac{\bar{w}^{\mathsf{T}}v}{\|v\|}",
    ),
)  # fmt: skip


def length_of(v: Any, dim: int) -> Any:
    """The norm over all dimensions but one (over all for -1), as torch.norm_except_dim."""
    return v.norm(2) if dim == -1 else v.norm(2, list(_others(v._data.ndim, dim)), keepdim=True)


@export("torch")
def _weight_norm(v: Any, g: Any, dim: int = 0) -> Any:
    """g times the direction of v."""
    if dim in (0, v._data.ndim - 1) and v._data.ndim > 1:
        return apply(weight_norm_row, (v, g), {"dim": dim})
    return v * (g / length_of(v, dim))


export("torch", "norm_except_dim")(lambda v, pow=2, dim=0: length_of(v, dim))

__all__ = ["length_of", "weight_norm_row"]

"""Values kept within bounds: clamp, clamp_min, clamp_max."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dtypes import get_default_dtype, result_type
from ...half.bfloat16 import readable
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from .elementwise import _binary, where, zeros_as


def _clip(x: Any, low: Any, high: Any) -> Any:
    out = x
    if low is not None:
        out = np.maximum(out, low)
    if high is not None:
        out = np.minimum(out, high)
    return out if out is not x else x.copy()


def _inside(g: Any, x: Any, low: Any, high: Any) -> Any:
    d = x if isinstance(x, np.ndarray) else readable(x._data)
    keep = np.ones(d.shape, np.bool_)
    if low is not None:
        keep &= d >= low
    if high is not None:
        keep &= d <= high
    return where(keep if isinstance(g, np.ndarray) else Tensor._of(keep), g, zeros_as(g))


clamp_row = Op(
    "clamp",
    lambda x, low, high: _clip(x, low, high),
    grad_fn="ClampBackward1",
    vjps=(_inside,),
    elementwise=True,
    formulas=(r"\bar{x} = \bar{z} \odot [a \le x \le b]",),
)


def _bounds(low: Any, high: Any) -> tuple[Any, Any]:
    """Beside a number PyTorch takes a tensor without dimensions as one."""
    low, high = (
        one.item() if isinstance(one, Tensor) and not isinstance(other, Tensor) and other is not None and not one._requires_grad else one
        for one, other in ((low, high), (high, low))
    )
    return low, high


@export("torch method", "clamp", "clip")
def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Values kept between two bounds; at a bound the gradient passes."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    min, max = _bounds(min, max)
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        return into(out, apply(clamp_tensor, (input, min, max)), "clamp")
    common = result_type((input._data, min, max))
    x = input.to(common) if common.numpy is not input._data.dtype else input
    return into(out, apply(clamp_row, (x,), {"low": min, "high": max}), "clamp")


clamp_min_row = _binary(
    "clamp_min",
    np.maximum,
    (lambda g, x, y: where(x >= y, g, zeros_as(g)), lambda g, x, y: where(x < y, g, zeros_as(g))),
    (r"\bar{x} = \bar{z}[x \ge y]", r"\bar{y} = \bar{z}[x < y]"),
)
clamp_max_row = _binary(
    "clamp_max",
    np.minimum,
    (lambda g, x, y: where(x <= y, g, zeros_as(g)), lambda g, x, y: where(x > y, g, zeros_as(g))),
    (r"\bar{x} = \bar{z}[x \le y]", r"\bar{y} = \bar{z}[x > y]"),
)


def _between(g: Any, x: Any, low: Any, high: Any) -> Any:
    inside = zeros_as(x) == 0
    inside = inside if low is None else inside & (x >= low)
    return where(inside if high is None else inside & (x <= high), g, zeros_as(g))


clamp_tensor = Op(
    "clamp", _clip, inputs=("x", "low", "high"), promote="same", elementwise=True,
    vjps=(
        _between, lambda g, x, low, high: where((x < low) if high is None else (x < low) & (low < high), g, zeros_as(g)),
        lambda g, x, low, high: where((x > high) if low is None else (x > high) | (high < low), g, zeros_as(g)),
    ),
    formulas=(r"\bar{x} = \bar{z}[a \le x \le b]", r"\bar{a} = \bar{z}[x < a]", r"\bar{b} = \bar{z}[x > b]"),
)  # fmt: skip


@export("method", "clamp_", "clip_")
def clamp_write(self: Any, min: Any = None, max: Any = None) -> Any:
    """In place."""
    from ...memory.inplace import write

    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    min, max = _bounds(min, max)
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        return write(clamp_tensor, self, (min, max))
    if self._data.dtype.kind in "iu" and (isinstance(min, float) or isinstance(max, float)):
        kind = get_default_dtype().scalar_name
        raise RuntimeError(f"result type {kind} can't be cast to the desired output type {self.dtype.c_name}")
    return write(clamp_row, self, (), {"low": min, "high": max})


def _one_bound(name: str, low: bool) -> None:
    by_tensor = (clamp_min_row if low else clamp_max_row).named("ClampMinBackward1" if low else "ClampMaxBackward1")
    by_number = clamp_row.named("ClampMinBackward0" if low else "ClampMaxBackward0")

    def function(input: Any, bound: Any = None, *, min: Any = None, max: Any = None, out: Any = None) -> Any:
        given = bound if bound is not None else min if low else max
        if out is None and isinstance(given, Tensor):
            return apply(by_tensor, (input, given))
        if out is None and result_type((input._data, given)).numpy is input._data.dtype:
            return apply(by_number, (input,), {"low": given, "high": None} if low else {"low": None, "high": given})
        return clamp(input, given, out=out) if low else clamp(input, None, given, out=out)

    def write_method(self: Any, bound: Any) -> Any:
        from ...memory.inplace import write

        if isinstance(bound, Tensor):
            return write(by_tensor, self, (bound,))
        return write(by_number, self, (), {"low": bound, "high": None} if low else {"low": None, "high": bound})

    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_one_bound("clamp_min", True)
_one_bound("clamp_max", False)

"""Numbers from one to another: arange, linspace, logspace, rounded where PyTorch's CPU kernels round them (aten/src/ATen/native/RangeFactories.cpp)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, modes
from ..arrays.fused import fma
from ..half.bfloat16 import cast, readable
from ..naming.namespace import export
from ..tensor import Tensor
from .factories import _given, _kind


@export("torch")
def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
) -> Tensor:
    """Numbers from start (included) to end (excluded)."""
    if end is None:
        if start is None:
            raise TypeError("arange() missing 1 required positional argument")
        start, end = 0, start
    elif start is None:
        start = 0
    start, end, step = (v.item() if isinstance(v, (Tensor, np.number)) else v for v in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {_told(start)} -> {_told(end)}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(v, int) for v in (start, end, step))
    if out is not None and dtype is None:
        dtype = out.dtype
        if dtype is dtypes.int64 and step != 0 and not int(step):
            raise ValueError("step must be nonzero")
    d = dtype or (dtypes.int64 if whole else dtypes.get_default_dtype())
    if d is dtypes.int64 and not whole:  # the bounds are cut to integers first
        start, end, step, whole = int(start), int(end), int(step), True
        if not step:
            raise RuntimeError("step must be nonzero")
    if d.category < 2 and not whole:  # counted exactly, then cut to integers
        count = math.ceil((end - start) / step)
        return _given(out, cast(int(start) + np.arange(count) * int(step), d.numpy), requires_grad)
    count = -(-(end - start) // step) if whole else int(np.ceil((end - start) / step))
    if d.category < 2 or whole:
        return _given(out, cast(np.asarray(start + np.arange(count) * step), d.numpy), requires_grad)
    return _given(out, _steps(float(start), float(step), count, d.numpy), requires_grad)


@export("torch")
def range(start: Any = 0, end: Any = None, step: Any = 1, **more: Any) -> Tensor:
    """As arange, with the end included: PyTorch's older function."""
    modes.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's range builtin. "
        "Instead, use torch.arange, which produces values in [start, end)."
    )
    if end is None:
        start, end = 0, start
    more.setdefault("dtype", dtypes.get_default_dtype())
    return arange(start, end + step, step, **more) if (end - start) % step == 0 else arange(start, end, step, **more)


def _told(value: float) -> str:
    """A number as C++ prints it."""
    return f"{value:g}"


def _must_be_scalars(name: str, start: Any, end: Any) -> None:
    if isinstance(start, Tensor) and isinstance(end, Tensor):
        if start._data.ndim or end._data.ndim:
            raise RuntimeError(
                f"{name} only supports 0-dimensional start and end tensors, but got start with {start._data.ndim} dimension(s) and end with "
                f"{end._data.ndim} dimension(s)."
            )
        return
    for word, value in (("start", start), ("end", end)):
        if isinstance(value, Tensor) and value._data.ndim:
            raise RuntimeError(
                f"{name} only supports 0-dimensional start and end tensors, but got {word} with {value._data.ndim} dimension(s)."
            )


def _must_be_count(name: str, start: Any, end: Any, steps: Any) -> None:
    if not isinstance(steps, (int, np.integer)) or isinstance(steps, bool):
        types = ", ".join("Tensor" if isinstance(v, Tensor) else type(v).__name__ for v in (start, end, steps))
        raise TypeError(f"{name}() received an invalid combination of arguments - got ({types}), but expected one of:\n")


def _steps(start: float, step: float, count: int, kind: Any) -> Any:
    """start + k * step as PyTorch's vector kernel rounds it: from the first element of each block of 32 bytes, a pair of blocks at a time."""
    double = np.dtype(np.float64)
    k = np.arange(count)
    exact = fma(k.astype(np.float64), step, start, double)
    width = 32 // kind.itemsize if kind.itemsize >= 4 else 16
    base = readable(cast(exact[k // width * width], kind))
    in_blocks = fma((k % width).astype(np.float64), step, base.astype(np.float64), double)
    return cast(np.where(k < count // (2 * width) * (2 * width), in_blocks, exact), kind)


@export("torch")
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Tensor:
    """Evenly spaced numbers, from both ends to the middle as PyTorch computes them."""
    _must_be_count("linspace", start, end, steps)
    _must_be_scalars("linspace", start, end)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    start, end = (v.item() if isinstance(v, Tensor) else v for v in (start, end))
    d = _kind_between(start, end, dtype, out)
    if steps == 1:
        return _given(out, cast(np.array([start]), d.numpy), requires_grad)
    if d.category == 3:
        made = np.linspace(complex(start), complex(end), steps, dtype=d.numpy)
        return _given(out, made, requires_grad)
    whole = d.category < 2
    if whole:
        start, end = int(start), int(end)
    t: Any = np.float64 if whole or d.numpy.itemsize == 8 else np.float32
    k = np.arange(steps, dtype=t)
    behind = t(steps - 1) - k
    if d.numpy.itemsize == 2 and not whole:  # half precision is rounded at each step of the way
        a, b = _kept(start, d), _kept(end, d)
        step = _kept(_kept(b - a, d) / _kept(steps - 1, d), d) if steps > 1 else t(0)
        low, high = a + _kept(step * _kept(k, d), d), b - _kept(step * _kept(behind, d), d)
    else:
        a, b = t(start), t(end)
        step = t((b - a) / t(steps - 1)) if steps > 1 else t(0)
        low, high = fma(k, step, a, np.dtype(t)), fma(-behind, step, b, np.dtype(t))
    return _given(out, cast(np.where(k < steps // 2, low, high), d.numpy), requires_grad)


def _kind_between(start: Any, end: Any, dtype: Any, out: Tensor | None) -> Any:
    """The dtype of numbers from one to another: complex between complex ones, unless another is asked for."""
    kind = _kind(dtype, out)
    if dtype is None and out is None and any(isinstance(v, complex) for v in (start, end)):
        return kind.to_complex()
    return kind


def _kept(numbers: Any, d: dtypes.dtype) -> Any:
    """What a floating dtype keeps of numbers, to compute on with; of half precision as float32."""
    kept = readable(cast(np.asarray(numbers), d.numpy))
    return kept.astype(np.float32) if d.numpy.itemsize == 2 else kept


@export("torch")
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Any = None,
) -> Tensor:
    """Powers of a base, evenly spaced in the exponent."""
    _must_be_count("logspace", start, end, steps)
    _must_be_scalars("logspace", start, end)
    start, end = (v.item() if isinstance(v, Tensor) else v for v in (start, end))
    d = _kind_between(start, end, dtype, out)
    if steps == 1:
        first = last = start
        length = 0.0
    elif d.category == 2:  # floating: the bounds and their distance are rounded, nothing else is
        first, last = (float(_kept(v, d)) for v in (start, end))
        length = float(_kept(last - first, d))
    else:
        first, last = (int(start), int(end)) if d.category < 2 else (start, end)
        length = last - first
    step, k = length / max(steps - 1, 1), np.arange(steps)
    exponents = np.where(k < (steps // 2 or steps), first + step * k, last - step * (steps - 1 - k))
    with np.errstate(all="ignore"):  # one by one: the power of whole arrays rounds otherwise
        powers = np.array([np.float64(base) ** e for e in exponents], np.result_type(exponents, np.float64))
        return _given(out, cast(powers.astype(np.float32) if d.numpy.itemsize == 2 and d.category == 2 else powers, d.numpy), requires_grad)

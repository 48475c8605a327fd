"""Fused multiply-add: a * b + c with one rounding, as PyTorch's vector kernels compute it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Array = np.ndarray[Any, Any]
T = TypeVar("T")


def fma(a: Array, b: Any, c: Any, dtype: Any) -> Array:
    """a * b + c in `dtype` with one rounding.

    float64: through the exact product (Dekker) and sum, correctly rounded except for ties beyond 106 bits.
    """
    if dtype == np.float32:
        return fma32(a, b, c)
    x = a.astype(np.float64)
    y = np.float64(b)
    p = x * y
    split = 134217729.0
    xh = split * x - (split * x - x)
    yh = split * y - (split * y - y)
    low = ((xh * yh - p) + xh * (y - yh) + (x - xh) * yh) + (x - xh) * (y - yh)
    c64 = np.float64(c)
    s = p + c64
    bb = s - p
    error = (p - (s - bb)) + (c64 - bb)
    return np.asarray(s + (error + low))


def fma32(a: Any, b: Any, c: Any, exact: bool = False) -> Array:
    """a * b + c in float32 with one rounding; `exact`: float64 has all digits of it.

    The product is exact in float64. Where the float64 sum lies half way between two float32 numbers, its own rounding
    error (Knuth's two-sum) decides which way it goes.
    """
    s = _sum(a, b, c)
    result = np.asarray(s.astype(np.float32))
    if not exact and (half_way := _half_way(s)).any():
        p, c64 = np.asarray(np.asarray(a, np.float64) * b), np.asarray(c, np.float64)
        bb = s - p
        error = np.asarray((p - (s - bb)) + (c64 - bb))
        step = np.where((error > 0) == (s > 0), 1, -1)
        nudged = (s.view(np.int64) + np.where(half_way & (error != 0), step, 0)).view(np.float64)
        result = np.asarray(nudged.astype(np.float32))
    return result


def chained(function: Callable[..., T], *arrays: Any) -> T:
    """`function(fma32, *arrays)`, where that makes many: what lies half way, which hardly anything does, is looked for once, at the end."""
    sums: list[Array] = []

    def fma(a: Any, b: Any, c: Any, exact: bool = False) -> Array:
        s = _sum(a, b, c)
        if not exact:
            sums.append(s)
        return np.asarray(s.astype(np.float32))

    made = function(fma, *arrays)
    return function(fma32, *arrays) if _half_way(np.concatenate(sums, axis=None)).any() else made


def _sum(a: Any, b: Any, c: Any) -> Any:
    s = np.array(a, np.float64)
    if not s.ndim:
        return np.asarray(s * b + c)
    s *= b
    s += c
    return s


def _half_way(s: Any) -> Any:
    return np.equal(s.view(np.int64) & _BELOW, _HALF)


_BELOW, _HALF = np.array(0x1FFFFFFF), np.array(0x10000000)  # the digits that float32 does not have, and one half of its last one

"""Fused multiply-add: a * b + c with one rounding, as PyTorch's vector kernels compute it."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


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


def fma32(a: Any, b: Any, c: Any) -> Array:
    """a * b + c in float32 with one rounding.

    The product is exact in float64. Where the float64 sum lies half way between two float32 numbers, its own rounding
    error (Knuth's two-sum) decides which way it goes.
    """
    p = np.asarray(np.asarray(a, np.float64) * b)
    c64 = np.asarray(c, np.float64)
    s = np.asarray(p + c64)
    result = np.asarray(s.astype(np.float32))
    half_way = (s.view(np.int64) & 0x1FFFFFFF) == 0x10000000
    if half_way.any():
        bb = s - p
        error = np.asarray((p - (s - bb)) + (c64 - bb))
        step = np.where((error > 0) == (s > 0), 1, -1)
        nudged = (s.view(np.int64) + np.where(half_way & (error != 0), step, 0)).view(np.float64)
        result = np.asarray(nudged.astype(np.float32))
    return result

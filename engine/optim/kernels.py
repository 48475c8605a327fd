"""The array arithmetic of optimizers, rounded as PyTorch's CPU kernels round it.

Measured against torch 2.13: `add(alpha)`, `addcmul` and `lerp` are fused multiply-adds, `addcdiv` is not, and a
number over a tensor is the tensor's reciprocal times the number. Numbers are first cast to the tensor's dtype.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays.arithmetic import EXACT_UP_TO
from ..arrays.fused import fma
from ..op import constant

Array = np.ndarray[Any, Any]

_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
_BLOCK = 1 << 13  # elements; the float64 copies of a block stay in the cache
_SMALL = 1 << 11
_LONG_BLOCK = 1 << 16  # of float32 alone
_DOUBLE_UP_TO = 1 << 12  # elements; beyond, the last bit of a float64 is not worth its emulation


def _array(x: Any) -> Array:
    """An array where numpy gave a scalar of its own; a symbol of a plan stays what it is."""
    return np.asarray(x) if isinstance(x, np.generic) else x


def multiply_add(a: Array, b: Any, c: Array) -> Array:
    """a * b + c with one rounding; b is an array or a number.

    The product of two float32 is exact in float64, so only the sum rounds.
    """
    d = c.dtype
    if d == np.float32:
        factor = b.astype(np.float64) if isinstance(b, np.ndarray) else constant(float(np.float32(b)), _DOUBLE)
        if not isinstance(a, np.ndarray) and a.size <= _SMALL:  # a plan's symbols: numpy casts a small array sooner than it mixes two kinds
            return _array((a.astype(_DOUBLE) * factor + c.astype(_DOUBLE)).astype(np.float32))
        if a.size <= _BLOCK or not isinstance(a, np.ndarray):
            return _array((a * factor + c).astype(np.float32))
        return _in_blocks(a, factor, c)
    if d == np.float64 and c.size <= _DOUBLE_UP_TO:
        return fma(np.asarray(a), b, c, d)
    return np.asarray(a * (b if isinstance(b, np.ndarray) else d.type(b)) + c)


def _in_blocks(a: Array, factor: Any, c: Array) -> Array:
    out = np.empty(c.shape, np.float32)
    x, z, flat = np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(c).reshape(-1), out.reshape(-1)
    y = np.ascontiguousarray(factor).reshape(-1) if isinstance(factor, np.ndarray) and factor.ndim else None
    for k in range(0, flat.size, _BLOCK):
        part = slice(k, k + _BLOCK)
        flat[part] = x[part] * (factor if y is None else y[part]) + z[part]
    return out


def add(a: Array, b: Array, alpha: float = 1) -> Array:
    """a + alpha * b (torch.add)."""
    return _array(a + b) if alpha == 1 else multiply_add(b, alpha, a)


def add_into(a: Any, b: Any, alpha: float) -> None:
    """a += alpha * b, rounded as `add` up to EXACT_UP_TO elements (benchmark rows `engine/W2`, `engine/W3`).

    Beyond, one pass through float64 would cost more than the step's matrix product, whose last bits are its BLAS's own.
    """
    single = a.dtype is _SINGLE and b.dtype is _SINGLE and alpha != 1
    exact = a.size <= EXACT_UP_TO or not (a.flags.c_contiguous and b.flags.c_contiguous)
    if not single or type(a) is not np.ndarray or type(b) is not np.ndarray:  # a plan has symbols
        a[...] = add(a, b, alpha) if exact or not single else a + b * constant(alpha, a.dtype)
        return
    if exact:
        np.copyto(a, np.add(np.multiply(b, _factors.get(alpha) or _factor(alpha)), a), casting="unsafe")
        return
    factor, x, z, scratch = constant(alpha, a.dtype), b.reshape(-1), a.reshape(-1), np.empty(min(a.size, _LONG_BLOCK), np.float32)
    for k in range(0, z.size, _LONG_BLOCK):
        part = z[k : k + _LONG_BLOCK]
        scaled = scratch[: part.size]
        np.multiply(x[k : k + _LONG_BLOCK], factor, scaled)
        np.add(part, scaled, part)


_factors: dict[float, Any] = {}


def _factor(alpha: float) -> Any:
    """A number rounded to float32, for products in float64; remembered, since an optimizer has the same for each parameter and step."""
    found = constant(float(np.float32(alpha)), _DOUBLE)
    if len(_factors) < 4096:
        _factors[alpha] = found
    return found


def add_into_all(targets: Sequence[Array], increments: Sequence[Array], alpha: float) -> None:
    """`add_into` for several arrays, each with its increment."""
    factor = _factor(alpha)
    for a, b in zip(targets, increments, strict=True):
        if a.dtype is _SINGLE and b.dtype is _SINGLE and a.size <= EXACT_UP_TO:
            np.copyto(a, np.add(np.multiply(b, factor), a), "unsafe")
        else:
            add_into(a, b, alpha)


def addcmul(a: Array, b: Array, c: Array, value: float = 1) -> Array:
    """a + value * b * c (torch.addcmul)."""
    return multiply_add(np.asarray(b * b.dtype.type(value)), c, a)


def addcdiv(a: Array, b: Array, c: Array, value: float = 1) -> Array:
    """a + value * b / c (torch.addcdiv)."""
    return np.asarray(a + b * b.dtype.type(value) / c)


def lerp(a: Array, b: Array, weight: float) -> Array:
    """a + weight * (b - a), from the nearer end (torch.lerp)."""
    t = a.dtype.type
    difference = np.asarray(b - a)
    if abs(weight) < 0.5:
        return multiply_add(difference, weight, a)
    return multiply_add(difference, -(t(1) - t(weight)), b)


def scale(a: Array, factor: float) -> Array:
    """a * number."""
    return _array(a * a.dtype.type(factor))


def over(a: Array, divisor: float) -> Array:
    """a / number."""
    return np.asarray(a / a.dtype.type(divisor))


def number_over(number: float, a: Array) -> Array:
    """number / a."""
    one = a.dtype.type(1)
    return np.asarray(one / a * a.dtype.type(number))

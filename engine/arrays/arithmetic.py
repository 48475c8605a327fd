"""a + alpha * b as PyTorch's CPU kernels round it: once (fused multiply-add)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

EXACT_UP_TO = 1 << 14  # elements; beyond, the pass through float64 would cost more than the last bit is worth


def add_scaled(a: Array, b: Array, alpha: float) -> Array:
    """a + alpha * b, in the dtype of a, for float32 with one rounding (up to EXACT_UP_TO elements).

    The product of two float32 is exact in float64, so only the sum rounds.
    """
    if alpha == 1:
        made = a + b
    elif a.dtype == np.float32 and b.size <= EXACT_UP_TO:
        made = (b.astype(np.float64) * float(np.float32(alpha)) + a).astype(np.float32)
    else:
        made = a + b * a.dtype.type(alpha) if a.dtype.kind == "f" else a + b * alpha
    return np.asarray(made) if isinstance(made, np.generic) else made  # a plan has symbols


def log_add_exp(a: Array, b: Array) -> Array:
    """log(exp(a) + exp(b)); numpy has none for complex numbers (ATen/native/cpu/LogAddExp.h)."""
    if a.dtype.kind != "c":
        return np.logaddexp(a, b)
    low, high = np.where(a.real < b.real, a, b), np.where(a.real < b.real, b, a)
    with np.errstate(all="ignore"):
        apart = np.where(np.isfinite(low.real), high + np.log1p(np.exp(low - high)), high)
        same = ~np.isfinite(low.real) & (low.real == high.real)
        out = np.where(same & (low.real > 0), np.log(np.exp(low) + np.exp(high)), np.where(same, low, apart))
        return np.where(np.isnan(a) | np.isnan(b), complex(np.nan, np.nan), out).astype(a.dtype)


def chosen(a: Array, mask: Array) -> Array:
    """a where the mask holds, else 0: exactly, also where a is infinite or negative.

    Of long arrays by bits: numpy.where takes a branch for each element, and the processor guesses them wrong.
    """
    if a.size < 1024 or a.dtype.itemsize not in _WORDS or a.shape != mask.shape:
        return np.where(mask, a, a.dtype.type(0))
    words = _WORDS[a.dtype.itemsize]
    whole = a if a.flags.c_contiguous else np.ascontiguousarray(a)
    if not isinstance(whole, np.ndarray):  # a symbol, whose calls are noted
        return (-mask.astype(words) & whole.view(words)).view(a.dtype)
    bits = mask.astype(words)
    np.negative(bits, bits)
    np.bitwise_and(bits, whole.view(words), bits)
    return np.asarray(bits.view(a.dtype))


def in_rows(x: Any) -> Any:
    """x in C order: what many of PyTorch's kernels give, whatever the layout of their input. Views of it and dropout go by that order."""
    return x if x.flags.c_contiguous else np.ascontiguousarray(x)


def in_columns(x: Any) -> Any:
    """x with the columns of its matrices one after the other, as LAPACK leaves them."""
    return np.swapaxes(np.ascontiguousarray(np.swapaxes(x, -2, -1)), -2, -1)


def positive_part(x: Any) -> Any:
    """The maximum of 0 and x; of two arrays numpy takes it three times as fast as of an array and a number.

    The 0 comes first: of 0.0 and -0.0 the second is taken, and PyTorch's relu keeps -0.0.
    """
    if _LONG <= x.size <= _LONGEST and x.dtype.kind == "f" and x.flags.c_contiguous:
        return np.maximum(_zeros(x.size, x.dtype).reshape(x.shape), x)
    return np.maximum(0, x)


_LONG, _LONGEST = 512, 1 << 18


@lru_cache(maxsize=8)
def _zeros(size: int, dtype: Any) -> Array:
    made = np.zeros(size, dtype)
    made.flags.writeable = False
    return made


_WORDS: dict[int, Any] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)); of an array all in one new one."""
    if type(x) is not np.ndarray or not x.ndim or x.dtype.kind != "f":
        return 1 / (1 + np.exp(-x))
    made = np.negative(x)
    np.exp(made, made)
    made += 1
    return np.divide(1, made, made)


def mixed_along(x: Any, table: Any, axis: int) -> Any:
    """Weighted sums along an axis; of a place with weight 0 nothing is looked at, as 0 times nan is nan."""
    if type(x) is not np.ndarray:  # a plan knows what numpy's own does
        out = np.tensordot(x, table, axes=(axis, 1))
    else:
        lines = x.transpose((*range(axis), *range(axis + 1, x.ndim), axis))
        out = np.dot(lines.reshape(math.prod(lines.shape[:-1]), x.shape[axis]), table.T).reshape((*lines.shape[:-1], len(table)))
    if not np.isfinite(out).all():
        lines = np.moveaxis(x, axis, -1)
        for at, weights in enumerate(table):
            used = np.flatnonzero(weights)
            out[..., at] = lines[..., used] @ weights[used]
    return out.transpose((*range(axis), out.ndim - 1, *range(axis, out.ndim - 1)))

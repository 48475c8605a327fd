"""a + alpha * b as PyTorch's CPU kernels round it: once (fused multiply-add)."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

EXACT_UP_TO = 1 << 14  # elements; beyond, the pass through float64 would cost more than the last bit is worth


def add_scaled(a: Array, b: Array, alpha: float) -> Array:
    """a + alpha * b, in the dtype of a, for float32 with one rounding (up to EXACT_UP_TO elements).

    The product of two float32 is exact in float64, so only the sum rounds.
    """
    if alpha == 1:
        return np.asarray(a + b)
    if a.dtype == np.float32 and b.size <= EXACT_UP_TO:
        return np.asarray((b.astype(np.float64) * float(np.float32(alpha)) + a).astype(np.float32))
    return np.asarray(a + b * a.dtype.type(alpha) if a.dtype.kind == "f" else a + b * alpha)


def chosen(a: Array, mask: Array) -> Array:
    """a where the mask holds, else 0: exactly, also where a is infinite or negative.

    Of long arrays by bits: numpy.where takes a branch for each element, and the processor guesses them wrong.
    """
    if a.size < 1024 or a.dtype.itemsize not in _WORDS or a.shape != mask.shape:
        return np.where(mask, a, a.dtype.type(0))
    words = _WORDS[a.dtype.itemsize]
    bits = mask.astype(words)
    np.negative(bits, bits)
    np.bitwise_and(bits, np.ascontiguousarray(a).view(words), bits)
    return np.asarray(bits.view(a.dtype))


_WORDS: dict[int, Any] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}

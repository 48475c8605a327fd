"""The numbers of torch.bfloat16: the upper half of a float32, which numpy has no numbers for.

An array of them is one of two-byte words (`WORD`), so that views, copies and moves work as of any other, and numpy refuses to compute
with it: what computes is widened to float32 first and rounded once at the end (widening.py), as PyTorch's CPU kernels do it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

WORD: np.dtype[Any] = np.dtype("V2")
_SINGLE, _DOUBLE, _HALF = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16)


def widen(words: Array) -> Array:
    """The same numbers as float32, laid out in memory as they are."""
    return np.asarray(words.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def narrow(numbers: Any) -> Array:
    """Numbers as words, rounded to the nearest, ties to even; all nans become the one that PyTorch makes."""
    bits = _rounded_bits(numbers)
    return np.asarray((bits >> 16).astype(np.uint16)).view(WORD)


def rounded(numbers: Any) -> Array:
    """Numbers as float32 that hold what bfloat16 keeps of them."""
    return np.asarray(_rounded_bits(numbers) & np.uint32(0xFFFF0000)).view(np.float32)


def _rounded_bits(numbers: Any) -> Array:
    single = np.asarray(numbers)
    if single.dtype is not _SINGLE:
        single = (single.real if single.dtype.kind == "c" else single).astype(np.float32)
    bits = single.view(np.uint32)
    bits = bits + (((bits >> 16) & 1) + np.uint32(0x7FFF))
    missing = np.isnan(single)
    return np.where(missing, np.uint32(0x7FC00000), bits) if missing.any() else np.asarray(bits)


def cast(array: Array, target: np.dtype[Any]) -> Array:
    """An array in another dtype, words among them, as `astype`; from double to half precision it is rounded twice, as in PyTorch."""
    if array.dtype.kind == "V":
        if target.kind == "V":
            return array.copy()
        return widen(array).astype(target)
    return narrow(array) if target.kind == "V" else by_way(array, target).astype(target)


def by_way(array: Array, target: np.dtype[Any]) -> Array:
    """What is to become float16 as float32 first where it is float64 (c10::Half has no other constructor)."""
    return array.astype(_SINGLE) if target == _HALF and array.dtype == _DOUBLE else array


def running_half(old: Array, new: Array, momentum: float) -> Array:
    """A running statistic of half precision: of bfloat16 PyTorch rounds each number on the way, the momentum too, of float16 the result."""
    before = cast(old, _SINGLE)
    if old.dtype.kind != "V":
        return cast(momentum * new.astype(np.float64) + (1 - momentum) * before, old.dtype)
    share = rounded(np.asarray(momentum, np.float32))
    return cast(rounded(share * rounded(new)) + rounded(rounded(1 - share) * before), old.dtype)


def readable(array: Array) -> Array:
    """The array, of words their numbers."""
    return widen(array) if array.dtype.kind == "V" else array

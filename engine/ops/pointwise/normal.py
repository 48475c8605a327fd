"""gelu of float32 arrays, block by block in the cache (benchmark row `engine/W7`).

numpy has no erf, and Python's takes a call an element. The tail of the normal distribution is here
exp(-x²/2) t (a1 + t (a2 + ...)) with t = 1 / (1 + p |x|): Abramowitz and Stegun 7.1.26, good to 1.5e-7.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_BLOCK = 1 << 14  # elements: the eight arrays that stand beside each other stay in the cache, and each is short of what malloc maps anew


def _number(value: float) -> Array:
    """A constant as an array: numpy takes those in half the time of its scalars."""
    return np.array(value, np.float32)


_SCALE = _number(1 / (0.3275911 * math.sqrt(0.5)))  # 1 / p, and the 1 / sqrt(2) of erf's argument
_FIT = tuple(_number(a / 2) for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
_DENSITY, _MINUS_HALF, _HALF, _TINY = _number(1 / math.sqrt(2 * math.pi)), _number(-0.5), _number(0.5), _number(1e-30)


_SIGN = np.array(-(1 << 31), np.int32)


def _tail(x: Any) -> tuple[Any, Any, Any]:
    """|x|, exp(-x²/2), and what times that the normal distribution has beyond |x|."""
    size = np.abs(x)
    t = _SCALE / (size + _SCALE)
    e = x * x
    e *= _MINUS_HALF
    out = t * _FIT[0]
    for a in _FIT[1:]:
        out += a
        out *= t
    return size, np.exp(e), out


def _gelu(x: Any) -> Any:
    return _gelu_of(x, *_tail(x))


def _gelu_of(x: Any, size: Any, e: Any, out: Any) -> Any:
    out = out * e
    out *= size
    positive = x + size
    positive *= _HALF  # x where it is positive, else 0: numpy's maximum with a number takes as long as all of this
    positive -= out
    return positive


def _slope(x: Any) -> Any:
    return _slope_of(x, *_tail(x))


def _slope_of(x: Any, size: Any, e: Any, out: Any) -> Any:
    size *= _DENSITY
    out -= size
    out *= e  # the tail less |x| times the density: never more than a half
    out = _HALF - out
    if type(out) is np.ndarray and type(x) is np.ndarray:  # with the sign of x, bit by bit: numpy's copysign takes three times as long
        bits = out.view(np.int32)
        np.bitwise_xor(bits, np.bitwise_and(x.view(np.int32), _SIGN), out=bits)
    else:  # a plan, and a number
        out *= x / (np.abs(x) + _TINY)
    out += _HALF
    return out


def _in_blocks(x: Any, function: Callable[[Any], Any]) -> Any:
    """A function of each element; of long arrays block by block, so that what one line writes the next reads from the cache."""
    if x.size <= _BLOCK or type(x) is not np.ndarray:  # a plan makes its own blocks
        return function(x)
    made = np.empty(x.shape, np.float32)
    flat, out = np.ascontiguousarray(x).reshape(-1), made.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        out[start : start + _BLOCK] = function(flat[start : start + _BLOCK])
    return made


def gelu(x: Any) -> Any:
    """x times the normal distribution function."""
    return _in_blocks(x, _gelu)


def gelu_with_slope(x: Array) -> tuple[Array, Array]:
    """`gelu` and `gelu_slope`, which have most of the way in common."""
    out, slope = np.empty(x.shape, np.float32), np.empty(x.shape, np.float32)
    flat, of_out, of_slope = np.ascontiguousarray(x).reshape(-1), out.reshape(-1), slope.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        ways = _tail(flat[block])
        of_out[block] = _gelu_of(flat[block], *ways)
        of_slope[block] = _slope_of(flat[block], *ways)  # after the other: it overwrites the ways
    return out, slope


def gelu_slope(x: Any) -> Any:
    """The derivative of `gelu`: the distribution function plus x times the density."""
    return _in_blocks(x, _slope)

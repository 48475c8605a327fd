"""Special functions on arrays that numpy lacks: erf, gamma, polygamma, Bessel.

Computed in float64 and cast back. Sources: W. J. Cody 1969 (erf through the C library), Lanczos and the
asymptotic series of Abramowitz and Stegun, chapters 6, 7 and 9.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def _elementwise(f: Callable[[float], float]) -> Callable[[Array], Array]:
    vector = np.frompyfunc(f, 1, 1)

    def run(x: Array) -> Array:
        return np.asarray(vector(x.astype(np.float64, "C" if 0 in x.strides else "K")), np.float64).astype(x.dtype)

    return run


erf = _elementwise(math.erf)
erfc = _elementwise(math.erfc)


def _lgamma(v: float) -> float:
    if math.isnan(v):
        return v
    if math.isinf(v) or (v <= 0 and v == math.floor(v)):
        return math.inf
    return math.lgamma(v)


lgamma = _elementwise(_lgamma)


def erfinv(x: Array) -> Array:
    """Inverse of erf: Giles' start, then Newton steps in float64."""
    y = x.astype(np.float64)
    with np.errstate(all="ignore"):
        w = -np.log((1 - y) * (1 + y))
        start = np.sign(y) * np.sqrt(np.sqrt((2 / (math.pi * 0.147) - w / 2) ** 2 + w / 0.147) - (2 / (math.pi * 0.147) - w / 2))
        z = np.where(np.abs(y) < 1, start, 0.0)
        for _ in range(4):
            slope = 2 / math.sqrt(math.pi) * np.exp(-z * z)
            step = (erf(z) - y) / slope
            z = z - np.where(np.isfinite(step), step / (1 + z * step), 0.0)
    out = np.where(np.abs(y) < 1, z, np.where(np.abs(y) == 1, np.sign(y) * np.inf, np.nan))
    return out.astype(x.dtype)


def _digamma(v: float) -> float:
    if math.isnan(v) or v == math.inf:
        return v
    if v == -math.inf:
        return math.nan
    if v == 0:
        return math.copysign(math.inf, -v)
    if v < 0 and v == math.floor(v):
        return math.nan
    total = 0.0
    if v < 0:
        total -= math.pi / math.tan(math.pi * math.fmod(v, 1.0))
        v = 1 - v
    while v < 10:
        total -= 1 / v
        v += 1
    s = 1 / (v * v)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))))
    return total + math.log(v) - 0.5 / v - series


digamma = _elementwise(_digamma)

_BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330]


def zeta(s: float, q: float) -> float:
    """Hurwitz zeta by Euler and Maclaurin."""
    if s == 1:
        return math.inf
    if s < 1:
        return math.nan
    if q <= 0:
        if math.isinf(q) or q == math.floor(q):
            return math.inf
        if math.isfinite(s) and s != math.floor(s):
            return math.nan
    if math.isnan(s) or math.isnan(q) or (math.isinf(q) and not math.isinf(s)):
        return math.nan
    if math.isinf(s):
        return 1.0 if q == 1 else math.inf if q < 1 else math.nan
    total, n = 0.0, 0
    while q + n < 12:
        total += (q + n) ** -s
        n += 1
    a = q + n
    total += a ** (1 - s) / (s - 1) + 0.5 * a**-s
    factor, power = s, a ** (-s - 1)
    for k, b in enumerate(_BERNOULLI, 1):
        total += b / math.factorial(2 * k) * factor * power
        factor *= (s + 2 * k - 1) * (s + 2 * k)
        power /= a * a
    return float(total)


def _trigamma(x: Array) -> Array:
    """The derivative of digamma in the dtype of x, as PyTorch's kernel adds it up (ATen/native/Math.h)."""
    pi = x.dtype.type(math.pi)
    with np.errstate(all="ignore"):
        low = x < 0.5
        sine = np.sin(pi * x)
        result = np.where(low, -(pi * pi) / (sine * sine), x.dtype.type(0))
        up = np.where(low, 1 - x, x)
        for _ in range(6):
            result = result + 1 / (up * up)
            up = up + 1
        inverse = 1 / (up * up)
        result = result + (1 + 1 / (2 * up) + inverse * (1 / 6 - inverse * (1 / 30 - inverse * (1 / 42)))) / up
        return np.asarray(np.where(low, -result, result), x.dtype)


def polygamma(n: int, x: Array) -> Array:
    """The n-th derivative of digamma, n >= 1."""
    if n == 1:
        return _trigamma(x)

    def one(v: float) -> float:
        if math.isnan(v):
            return v
        if math.isinf(v):
            return math.nan
        return float((-1) ** (n + 1) * math.factorial(n)) * zeta(n + 1, v)

    return _elementwise(one)(x)


def i0(x: Array) -> Array:
    """Modified Bessel function of the first kind, order 0."""
    return np.i0(x.astype(np.float64)).astype(x.dtype).reshape(x.shape)


def _i1(v: float) -> float:
    a = abs(v)
    if a < 20:
        term = total = a / 2
        k = 1
        while abs(term) > 1e-17 * abs(total) and k < 500:
            term *= (a * a / 4) / (k * (k + 1))
            total += term
            k += 1
    else:
        term = total = 1.0
        for k in range(1, 30):
            step = -(4 - (2 * k - 1) ** 2) / (k * 8 * a)
            term *= step
            if abs(term) < 1e-17:
                break
            total += term
        total *= math.exp(a) / math.sqrt(2 * math.pi * a) if a < 700 else math.nan if a == math.inf else math.inf
    return math.copysign(total, v)


i1 = _elementwise(_i1)

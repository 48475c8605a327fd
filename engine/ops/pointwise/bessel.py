"""Modified Bessel, incomplete gamma and normal distribution functions on arrays, which numpy lacks.

Computed in float64 and cast back. Sources: Abramowitz and Stegun, chapters 6, 9 and 10; the trapezoid rule for
integrals that decay at both ends (Trefethen and Weideman 2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_FAR = 25.0  # from here the asymptotic series reach float64's last digit


def in_float64(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """f on a flat float64 array, as a function of arrays of any shape and float dtype."""

    def run(x: Array) -> Array:
        with np.errstate(all="ignore"):
            out = f(np.asarray(x, np.float64).reshape(-1))
        return np.asarray(out.reshape(x.shape), x.dtype)

    return run


# -- J, I and K ---------------------------------------------------------------------------------------------------

spherical_bessel_j0 = in_float64(
    lambda x: np.where(np.isinf(x), 0.0, np.where(np.abs(x) < 1e-4, 1 - x * x / 6, np.sin(x) / np.where(x == 0, 1, x)))
)


def _scaled_i(order: int, x: Array) -> Array:
    """exp(-|x|) I_n(x)"""
    a = np.abs(x)
    theta = (np.arange(160) + 0.5) * (math.pi / 160)
    near = np.minimum(a, 40.0)[:, None]
    low = (np.exp(near * (np.cos(theta) - 1)) * np.cos(order * theta)).mean(1)
    high = np.maximum(a, 40.0)
    total, term = np.zeros_like(a), np.ones_like(a)
    for k in range(40):
        total = total + term
        following = -term * (4 * order * order - (2 * k + 1) ** 2) / ((k + 1) * 8 * high)
        term = np.where(np.abs(following) < np.abs(term), following, 0.0)
    out = np.where(a < 40, low, total / np.sqrt(2 * math.pi * high))
    if order:
        small = a / 2 * (1 + a * a / 8) * np.exp(-a)
        out = np.where(a < 1e-3, small, out)
        return np.where(x < 0, -out, out)
    return out


def _scaled_k(order: float, x: Array) -> Array:
    """exp(x) K_n(x), from its integral over exp(-x (cosh t - 1)) cosh(n t)."""
    safe = np.where(x > 0, x, 1.0)
    step = 0.125
    top = np.arccosh(1 + 745 / np.maximum(safe.min(initial=1.0), 1e-290))
    t = np.arange(int(min(top, 700) / step) + 2) * step
    total = np.zeros_like(safe)
    for k, at in enumerate(t):
        total += (0.5 if k == 0 else 1.0) * np.exp(-safe * 2 * np.sinh(at / 2) ** 2 + order * at) * (1 + math.exp(-2 * order * at)) / 2
    large = np.maximum(safe, _FAR)  # the integral's peak narrows with x; there the asymptotic series is exact
    series, term = np.zeros_like(safe), np.ones_like(safe)
    for k in range(60):
        series = series + term
        following = term * (4 * order * order - (2 * k + 1) ** 2) / ((k + 1) * 8 * large)
        term = np.where(np.abs(following) < np.abs(term), following, 0.0)
    out = np.where(safe < _FAR, total * step, series * np.sqrt(math.pi / (2 * large)))
    out = np.where(np.isinf(x), 0.0, out)
    return np.where(x == 0, np.inf, np.where(x < 0, np.nan, np.where(np.isnan(x), np.nan, out)))


i0e = in_float64(lambda x: _scaled_i(0, x))
i1e = in_float64(lambda x: _scaled_i(1, x))
modified_bessel_i0 = in_float64(lambda x: _scaled_i(0, x) * np.exp(np.abs(x)))
modified_bessel_i1 = in_float64(lambda x: _scaled_i(1, x) * np.exp(np.abs(x)))
modified_bessel_k0 = in_float64(lambda x: np.where(x == 0, np.inf, _scaled_k(0, x) * np.exp(-x)))
modified_bessel_k1 = in_float64(lambda x: np.where(x == 0, np.inf, _scaled_k(1, x) * np.exp(-x)))
scaled_modified_bessel_k0 = in_float64(lambda x: _scaled_k(0, x))
scaled_modified_bessel_k1 = in_float64(lambda x: _scaled_k(1, x))


# -- the normal distribution -----------------------------------------------------------------------------------

_erfc = np.frompyfunc(math.erfc, 1, 1)


def _erfc64(x: Array) -> Array:
    return np.asarray(_erfc(x), np.float64)


def _erfcx(x: Array) -> Array:
    big = np.where(x > 20, x, 21.0)
    total, term = np.ones_like(x), np.ones_like(x)
    for k in range(1, 15):
        term = term * -(2 * k - 1) / (2 * big * big)
        total = total + term
    near = np.where(x > 20, 0.0, x)
    return np.where(x > 20, total / (big * math.sqrt(math.pi)), np.exp(near * near) * _erfc64(near))


erfcx = in_float64(_erfcx)


def _log_ndtr(x: Array) -> Array:
    t = x / math.sqrt(2)
    low = np.log(_erfcx(-np.minimum(t, 0)) / 2) - t * t
    return np.where(x < -1, low, np.log1p(-_erfc64(np.maximum(t, -1)) / 2))


log_ndtr = in_float64(_log_ndtr)


def _ndtri(p: Array) -> Array:
    """The quantile: a rational start (Abramowitz and Stegun 26.2.23), then Halley's steps."""
    tail = np.clip(np.where(p > 0.5, 1 - p, p), 1e-320, 0.5)
    t = np.sqrt(-2 * np.log(tail))
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    for _ in range(4):  # z solves erfc(z / sqrt 2) / 2 = tail
        slope = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        u = np.where(slope > 0, (0.5 * _erfc64(z / math.sqrt(2)) - tail) / np.where(slope > 0, slope, 1), 0.0)
        z = z + u / (1 + u * z / 2)
    out = np.where(p > 0.5, z, -z)
    return np.where(p == 0, -np.inf, np.where(p == 1, np.inf, np.where((p < 0) | (p > 1) | np.isnan(p), np.nan, out)))


ndtri = in_float64(_ndtri)


# -- incomplete gamma ------------------------------------------------------------------------------------------


def _series(a: float, x: float) -> float:
    """P(a, x) by its series, for x < a + 1."""
    term = total = 1 / a
    n = a
    for _ in range(100000):
        n += 1
        term *= x / n
        total += term
        if term < total * 1e-17:
            break
    return total * math.exp(a * math.log(x) - x - math.lgamma(a))


def _fraction(a: float, x: float) -> float:
    """Q(a, x) by Lentz's continued fraction, for x >= a + 1."""
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for k in range(1, 100000):
        step = -k * (k - a)
        b += 2
        d = step * d + b
        d = 1 / (d if abs(d) > 1e-300 else 1e-300)
        c = b + step / c
        c = c if abs(c) > 1e-300 else 1e-300
        h *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return h * math.exp(a * math.log(x) - x - math.lgamma(a))


def _balanced(a: float, x: float) -> tuple[float, float]:
    """P and Q for huge a, where the series have no end: a normal distribution (Temme 1979), to its first correction."""
    apart = (x - a) / a
    if abs(apart) * math.sqrt(a) > 40:
        return (1.0, 0.0) if apart > 0 else (0.0, 1.0)
    eta = math.copysign(math.sqrt(2 * max(apart - math.log1p(apart), 0.0)), apart)
    correction = math.exp(-a * eta * eta / 2) / math.sqrt(2 * math.pi * a) / 3
    q = math.erfc(eta * math.sqrt(a / 2)) / 2 - correction
    return 1 - q, q


def _incomplete(a: float, x: float) -> tuple[float, float]:
    """P and Q, with PyTorch's answers at the edges."""
    if x < 0 or a < 0 or (a == 0 and not x > 0):
        return math.nan, math.nan
    if a == 0:
        return 1.0, 0.0
    if a < 1e-300:  # 1 / a would overflow
        return 1.0, 0.0
    if x == 0:
        return 0.0, 1.0
    if math.isinf(a):
        return (math.nan, math.nan) if math.isinf(x) else (0.0, 1.0)
    if math.isinf(x):
        return 1.0, 0.0
    if math.isnan(a) or math.isnan(x):  # last, as PyTorch asks
        return math.nan, math.nan
    if a > 1e9:
        return _balanced(a, x)
    if x < a + 1:
        p = _series(a, x)
        return p, 1 - p
    q = _fraction(a, x)
    return 1 - q, q


def incomplete_gamma(a: Array, x: Array, upper: bool) -> Array:
    """P(a, x), or Q(a, x) with upper=True."""
    each = np.frompyfunc(lambda s, v: _incomplete(float(s), float(v))[int(upper)], 2, 1)
    return np.asarray(each(np.asarray(a, np.float64), np.asarray(x, np.float64)), np.result_type(a, x))

"""How draws move with their parameters, where no formula of the draw says it: implicit differentiation of the distribution function.

A draw x with F(x; a) = u, and u held, has dx/da = -(dF/da) / (dF/dx) (Figurnov, Mohamed and Mnih 2018). PyTorch's kernels approximate the
same slopes; here F is computed in float64, and dF/da is a central difference.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .pointwise.bessel import _incomplete

Array = np.ndarray[Any, Any]

_SMALL = 1e-300


def _slope(share: Any, a: float, density: float) -> float:
    """-(dF/da) / density; `share(a)` is the smaller tail of F there and its sign."""
    h = 1e-4 * max(a, 1e-2)
    down, up, far_down, far_up = (share(a + k * h) for k in (-1, 1, -2, 2))
    return float(-(8 * (up - down) - (far_up - far_down)) / (12 * h) / density) if density > _SMALL else 0.0


def _gamma_slope(a: float, x: float) -> float:
    if x <= 0:
        return 0.0
    upper = x > a
    sign = -1.0 if upper else 1.0
    density = math.exp((a - 1) * math.log(x) - x - math.lgamma(a))
    return _slope(lambda c: sign * _incomplete(c, x)[int(upper)], a, density)


def gamma(a: Array, x: Array) -> Array:
    """How draws `x` of a gamma distribution of scale 1 move with its shape `a`."""
    each = np.frompyfunc(lambda s, v: _gamma_slope(float(s), float(v)), 2, 1)
    return np.asarray(each(a, x), np.float64).astype(x.dtype)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (Lentz's way)."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d, c = 1 / _away(1 + step * d), _away(1 + step / c)
            result *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return result


def _away(v: float) -> float:
    return v if abs(v) > _SMALL else _SMALL


def _front(a: float, b: float, x: float) -> float:
    return math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))


def _beta_slope(x: float, a: float, b: float) -> float:
    if not 0 < x < 1:
        return 0.0
    upper = x > (a + 1) / (a + b + 2)

    def share(c: float) -> float:
        if upper:  # 1 - I_{1-x}(b, a), whose first term moves with nothing
            return -_front(c, b, x) * _fraction(b, c, 1 - x) / b
        return _front(c, b, x) * _fraction(c, b, x) / c

    return _slope(share, a, _front(a, b, x) / (x * (1 - x)))


def dirichlet(x: Array, a: Array, total: Array) -> Array:
    """How draws `x` of a Dirichlet distribution move with their own concentration `a`, over 1 - x (torch._dirichlet_grad)."""
    each = np.frompyfunc(lambda v, s, t: _beta_slope(float(v), float(s), float(t) - float(s)), 3, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.asarray(each(x, a, total), np.float64) / (1 - np.asarray(x, np.float64))
    return np.where(np.isfinite(slope), slope, 0).astype(x.dtype)


__all__ = ["dirichlet", "gamma"]

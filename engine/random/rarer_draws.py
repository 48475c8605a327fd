"""The rarer distributions on PyTorch's stream: geometric, Cauchy, log-normal, Poisson, binomial, gamma.

All of them compute in double. Sources: aten/src/ATen/core/TransformationHelper.h, native/Distributions.h and .cpp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.fused import fma
from ..half.bfloat16 import cast
from .generator import Generator

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def _each(function: Callable[[float], float], x: Array) -> Array:
    # the C library's functions: numpy's vector versions differ in the last bit
    return np.array([function(v) for v in x.tolist()], np.float64)


def exponential(generator: Generator, shape: Shape, rate: float, dtype: Any = np.float32) -> Array:
    """Exponential with a rate."""
    u = generator.doubles(math.prod(shape))
    logs = _each(math.log1p, -u) if np.dtype(dtype) == np.float64 else np.log1p(-u)
    return cast(-1.0 / rate * logs, np.dtype(dtype)).reshape(shape)


def geometric(generator: Generator, shape: Shape, p: float) -> Array:
    """The number of trials up to the first success, float64."""
    u = generator.doubles(math.prod(shape))
    return np.ceil(_each(_log, u) / math.log(1.0 - p)).reshape(shape)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def cauchy(generator: Generator, shape: Shape, median: float, sigma: float) -> Array:
    """Cauchy, float64."""
    u = generator.doubles(math.prod(shape))
    return (median + sigma * _each(math.tan, math.pi * (u - 0.5))).reshape(shape)


def log_normal(generator: Generator, shape: Shape, mean: float, std: float) -> Array:
    """e to the power of a normal number, float64."""
    z = generator.normals(math.prod(shape))
    return _each(math.exp, fma(z, std, mean, np.dtype(np.float64))).reshape(shape)


def _uniform(generator: Generator) -> float:
    return float(generator.doubles(1)[0])


def poisson(generator: Generator, rates: Array) -> Array:
    """Counts with the given rates, in the dtype of the rates."""
    drawn = [_poisson(generator, float(rate)) for rate in rates.reshape(-1)]
    return np.array(drawn, rates.dtype).reshape(rates.shape)


def _poisson(generator: Generator, rate: float) -> int:
    if rate == 0:
        return 0
    if rate < 10:
        count, product, limit = 0, 1.0, math.exp(-rate)
        while True:
            product *= _uniform(generator)
            if product <= limit:
                return count
            count += 1
    # transformed rejection (Hoermann 1993)
    root, log_rate = math.sqrt(rate), math.log(rate)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    limit = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = _uniform(generator) - 0.5
        v = _uniform(generator)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= limit:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        if math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= -rate + k * log_rate - math.lgamma(k + 1.0):
            return k


def gamma(generator: Generator, alphas: Array) -> Array:
    """Gamma numbers of scale 1 with the given shapes, in the dtype of the shapes."""
    tiny = np.finfo(alphas.dtype).tiny
    drawn = [_gamma(generator, alpha) for alpha in alphas.reshape(-1)]
    return np.asarray(np.maximum(np.array(drawn, np.float64).astype(alphas.dtype), tiny).reshape(alphas.shape))


_SQUEEZE = float(np.float32(0.0331))


def _gamma(generator: Generator, alpha: Any) -> float:
    """Marsaglia and Tsang (2000); `alpha` is a numpy number, and what is done to it alone stays in its precision."""
    t = type(alpha)
    scale = 1.0
    if alpha < 1:
        if alpha == 0:
            return 0.0
        scale = (1 - _uniform(generator)) ** float(t(1) / alpha)
        alpha = alpha + t(1)
    d = float(alpha - t(np.float32(1) / np.float32(3)))
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        y = 0.0
        while y <= 0:
            x = float(generator.normals(1)[0])
            y = 1.0 + c * x
        v = y * y * y
        u = 1 - _uniform(generator)
        xx = x * x
        if u < 1.0 - _SQUEEZE * xx * xx or math.log(u) < 0.5 * xx + d * (1.0 - v + math.log(v)):
            return scale * d * v


def dirichlet(generator: Generator, alphas: Array) -> Array:
    """Points of the simplex (last axis), in the dtype of the concentrations."""
    t = alphas.dtype.type
    drawn = gamma(generator, alphas.astype(np.float64))
    shares = (drawn / drawn.sum(axis=-1, keepdims=True)).astype(alphas.dtype)
    return np.asarray(np.clip(shares, np.finfo(alphas.dtype).tiny, np.nextafter(t(1), t(0))))


def binomial(generator: Generator, counts: Array, probabilities: Array) -> Array:
    """The number of successes, in the dtype of the counts."""
    pairs = zip(counts.reshape(-1).tolist(), probabilities.reshape(-1).tolist(), strict=True)
    return np.array([_binomial(generator, n, p) for n, p in pairs], counts.dtype).reshape(counts.shape)


def _binomial(generator: Generator, count: float, p: float) -> float:
    if count <= 0 or p <= 0:
        return 0
    if p >= 1:
        return count
    small = min(p, 1.0 - p) if p > 0.5 else p
    drawn = _by_rejection(generator, count, small) if count * small >= 10 else _by_waiting(generator, count, small)
    return count - drawn if p > 0.5 else drawn


def _by_waiting(generator: Generator, count: float, p: float) -> float:
    log_q, passed, successes = math.log1p(-p), 0.0, 0
    while True:
        passed += math.ceil(_log(_uniform(generator)) / log_q)
        if passed > count:
            return successes
        successes += 1


_TAIL = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
    0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def _stirling_tail(k: float) -> float:
    """What Stirling's formula leaves of log k!."""
    if k <= 9:
        return _TAIL[int(k)]
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


def _by_rejection(generator: Generator, count: float, p: float) -> float:
    """BTRS (Hoermann 1993)."""
    deviation = math.sqrt(count * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = count * p + 0.5
    limit = 0.92 - 4.2 / b
    r = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * deviation
    m = math.floor((count + 1) * p)
    while True:
        u = _uniform(generator) - 0.5
        v = _uniform(generator)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c)
        if k < 0 or k > count:
            continue
        if us >= 0.07 and v <= limit:
            return k
        bound = (
            (m + 0.5) * math.log((m + 1) / (r * (count - m + 1)))
            + (count + 1) * math.log((count - m + 1) / (count - k + 1))
            + (k + 0.5) * math.log(r * (count - k + 1) / (k + 1))
            + _stirling_tail(m) + _stirling_tail(count - m) - _stirling_tail(k) - _stirling_tail(count - k)
        )  # fmt: skip
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k

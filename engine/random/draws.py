"""Random numbers: PyTorch's distributions on PyTorch's stream, so that the same seed gives the same numbers.

Bit-identical with PyTorch on x86 with AVX2 (where it uses fused multiply-add and its own vector log, sin and cos).
Sources: aten/src/ATen/native/cpu/DistributionTemplates.h, core/DistributionsHelper.h, cpu/avx_mathfun.h (Cephes).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.fused import chained, fma
from ..half.bfloat16 import cast, narrow, readable
from .generator import Generator
from .rarer_draws import exponential

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def _count(shape: Shape) -> int:
    return math.prod(shape)


def uniform_raw(generator: Generator, n: int, dtype: Any) -> Array:
    """(n,) in [0, 1), float64 for that dtype, else float32."""
    return generator.doubles(n) if np.dtype(dtype) == np.float64 else generator.floats(n)


def rand(generator: Generator, shape: Shape, dtype: Any = np.float32) -> Array:
    """Uniform in [0, 1); of a complex number both parts."""
    d = np.dtype(dtype)
    if d.kind == "c":
        return uniform_raw(generator, 2 * _count(shape), _part(d)).view(d).reshape(shape)  # type: ignore[no-any-return]
    return uniform_raw(generator, _count(shape), d).reshape(shape) if d.itemsize > 2 else uniform(generator, shape, 0.0, 1.0, d)


def uniform(generator: Generator, shape: Shape, low: float, high: float, dtype: Any = np.float32) -> Array:
    """Uniform in [low, high): x * (high - low) + low in one rounding; of a complex number both parts."""
    d = np.dtype(dtype)
    if d.kind == "c":
        return uniform(generator, (*shape, 2), low, high, _part(d)).view(d).reshape(shape)  # type: ignore[no-any-return]
    if d.itemsize == 2:
        drawn = cast(uniform(generator, shape, low, high, np.float32), d)
        drawn[readable(drawn) == readable(cast(np.asarray(high, np.float32), d))] = cast(
            np.asarray(low, np.float32), d
        )  # what rounds up to the end begins again
        return drawn
    if high - low > 2.0**990:  # whose products in two halves are beyond float64; powers of two change no digit
        return uniform(generator, shape, low * 2.0**-64, high * 2.0**-64, d) * 2.0**64
    x = uniform_raw(generator, _count(shape), d)
    span = d.type(d.type(high) - d.type(low))
    return fma(x, span, d.type(low), d).astype(d).reshape(shape)


def randn(generator: Generator, shape: Shape, dtype: Any = np.float32, serial: bool = False) -> Array:
    """Standard normal."""
    return normal(generator, shape, 0.0, 1.0, dtype, serial)


def _part(d: Any) -> Any:
    return np.dtype(np.float32 if d == np.complex64 else np.float64)


def in_memory_order(like: Array, draw: Callable[..., Array], *beside: Array) -> Array:
    """What `draw(shape)` gives, laid out as PyTorch lays out a tensor like `like`: it takes numbers in the order of the memory.

    `draw` also gets the arrays beside `like`, of its shape, with their axes in that order.
    """
    if like.flags.c_contiguous:
        return draw(like.shape, *beside)
    axes = _axes(like)
    return draw(tuple(like.shape[k] for k in axes), *(x.transpose(axes) for x in beside)).transpose(np.argsort(axes))


def turned(like: Array) -> bool:
    """Whether a tensor like this one has its axes in another order in memory; a part of a larger one has not."""
    return not like.flags.c_contiguous and (axes := [k for k in _axes(like) if like.shape[k] != 1]) != sorted(axes)


def _axes(like: Array) -> list[int]:
    """The axes from the slowest in memory to the quickest; what is broadcast stays where it is (infer_dense_strides in ATen/ExpandUtils.cpp)."""
    steps = [abs(step) if size != 1 else 0 for step, size in zip(like.strides, like.shape, strict=True)]
    order = list(range(like.ndim))[::-1]
    for start in range(1, like.ndim):
        at = start
        for k in range(start - 1, -1, -1):
            here, there = order[k], order[at]
            if not steps[here] or not steps[there]:
                continue
            if steps[here] < steps[there]:
                break
            if steps[here] > steps[there] or like.shape[here] > like.shape[there]:
                order[k], order[at] = there, here
                at = k
    return order[::-1]


def normal(generator: Generator, shape: Shape, mean: float = 0.0, std: float = 1.0, dtype: Any = np.float32, serial: bool = False) -> Array:
    """Normal; below 16 elements, or where memory is not contiguous, by pairs in double; else in blocks of 16 in the dtype itself.

    Each part of a complex number has half the variance.
    """
    d = np.dtype(dtype)
    if d.kind == "c":
        return normal(generator, (*shape, 2), mean, std / math.sqrt(2), _part(d), serial).view(d).reshape(shape)  # type: ignore[no-any-return]
    n = _count(shape)
    if d.itemsize == 2 and n >= 16 and not serial:
        return cast(_blocks(generator, n, mean, std, np.dtype(np.float32), filled=False), d).reshape(shape)
    if n < 16 or serial:
        z = generator.normals(n)
        return cast(z + 0.0 if (mean, std) == (0.0, 1.0) else fma(z, std, mean, np.dtype(np.float64)), d).reshape(shape)
    return _blocks(generator, n, mean, std, d).reshape(shape)


_PIECE = 1 << 14


def _blocks(generator: Generator, n: int, mean: float, std: float, d: Any, filled: bool = True) -> Array:
    """`filled`: PyTorch draws for all elements first, also for those behind the last whole block; float16 does not."""
    whole = n // 16 * 16
    x = uniform_raw(generator, n if filled else whole, d)
    out = np.empty(n, d)
    for k in range(0, whole, _PIECE):  # pieces that fit the cache
        piece = x[k : min(k + _PIECE, whole)]
        out[k : k + piece.size] = _box_muller(piece.reshape(-1, 16), mean, std, d).reshape(-1)
    if n % 16:
        # PyTorch draws 16 new numbers and does the last 16 elements over again
        last = uniform_raw(generator, 16, d).reshape(1, 16)
        out[n - 16 :] = _box_muller(last, mean, std, d).reshape(-1)
    return out


def _box_muller(x: Array, mean: float, std: float, d: Any) -> Array:
    u1, u2 = d.type(1) - x[:, :8], x[:, 8:]
    if d == np.float64:
        r = np.sqrt(-2.0 * _libm(math.log, u1))
        angle = 2.0 * math.pi * u2
        parts = np.concatenate([r * _libm(math.cos, angle), r * _libm(math.sin, angle)], axis=1)
        return fma(parts, std, mean, d) if (mean, std) != (0.0, 1.0) else parts
    r = np.sqrt(np.float32(-2) * cephes_log(u1))
    sine, cosine = cephes_sincos(np.float32(2 * math.pi) * u2)
    if (mean, std) == (0.0, 1.0):
        return np.concatenate([r * cosine, r * sine], axis=1) + np.float32(0)
    # fma(r * cos, std, mean)
    return np.concatenate(
        [
            fma(r * cosine, np.float32(std), np.float32(mean), np.dtype(np.float32)),
            fma(r * sine, np.float32(std), np.float32(mean), np.dtype(np.float32)),
        ],
        axis=1,
    )


def _libm(f: Any, x: Array) -> Array:
    # the C library's functions: numpy's vector versions differ in the last bit
    return np.array([f(v) for v in x.reshape(-1).tolist()], np.float64).reshape(x.shape)


_F = np.float32


def _doubled(*values: float) -> tuple[Array, ...]:
    """Numbers of float32 as float64, in the form in which numpy takes them soonest."""
    return tuple(np.array(np.float32(value), np.float64) for value in values)


_LOG = _doubled(
    -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1
)  # fmt: skip
_LN_2, _A_HALF = _doubled(0.693359375, 0.5)
_QUARTER_TURNS = _doubled(-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)
_COSINE, _SINE = _doubled(-1.388731625493765e-3, 4.166664568298827e-2), _doubled(8.3321608736e-3, -1.6666654611e-1)


def cephes_log(x: Array) -> Array:
    """log of positive float32 as avx_mathfun computes it."""
    return chained(_log, x)


def _log(fma32: Any, x: Array) -> Array:
    x = np.maximum(x, _F(1.17549435e-38))
    bits = x.view(np.int32)
    exponent = ((bits >> 23) - 0x7F).astype(np.float32) + _F(1)
    m = ((bits & ~np.int32(0x7F800000)) | np.int32(0x3F000000)).view(np.float32)
    small = m < _F(0.707106781186547524)
    exponent = exponent - np.where(small, _F(1), _F(0))
    m = (m - _F(1)) + np.where(small, m, _F(0))
    z = m * m
    y = np.full_like(m, _F(7.0376836292e-2))
    for c in _LOG:
        y = fma32(y, m, c)
    y = y * m
    # the compiler fused the product before, not this one
    y = fma32(y, z, exponent * _F(-2.12194440e-4))
    y = fma32(-z, _A_HALF, y, exact=True)
    m = m + y
    return np.asarray(fma32(exponent, _LN_2, m, exact=True))


def cephes_sincos(x: Array) -> tuple[Array, Array]:
    """sin and cos of float32 as avx_mathfun computes them."""
    return chained(_sincos, x)


def _sincos(fma32: Any, x: Array) -> tuple[Array, Array]:
    negative = np.signbit(x)
    a = np.abs(x)
    y = a * _F(1.27323954473516)
    j = y.astype(np.int32)
    j = (j + 1) & ~np.int32(1)
    y = j.astype(np.float32)
    flip_sine = ((j & 4) != 0) ^ negative
    use_sine_poly = (j & 2) == 0
    flip_cosine = ((~(j - 2)) & 4) != 0
    for part in _QUARTER_TURNS:
        a = fma32(y, part, a, exact=True)
    z = a * a
    c = np.full_like(z, _F(2.443315711809948e-5))
    for coefficient in _COSINE:
        c = fma32(c, z, coefficient)
    c = c * z
    c = fma32(c, z, -(z * _F(0.5)))
    c = c + _F(1)
    s = np.full_like(z, _F(-1.9515295891e-4))
    for coefficient in _SINE:
        s = fma32(s, z, coefficient)
    s = s * z
    s = fma32(s, a, a)
    sine = np.where(use_sine_poly, s, c)
    cosine = np.where(use_sine_poly, c, s)
    return np.where(flip_sine, -sine, sine), np.where(flip_cosine, -cosine, cosine)


def randint(generator: Generator, low: int, high: int, shape: Shape) -> Array:
    """Whole numbers in [low, high), int64."""
    n, span = _count(shape), int(high) - int(low)
    if span < 2**28:
        draws = (generator.words(n) % np.uint32(span)).astype(np.int64)
    else:
        draws = (generator.longs(n) % np.uint64(span)).astype(np.int64)
    return (draws + low).reshape(shape)


def random_full(generator: Generator, shape: Shape, dtype: Any) -> Array:
    """random_() without bounds: the whole range of the dtype."""
    d, n = np.dtype(dtype), _count(shape)
    if d == np.int64:
        return (generator.longs(n) & np.uint64(2**63 - 1)).astype(np.int64).reshape(shape)
    if d == np.float32:
        return (generator.words(n) % np.uint32(2**24 + 1)).astype(np.float32).reshape(shape)
    if d == np.float64:
        return (generator.longs(n) % np.uint64(2**53 + 1)).astype(np.float64).reshape(shape)
    if d == np.bool_:
        return (generator.words(n) & np.uint32(1)).astype(np.bool_).reshape(shape)
    if d.kind == "V":
        return narrow(generator.words(n) % np.uint32(2**8 + 1)).reshape(shape)
    top = 2**11 + 1 if d == np.float16 else int(np.iinfo(d).max) + 1
    return (generator.words(n) % np.uint32(top)).astype(d).reshape(shape)


def randperm(generator: Generator, n: int) -> Array:
    """A permutation of 0..n-1, int64."""
    order = list(range(n))
    if n > 1:
        draws = generator.words(n - 1).astype(np.int64) % (n - np.arange(n - 1))
        for i, jump in enumerate(draws.tolist()):
            j = i + jump
            order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)


def bernoulli_p(generator: Generator, shape: Shape, p: Any) -> Array:
    """bernoulli_(p): booleans, two words an element."""
    chances = float(p) if isinstance(p, (int, float)) else np.broadcast_to(np.asarray(p, np.float64), shape).reshape(-1)
    return (generator.doubles(_count(shape)) < chances).reshape(shape)


def bernoulli_of(generator: Generator, p: Array) -> Array:
    """torch.bernoulli(p): ones with the probabilities p, drawn in p's own dtype."""
    draws = uniform_raw(generator, p.size, p.dtype).reshape(p.shape)
    return cast(readable(draws) < readable(p), p.dtype)


def multinomial(generator: Generator, p: Array, n: int, replacement: bool) -> Array:
    """Indices drawn with weights p (rows, columns), int64 (rows, n)."""
    rows = p.reshape(-1, p.shape[-1])
    if replacement and n > 1:
        out = []
        for row in readable(rows) if p.dtype.itemsize > 2 else cast(rows, np.dtype(np.float32)):
            sums = np.cumsum(row)  # in its own dtype: with thousands of categories it shows
            sums /= sums[-1]
            sums[-1] = 1
            out.append(np.searchsorted(sums.astype(np.float64), generator.doubles(n), side="left"))
        return np.array(out, np.int64).reshape(*p.shape[:-1], n)
    q = exponential(generator, rows.shape, 1.0, p.dtype)
    score = np.where(rows > 0, rows / q, 0)
    order = np.argsort(-score, axis=-1, kind="stable")[:, :n]
    return order.astype(np.int64).reshape(*p.shape[:-1], n)

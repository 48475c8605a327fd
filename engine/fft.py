"""torch.fft: discrete Fourier transforms, their frequencies, and shifts of the zero frequency to the middle.

Source of behaviour: aten/src/ATen/native/SpectralOps.cpp.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes
from .creation.factories import leaf
from .naming.namespace import FUNCTIONAL, asking
from .op import apply
from .ops.signals.fourier import c2c, c2r, r2c
from .ops.views.reshape import one_dim


def _promoted(name: str, x: Any, to_complex: bool) -> Any:
    kind = x.dtype
    if not kind.is_floating_point and not kind.is_complex:
        kind = dtypes.get_default_dtype()
    if kind.name == "float16":
        raise RuntimeError(f"Unsupported dtype {kind.scalar_name}")
    return x.to(kind.to_complex() if to_complex and not kind.is_complex else kind)


def _scale(norm: str | None, n: int, forward: bool) -> float:
    if norm not in (None, "forward", "backward", "ortho"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    if norm == "ortho":
        return 1 / math.sqrt(n)
    return 1 / n if (norm == "forward") is forward else 1.0


def _resized(x: Any, dims: Sequence[int], sizes: Sequence[int]) -> Any:
    """The input cut, or continued with zeros."""
    pads = [0] * (2 * x.dim())
    for d, n in zip(dims, sizes, strict=True):
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")
        have = x.shape[d]
        if have > n:
            x = x.narrow(d, 0, n)
        elif have < n:
            pads[2 * (x.dim() - 1 - d) + 1] = n - have
    return FUNCTIONAL["pad"](x, pads) if any(pads) else x


def _dim(x: Any, dim: int) -> int:
    if not x.dim():
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return one_dim(dim, x.dim())


def _one(name: str, forward: bool) -> Callable[..., Any]:
    def function(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
        d = _dim(input, dim)
        x = _promoted(name, input, False)
        if n is not None:
            x = _resized(x, (d,), (n,))
        scale = _scale(norm, x.shape[d], forward)
        if x.dtype.is_complex:
            return apply(c2c, (x,), {"dims": (d,), "scale": scale, "forward": forward})
        out = apply(r2c, (x,), {"dims": (d,), "scale": scale, "onesided": False, "n": x.shape[d]})
        return out if forward else out.conj()

    return _named(function, name, f"The {'' if forward else 'inverse '}Fourier transform along a dimension.")


def _named(function: Callable[..., Any], name: str, text: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text
    return function


fft, ifft = _one("fft", True), _one("ifft", False)


def _halved(x: Any, d: int, scale: float) -> Any:
    return apply(r2c, (x,), {"dims": (d,), "scale": scale, "onesided": True, "n": x.shape[d]})


def rfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """The half of the transform of real numbers that says all."""
    d = _dim(input, dim)
    if input.dtype.is_complex:
        raise RuntimeError(f"rfft expects a real input tensor, but got {input.dtype.scalar_name}")
    x = _promoted("rfft", input, False)
    x = x if n is None else _resized(x, (d,), (n,))
    return _halved(x, d, _scale(norm, x.shape[d], True))


def ihfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """The half of the inverse transform of real numbers."""
    d = _dim(input, dim)
    if input.dtype.is_complex:
        raise RuntimeError(f"ihfft expects a real input tensor, but got {input.dtype.scalar_name}")
    x = _promoted("ihfft", input, False)
    x = x if n is None else _resized(x, (d,), (n,))
    return _halved(x, d, _scale(norm, x.shape[d], False)).conj()


def _whole(name: str, input: Any, n: int | None, dim: int, norm: str | None, forward: bool) -> Any:
    d = _dim(input, dim)
    x = _promoted(name, input, True)
    size = 2 * (x.shape[d] - 1) if n is None else n
    if size < 1:
        raise RuntimeError(f"Invalid number of data points ({size}) specified")
    x = _resized(x, (d,), (size // 2 + 1,)) if n is not None else x
    x = x.conj() if forward else x
    return apply(c2r, (x,), {"dims": (d,), "scale": _scale(norm, size, forward), "n": size})


def irfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """Real numbers of the half of their transform."""
    return _whole("irfft", input, n, dim, norm, False)


def hfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """The real transform of half of a signal that is its own mirror image."""
    return _whole("hfft", input, n, dim, norm, True)


def _shape(x: Any, s: Any, dim: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if dim is None:
        if s is not None and len(s) > x.dim():
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {x.dim()} dimensions.")
        dims = tuple(range(x.dim()))[-len(s) :] if s is not None else tuple(range(x.dim()))
    else:
        dims = tuple(_dim(x, d) for d in ((dim,) if isinstance(dim, int) else dim))
    if len(set(dims)) != len(dims):
        raise RuntimeError("FFT dims must be unique")
    if s is not None and len(s) != len(dims):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    sizes = tuple(x.shape[d] if s is None or s[k] == -1 else int(s[k]) for k, d in enumerate(dims))
    return dims, sizes


def _must_have_axes(name: str, dims: tuple[int, ...]) -> None:
    if not dims:
        raise RuntimeError(f"{name} must transform at least one axis")


def _several(name: str, forward: bool, default: Any) -> Callable[..., Any]:
    def function(input: Any, s: Any = None, dim: Any = default, norm: str | None = None) -> Any:
        dims, sizes = _shape(input, s, dim)
        x = _resized(_promoted(name, input, True), dims, sizes)
        scale = _scale(norm, math.prod(sizes), forward)
        return apply(c2c, (x,), {"dims": dims, "scale": scale, "forward": forward})

    return _named(function, name, f"The {'' if forward else 'inverse '}Fourier transform along several dimensions.")


def _several_halved(name: str, default: Any) -> Callable[..., Any]:
    def function(input: Any, s: Any = None, dim: Any = default, norm: str | None = None) -> Any:
        if input.dtype.is_complex:
            raise RuntimeError(f"rfftn expects a real-valued input tensor, but got {input.dtype.scalar_name}")
        dims, sizes = _shape(input, s, dim)
        _must_have_axes(name, dims)
        x = _resized(_promoted(name, input, False), dims, sizes)
        return apply(r2c, (x,), {"dims": dims, "scale": _scale(norm, math.prod(sizes), True), "onesided": True, "n": sizes[-1]})

    return _named(function, name, "The half of the transform of real numbers along several dimensions.")


def _several_whole(name: str, default: Any) -> Callable[..., Any]:
    def function(input: Any, s: Any = None, dim: Any = default, norm: str | None = None) -> Any:
        dims, sizes = _shape(input, s, dim)
        _must_have_axes(name, dims)
        last = 2 * (input.shape[dims[-1]] - 1) if s is None or s[-1] == -1 else int(s[-1])
        x = _resized(_promoted(name, input, True), dims, (*sizes[:-1], last // 2 + 1))
        scale = _scale(norm, math.prod(sizes[:-1]) * last, False)
        return apply(c2r, (x,), {"dims": dims, "scale": scale, "n": last})

    return _named(function, name, "Real numbers of the half of their transform along several dimensions.")


fft2, ifft2 = _several("fft2", True, (-2, -1)), _several("ifft2", False, (-2, -1))
fftn, ifftn = _several("fftn", True, None), _several("ifftn", False, None)
rfft2, rfftn = _several_halved("rfft2", (-2, -1)), _several_halved("rfftn", None)
irfft2, irfftn = _several_whole("irfft2", (-2, -1)), _several_whole("irfftn", None)


def _several_mirrored(name: str, default: Any) -> Callable[..., Any]:
    def function(input: Any, s: Any = None, dim: Any = default, norm: str | None = None) -> Any:
        dims, sizes = _shape(input, s, dim)
        _must_have_axes(name, dims)
        x = input
        for d, n in zip(dims[:-1], sizes[:-1], strict=True):
            x = fft(x, n, d, norm)
        return hfft(x, None if s is None or s[-1] == -1 else int(s[-1]), dims[-1], norm)

    return _named(function, name, "The real transform of half of a signal that is its own mirror image along several dimensions.")


def _several_unmirrored(name: str, default: Any) -> Callable[..., Any]:
    def function(input: Any, s: Any = None, dim: Any = default, norm: str | None = None) -> Any:
        dims, sizes = _shape(input, s, dim)
        if input.dtype.is_complex:
            raise RuntimeError(f"Only supports floating-point dtypes, but found: {input.dtype.scalar_name}")
        _must_have_axes(name, dims)
        x = ihfft(input, sizes[-1], dims[-1], norm)
        for d, n in zip(dims[:-1], sizes[:-1], strict=True):
            x = ifft(x, n, d, norm)
        return x

    return _named(function, name, "The half of the inverse transform of real numbers along several dimensions.")


hfft2, hfftn = _several_mirrored("hfft2", (-2, -1)), _several_mirrored("hfftn", None)
ihfft2, ihfftn = _several_unmirrored("ihfft2", (-2, -1)), _several_unmirrored("ihfftn", None)


def _frequencies(values: Any, n: int, d: float, dtype: Any, requires_grad: bool) -> Any:
    kind = (dtype or dtypes.get_default_dtype()).numpy
    return leaf(np.asarray(values, kind) * kind.type(1.0 / (n * d)), requires_grad)


def fftfreq(n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Any:
    """The frequencies of the numbers of a transform."""
    return _frequencies([*range((n + 1) // 2), *range(-(n // 2), 0)], n, d, dtype, requires_grad)


def rfftfreq(n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Any:
    """The frequencies of the half of a transform."""
    return _frequencies(range(n // 2 + 1), n, d, dtype, requires_grad)


def _shifted(input: Any, dim: Any, way: int) -> Any:
    dims = range(input.dim()) if dim is None else (dim,) if isinstance(dim, int) else dim
    at = [_dim(input, d) for d in dims]
    return input.roll([way * (input.shape[d] // 2) if way > 0 else (input.shape[d] + 1) // 2 for d in at], at)


def fftshift(input: Any, dim: Any = None) -> Any:
    """The zero frequency in the middle."""
    return _shifted(input, dim, 1)


def ifftshift(input: Any, dim: Any = None) -> Any:
    """The zero frequency at the beginning again."""
    return _shifted(input, dim, -1)


__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "ihfft2", "ihfftn",
    "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip
globals().update({name: asking(globals()[name], "fft", name) for name in __all__})

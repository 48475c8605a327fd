"""The discrete Fourier transform as rows: complex to complex, real to complex (half of it where one says so), and complex to real.

Each row is linear over the reals, and its vjp is its adjoint: PyTorch's gradients of complex numbers are just that, so these rows
take and give them as they are (`antilinear`). Without a factor of their own; `scale` is what the three ways to norm come to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import Op

Array = np.ndarray[Any, Any]


def _complex_of(x: Array) -> Any:
    return np.complex128 if x.dtype in (np.float64, np.complex128) else np.complex64


def _real_of(x: Array) -> Any:
    return np.float64 if x.dtype in (np.float64, np.complex128) else np.float32


def _c2c(x: Array, dims: tuple[int, ...], scale: float, forward: bool) -> Array:
    out = np.fft.fftn(x, axes=dims) if forward else np.fft.ifftn(x, axes=dims, norm="forward")
    return np.asarray(out * scale).astype(_complex_of(x))


def _r2c(x: Array, dims: tuple[int, ...], scale: float, onesided: bool, n: int) -> Array:
    half = np.fft.rfftn(x, axes=dims) * scale
    if not onesided:  # along one dimension: the other half is its mirror image, exactly
        (d,) = dims
        rest = np.flip(np.take(half, range(1, n - n // 2), axis=d), d).conj()
        half = np.concatenate([half, rest], axis=d)
    return np.asarray(half).astype(_complex_of(x))


def _r2c_adjoint(g: Array, dims: tuple[int, ...], scale: float, onesided: bool, n: int) -> Array:
    if onesided:
        missing = [(0, n - g.shape[k] if k == dims[-1] % g.ndim else 0) for k in range(g.ndim)]
        g = np.pad(g, missing)
    return np.asarray(np.fft.ifftn(g, axes=dims, norm="forward").real * scale).astype(_real_of(g))


def _c2r(x: Array, dims: tuple[int, ...], scale: float, n: int) -> Array:
    sizes = [*(x.shape[d] for d in dims[:-1]), n]
    return np.asarray(np.fft.irfftn(x, s=sizes, axes=dims, norm="forward") * scale).astype(_real_of(x))


def _c2r_adjoint(g: Array, dims: tuple[int, ...], scale: float, n: int) -> Array:
    out = np.fft.rfftn(g, axes=dims) * scale
    twice = np.moveaxis(out, dims[-1], -1)  # all but the ends stand for their mirror images, too
    twice[..., 1 : n - n // 2] *= 2
    return np.asarray(out).astype(_complex_of(g))


c2c = Op(
    "fft_c2c", _c2c, vjps=(lambda g, dims, scale, forward: c2c(g, dims=dims, scale=scale, forward=not forward),),
    formulas=(r"\bar{x} = F^{*}\bar{z}",),
)  # fmt: skip
r2c = Op(
    "fft_r2c", _r2c, grad_fn="FftR2CBackward0",
    vjps=(lambda g, x, dims, scale, onesided, n: r2c_adjoint(g, dims=dims, scale=scale, onesided=onesided, n=n),),  # PyTorch saves x
    formulas=(r"\bar{x} = \mathrm{Re}\,F^{*}\bar{z}",),
)  # fmt: skip
r2c_adjoint = Op(
    "fft_r2c_adjoint", _r2c_adjoint, grad_fn="SelectBackward0",
    vjps=(lambda g, dims, scale, onesided, n: r2c(g, dims=dims, scale=scale, onesided=onesided, n=n),), formulas=(r"\bar{x} = F\bar{z}",),
)  # fmt: skip
c2r = Op(
    "fft_c2r", _c2r, grad_fn="FftC2RBackward0", vjps=(lambda g, dims, scale, n: c2r_adjoint(g, dims=dims, scale=scale, n=n),),
    formulas=(r"\bar{x} = F\bar{z}",),
)  # fmt: skip
c2r_adjoint = Op(
    "fft_c2r_adjoint", _c2r_adjoint, grad_fn="MulBackward0", vjps=(lambda g, dims, scale, n: c2r(g, dims=dims, scale=scale, n=n),),
    formulas=(r"\bar{x} = F^{*}\bar{z}",),
)  # fmt: skip
for _row in (c2c, r2c, c2r_adjoint):
    _row.antilinear = True

__all__ = ["c2c", "c2r", "r2c"]

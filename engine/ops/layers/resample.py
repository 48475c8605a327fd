"""Images in other sizes: interpolate, pixel_shuffle, grid_sample, affine_grid."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ...arrays.arithmetic import mixed_along
from ...arrays.channels_last import keeping_pictures
from ...calls.signatures import refusal
from ...modes import warn
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor

Array = np.ndarray[Any, Any]


# -- interpolate: along each axis a matrix of weights (out, in); its vjp is its transpose ---------------------------------


def _sources(size: int, out: int, scale: float | None, align: bool) -> Array:
    """The place in the input that each output element looks at."""
    at = np.arange(out, dtype=np.float64)
    if align:
        return at * ((size - 1) / (out - 1) if out > 1 else 0.0)
    ratio = 1 / scale if scale is not None and scale > 0 else size / out
    return (at + 0.5) * ratio - 0.5


@functools.lru_cache(maxsize=64)
def _weights(mode: str, size: int, out: int, scale: float | None, align: bool, antialias: bool = False) -> Array:
    """(out, size): how much of each input element each output element takes."""
    table = np.zeros((out, size))
    rows = np.arange(out)
    if mode == "nearest":
        ratio = 1 / scale if scale is not None and scale > 0 else size / out
        ratio = float(np.float32(ratio))
        table[rows, np.minimum(np.floor(rows.astype(np.float32) * np.float32(ratio)).astype(np.int64), size - 1)] = 1
        return table
    if mode == "nearest-exact":
        ratio = 1 / scale if scale is not None and scale > 0 else size / out
        table[rows, np.minimum(np.floor((rows + 0.5) * ratio).astype(np.int64), size - 1)] = 1
        return table
    if antialias:
        return _smoothed(mode, size, out, scale, align)
    at = _sources(size, out, scale, align)
    if mode == "cubic":
        low = np.floor(at)
        t = at - low
        for k in range(-1, 3):
            np.add.at(table, (rows, np.clip(low.astype(np.int64) + k, 0, size - 1)), _cubic(t - k, -0.75))
        return table
    at = np.maximum(at, 0.0)
    low_i = np.minimum(np.floor(at).astype(np.int64), size - 1)
    high = np.minimum(low_i + 1, size - 1)
    t = at - low_i
    np.add.at(table, (rows, low_i), 1 - t)
    np.add.at(table, (rows, high), t)
    return table


def _cubic(x: Array, a: float) -> Array:
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _smoothed(mode: str, size: int, out: int, scale: float | None, align: bool) -> Array:
    """Weights of antialiased resizing (as Pillow's): the filter is as wide as the step."""
    step = ((size - 1) / (out - 1) if out > 1 else 0.0) if align else (1 / scale if scale is not None and scale > 0 else size / out)
    reach = (1.0 if mode == "linear" else 2.0) * max(step, 1.0)
    table = np.zeros((out, size))
    for row in range(out):
        centre = step * (row + 0.5)
        first = max(int(centre - reach + 0.5), 0)
        last = min(int(centre + reach + 0.5), size)
        x = (np.arange(first, last) - centre + 0.5) / max(step, 1.0)
        w = np.maximum(0.0, 1 - np.abs(x)) if mode == "linear" else _cubic(x, -0.5)
        table[row, first:last] = w / w.sum()
    return table


def _resized_bytes(x: Array, tables: tuple[Array, ...]) -> Array:
    """An image of bytes: rows first, then columns, by whole weights, and rounded each time (aten/native/cpu/UpSampleKernelAVXAntialias.h)."""
    out = x
    for k in reversed(range(len(tables))):
        axis, largest, places = x.ndim - len(tables) + k, float(tables[k].max(initial=0.0)), 0
        while places < 22 and int(0.5 + largest * (1 << (places + 1))) < 1 << 15:
            places += 1
        scaled = tables[k].astype(np.float64) * (1 << places)
        weights = np.trunc(scaled + np.where(scaled < 0, -0.5, 0.5)).astype(np.int64)
        mixed = np.moveaxis(np.tensordot(out.astype(np.int64), weights, axes=(axis, 1)), -1, axis)
        out = np.clip((mixed + (1 << places >> 1)) >> places, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(out)


def _resized(x: Array, tables: tuple[Array, ...]) -> Array:
    if x.dtype == np.uint8:
        return _resized_bytes(x, tables)
    out = x
    for k, table in enumerate(tables):
        axis = x.ndim - len(tables) + k
        out = mixed_along(out, table.astype(x.dtype), axis)
    return np.ascontiguousarray(out)


def _resize_row(name: str) -> Op:
    row = Op(
        name, keeping_pictures(_resized), vjps=(lambda g, tables: row(g, tables=tuple(t.T for t in tables)),), formulas=(r"\bar{x} = W^{\mathsf{T}}\,\bar{z}",)
    )  # fmt: skip
    return row


_NAMES = {("nearest", 1): "upsample_nearest1d", ("nearest", 2): "upsample_nearest2d", ("nearest", 3): "upsample_nearest3d",
          ("nearest-exact", 1): "upsample_nearest_exact1d", ("nearest-exact", 2): "upsample_nearest_exact2d",
          ("nearest-exact", 3): "upsample_nearest_exact3d", ("linear", 1): "upsample_linear1d", ("linear", 2): "upsample_bilinear2d",
          ("linear", 3): "upsample_trilinear3d", ("cubic", 2): "upsample_bicubic2d"}  # fmt: skip
ROWS = {key: _resize_row(name) for key, name in _NAMES.items()}
_MODES = {"nearest": 0, "nearest-exact": 0, "linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2, "area": 0}


def _not_this(input: Any, mode: str) -> NotImplementedError:
    return NotImplementedError(
        f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input._data.ndim}D) for the modes: nearest | linear | bilinear | "
        f"bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
    )


_PARSERS = {"nearest": "upsample_nearest", "nearest-exact": "_upsample_nearest_exact"}


def _is_whole(value: Any) -> bool:
    return isinstance(value, Tensor) and value._data.dtype.kind in "iu"


def _ask(mode: str, antialias: bool, input: Any, sizes: Any, align_corners: Any, factors: Any) -> None:
    """Raise what the parser of PyTorch's kernel for a mode says of sizes or factors; those that nearly all scripts give it takes."""
    if (
        all(type(s) is int for s in sizes or ())
        and all(type(f) in (int, float) for f in factors or ())
        and type(align_corners) in (bool, type(None))
    ):
        return
    if mode == "area":
        return
    name = f"{_PARSERS.get(mode, f'upsample_{mode}')}{input._data.ndim - 2}d{'_aa' if antialias else ''}"
    given = (input, sizes, factors) if mode in _PARSERS else (input, sizes, align_corners, factors)
    told = refusal("nn", name if mode in _PARSERS or not antialias else f"_{name}", given, {})
    if told is not None:
        raise told


@export("functional")
def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: Any = None,
    recompute_scale_factor: Any = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """Images (and signals, volumes) in another size."""
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
    elif align_corners is None:
        align_corners = False
    n = input._data.ndim - 2
    spatial = input._data.shape[2:]
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    scales: list[float | None] = [None] * max(n, 0)
    if size is not None:
        sizes = list(size) if isinstance(size, (tuple, list)) else [size] * n
        if isinstance(size, (tuple, list)) and len(sizes) != n:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got "
                f"input with spatial dimensions of {list(spatial)} and output size of {size}. "
                "Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format."
            )
        if isinstance(size, (tuple, list)) and not all(isinstance(s, (int, np.integer)) or _is_whole(s) for s in size):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], "
                f"but got size with types {[type(s) for s in size]}"
            )
        _ask(mode, antialias, input, size if isinstance(size, tuple) else sizes, align_corners, None)
        out = [int(s) for s in sizes]
    else:
        factors = list(scale_factor) if isinstance(scale_factor, (tuple, list)) else [scale_factor] * n
        if isinstance(scale_factor, (tuple, list)) and len(factors) != n:
            raise ValueError(
                "Input and scale_factor must have the same number of spatial dimensions, but got "
                f"input with spatial dimensions of {list(spatial)} and scale_factor of shape {scale_factor}. "
                "Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
            )
        if not recompute_scale_factor and mode != "area":
            _ask(mode, antialias, input, None, align_corners, scale_factor if isinstance(scale_factor, tuple) else factors)
        factors = [float(f) for f in factors]
        out = [math.floor(s * f) for s, f in zip(spatial, factors, strict=True)]
        if not recompute_scale_factor:
            scales = list(factors)
    if antialias and not (mode in ("bilinear", "bicubic") and n == 2):
        raise ValueError("Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input")
    if not 1 <= n <= 3:
        raise _not_this(input, mode)
    if mode == "area":
        from ...naming.namespace import FUNCTIONAL

        return FUNCTIONAL[f"adaptive_avg_pool{n}d"](input, tuple(out))
    kind = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
    wanted = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}.get(mode, n)
    if mode not in _MODES or wanted != n:
        if mode in _MODES and mode != "bicubic":
            got = {3: "3D", 4: "4D", 5: "5D"}.get(input._data.ndim, f"{input._data.ndim}D")
            raise NotImplementedError(f"Got {got} input, but {mode} mode needs {wanted + 2}D input")
        raise _not_this(input, mode)
    if min(*out, *spatial) < 1:
        have, made = (", ".join(f"{c}: {v}" for c, v in zip("DHW"[3 - n :], shape, strict=True)) for shape in (spatial, out))
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input ({have}){' and' * (n == 1)} output ({made})")
    if not input._data.size and input._data.shape[0]:
        raise RuntimeError(f"Non-empty {n + 2}D data tensor expected but got a tensor with sizes {list(input._data.shape)}")
    tables = tuple(_weights(kind, s, o, f, bool(align_corners), antialias) for s, o, f in zip(spatial, out, scales, strict=True))
    return apply(ROWS[kind, n], (input,), {"tables": tables})


@export("functional")
def upsample(input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: Any = None) -> Any:
    """The older name of interpolate."""
    warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


@export("functional")
def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """interpolate in the mode nearest."""
    warn("`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, "nearest")


@export("functional")
def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """interpolate in the mode bilinear with aligned corners."""
    warn("`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.")
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


# -- shuffles ---------------------------------------------------------------------------------------------------------


def _shuffled(x: Array, upscale_factor: int) -> Array:
    r, (*first, c, h, w) = upscale_factor, x.shape
    n = len(first)
    apart = x.reshape(*first, c // (r * r), r, r, h, w).transpose(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return np.ascontiguousarray(apart).reshape(*first, c // (r * r), h * r, w * r)


def _unshuffled(x: Array, downscale_factor: int) -> Array:
    r, (*first, c, h, w) = downscale_factor, x.shape
    n = len(first)
    apart = x.reshape(*first, c, h // r, r, w // r, r).transpose(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return np.ascontiguousarray(apart).reshape(*first, c * r * r, h // r, w // r)


def _channels_shuffled(x: Array, groups: int) -> Array:
    apart = x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    return np.ascontiguousarray(apart.swapaxes(1, 2)).reshape(x.shape)


pixel_shuffle_row = Op(
    "pixel_shuffle", keeping_pictures(_shuffled), vjps=(lambda g, upscale_factor: pixel_unshuffle_row(g, downscale_factor=upscale_factor),),
    formulas=(r"\bar{x} = \mathrm{unshuffle}(\bar{z})",),
)  # fmt: skip
pixel_unshuffle_row = Op(
    "pixel_unshuffle", keeping_pictures(_unshuffled), vjps=(lambda g, downscale_factor: pixel_shuffle_row(g, upscale_factor=downscale_factor),),
    formulas=(r"\bar{x} = \mathrm{shuffle}(\bar{z})",),
)  # fmt: skip
channel_shuffle_row = Op(
    "channel_shuffle", keeping_pictures(_channels_shuffled),
    vjps=(lambda g, x_shape, groups: channel_shuffle_row(g, groups=x_shape[1] // groups),), formulas=(r"\bar{x} = \mathrm{unshuffle}(\bar{z})",),
)  # fmt: skip


@export("functional torch")
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Channels become pixels: (C r^2, H, W) to (C, H r, W r)."""
    r, shape = upscale_factor, input._data.shape
    if len(shape) < 3:
        raise RuntimeError(f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)")
    if r <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    c = shape[-3]
    if c % (r * r):
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={c} is not divisible by {r * r}"
        )
    return apply(pixel_shuffle_row, (input,), {"upscale_factor": r})


@export("functional torch")
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Pixels become channels: the inverse of pixel_shuffle."""
    r, shape = downscale_factor, input._data.shape
    if len(shape) < 3:
        raise RuntimeError(f"pixel_unshuffle expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)")
    if r <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    h, w = shape[-2:]
    for name, axis, size in (("height", -2, h), ("width", -1, w)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({axis})={size} is not divisible by {r}"
            )
    return apply(pixel_unshuffle_row, (input,), {"downscale_factor": r})


@export("functional torch")
def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels of the groups one by one."""
    shape = input._data.shape
    if len(shape) < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups.")
    return apply(channel_shuffle_row, (input,), {"groups": groups})


__all__ = ["ROWS", "interpolate"]

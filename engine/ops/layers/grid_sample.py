"""A picture looked up at the places of a grid: grid_sample, affine_grid.

Source: aten/src/ATen/native/GridSampler.cpp and GridSamplerUtils.h.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...calls.kernels import KERNELS
from ...modes import warn
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..underived import not_written
from .window_checks import no_such_dim

Array = np.ndarray[Any, Any]


class _Part(NamedTuple):
    """Along one dimension: which element is looked at, with what weight, and the weight's derivatives by the grid."""

    at: Array
    weight: Array
    slope: Array
    curve: Any = 0.0


def _reflected(x: Array, low2: int, high2: int) -> tuple[Array, Array]:
    """Mirrored at the borders, which come in halves, until inside; and the slope of that."""
    if low2 == high2:
        return np.zeros_like(x), np.zeros_like(x)
    low, span = low2 / 2, (high2 - low2) / 2
    moved = x - x.dtype.type(low)
    extra, flips = np.fmod(np.abs(moved), x.dtype.type(span)), np.floor(np.abs(moved) / x.dtype.type(span))
    even = flips % 2 == 0
    return np.where(even, extra + low, span - extra + low).astype(x.dtype), np.where(
        even == (moved >= 0), x.dtype.type(1), x.dtype.type(-1)
    )


def _inside(at: Array, size: int, padding: str, align: bool) -> tuple[Array, Array]:
    """Places as the padding moves them, and the slope of that: 0 at the border and beyond."""
    slope = np.ones_like(at)
    if padding == "zeros":
        return at, slope
    if padding == "reflection":
        at, slope = _reflected(at, 0, 2 * (size - 1)) if align else _reflected(at, -1, 2 * size - 1)
    return np.clip(at, 0, size - 1), slope * ((at > 0) & (at < size - 1))


def _cubic(t: Array) -> tuple[Array, Array, Array]:
    """The weight of an element at a distance below 2, and its first and second derivative."""
    a, d = -0.75, np.abs(t)
    close = d <= 1
    weight = np.where(close, ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a)
    slope = np.where(close, (3 * (a + 2) * d - 2 * (a + 3)) * d, (3 * a * d - 10 * a) * d + 8 * a) * np.where(t < 0, -1, 1)
    curve = np.where(close, 6 * (a + 2) * d - 2 * (a + 3), 6 * a * d - 10 * a)
    return weight.astype(t.dtype), slope.astype(t.dtype), curve.astype(t.dtype)


def _parts(grid: Array, size: int, mode: str, padding: str, align: bool) -> list[_Part]:
    """What is looked at along one dimension, for each place of the grid (N, ...)."""
    scale = grid.dtype.type((size - 1) / 2 if align else size / 2)
    at = (grid + 1) / 2 * (size - 1) if align else ((grid + 1) * size - 1) / 2
    if mode == "bicubic":
        low = np.floor(at)
        made = []
        for corner in range(-1, 3):
            weight, slope, curve = _cubic(at - low - corner)
            made.append(_Part(np.rint(_inside(low + corner, size, padding, align)[0]), weight, slope * scale, curve * scale**2))
        return made
    at, moved = _inside(at, size, padding, align)
    moved = moved * scale
    if mode == "nearest":
        return [_Part(np.rint(at), np.ones_like(at), np.zeros_like(at))]
    low = np.floor(at)
    return [_Part(low, low + 1 - at, -moved), _Part(low + 1, at - low, moved)]


class _Corner(NamedTuple):
    """One of the elements that a place looks at: where it lies in its plane, whether it is there, and its parts."""

    place: Array
    there: Array
    parts: tuple[_Part, ...]

    def weight(self, *by: int) -> Array:
        """The product of the weights of all dimensions; its derivative by these."""
        made = self.there
        for k, part in enumerate(self.parts):
            made = made * (part.weight, part.slope, part.curve)[by.count(k)]
        return made


def _corners(x: Array, grid: Array, mode: str, padding: str, align: bool) -> Iterator[_Corner]:
    """All of them; arrays of (N, places)."""
    size, batch = x.shape[2:], len(grid)
    n = len(size)  # the grid's last axis is x, y, z; the input's axes are (z,) y, x
    along = [_parts(grid[..., n - 1 - k].reshape(batch, math.prod(grid.shape[1:-1])), size[k], mode, padding, align) for k in range(n)]
    for parts in itertools.product(*along):
        place, there = np.zeros(parts[0].at.shape, np.int64), np.ones(parts[0].at.shape, bool)
        for part, length in zip(parts, size, strict=True):
            there &= (part.at >= 0) & (part.at < length)
        for part, length in zip(parts, size, strict=True):
            place = place * length + np.where(there, part.at, 0).astype(np.int64)
        yield _Corner(place, there.astype(x.dtype), parts)


def _key(x: Array, place: Array) -> tuple[Array, Array, Array]:
    """Where the elements of all channels lie in (N, C, plane)."""
    return np.arange(x.shape[0])[:, None, None], np.arange(x.shape[1])[:, None], place[:, None]


def _sampled(x: Array, grid: Array, mode: str, padding_mode: str, align_corners: bool) -> Array:
    planes = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    total: Any = 0
    for corner in _corners(x, grid, mode, padding_mode, align_corners):
        total = total + planes[_key(x, corner.place)] * corner.weight()[:, None]
    return np.asarray(total).reshape(*x.shape[:2], *grid.shape[1:-1])


def _backward(g: Array, x: Array, grid: Array, mode: str, padding_mode: str, align_corners: bool) -> tuple[Array, Array]:
    n = x.ndim - 2
    planes = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    dx, dgrid = np.zeros_like(planes), np.zeros((grid.shape[0], math.prod(grid.shape[1:-1]), n), grid.dtype)
    up = g.reshape(*x.shape[:2], dgrid.shape[1])
    for corner in _corners(x, grid, mode, padding_mode, align_corners):
        key = _key(x, corner.place)
        np.add.at(dx, key, up * corner.weight()[:, None])
        if mode != "nearest":
            felt = (up * planes[key]).sum(1)
            for k in range(n):
                dgrid[..., n - 1 - k] += felt * corner.weight(k)
    return dx.reshape(x.shape), dgrid.reshape(grid.shape)


def _double_backward(u: Array, v: Array, g: Array, x: Array, grid: Array, mode: str, padding_mode: str, align_corners: bool) -> Any:
    """The cotangents of what `_backward` was given, from those of its results."""
    n, shape = x.ndim - 2, (*x.shape[:2], math.prod(x.shape[2:]))
    planes, moving = x.reshape(shape), u.reshape(shape)
    dg, dx, dgrid = np.zeros((*shape[:2], math.prod(grid.shape[1:-1])), g.dtype), np.zeros(shape, x.dtype), np.zeros(grid.shape, grid.dtype)
    up, turning, places = g.reshape(dg.shape), v.reshape(len(v), dg.shape[2], n)[..., ::-1], dgrid.reshape(len(v), dg.shape[2], n)
    for corner in _corners(x, grid, mode, padding_mode, align_corners):
        key = _key(x, corner.place)
        here, moved = planes[key], moving[key]
        turned = np.asarray(sum(turning[..., k] * corner.weight(k) for k in range(n)))[:, None]
        dg += moved * corner.weight()[:, None] + here * turned
        np.add.at(dx, key, up * turned)
        for j in range(n):
            bent = sum(turning[..., k] * corner.weight(j, k) for k in range(n))
            places[..., n - 1 - j] += (up * moved).sum(1) * corner.weight(j) + (up * here).sum(1) * bent
    return dg.reshape(g.shape), dx.reshape(x.shape), dgrid


def _row(n: int) -> Op:
    """The row of n dimensions, whose backward pass can be differentiated once, as in PyTorch."""
    name = f"grid_sampler_{n}d_backward"
    twice = Op(
        f"grid_sampler_{n}d_double_backward",
        _double_backward,
        inputs=("u", "v", "g", "x", "grid"),
        vjps=(not_written(name),) * 5,
        formulas=("",) * 5,
    )

    def back(cotangents: Any, g: Any, x: Any, grid: Any, mode: str, padding_mode: str, align_corners: bool) -> Any:
        given = cotangents if isinstance(cotangents, list) else [cotangents, None]
        u, v = (like * 0 if each is None else each for each, like in zip(given, (x, grid), strict=True))
        dg, dx, dgrid = twice(u, v, g, x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
        return dg, None if mode == "nearest" else dx, dgrid

    backward = Op(name, _backward, inputs=("g", "x", "grid"), joint=back, grad_fn=f"GridSampler{n}DBackwardBackward0", formulas=("",) * 3)

    def vjp(g: Any, x: Any, grid: Any, mode: str, padding_mode: str, align_corners: bool) -> Any:
        return backward(g, x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)

    return Op(
        "grid_sample", _sampled, inputs=("x", "grid"), grad_fn=f"GridSampler{n}DBackward0", joint=vjp,
        formulas=(
            r"\bar{x}[i] \mathrel{+}= w_i\,\bar{z}",
            r"\bar{\theta} = \textstyle\sum_{c,i} \bar{z}_c\,x_c[i]\,\frac{\partial w_i}{\partial\theta}",
        ),
    )  # fmt: skip


rows = {n: _row(n) for n in (2, 3)}


_CORNERS = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the "
    "old behavior is desired. See the documentation of grid_sample for details."
)


@export("functional")
def grid_sample(input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: Any = None) -> Any:
    """The input (N, C, H, W) at the places of a grid (N, h, w, 2), whose numbers go from -1 to 1: (N, C, h, w); with a depth likewise."""
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warn(_CORNERS)
        align_corners = False
    _must_sample(input, grid)
    return _applied(input, grid, mode, padding_mode, align_corners)


def _must_sample(input: Tensor, grid: Tensor, wanted: int = 0) -> None:
    """PyTorch's errors for an input and a grid that do not go together; `wanted` is how many dimensions both must have, where that is said."""
    n, told = input._data.ndim, f"but got input with sizes {list(input._data.shape)} and grid with sizes {list(grid._data.shape)}"
    if not input._data.ndim or not grid._data.ndim:
        raise no_such_dim(0, 0)
    if input._data.shape[0] != grid._data.shape[0]:
        raise RuntimeError(f"grid_sampler(): expected grid and input to have same batch size, {told}")
    if grid._data.shape[-1] != n - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {n - 2} in last dimension, but got grid with sizes {list(grid._data.shape)}"
        )
    empty = next((k for k in range(2, n) if not input._data.shape[k]), None)
    if empty is not None:
        raise RuntimeError(
            f"grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {list(input._data.shape)} with "
            f"dimension {empty} being empty"
        )
    if n != grid._data.ndim or n != (wanted or n) or n not in (4, 5):
        raise RuntimeError(
            f"grid_sampler(): expected {wanted or (4 if n == 4 else 5)}D input and grid with same number of dimensions, {told}"
        )
    KERNELS[f"grid_sampler_{n - 2}d"].refuse(input._data)
    if input._data.dtype is not grid._data.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {grid.dtype.scalar_name}")


def _applied(input: Any, grid: Any, mode: str, padding: str, align: Any) -> Any:
    if mode == "bicubic" and input._data.ndim != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    return apply(rows[input._data.ndim - 2], (input, grid), {"mode": mode, "padding_mode": padding, "align_corners": bool(align)})


def _publish_sampler(name: str, dimensions: int) -> None:
    def grid_sampler(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
        _must_sample(input, grid, dimensions)
        modes, paddings = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
        return _applied(input, grid, modes[interpolation_mode], paddings[padding_mode], align_corners)

    export("torch", name)(grid_sampler)


for _name, _dimensions in (("grid_sampler", 0), ("grid_sampler_2d", 4), ("grid_sampler_3d", 5)):
    _publish_sampler(_name, _dimensions)


@export("functional")
def affine_grid(theta: Any, size: Any, align_corners: Any = None) -> Any:
    """The grid of an affine map, for grid_sample."""
    if align_corners is None:
        warn(_CORNERS)
    n = len(size) - 2
    if theta._data.dtype.kind not in "fV":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if n not in (2, 3):
        raise NotImplementedError(
            f"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}."
        )
    if theta._data.ndim != 3 or theta._data.shape[1:] != (n, n + 1):
        raise ValueError(f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {size}. Got {theta.shape}.")
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    axes = [np.linspace(-1, 1, s) if align_corners else (np.arange(s) * 2 + 1) / s - 1 for s in size[2:]]
    mesh = np.meshgrid(*axes, indexing="ij")
    base = np.stack([*mesh[::-1], np.ones(mesh[0].shape)], -1).reshape(1, -1, n + 1).astype(theta._data.dtype)
    if theta._data.shape[0] != size[0]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{size[0]}, {n + 1}] but got: [{theta._data.shape[0]}, {n + 1}]."
        )
    return (Tensor._of(np.broadcast_to(base, (size[0], *base.shape[1:])).copy()) @ theta.transpose(1, 2)).reshape(size[0], *size[2:], n)

"""Pooling: average, maximum, and adaptive; the first maximum of a window gets the gradient, as in PyTorch."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows, mixed_along
from ...arrays.channels_last import are_pictures, as_pictures, keeping_pictures
from ...arrays.windows import surrounded
from ...errors import sizes
from ...graph.saved import track
from ...half.bfloat16 import readable
from ...naming.namespace import export
from ...op import Op, apply
from ..indexing.index import index as index_row
from ..indexing.index import index_add_into
from . import window_checks
from .conv import Ints, padded, tuple_of, windows


def out_size(n: int, kernel: int, stride: int, pad: int, dilation: int, ceil: bool) -> int:
    """How many windows fit (torch pooling_output_shape)."""
    room = n + 2 * pad - dilation * (kernel - 1) - 1
    out = (math.ceil(room / stride) if ceil else room // stride) + 1
    if ceil and (out - 1) * stride >= n + pad:
        out -= 1
    return out


def _grown(x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool, value: float) -> tuple[Any, Ints]:
    """Padded so that all windows lie inside."""
    n = len(kernel)
    outs = tuple(out_size(x.shape[2 + k], kernel[k], stride[k], padding[k], dilation[k], ceil) for k in range(n))
    more = [max(0, (outs[k] - 1) * stride[k] + dilation[k] * (kernel[k] - 1) + 1 - x.shape[2 + k] - padding[k]) for k in range(n)]
    widths = [(0, 0), (0, 0), *((padding[k], max(more[k], 0)) for k in range(n))]
    return (surrounded(x, widths, value) if any(a or b for a, b in widths) else x), outs


def _max_places(x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    """Flat place (within the spatial plane of x) of each window's first maximum."""
    n = len(kernel)
    low = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    xp, outs = _grown(x, kernel, stride, padding, dilation, ceil, low)
    view = windows(xp, kernel, stride, dilation)[(slice(None), slice(None), *(slice(o) for o in outs))]
    best = _greatest(view.reshape(*view.shape[: 2 + n], math.prod(kernel)))
    start, inside = _window_places(x.shape[2:], kernel, stride, padding, dilation, outs)
    return start + inside[best]


def _greatest(windows: Any) -> Any:
    """The place of each window's maximum, the first one; of its last nan, where it has any."""
    best = windows.argmax(-1)
    if windows.dtype.kind == "f" and windows.size and np.isnan(windows.min()):
        nans = np.isnan(windows)
        best = np.where(nans.any(-1), windows.shape[-1] - 1 - nans[..., ::-1].argmax(-1), best)
    return best


@functools.lru_cache(maxsize=64)
def _window_places(size: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, outs: Ints) -> tuple[Any, Any]:
    """Flat places (within a spatial plane) of where each window begins, which may lie outside, and of its elements from there on."""
    start: Any = np.zeros((), np.int64)
    inside: Any = np.zeros((), np.int64)
    for k, length in enumerate(size):
        start = start[..., None] * length + (np.arange(outs[k]) * stride[k] - padding[k])
        inside = inside[..., None] * length + np.arange(kernel[k]) * dilation[k]
    return start, inside.reshape(-1)


def _key(x_shape: Any, places: Any) -> tuple[Any, ...]:
    return (*_planes(*x_shape[:2], places.ndim - 2), places)


@functools.lru_cache(maxsize=64)
def _planes(n: int, c: int, dims: int) -> tuple[Any, Any]:
    grid = (1,) * dims
    return np.arange(n).reshape(-1, 1, *grid), np.arange(c).reshape(1, -1, *grid)


def _lifted(x: Any, n: int) -> Any:
    """With a batch of one, where there is none."""
    return x if x.ndim == n + 2 else x.reshape(1, *x.shape)


def _max_forward(x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    if x.ndim == len(kernel) + 1:
        values, places = _max_forward(x[None], kernel, stride, padding, dilation, ceil)
        return values[0], places[0]
    places = _max_places(x, kernel, stride, padding, dilation, ceil)
    flat = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    return flat[_key(x.shape, places)], places


def _max_vjp(g: Any, x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    first = g[0] if isinstance(g, list) else g
    data = x if isinstance(x, np.ndarray) else readable(x._data)
    batch = _lifted(data, len(kernel))
    places = _max_places(batch, kernel, stride, padding, dilation, ceil)
    shape = (*batch.shape[:2], math.prod(batch.shape[2:]))
    return index_add_into(first.reshape(places.shape), shape=shape, key=_key(shape, places)).reshape(tuple(data.shape))


_FM = (r"\bar{x}[\mathrm{argmax}] \mathrel{+}= \bar{z}",)
max_rows = {
    n: Op(
        f"max_pool{n}d_with_indices",
        keeping_pictures(_max_forward),
        vjps=(_max_vjp,),
        nondiff=(1,),
        formulas=_FM,
        grad_fn=f"MaxPool{n}DWithIndicesBackward0",
    )
    for n in (2, 3)
}


def _tiles(x: Any, kernel: Ints) -> list[Any]:
    """The elements at each place of windows that stand side by side, in the order of the places."""
    (kh, kw), (h, w) = kernel, (x.shape[-2] // kernel[0], x.shape[-1] // kernel[1])
    return [x[..., i : h * kh : kh, j : w * kw : kw] for i in range(kh) for j in range(kw)]


def _tiles_max(x: Any, kernel: Ints) -> Any:
    (kh, kw), (h, w) = kernel, (x.shape[-2] // kernel[0], x.shape[-1] // kernel[1])
    rows = x[..., 0 : h * kh : kh, :]
    for i in range(1, kh):
        rows = np.maximum(rows, x[..., i : h * kh : kh, :])
    best = rows[..., 0 : w * kw : kw]
    for j in range(1, kw):
        best = np.maximum(best, rows[..., j : w * kw : kw])
    best = np.array(best) if kw == 1 else best
    return best if x.flags.c_contiguous else as_pictures(in_rows(best), are_pictures(x))


def _tiles_vjp(g: Any, x: Any, kernel: Ints) -> Any:
    """The maxima are taken again: a relu may have been written over them, as PyTorch, which keeps their places, lets it."""
    result = _tiles_max(x, kernel) if isinstance(g, np.ndarray) and g.size else None
    if result is None or np.isnan(result.min()):  # a minimum is nan where one of them is
        return _max_vjp(g, x, kernel, kernel, (0, 0), (1, 1), False)
    out = np.zeros(x.shape, g.dtype)
    finite = np.isfinite(g.min()) and np.isfinite(g.max())
    tiles = _tiles(x, kernel)
    waiting: Any = None  # the windows whose maximum was not met yet
    for k, (seen, into) in enumerate(zip(tiles, _tiles(out, kernel), strict=True), 1):
        if k == len(tiles) and waiting is not None:
            first = waiting  # it can be nowhere else
        else:
            first = seen == result
            if waiting is None:
                waiting = ~first
            else:
                first &= waiting
                waiting ^= first
        if finite:
            np.multiply(g, first, out=into)  # six times as fast as a copy of the chosen ones
        else:
            np.copyto(into, g, where=first)
    out += 0.0  # a negative number times False is -0.0
    return out


# windows that stand side by side, as they mostly do: the maximum of strided slices (benchmark row `engine/W6`)
max_tiles = Op(
    "max_pool2d_with_indices", _tiles_max, vjps=(_tiles_vjp,), formulas=_FM, grad_fn="MaxPool2DWithIndicesBackward0",
)  # fmt: skip


@functools.lru_cache(maxsize=64)
def _avg_weights(
    size: Ints, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any, outs: Ints, dtype: Any
) -> Any:
    """By what each window is divided: an array, or one number for all of them."""
    total: Any = np.ones((), np.float64)
    for k, out in enumerate(outs):
        start = np.arange(out) * stride[k] - padding[k]
        stop = np.minimum(start + kernel[k], size[k] + padding[k])
        span = stop - start if include else np.minimum(stop, size[k]) - np.maximum(start, 0)
        total = total[..., None] * span
    if divisor is not None:
        total = np.full(outs, float(divisor))
    one = total.size and (total == total.flat[0]).all()
    return np.asarray(total.flat[0] if one else total, dtype)


_FEW = 16  # elements of a window up to which its places are added for all windows at once


def _avg_forward(x: Any, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any) -> Any:
    n = len(kernel)
    if x.ndim == n + 1:
        return _avg_forward(x.reshape(1, *x.shape), kernel, stride, padding, ceil, include, divisor)[0]
    xp, outs = _grown(x, kernel, stride, padding, (1,) * n, ceil, 0.0)
    if math.prod(kernel) <= _FEW and xp.dtype.kind == "f":  # one after the other, as PyTorch adds them
        total: Any = 0
        for place in np.ndindex(*kernel):
            at = tuple([slice(place[k], place[k] + stride[k] * (outs[k] - 1) + 1, stride[k]) for k in range(n)])
            total = total + xp[(Ellipsis, *at)]
        total = in_rows(total)
    else:
        view = windows(xp, kernel, stride, (1,) * n)[(slice(None), slice(None), *(slice(o) for o in outs))]
        total = in_rows(view.sum(axis=tuple(range(2 + n, 2 + 2 * n))))
    return (total / _avg_weights(x.shape[2:], kernel, stride, padding, ceil, include, divisor, outs, x.dtype)).astype(x.dtype, copy=False)


def _avg_back(g: Any, size: Ints, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any) -> Any:
    n = len(kernel)
    outs = g.shape[-n:]
    share = g / _avg_weights(size, kernel, stride, padding, ceil, include, divisor, outs, g.dtype)
    if stride == kernel and not any(padding) and not ceil:  # windows side by side
        tiled = np.zeros((*g.shape[:-n], *size), g.dtype)
        steps = tuple(value for k in range(n) for value in (tiled.strides[k - n] * kernel[k], tiled.strides[k - n]))
        shape = tuple(value for k in range(n) for value in (outs[k], kernel[k]))
        np.ndarray((*g.shape[:-n], *shape), g.dtype, tiled, 0, (*tiled.strides[:-n], *steps))[...] = share.reshape(
            *g.shape[:-n], *(value for out in outs for value in (out, 1))
        )
        return tiled
    full = tuple(max(size[k] + 2 * padding[k], (outs[k] - 1) * stride[k] + kernel[k]) for k in range(n))
    out: Any = np.zeros((*g.shape[:-n], *full), g.dtype)
    for place in np.ndindex(*kernel):
        where = tuple(slice(place[k], place[k] + stride[k] * outs[k], stride[k]) for k in range(n))
        out[(Ellipsis, *where)] += share
    return np.ascontiguousarray(out[(Ellipsis, *(slice(padding[k], padding[k] + size[k]) for k in range(n)))])


_FA = (r"\bar{x} = \frac{1}{k}\textstyle\sum \bar{z}",)
avg_rows = {
    n: Op(
        f"avg_pool{n}d", keeping_pictures(_avg_forward) if n == 2 else _avg_forward, grad_fn=f"AvgPool{n}DBackward0", formulas=_FA,
        vjps=(lambda g, x, kernel, stride, padding, ceil, include, divisor: avg_back(
            g, size=tuple(x.shape[-len(kernel):]), kernel=kernel, stride=stride, padding=padding, ceil=ceil, include=include, divisor=divisor),),
    )
    for n in (2, 3)
}  # fmt: skip
avg_back = Op(
    "avg_pool_backward", _avg_back, formulas=_FA,
    vjps=(lambda g, kernel, stride, padding, ceil, include, divisor: avg_rows[len(kernel)](
        g, kernel=kernel, stride=stride, padding=padding, ceil=ceil, include=include, divisor=divisor),),
)  # fmt: skip


def _flat(kind: Any, n: int) -> tuple[Any, Any, Any]:
    """In how many dimensions PyTorch does it (one in two), and the ways there and back."""
    if n > 1:
        return kind[n], lambda x: x, lambda x: x
    return kind[2], lambda x: x.unsqueeze(-2), lambda x: x.squeeze(-2)


_LINE: tuple[Ints, ...] = ((1,), (1,), (0,), (1,))  # kernel, stride, padding and dilation across a line that is pooled as a plane


def _max_public(n: int) -> None:
    def function(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        kernel = tuple_of(kernel_size, n)
        pad = tuple_of(padding, n)
        step = kernel if stride in (None, [], ()) else tuple_of(stride, n)
        gap, shape = tuple_of(dilation, n), input._data.shape
        window_checks.lengths(f"max_pool{n}d", n, return_indices, kernel_size=kernel, stride=step, padding=pad, dilation=gap)

        def outs() -> list[int]:
            return [out_size(shape[len(shape) - n + k], kernel[k], step[k], pad[k], gap[k], ceil_mode) for k in range(n)]

        if n == 1 and not return_indices:
            window_checks.max_pool_1d(shape, kernel, step, pad, gap, outs)
        else:
            window_checks.pool("max", shape, kernel, step, pad, gap, outs)
        row, there, back = _flat(max_rows, n)
        if (
            n < 3
            and not (return_indices or ceil_mode or any(pad))
            and step == kernel
            and all(each == 1 for each in gap)
            and all(size >= k for size, k in zip(shape[-n:], kernel, strict=True))
        ):
            return back(apply(max_tiles, (there(input),), {"kernel": (1, *kernel) if n == 1 else kernel}))
        kernel, step, pad, gap = (line + given if n == 1 else given for line, given in zip(_LINE, (kernel, step, pad, gap), strict=True))
        params = {"kernel": kernel, "stride": step, "padding": pad, "dilation": gap, "ceil": ceil_mode}
        values, places = apply(row, (there(input),), params)
        return (back(values), back(places)) if return_indices else back(values)

    export("functional torch", f"max_pool{n}d")(function)
    export("functional", f"max_pool{n}d_with_indices")(lambda *a, **k: function(*a, **{**k, "return_indices": True}))

    def average(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Any:  # fmt: skip
        kernel = tuple_of(kernel_size, n)
        pad = tuple_of(padding, n)
        step = kernel if stride in (None, [], ()) else tuple_of(stride, n)
        window_checks.lengths(f"avg_pool{n}d", n, False, kernel_size=kernel, stride=step, padding=pad)
        shape = input._data.shape
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        if n == 1:
            window_checks.one_dimension("avg_pool1d", shape)
        window_checks.pool(
            "avg", shape, kernel, step, pad, (1,) * n,
            lambda: [out_size(shape[len(shape) - n + k], kernel[k], step[k], pad[k], 1, ceil_mode) for k in range(n)],
        )  # fmt: skip
        row, there, back = _flat(avg_rows, n)
        kernel, step, pad = (line + given if n == 1 else given for line, given in zip(_LINE, (kernel, step, pad), strict=False))
        params = {
            "kernel": kernel, "stride": step, "padding": pad, "ceil": ceil_mode,
            "include": count_include_pad, "divisor": divisor_override,
        }  # fmt: skip
        return back(apply(row, (there(input),), params))

    export("functional torch" if n == 1 else "functional", f"avg_pool{n}d")(average)

    def power_average(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
        """The p-norm of each window: its greatest magnitude, where p is infinite."""
        if isinstance(norm_type, (int, float)) and math.isinf(norm_type):
            sign = 1 if norm_type > 0 else -1
            return function(input.abs() * sign, kernel_size, stride, 0, 1, ceil_mode) * sign
        out = average(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
        return (out.sign() * out.abs().relu()).mul(math.prod(tuple_of(kernel_size, n))).pow(1.0 / norm_type)

    export("functional", f"lp_pool{n}d")(power_average)


for _n in (1, 2, 3):
    _max_public(_n)


# -- adaptive: windows that differ in size -----------------------------------------------------------------


def _edges(n: int, out: int) -> list[tuple[int, int]]:
    return [(k * n // out, -(-(k + 1) * n // out)) for k in range(out)]


@functools.lru_cache(maxsize=64)
def _averaging(n: int, out: int, dtype: Any) -> Any:
    m = np.zeros((out, n), dtype)
    for k, (a, b) in enumerate(_edges(n, out)):
        m[k, a:b] = 1 / (b - a)
    return m


def _adaptive_avg(x: Any, out: Ints) -> Any:
    for k, o in enumerate(out):
        axis = x.ndim - len(out) + k
        x = mixed_along(x, _averaging(x.shape[axis], o, x.dtype), axis)
    return np.ascontiguousarray(x)


def _adaptive_back(g: Any, size: Ints) -> Any:
    for k, n in enumerate(size):
        axis = g.ndim - len(size) + k
        g = mixed_along(g, _averaging(n, g.shape[axis], g.dtype).T, axis)
    return np.ascontiguousarray(g)


adaptive_avg = {
    n: Op(
        "adaptive_avg_pool", keeping_pictures(_adaptive_avg) if n == 2 else _adaptive_avg, grad_fn=f"AdaptiveAvgPool{n}DBackward0", formulas=_FA,
        vjps=(lambda g, x, out: adaptive_back(g, size=tuple(x.shape[-len(out):])),),
    )
    for n in (2, 3)
}  # fmt: skip
adaptive_back = Op(
    "adaptive_avg_pool_backward",
    _adaptive_back,
    vjps=(lambda g, x_shape, size: adaptive_avg[len(size)](g, out=tuple(x_shape[-len(size) :])),),
    formulas=_FA,
)


def _wanted(output_size: Any, shape: Any, n: int) -> Ints:
    given = (output_size,) * n if isinstance(output_size, int) or output_size is None else tuple(output_size)
    return tuple(shape[-n + k] if o is None else int(o) for k, o in enumerate(given))


@functools.lru_cache(maxsize=64)
def _cells(size: Ints, out: Ints) -> Any:
    """(cells, elements) flat places of what each cell sees; a smaller one sees its last element again."""
    spans = [_edges(s, o) for s, o in zip(size, out, strict=True)]
    plane = np.arange(math.prod(size)).reshape(size)
    seen = [plane[tuple(slice(*spans[k][at]) for k, at in enumerate(cell))].reshape(-1) for cell in np.ndindex(*out)]
    most = max(map(len, seen), default=1)
    return np.array([[*each, *[each[-1]] * (most - len(each))] for each in seen], np.int64).reshape(-1, most)


def _adaptive_max_places(x: Any, out: Ints) -> Any:
    n = len(out)
    cells = _cells(x.shape[-n:], out)
    best = _greatest(x.reshape(*x.shape[:-n], math.prod(x.shape[-n:]))[..., cells])
    return cells[np.arange(len(cells)), best].reshape(*x.shape[:-n], *out)


def _adaptive_max(x: Any, out: Ints) -> Any:
    if x.ndim == len(out) + 1:
        values, places = _adaptive_max(x[None], out)
        return values[0], places[0]
    places = _adaptive_max_places(x, out)
    flat = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    return flat[_key(x.shape, places)], places


def _adaptive_max_vjp(g: Any, x: Any, out: Ints) -> Any:
    first = g[0] if isinstance(g, list) else g
    data = x if isinstance(x, np.ndarray) else x._data
    batch = _lifted(data, len(out))
    shape, places = (*batch.shape[:2], math.prod(batch.shape[2:])), _adaptive_max_places(batch, out)
    return index_add_into(first.reshape(places.shape), shape=shape, key=_key(shape, places)).reshape(tuple(data.shape))


adaptive_max = {
    n: Op(
        "adaptive_max_pool",
        keeping_pictures(_adaptive_max),
        vjps=(_adaptive_max_vjp,),
        nondiff=(1,),
        formulas=_FM,
        grad_fn=f"AdaptiveMaxPool{n}DBackward0",
    )
    for n in (2, 3)
}


def _adaptive_public(n: int) -> None:
    def average(input: Any, output_size: Any) -> Any:
        window_checks.adaptive("avg", n, input._data.shape, output_size)
        row, there, back = _flat(adaptive_avg, n)
        out = _wanted(output_size, input._data.shape, n)
        if all(size == 1 for size in out):  # PyTorch takes the mean then
            return back(there(input).mean(tuple(range(-max(n, 2), 0)), keepdim=True))
        return back(apply(row, (there(input),), {"out": (1, *out) if n == 1 else out}))

    def maximum(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        window_checks.adaptive("max", n, input._data.shape, output_size)
        row, there, back = _flat(adaptive_max, n)
        out = _wanted(output_size, input._data.shape, n)
        values, places = apply(row, (there(input),), {"out": (1, *out) if n == 1 else out})
        return (back(values), back(places)) if return_indices else back(values)

    export("functional" if n > 1 else "functional torch", f"adaptive_avg_pool{n}d")(average)
    export("functional" if n > 1 else "functional torch", f"adaptive_max_pool{n}d")(maximum)


for _n in (1, 2, 3):
    _adaptive_public(_n)


# -- back to where the maxima stood --------------------------------------------------------------------------


def _unpool(x: Any, places: Any, out: Ints) -> Any:
    if x.ndim == len(out) + 1:
        return _unpool(x[None], places[None], out)[0]
    flat = np.zeros((*x.shape[:2], math.prod(out)), x.dtype)
    flat[_key(flat.shape, places)] = x
    return flat.reshape(*x.shape[:2], *out)


def _unpool_vjp(g: Any, places: Any, out: Ints) -> Any:
    shape = (*_lifted(g, len(out)).shape[:2], math.prod(out))
    return index_row(g.reshape(shape), key=_key(shape, _lifted(places, len(out)))).reshape(places.shape)


unpool_rows = {
    n: Op(
        f"max_unpool{n}d",
        keeping_pictures(_unpool),
        grad_fn=f"MaxUnpool{n}DBackward0",
        frees="places",
        formulas=(r"\bar{x} = \bar{z}[i]",),
        vjps=(_unpool_vjp,),
    )
    for n in (2, 3)
}


def _unpool_public(n: int) -> None:
    def function(input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Any:
        kernel, pad = tuple_of(kernel_size, n), tuple_of(padding, n)
        step = kernel if stride in (None, [], ()) else tuple_of(stride, n)
        have, plane = input._data.shape, max(n, 2)
        if len(have) < n:
            raise IndexError("tuple index out of range")
        usual = [(have[len(have) - n + k] - 1) * step[k] + kernel[k] - 2 * pad[k] for k in range(n)]
        out = usual
        if output_size is not None:
            out = output_size[2:] if len(output_size) == n + 2 else output_size
            if len(out) != n:
                raise ValueError(
                    f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of '{len(output_size)}'"
                )
            for k in range(n):
                if not usual[k] - step[k] < out[k] < usual[k] + step[k]:
                    raise ValueError(f'invalid output_size "{out}" (dim {k} must be between {usual[k] - step[k]} and {usual[k] + step[k]})')
        for k, size in enumerate(out):
            if size < 0:
                raise ValueError(
                    f"max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[{k}]={size}"
                )
        if indices._data.dtype != np.int64:
            raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
        dims = input._data.ndim + (n == 1)
        if dims not in (plane + 1, plane + 2):
            raise RuntimeError(
                f"Input to max_unpooling{plane}d should be a {plane + 1}d or {plane + 2}d Tensor, but got a tensor with {dims} dimensions."
            )
        flat = (1,) if n == 1 else ()  # PyTorch does one dimension in two
        if indices._data.shape != have:
            raise RuntimeError(
                f"Expected shape of indices to be same as that of the input tensor ({sizes(have + flat)}) but got indices tensor with shape: {sizes(indices._data.shape + flat)}"
            )
        bad = indices._data[(indices._data < 0) | (indices._data >= math.prod(out))]
        if bad.size:
            raise RuntimeError(f"Found an invalid max index: {bad.flat[0]} (output volumes are of size {'x'.join(map(str, out))})")
        if n > 1:
            return track(apply(unpool_rows[n], (input,), {"places": indices._data, "out": tuple(out)}), indices)
        indices = indices.unsqueeze(-1)
        params = {"places": indices._data, "out": (*out, 1)}
        return track(apply(unpool_rows[2], (input.unsqueeze(-1),), params), indices).squeeze(-1)

    export("functional", f"max_unpool{n}d")(function)


for _n in (1, 2, 3):
    _unpool_public(_n)
__all__ = ["index_row", "padded"]

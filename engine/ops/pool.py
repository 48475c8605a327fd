"""Pooling: average, maximum, and adaptive; the first maximum of a window gets the gradient, as in PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import sizes
from ..namespace import export
from ..op import Op, apply
from . import window_checks
from .conv import Ints, padded, tuple_of, windows
from .index import index as index_row
from .index import index_add_into


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
    return (np.pad(x, widths, constant_values=value) if any(a or b for a, b in widths) else x), outs


def _max_places(x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    """Flat place (within the spatial plane of x) of each window's first maximum."""
    n = len(kernel)
    low = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    xp, outs = _grown(x, kernel, stride, padding, dilation, ceil, low)
    view = windows(xp, kernel, stride, dilation)[(slice(None), slice(None), *(slice(o) for o in outs))]
    flat = view.reshape(*view.shape[: 2 + n], -1)
    best = np.argmax(np.where(np.isnan(flat), np.inf, flat) if x.dtype.kind == "f" else flat, axis=-1)
    inside = np.unravel_index(best, kernel)
    place = np.zeros(best.shape, np.int64)
    for k in range(n):
        start = np.arange(outs[k]).reshape((-1,) + (1,) * (n - 1 - k)) * stride[k] - padding[k]
        place = place * x.shape[2 + k] + start + inside[k] * dilation[k]
    return place


def _key(x_shape: Any, places: Any) -> tuple[Any, ...]:
    n, c = x_shape[:2]
    grid = (1,) * (places.ndim - 2)
    return (np.arange(n).reshape(-1, 1, *grid), np.arange(c).reshape(1, -1, *grid), places)


def _max_forward(x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    places = _max_places(x, kernel, stride, padding, dilation, ceil)
    flat = x.reshape(*x.shape[:2], -1)
    return flat[_key(x.shape, places)], places


def _max_vjp(g: Any, x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil: bool) -> Any:
    first = g[0] if isinstance(g, list) else g
    data = x if isinstance(x, np.ndarray) else x._data
    places = _max_places(data, kernel, stride, padding, dilation, ceil)
    shape = (*data.shape[:2], math.prod(data.shape[2:]))
    return index_add_into(first, shape=shape, key=_key(shape, places)).reshape(tuple(data.shape))


_FM = (r"\bar{x}[\mathrm{argmax}] \mathrel{+}= \bar{z}",)
max_rows = {
    n: Op(
        f"max_pool{n}d_with_indices", _max_forward, vjps=(_max_vjp,), nondiff=(1,), formulas=_FM, grad_fn=f"MaxPool{n}DWithIndicesBackward0"
    )
    for n in (1, 2, 3)
}


def _tiles(x: Any, kernel: Ints) -> list[Any]:
    """The elements at each place of windows that stand side by side, in the order of the places."""
    (kh, kw), (h, w) = kernel, (x.shape[2] // kernel[0], x.shape[3] // kernel[1])
    return [x[:, :, i : h * kh : kh, j : w * kw : kw] for i in range(kh) for j in range(kw)]


def _tiles_max(x: Any, kernel: Ints) -> Any:
    (kh, kw), (h, w) = kernel, (x.shape[2] // kernel[0], x.shape[3] // kernel[1])
    rows = x[:, :, 0 : h * kh : kh]
    for i in range(1, kh):
        rows = np.maximum(rows, x[:, :, i : h * kh : kh])
    best = rows[..., 0 : w * kw : kw]
    for j in range(1, kw):
        best = np.maximum(best, rows[..., j : w * kw : kw])
    return np.array(best) if kw == 1 else best


def _tiles_vjp(g: Any, x: Any, result: Any, kernel: Ints) -> Any:
    if not isinstance(g, np.ndarray) or np.isnan(result).any():
        return _max_vjp(g, x, kernel, kernel, (0, 0), (1, 1), False)
    out = np.zeros(x.shape, g.dtype)
    done: Any = None
    for seen, into in zip(_tiles(x, kernel), _tiles(out, kernel), strict=True):
        first = seen == result
        if done is None:
            done = first.copy()
        else:
            first &= ~done
            done |= first
        np.multiply(g, first, out=into)
    out += 0.0  # a negative number times False is -0.0
    return out


# windows that stand side by side, as they mostly do: the maximum of strided slices (benchmark row `engine/W6`)
max_tiles = Op(
    "max_pool2d_with_indices", _tiles_max, vjps=(_tiles_vjp,), formulas=_FM, grad_fn="MaxPool2DWithIndicesBackward0",
)  # fmt: skip


def _avg_weights(size: Ints, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any, outs: Ints) -> Any:
    """By what each window is divided."""
    total: Any = np.ones((), np.float64)
    for k, out in enumerate(outs):
        start = np.arange(out) * stride[k] - padding[k]
        stop = np.minimum(start + kernel[k], size[k] + padding[k])
        span = stop - start if include else np.minimum(stop, size[k]) - np.maximum(start, 0)
        total = total[..., None] * span
    return np.full(outs, float(divisor)) if divisor is not None else total


def _avg_forward(x: Any, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any) -> Any:
    n = len(kernel)
    xp, outs = _grown(x, kernel, stride, padding, (1,) * n, ceil, 0.0)
    view = windows(xp, kernel, stride, (1,) * n)[(slice(None), slice(None), *(slice(o) for o in outs))]
    total = view.sum(axis=tuple(range(2 + n, 2 + 2 * n)))
    return (total / _avg_weights(x.shape[2:], kernel, stride, padding, ceil, include, divisor, outs).astype(x.dtype)).astype(x.dtype)


def _avg_back(g: Any, size: Ints, kernel: Ints, stride: Ints, padding: Ints, ceil: bool, include: bool, divisor: Any) -> Any:
    n = len(kernel)
    outs = g.shape[2:]
    share = g / _avg_weights(size, kernel, stride, padding, ceil, include, divisor, outs).astype(g.dtype)
    full = tuple(max(size[k] + 2 * padding[k], (outs[k] - 1) * stride[k] + kernel[k]) for k in range(n))
    out = np.zeros((*g.shape[:2], *full), g.dtype)
    for place in np.ndindex(*kernel):
        where = tuple(slice(place[k], place[k] + stride[k] * outs[k], stride[k]) for k in range(n))
        out[(slice(None), slice(None), *where)] += share
    return np.ascontiguousarray(out[(slice(None), slice(None), *(slice(padding[k], padding[k] + size[k]) for k in range(n)))])


_FA = (r"\bar{x} = \frac{1}{k}\textstyle\sum \bar{z}",)
avg_rows = {
    n: Op(
        f"avg_pool{n}d", _avg_forward, grad_fn=f"AvgPool{n}DBackward0", formulas=_FA,
        vjps=(lambda g, x_shape, kernel, stride, padding, ceil, include, divisor: avg_back(
            g, size=tuple(x_shape[2:]), kernel=kernel, stride=stride, padding=padding, ceil=ceil, include=include, divisor=divisor),),
    )
    for n in (1, 2, 3)
}  # fmt: skip
avg_back = Op(
    "avg_pool_backward", _avg_back, formulas=_FA,
    vjps=(lambda g, kernel, stride, padding, ceil, include, divisor: avg_rows[len(kernel)](
        g, kernel=kernel, stride=stride, padding=padding, ceil=ceil, include=include, divisor=divisor),),
)  # fmt: skip


def _batched(input: Any, n: int) -> tuple[Any, bool]:
    return (input, True) if input._data.ndim == n + 2 else (input.unsqueeze(0), False)


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

        def outs() -> list[int]:
            return [out_size(shape[len(shape) - n + k], kernel[k], step[k], pad[k], gap[k], ceil_mode) for k in range(n)]

        if n == 1 and not return_indices:
            window_checks.max_pool_1d(shape, kernel, step, pad, gap, outs)
        else:
            window_checks.pool("max", shape, kernel, step, pad, gap, outs)
        x, batched = _batched(input, n)
        params = {
            "kernel": kernel, "stride": kernel if stride in (None, [], ()) else tuple_of(stride, n), "padding": pad, "dilation": tuple_of(dilation, n),
            "ceil": ceil_mode,
        }  # fmt: skip
        if (
            n == 2
            and not (return_indices or ceil_mode or any(pad))
            and params["stride"] == kernel
            and params["dilation"] == (1, 1)
            and all(size >= k for size, k in zip(x._data.shape[2:], kernel, strict=True))
        ):
            values = apply(max_tiles, (x,), {"kernel": kernel})
            return values if batched else values.squeeze(0)
        values, places = apply(max_rows[n], (x,), params)
        if not batched:
            values, places = values.squeeze(0), places.squeeze(0)
        return (values, places) if return_indices else values

    export("functional torch", f"max_pool{n}d")(function)
    export("functional", f"max_pool{n}d_with_indices")(lambda *a, **k: function(*a, **{**k, "return_indices": True}))

    def average(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Any:  # fmt: skip
        kernel = tuple_of(kernel_size, n)
        pad = tuple_of(padding, n)
        step = kernel if stride in (None, [], ()) else tuple_of(stride, n)
        shape = input._data.shape
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        window_checks.pool(
            "avg", shape, kernel, step, pad, (1,) * n,
            lambda: [out_size(shape[len(shape) - n + k], kernel[k], step[k], pad[k], 1, ceil_mode) for k in range(n)],
        )  # fmt: skip
        x, batched = _batched(input, n)
        params = {
            "kernel": kernel, "stride": step, "padding": pad, "ceil": ceil_mode,
            "include": count_include_pad, "divisor": divisor_override,
        }  # fmt: skip
        out = apply(avg_rows[n], (x,), params)
        return out if batched else out.squeeze(0)

    export("functional torch" if n == 1 else "functional", f"avg_pool{n}d")(average)


for _n in (1, 2, 3):
    _max_public(_n)


# -- adaptive: windows that differ in size -----------------------------------------------------------------


def _edges(n: int, out: int) -> list[tuple[int, int]]:
    return [(k * n // out, -(-(k + 1) * n // out)) for k in range(out)]


def _averaging(n: int, out: int, dtype: Any) -> Any:
    m = np.zeros((out, n), dtype)
    for k, (a, b) in enumerate(_edges(n, out)):
        m[k, a:b] = 1 / (b - a)
    return m


def _adaptive_avg(x: Any, out: Ints) -> Any:
    for k, o in enumerate(out):
        axis = x.ndim - len(out) + k
        x = np.moveaxis(np.tensordot(x, _averaging(x.shape[axis], o, x.dtype), (axis, 1)), -1, axis)
    return np.ascontiguousarray(x)


def _adaptive_back(g: Any, size: Ints) -> Any:
    for k, n in enumerate(size):
        axis = g.ndim - len(size) + k
        g = np.moveaxis(np.tensordot(g, _averaging(n, g.shape[axis], g.dtype), (axis, 0)), -1, axis)
    return np.ascontiguousarray(g)


adaptive_avg = Op(
    "adaptive_avg_pool", _adaptive_avg, grad_fn="AdaptiveAvgPool2DBackward0", formulas=_FA,
    vjps=(lambda g, x_shape, out: adaptive_back(g, size=tuple(x_shape[-len(out):])),),
)  # fmt: skip
adaptive_back = Op(
    "adaptive_avg_pool_backward",
    _adaptive_back,
    vjps=(lambda g, node, size: adaptive_avg(g, out=tuple(node.shapes[0][0][-len(size) :])),),
    formulas=_FA,
)


def _wanted(output_size: Any, shape: Any, n: int) -> Ints:
    given = (output_size,) * n if isinstance(output_size, int) or output_size is None else tuple(output_size)
    return tuple(shape[-n + k] if o is None else int(o) for k, o in enumerate(given))


def _adaptive_max_places(x: Any, out: Ints) -> Any:
    n = len(out)
    size = x.shape[-n:]
    places = np.zeros((*x.shape[:-n], *out), np.int64)
    spans = [_edges(s, o) for s, o in zip(size, out, strict=True)]
    for at in np.ndindex(*out):
        box = tuple(slice(*spans[k][at[k]]) for k in range(n))
        part = x[(Ellipsis, *box)]
        best = np.argmax(part.reshape(*x.shape[:-n], -1), axis=-1)
        inside = np.unravel_index(best, part.shape[-n:])
        place = np.zeros(best.shape, np.int64)
        for k in range(n):
            place = place * size[k] + inside[k] + spans[k][at[k]][0]
        places[(Ellipsis, *at)] = place
    return places


def _adaptive_max(x: Any, out: Ints) -> Any:
    places = _adaptive_max_places(x, out)
    flat = x.reshape(*x.shape[:2], -1)
    return flat[_key(x.shape, places)], places


def _adaptive_max_vjp(g: Any, x: Any, out: Ints) -> Any:
    first = g[0] if isinstance(g, list) else g
    data = x if isinstance(x, np.ndarray) else x._data
    shape = (*data.shape[:2], math.prod(data.shape[2:]))
    return index_add_into(first, shape=shape, key=_key(shape, _adaptive_max_places(data, out))).reshape(tuple(data.shape))


adaptive_max = Op(
    "adaptive_max_pool", _adaptive_max, vjps=(_adaptive_max_vjp,), nondiff=(1,), formulas=_FM, grad_fn="AdaptiveMaxPool2DBackward0"
)


def _adaptive_public(n: int) -> None:
    def average(input: Any, output_size: Any) -> Any:
        window_checks.adaptive("avg", n, input._data.shape, output_size)
        x, batched = _batched(input, n)
        out = apply(adaptive_avg, (x,), {"out": _wanted(output_size, input._data.shape, n)})
        return out if batched else out.squeeze(0)

    def maximum(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        window_checks.adaptive("max", n, input._data.shape, output_size)
        x, batched = _batched(input, n)
        values, places = apply(adaptive_max, (x,), {"out": _wanted(output_size, input._data.shape, n)})
        if not batched:
            values, places = values.squeeze(0), places.squeeze(0)
        return (values, places) if return_indices else values

    export("functional" if n > 1 else "functional torch", f"adaptive_avg_pool{n}d")(average)
    export("functional" if n > 1 else "functional torch", f"adaptive_max_pool{n}d")(maximum)


for _n in (1, 2, 3):
    _adaptive_public(_n)


# -- back to where the maxima stood --------------------------------------------------------------------------


def _unpool(x: Any, places: Any, out: Ints) -> Any:
    flat = np.zeros((*x.shape[:2], math.prod(out)), x.dtype)
    flat[_key(flat.shape, places)] = x
    return flat.reshape(*x.shape[:2], *out)


unpool_row = Op(
    "max_unpool2d", _unpool, grad_fn="MaxUnpool2DBackward0", formulas=(r"\bar{x} = \bar{z}[i]",),
    vjps=(lambda g, places, out: index_row(g.reshape(*g.shape[:2], math.prod(out)), key=_key((*g.shape[:2], math.prod(out)), places)),),
)  # fmt: skip


def _unpool_public(n: int) -> None:
    def function(input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Any:
        kernel, pad = tuple_of(kernel_size, n), tuple_of(padding, n)
        step = kernel if stride in (None, [], ()) else tuple_of(stride, n)
        have = input._data.shape
        usual = [(have[len(have) - n + k] - 1) * step[k] + kernel[k] - 2 * pad[k] for k in range(n)]
        out = usual
        if output_size is not None:
            out = list(output_size)[2:] if len(output_size) == n + 2 else list(output_size)
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
        flat = (1,) if n == 1 else ()  # PyTorch does one dimension in two
        if indices._data.shape != have:
            raise RuntimeError(
                f"Expected shape of indices to be same as that of the input tensor ({sizes(have + flat)}) but got indices tensor with shape: {sizes(indices._data.shape + flat)}"
            )
        bad = indices._data[(indices._data < 0) | (indices._data >= math.prod(out))]
        if bad.size:
            raise RuntimeError(f"Found an invalid max index: {bad.flat[0]} (output volumes are of size {'x'.join(map(str, out))}")
        x, batched = _batched(input, n)
        places = indices._data if batched else indices._data[None]
        got = apply(unpool_row, (x,), {"places": places, "out": tuple(out)})
        return got if batched else got.squeeze(0)

    export("functional", f"max_unpool{n}d")(function)


for _n in (1, 2, 3):
    _unpool_public(_n)
__all__ = ["index_row", "padded"]

"""Convolutions: one row for 1, 2 and 3 dimensions, and for the transposed ones.

Forward is im2col and one matrix product; a transposed convolution is the vjp of a convolution, and the other
way round, so that each vjp is written in the rows of this file and can be differentiated again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.channels_last import keeping_pictures
from ...arrays.windows import strided, surrounded
from ...errors import sizes
from ...modes import warn_once
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..reductions.reduce import ones
from . import columns, window_checks

Ints = tuple[int, ...]


def tuple_of(value: Any, n: int) -> Ints:
    """One number for all dimensions, or one for each."""
    if isinstance(value, int):
        return (value,) * n
    given = tuple(int(v) for v in value)
    return given * n if len(given) == 1 and n > 1 else given


def padded(x: Any, padding: Ints, value: float = 0.0) -> Any:
    """Zeros (or a value) around the last dimensions."""
    if not any(padding):
        return x
    widths = [(0, 0)] * (x.ndim - len(padding)) + [(p, p) for p in padding]
    return surrounded(x, widths, value)


def windows(x: Any, kernel: Ints, stride: Ints, dilation: Ints) -> Any:
    """(N, C, *out, *kernel) view of all places where the kernel lies."""
    n = len(kernel)
    out = tuple((x.shape[2 + k] - dilation[k] * (kernel[k] - 1) - 1) // stride[k] + 1 for k in range(n))
    s = x.strides
    shape = (*x.shape[:2], *out, *kernel)
    strides = (*s[:2], *(s[2 + k] * stride[k] for k in range(n)), *(s[2 + k] * dilation[k] for k in range(n)))
    return strided(x, shape, strides)


def _conv(x: Any, w: Any, stride: Ints, padding: Ints, dilation: Ints, groups: int, workings: Any = None) -> Any:
    n = len(stride)
    if n == 2 and groups == 1 and x.size and w.size:
        return columns.forward(x, w, stride, padding, dilation, workings)
    xp = padded(x, padding)
    view = windows(xp, w.shape[2:], stride, dilation)  # (N, C, *out, *kernel)
    batch, out = x.shape[0], view.shape[2 : 2 + n]
    per, rows = x.shape[1] // groups, w.shape[0] // groups
    parts = []
    for g in range(groups):
        part = view[:, g * per : (g + 1) * per]
        axes = (0, *range(2, 2 + n), 1, *range(2 + n, 2 + 2 * n))
        read = per * math.prod(w.shape[2:])  # said, as nothing can be told of what is left over where there is no batch
        cols = part.transpose(axes).reshape(batch * math.prod(out), read)
        kernel = w[g * rows : (g + 1) * rows].reshape(rows, read)
        parts.append(np.dot(cols, kernel.T).reshape(batch, *out, rows))
    joined = parts[0] if groups == 1 else np.concatenate(parts, -1)
    return np.ascontiguousarray(np.moveaxis(joined, -1, 1))


def _input_grad(g: Any, w: Any, size: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> Any:
    """Cotangent of the input: every output gives back to the places that it read."""
    n = len(stride)
    if n == 2 and groups == 1 and g.size and w.size:
        return columns.input_grad(g, w, size, stride, padding, dilation)
    kernel = w.shape[2:]
    channels = w.shape[1] * groups
    full = tuple(s + 2 * p for s, p in zip(size, padding, strict=True))
    out = np.zeros((g.shape[0], channels, *full), g.dtype)
    rows, per = w.shape[0] // groups, w.shape[1]
    spatial = g.shape[2:]
    for k in range(groups):
        flat = np.moveaxis(g[:, k * rows : (k + 1) * rows], 1, -1).reshape(g.shape[0] * math.prod(spatial), rows)
        cols = np.dot(flat, w[k * rows : (k + 1) * rows].reshape(rows, per * math.prod(kernel))).reshape(g.shape[0], *spatial, per, *kernel)
        for place in np.ndindex(*kernel):
            where = tuple(slice(place[d] * dilation[d], place[d] * dilation[d] + stride[d] * spatial[d], stride[d]) for d in range(n))
            piece = cols[(Ellipsis, *place)]
            out[(slice(None), slice(k * per, (k + 1) * per), *where)] += np.moveaxis(piece, -1, 1)
    inner = tuple(slice(p, p + s) for p, s in zip(padding, size, strict=True))
    return np.ascontiguousarray(out[(slice(None), slice(None), *inner)])


def _weight_grad(g: Any, x: Any, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> Any:
    n = len(stride)
    if n == 2 and groups == 1 and g.size and x.size:
        return columns.weight_grad(g, x, kernel, stride, padding, dilation)
    view = windows(padded(x, padding), kernel, stride, dilation)
    spatial = g.shape[2:]
    view = view[(slice(None), slice(None), *(slice(s) for s in spatial))]
    per, rows = x.shape[1] // groups, g.shape[1] // groups
    axes = (0, *range(2, 2 + n), 1, *range(2 + n, 2 + 2 * n))
    parts = []
    for k in range(groups):
        places = g.shape[0] * math.prod(spatial)
        cols = view[:, k * per : (k + 1) * per].transpose(axes).reshape(places, per * math.prod(kernel))
        flat = np.moveaxis(g[:, k * rows : (k + 1) * rows], 1, -1).reshape(places, rows)
        parts.append(np.dot(flat.T, cols).reshape(rows, per, *kernel))
    return parts[0] if groups == 1 else np.concatenate(parts, 0)


def _first(x: Any, shape: Ints) -> Any:
    """The part of that shape: output_padding beyond the stride has room for a further place that no input has."""
    return x if tuple(x.shape) == shape else x[tuple(slice(0, n) for n in shape)]


_F = (r"\bar{x} = \bar{z} \ast^{\mathsf{T}} w", r"\bar{w} = x \ast \bar{z}")
convolution = Op(
    "convolution", _conv, inputs=("x", "w"), formulas=_F,
    vjps=(
        lambda g, w, x_shape, stride, padding, dilation, groups: conv_input(
            g, w, size=tuple(x_shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        lambda g, x, w_shape, stride, padding, dilation, groups, workings: columns.weight_grad(
            g, x, tuple(w_shape[2:]), stride, padding, dilation, workings
        ) if workings and type(g) is np.ndarray else conv_weight(
            g, x, kernel=tuple(w_shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
    ),
)  # fmt: skip
conv_input = Op(
    "convolution_transpose", _input_grad, inputs=("x", "w"), grad_fn="ConvolutionBackward0", formulas=(_F[1], _F[0]),
    vjps=(
        lambda g, w, x_shape, stride, padding, dilation, groups: _first(
            convolution(g, w, stride=stride, padding=padding, dilation=dilation, groups=groups), tuple(x_shape)
        ),
        lambda g, x, w_shape, stride, padding, dilation, groups: conv_weight(
            x, g, kernel=tuple(w_shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
    ),
)  # fmt: skip
conv_weight = Op(
    "convolution_weight", _weight_grad, inputs=("y", "x"), grad_fn="ConvolutionBackwardBackward0", formulas=_F,
    vjps=(
        lambda g, x, y_shape, stride, padding, dilation, groups: _first(
            convolution(x, g, stride=stride, padding=padding, dilation=dilation, groups=groups), tuple(y_shape)
        ),
        lambda g, y, x_shape, stride, padding, dilation, groups: conv_input(
            y, g, size=tuple(x_shape[2:]), stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
    ),
)  # fmt: skip


def _fused(x: Any, w: Any, bias: Any, stride: Ints, padding: Ints, dilation: Ints, groups: int, workings: Any = None) -> Any:
    """`workings` keeps the columns for the vjp; only a plan asks for it, which has the memory for ever."""
    out = _conv(x, w, stride, padding, dilation, groups, workings)
    if bias is not None:
        out += bias.reshape((-1,) + (1,) * len(stride))
    return out


def _channel_sums(g: Any, n: int) -> Any:
    if isinstance(g, Tensor) or not g.size:
        return g.sum((0, *range(2, 2 + n)))
    rows = g.reshape(g.shape[0] * g.shape[1], -1)
    return np.dot(rows, ones(rows.shape[1], g.dtype)).reshape(g.shape[:2]).sum(0)  # three times as fast as a sum


conv_bias = Op(
    "convolution", keeping_pictures(_fused, 2), inputs=("x", "w", "bias"), formulas=(*_F, r"\bar{b} = \textstyle\sum \bar{z}"),
    vjps=(*convolution.vjps, lambda g, stride: _channel_sums(g, len(stride))),
)  # fmt: skip


def _fused_transpose(x: Any, w: Any, bias: Any, size: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> Any:
    out = _input_grad(x, w, size, stride, padding, dilation, groups)
    return out if bias is None else (out + bias.reshape((-1,) + (1,) * len(stride))).astype(x.dtype, copy=False)


conv_transpose_bias = Op(
    "convolution_transpose", keeping_pictures(_fused_transpose, 2), inputs=("x", "w", "bias"), grad_fn="ConvolutionBackward0",
    formulas=(_F[1], _F[0], r"\bar{b} = \textstyle\sum \bar{z}"), vjps=(*conv_input.vjps, conv_bias.vjps[2]),
)  # fmt: skip


def _same_padding(x: Any, kernel: Ints, dilation: Ints) -> tuple[Any, Ints]:
    """padding="same": what is odd goes to the right, as PyTorch pads."""
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    left = tuple(t // 2 for t in total)
    extra = [t - 2 * p for t, p in zip(total, left, strict=True)]
    if any(extra):
        from .padding import pad

        warn_once(kernel_warning("same padding"))
        widths: list[int] = []
        for e in reversed(extra):
            widths += [0, e]
        x = pad(x, widths)
    return x, left


def _conv_public(n: int) -> None:
    name = f"conv{n}d"

    def function(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
        s, d = tuple_of(stride, n), tuple_of(dilation, n)
        batched = input._data.ndim == n + 2
        if input._data.ndim not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: {sizes(input._data.shape)}"
            )
        x = input if batched else input.unsqueeze(0)
        around = (0,) * n if isinstance(padding, str) else tuple_of(padding, n)
        if not isinstance(padding, str) or padding == "valid":
            window_checks.numbers(weight, stride=s, padding=around, dilation=d)
        window_checks.convolution(n, x, weight, bias, s, around, d, groups, same=padding == "same")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise RuntimeError(f"Invalid padding string: '{padding}'")
            if padding == "same":
                if any(v != 1 for v in s):
                    raise RuntimeError("padding='same' is not supported for strided convolutions")
                x, p = _same_padding(x, weight._data.shape[2:], d)
            else:
                p = (0,) * n
        else:
            p = tuple_of(padding, n)
        kernel = tuple(dd * (k - 1) + 1 for dd, k in zip(d, weight._data.shape[2:], strict=True))
        grown = tuple(a + 2 * b for a, b in zip(x._data.shape[2:], p, strict=True))
        if any(k > g for k, g in zip(kernel, grown, strict=True)):
            raise RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, grown))}). Kernel size: ({' x '.join(map(str, kernel))}). "
                "Kernel size can't be greater than actual input size"
            )
        params = {"stride": s, "padding": p, "dilation": d, "groups": groups}
        out = apply(conv_bias, (x, weight, bias), params)
        return out if batched else out.squeeze(0)

    function.__name__ = name
    export("functional torch", name)(function)

    def transposed(
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Any:
        s, p, d, extra = tuple_of(stride, n), tuple_of(padding, n), tuple_of(dilation, n), tuple_of(output_padding, n)
        batched = input._data.ndim == n + 2
        if input._data.ndim not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to conv_transpose{n}d, but got input of size: {sizes(input._data.shape)}"
            )
        x = input if batched else input.unsqueeze(0)
        window_checks.numbers(weight, stride=s, padding=p, dilation=d)
        window_checks.convolution(n, x, weight, bias, s, p, d, groups, transposed=True)
        window_checks.output_padding(n, extra, s, d)
        size = tuple((x._data.shape[2 + k] - 1) * s[k] - 2 * p[k] + d[k] * (weight._data.shape[2 + k] - 1) + extra[k] + 1 for k in range(n))
        if 0 in x._data.shape[2:]:
            shown = (*x._data.shape[:2], *((1,) if n == 1 else ()), *x._data.shape[2:])  # PyTorch makes a picture of a line
            raise RuntimeError(f"Only zero batch or zero channel inputs are supported, but got input shape: {sizes(shown)}")
        window_checks.transposed_size(x._data.shape[2:], size, x._data.dtype)
        params = {"size": size, "stride": s, "padding": p, "dilation": d, "groups": groups}
        out = apply(conv_transpose_bias, (x, weight, bias), params)
        return out if batched else out.squeeze(0)

    export("functional torch", f"conv_transpose{n}d")(transposed)


for _n in (1, 2, 3):
    _conv_public(_n)


def _unfold(x: Any, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Any:
    view = windows(padded(x, padding), kernel, stride, dilation)
    n, c = x.shape[:2]
    return view.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kernel[0] * kernel[1], view.shape[2] * view.shape[3])


def _fold(cols: Any, size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Any:
    n = cols.shape[0]
    c = cols.shape[1] // (kernel[0] * kernel[1])
    full = tuple(s + 2 * p for s, p in zip(size, padding, strict=True))
    out_size = tuple((full[k] - dilation[k] * (kernel[k] - 1) - 1) // stride[k] + 1 for k in range(2))
    parts = cols.reshape(n, c, *kernel, *out_size)
    out = np.zeros((n, c, *full), cols.dtype)
    for a, b in np.ndindex(*kernel):
        rows = slice(a * dilation[0], a * dilation[0] + stride[0] * out_size[0], stride[0])
        columns = slice(b * dilation[1], b * dilation[1] + stride[1] * out_size[1], stride[1])
        out[:, :, rows, columns] += parts[:, :, a, b]
    return np.ascontiguousarray(out[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]])


unfold_row = Op(
    "im2col", _unfold, formulas=(r"\bar{x} = \mathrm{fold}(\bar{z})",),
    vjps=(lambda g, x_shape, kernel, dilation, padding, stride: fold_row(
        g, size=tuple(x_shape[2:]), kernel=kernel, dilation=dilation, padding=padding, stride=stride),),
)  # fmt: skip
fold_row = Op(
    "col2im", _fold, formulas=(r"\bar{x} = \mathrm{unfold}(\bar{z})",),
    vjps=(lambda g, kernel, dilation, padding, stride: unfold_row(g, kernel=kernel, dilation=dilation, padding=padding, stride=stride),),
)  # fmt: skip


@export("functional")
def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """All windows of an image as columns."""
    params = {
        "kernel": tuple_of(kernel_size, 2),
        "dilation": tuple_of(dilation, 2),
        "padding": tuple_of(padding, 2),
        "stride": tuple_of(stride, 2),
    }
    window_checks.sliding(**params)
    window_checks.unfold(input._data.shape, **params)
    batched = input._data.ndim == 4
    out = apply(unfold_row, (input if batched else input.unsqueeze(0),), params)
    return out if batched else out.squeeze(0)


@export("functional")
def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Columns added back into an image."""
    params = {
        "size": tuple_of(output_size, 2), "kernel": tuple_of(kernel_size, 2), "dilation": tuple_of(dilation, 2), "padding": tuple_of(padding, 2),
        "stride": tuple_of(stride, 2),
    }  # fmt: skip
    window_checks.sliding(**{name: given for name, given in params.items() if name != "size"})
    window_checks.fold(input._data.shape, **params)
    batched = input._data.ndim == 3
    out = apply(fold_row, (input if batched else input.unsqueeze(0),), params)
    return out if batched else out.squeeze(0)


__all__ = ["Tensor", "padded", "tuple_of", "windows"]

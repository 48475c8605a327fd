"""Convolution of images as a matrix product: all windows side by side as columns, the batch innermost.

With the batch innermost what one kernel element reads is one long run of memory for a whole row of the image,
so that the columns are filled by a few large copies (benchmark row `engine/W6`). The products go row by row of
the image: BLAS has faster kernels for small matrices.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Ints = tuple[int, ...]

_here = threading.local()
_MOST = 1 << 22  # elements of the columns at a time; a large batch goes in parts


def _parts(batch: int, columns: int) -> Iterator[slice]:
    """The batch in parts whose columns are not too many."""
    count = max(1, min(batch, _MOST // max(columns, 1)))
    for start in range(0, batch, count):
        yield slice(start, start + count)


def _innermost(x: Array, padding: Ints) -> Array:
    """(N, C, H, W) as (C, H + 2p, W + 2q, N) with zeros around."""
    n, c, h, w = x.shape
    p, q = padding
    if not p and not q:
        return np.ascontiguousarray(x.transpose(1, 2, 3, 0))
    grown = np.zeros((c, h + 2 * p, w + 2 * q, n), x.dtype)
    grown[:, p : p + h, q : q + w] = x.transpose(1, 2, 3, 0)
    return grown


def _places(kernel: Ints, out: Ints, stride: Ints, dilation: Ints) -> Iterator[tuple[int, int, slice, slice]]:
    """For each element of the kernel: its place, and the rows and columns of the image that it reads."""
    for i in range(kernel[0]):
        rows = slice(i * dilation[0], i * dilation[0] + (out[0] - 1) * stride[0] + 1, stride[0])
        for j in range(kernel[1]):
            yield i, j, rows, slice(j * dilation[1], j * dilation[1] + (out[1] - 1) * stride[1] + 1, stride[1])


def _scratch(name: str, shape: Ints, dtype: Any) -> Array:
    """Memory of this thread that the next call takes again: fresh pages cost more than filling them."""
    size = math.prod(shape)
    known: dict[Any, Array] = _here.__dict__.setdefault("arrays", {})
    held = known.get((name, dtype))
    if held is None or held.size < size:
        held = known[name, dtype] = np.empty(size, dtype)
    return held[:size].reshape(shape)


def _columns(x: Array, kernel: Ints, out: Ints, stride: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """(rows of the image, C * kernel, columns of the image * N): the columns of each row; in the memory of `kept`, where that is given."""
    c, _, _, n = x.shape
    shape = (c, *kernel, *out, n)
    if kept is None:
        made = _scratch("columns", shape, x.dtype)
    else:
        kept[:] = kept or [np.empty(shape, x.dtype)]
        made = kept[0]
    for i, j, rows, columns in _places(kernel, out, stride, dilation):
        made[:, i, j] = x[:, rows, columns]
    return _by_rows(made)


def _by_rows(made: Array) -> Array:
    return made.reshape(-1, made.shape[3], made.shape[4] * made.shape[5]).transpose(1, 0, 2)


def forward(x: Array, w: Array, stride: Ints, padding: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """The convolution of (N, C, H, W) by (O, C, *kernel); with a list the columns stay there for `weight_grad`."""
    kernel = w.shape[2:]
    out = tuple(
        (s + 2 * p - d * (k - 1) - 1) // t + 1 for s, p, d, k, t in zip(x.shape[2:], padding, dilation, kernel, stride, strict=True)
    )
    made = np.empty((x.shape[0], w.shape[0], *out), np.result_type(x, w))
    flat = w.reshape(w.shape[0], -1)
    if x.shape[0] * flat.shape[1] * out[0] * out[1] > _MOST:
        kept = None  # they come in parts
    for part in _parts(x.shape[0], flat.shape[1] * out[0] * out[1]):
        grown = _innermost(x[part], padding)
        product = _scratch("product", (out[0], w.shape[0], out[1] * grown.shape[3]), made.dtype)
        np.matmul(flat, _columns(grown, kernel, out, stride, dilation, kept), out=product)
        made[part] = product.reshape(out[0], w.shape[0], out[1], -1).transpose(3, 1, 0, 2)
    return made


def weight_grad(g: Array, x: Array, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """The cotangent of the kernel for that of the output; `kept` has the columns, where `forward` left them."""
    out, outputs = g.shape[2:], g.shape[1]
    total: Any = None
    for part in _parts(x.shape[0], x.shape[1] * kernel[0] * kernel[1] * out[0] * out[1]):
        columns = _by_rows(kept[0]) if kept else _columns(_innermost(x[part], padding), kernel, out, stride, dilation)
        rows = np.ascontiguousarray(g[part].transpose(2, 3, 0, 1)).reshape(out[0], -1, outputs)
        each = np.add.reduce(np.matmul(columns, rows), 0)
        total = each if total is None else total + each
    return np.ascontiguousarray(total.T).reshape(outputs, x.shape[1], *kernel)


def input_grad(g: Array, w: Array, size: Ints, stride: Ints, padding: Ints, dilation: Ints) -> Array:
    """The cotangent of an input of `size` for that of the output: each output gives back to what it read."""
    (h, wide), (p, q) = size, padding
    channels, kernel, out = w.shape[1], w.shape[2:], g.shape[2:]
    made = np.empty((g.shape[0], channels, h, wide), g.dtype)
    turned = np.ascontiguousarray(w.reshape(w.shape[0], -1).T)
    for part in _parts(g.shape[0], turned.shape[0] * out[0] * out[1]):
        inner = np.ascontiguousarray(g[part].transpose(2, 1, 3, 0))
        n = inner.shape[3]
        product = _scratch("product", (out[0], turned.shape[0], out[1] * n), g.dtype)
        np.matmul(turned, inner.reshape(out[0], w.shape[0], -1), out=product)
        columns = product.reshape(out[0], channels, *kernel, out[1], n)
        whole = np.zeros((h + 2 * p, channels, wide + 2 * q, n), g.dtype)
        for i, j, rows, across in _places(kernel, out, stride, dilation):
            whole[rows, :, across] += columns[:, :, i, j]
        made[part] = whole[p : p + h, :, q : q + wide].transpose(3, 1, 0, 2)
    return made

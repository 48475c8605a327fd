"""Convolution of images as a matrix product: the windows of a row side by side as columns, the batch innermost.

With the batch innermost what one kernel element reads of a row of the image is one long run of memory. Only the shifts along a row are
copied: with the rows outermost the rows that a kernel reads lie one behind the other, so that the columns of a row are a piece of that
memory as it is (benchmark row `engine/W6`). The products go row by row of the image: BLAS has faster kernels for small matrices.
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
_MOST = 1 << 22  # elements of the columns, or of a product, at a time; a large batch goes in parts


def _parts(batch: int, *sizes: int) -> Iterator[slice]:
    """The batch in parts for which nothing is too large; `sizes`: elements for each of the batch."""
    count = max(1, min(batch, _MOST // max(*sizes, 1)))
    for start in range(0, batch, count):
        yield slice(start, start + count)


def _innermost(x: Array, padding: Ints) -> Array:
    """(N, C, H, W) as (H + 2p, C, W + 2q, N) with zeros around."""
    n, c, h, w = x.shape
    p, q = padding
    if not p and not q:
        return np.ascontiguousarray(x.transpose(2, 1, 3, 0))
    grown = np.zeros((h + 2 * p, c, w + 2 * q, n), x.dtype)
    grown[p : p + h, :, q : q + w] = x.transpose(2, 1, 3, 0)
    return grown


def _every(start: int, count: int, step: int) -> slice:
    return slice(start, start + (count - 1) * step + 1, step)


def _scratch(name: str, shape: Ints, dtype: Any) -> Array:
    """Memory of this thread that the next call takes again: fresh pages cost more than filling them."""
    size = math.prod(shape)
    known: dict[Any, Array] = _here.__dict__.setdefault("arrays", {})
    held = known.get((name, dtype))
    if held is None or held.size < size:
        held = known[name, dtype] = np.empty(size, dtype)
    return held[:size].reshape(shape)


def _shifted(x: Array, kernel: Ints, out: Ints, stride: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """(H, C, kernel's width, columns of the output, N): each row once for each column of the kernel; in `kept`, where that is given."""
    h, c, _, n = x.shape
    shape = (h, c, kernel[1], out[1], n)
    if kept is None:
        made = _scratch("shifted", shape, x.dtype)
    else:
        kept[:] = kept or [np.empty(shape, x.dtype)]
        made = kept[0]
    for j in range(kernel[1]):
        made[:, :, j] = x[:, :, _every(j * dilation[1], out[1], stride[1])]
    return made


def _columns(shifted: Array, kernel: Ints, out: Ints, stride: Ints, dilation: Ints) -> Array:
    """(rows of the output, kernel's height * C * kernel's width, columns of the output * N): what each row of the output reads."""
    h, c, wide, across, n = shifted.shape
    rows = shifted.reshape(h, c * wide, across * n)
    if dilation[0] > 1:
        made = _scratch("columns", (out[0], kernel[0], c * wide, across * n), shifted.dtype)
        for i in range(kernel[0]):
            made[:, i] = rows[_every(i * dilation[0], out[0], stride[0])]
        return made.reshape(out[0], -1, across * n)
    down, right, item = rows.strides
    return np.lib.stride_tricks.as_strided(
        rows, (out[0], kernel[0] * c * wide, across * n), (down * stride[0], right, item), writeable=False
    )


def _by_rows(w: Array) -> Array:
    """(O, C, *kernel) as (O, kernel's height * C * kernel's width)."""
    return np.ascontiguousarray(w.transpose(0, 2, 1, 3)).reshape(w.shape[0], -1)


def forward(x: Array, w: Array, stride: Ints, padding: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """The convolution of (N, C, H, W) by (O, C, *kernel); with a list what the columns are made of stays there for `weight_grad`."""
    kernel = w.shape[2:]
    out = tuple(
        (s + 2 * p - d * (k - 1) - 1) // t + 1 for s, p, d, k, t in zip(x.shape[2:], padding, dilation, kernel, stride, strict=True)
    )
    made = np.empty((x.shape[0], w.shape[0], *out), np.result_type(x, w))
    flat = _by_rows(w)
    sizes = _sizes(x, w.shape, out, padding, dilation)
    if x.shape[0] * max(sizes) > _MOST:
        kept = None  # they come in parts
    for part in _parts(x.shape[0], *sizes):
        grown = _innermost(x[part], padding)
        product = _scratch("product", (out[0], w.shape[0], out[1] * grown.shape[3]), made.dtype)
        np.matmul(flat, _columns(_shifted(grown, kernel, out, stride, dilation, kept), kernel, out, stride, dilation), out=product)
        made[part] = product.reshape(out[0], w.shape[0], out[1], -1).transpose(3, 1, 0, 2)
    return made


def _sizes(x: Array, w: Ints, out: Ints, padding: Ints, dilation: Ints) -> Ints:
    """Elements of the columns and of the product for each of the batch."""
    rows = out[0] * w[2] if dilation[0] > 1 else x.shape[2] + 2 * padding[0]
    return rows * w[1] * w[3] * out[1], w[0] * out[0] * out[1]


def weight_grad(g: Array, x: Array, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, kept: list[Array] | None = None) -> Array:
    """The cotangent of the kernel for that of the output; `kept` is what `forward` left there."""
    out, outputs, channels = g.shape[2:], g.shape[1], x.shape[1]
    total: Any = None
    for part in _parts(x.shape[0], *_sizes(x, (outputs, channels, *kernel), out, padding, dilation)):
        shifted = kept[0] if kept else _shifted(_innermost(x[part], padding), kernel, out, stride, dilation)
        rows = np.ascontiguousarray(g[part].transpose(2, 3, 0, 1)).reshape(out[0], -1, outputs)
        each = np.add.reduce(np.matmul(_columns(shifted, kernel, out, stride, dilation), rows), 0)
        total = each if total is None else total + each
    return np.ascontiguousarray(total.reshape(kernel[0], channels, kernel[1], outputs).transpose(3, 1, 0, 2))


def input_grad(g: Array, w: Array, size: Ints, stride: Ints, padding: Ints, dilation: Ints) -> Array:
    """The cotangent of an input of `size` for that of the output: each output gives back to what it read."""
    (h, wide), q = size, padding[1]
    channels, kernel, out = w.shape[1], w.shape[2:], g.shape[2:]
    made = np.empty((g.shape[0], channels, h, wide), g.dtype)
    for part in _parts(g.shape[0], channels * kernel[0] * kernel[1] * out[0] * out[1]):
        some = g[part]
        n = some.shape[0]
        together = stride[0] == dilation[0] == 1
        given = _given_by_rows(some, w, h, padding[0]) if together else _given(some, w, h, stride[0], padding[0], dilation[0])
        given = given.reshape(h, channels, kernel[1], out[1], n)
        whole = np.zeros((h, channels, wide + 2 * q, n), g.dtype)
        for j in range(kernel[1]):
            whole[:, :, _every(j * dilation[1], out[1], stride[1])] += given[:, :, j]
        made[part] = whole[:, :, q : q + wide].transpose(3, 1, 0, 2)
    return made


def _given_by_rows(g: Array, w: Array, h: int, padding: int) -> Array:
    """(H, C * kernel's width, columns of the output * N): what each row of the input gets, from the rows of the output that read it."""
    outputs, channels, high, across = w.shape
    start = high - 1 - padding  # where the first row of the output lies among those that are read
    rows = g.transpose(2, 1, 3, 0)[max(0, -start) : h + high - 1 - start]
    around = np.zeros((h + high - 1, *rows.shape[1:]), g.dtype)
    around[max(0, start) : max(0, start) + len(rows)] = rows
    flat = around.reshape(len(around), outputs, -1)
    read = np.lib.stride_tricks.as_strided(flat, (h, high * outputs, flat.shape[2]), flat.strides, writeable=False)
    turned = np.ascontiguousarray(w[:, :, ::-1].transpose(1, 3, 2, 0)).reshape(channels * across, -1)
    product = _scratch("product", (h, channels * across, flat.shape[2]), g.dtype)
    return np.matmul(turned, read, out=product)


def _given(g: Array, w: Array, h: int, stride: int, padding: int, dilation: int) -> Array:
    """The same where the rows that read one do not lie one behind the other."""
    outputs, channels, high, across = w.shape
    rows = g.shape[2]
    inner = np.ascontiguousarray(g.transpose(2, 1, 3, 0)).reshape(rows, outputs, -1)
    product = _scratch("product", (rows, high, channels * across, inner.shape[2]), g.dtype)
    np.matmul(np.ascontiguousarray(_by_rows(w).T), inner, out=product.reshape(rows, -1, inner.shape[2]))
    whole = np.zeros((h + 2 * padding, channels * across, inner.shape[2]), g.dtype)
    for i in range(high):
        whole[_every(i * dilation, rows, stride)] += product[:, i]
    return whole[padding : padding + h]

"""Contour lines of a grid of heights: straight pieces, one level at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def contour(xs: Array, ys: Array, heights: Array, level: float) -> Array:
    """(n, 4) pieces x0, y0, x1, y1 on which the height is `level`, linear between grid points; cells with nan have none."""
    low = heights - level
    a, b, c, d = low[:-1, :-1], low[:-1, 1:], low[1:, 1:], low[1:, :-1]  # around a cell, from its first corner
    x0, x1 = np.broadcast_arrays(xs[None, :-1], a)[0], np.broadcast_arrays(xs[None, 1:], a)[0]
    y0, y1 = np.broadcast_arrays(ys[:-1, None], a)[0], np.broadcast_arrays(ys[1:, None], a)[0]
    with np.errstate(all="ignore"):
        edges = (
            (_between(a, b), x0 + (x1 - x0) * _share(a, b), y0),
            (_between(b, c), x1, y0 + (y1 - y0) * _share(b, c)),
            (_between(d, c), x0 + (x1 - x0) * _share(d, c), y1),
            (_between(a, d), x0, y0 + (y1 - y0) * _share(a, d)),
        )
    pieces = []
    for i in range(4):
        for j in range(i + 1, 4):
            both = edges[i][0] & edges[j][0]
            several = edges[0][0] & edges[1][0] & edges[2][0] & edges[3][0]
            if (i, j) not in ((0, 3), (1, 2)):
                both = both & ~several  # a saddle: two pieces, and not all six
            if both.any():
                pieces.append(np.stack([edges[i][1][both], edges[i][2][both], edges[j][1][both], edges[j][2][both]], axis=1))
    return np.concatenate(pieces) if pieces else np.zeros((0, 4))


def _between(p: Array, q: Array) -> Array:
    return np.asarray(np.isfinite(p) & np.isfinite(q) & ((p < 0) != (q < 0)))


def _share(p: Array, q: Array) -> Array:
    return np.asarray(np.where(p != q, p / np.where(p != q, p - q, 1.0), 0.5))


def levels(heights: Array, count: int = 12) -> Array:
    """Heights for contour lines: close together near the lowest place, as a valley needs it."""
    finite = heights[np.isfinite(heights)]
    if not finite.size:
        return np.zeros(0)
    low, high = float(finite.min()), float(finite.max())
    if high <= low:
        return np.zeros(0)
    return np.asarray(low + (high - low) * (np.arange(1, count + 1) / (count + 1)) ** 2)

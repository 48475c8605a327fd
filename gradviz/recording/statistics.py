"""Statistics of many arrays at once: a few numpy passes over one long buffer, not a few calls an array.

Norm, mean and extremes are those of the finite elements, so that one nan does not hide all the rest; how
many elements are not finite is counted beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
NAMES = ("norm", "mean", "minimum", "maximum", "nans", "infs", "zeros")
_LONG = 65536  # elements; longer arrays are looked at one by one, so that the buffer stays small


def measure(arrays: Sequence[Array]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One row of `NAMES` for each array."""
    out = np.zeros((len(arrays), len(NAMES)))
    sizes = np.fromiter((a.size for a in arrays), np.int64, len(arrays))
    long = sizes > _LONG
    with np.errstate(all="ignore"):
        for i in np.flatnonzero(long).tolist():
            flat = _double(arrays[i].reshape(-1))
            out[i] = _rows(flat, np.zeros(1, np.int64), sizes[i : i + 1])[0]
        short = np.flatnonzero(~long & (sizes > 0))
        if len(short):
            ends = np.cumsum(sizes[short])
            first = 0
            while first < len(short):  # pieces of a bounded size
                before = int(ends[first - 1]) if first else 0
                stop = max(first + 1, int(np.searchsorted(ends, before + 16 * _LONG)))
                rows = short[first:stop]
                flat = _double(np.concatenate([arrays[i] for i in rows.tolist()], axis=None))
                out[rows] = _rows(flat, ends[first:stop] - sizes[rows] - before, sizes[rows])
                first = stop
    return out


def _double(flat: Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    if flat.dtype.kind == "c":
        flat = np.abs(flat)
    return flat.astype(np.float64)


def _rows(flat: np.ndarray[Any, np.dtype[np.float64]], starts: Array, sizes: Array) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The statistics of the segments of `flat` that begin at `starts` (none of them empty)."""
    out = np.zeros((len(starts), len(NAMES)))
    squares = flat * flat
    total = np.add.reduceat(squares, starts)
    out[:, 6] = np.add.reduceat(flat == 0, starts, dtype=np.int64)
    out[:, 2] = np.minimum.reduceat(flat, starts)
    out[:, 3] = np.maximum.reduceat(flat, starts)
    # Where a square under- or overflows, or an element is not finite, the longer way below is right.
    if np.isfinite(total).all() and not ((total < 1e-290) & (out[:, 2:4] != 0).any(axis=1)).any():
        out[:, 0] = np.sqrt(total)
        out[:, 1] = np.add.reduceat(flat, starts) / sizes
        return out
    finite = np.isfinite(flat)
    nans = np.isnan(flat)
    count = np.add.reduceat(finite, starts, dtype=np.int64)
    out[:, 4] = np.add.reduceat(nans, starts, dtype=np.int64)
    out[:, 5] = sizes - count - out[:, 4]
    some = count > 0
    clean = np.where(finite, flat, 0.0)
    low = np.where(some, np.minimum.reduceat(np.where(finite, flat, np.inf), starts), 0.0)
    high = np.where(some, np.maximum.reduceat(np.where(finite, flat, -np.inf), starts), 0.0)
    scale = np.maximum(np.maximum(np.abs(low), np.abs(high)), 1e-300)
    # divided by the largest first: the square of 1e200 is infinite, the norm is not
    scaled = clean / np.repeat(scale, sizes)
    out[:, 0] = np.sqrt(np.add.reduceat(scaled * scaled, starts)) * scale
    out[:, 1] = np.add.reduceat(clean, starts) / np.maximum(count, 1)
    out[:, 2] = low
    out[:, 3] = high
    return out

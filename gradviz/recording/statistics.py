"""Statistics of many arrays at once: arrays of one dtype and shape are the rows of one matrix.

A few numpy passes over the matrix, instead of a few calls for each array. Norm, mean and extremes are those
of the finite elements, so that one nan does not hide all the rest; how many are not finite is counted beside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bfloat16 import readable

Array = np.ndarray[Any, Any]
Doubles = np.ndarray[Any, np.dtype[np.float64]]
_TINY = 1e-30  # a smaller sum of squares in float32 may have lost some
_NORMAL = np.finfo(np.float32).tiny
NAMES = ("norm", "mean", "minimum", "maximum", "nans", "infs", "zeros")
COUNTS = ("nans", "infs", "zeros")
NORM, MEAN, MINIMUM, MAXIMUM, NANS, INFS, ZEROS = range(len(NAMES))
_PIECE = 4096  # elements that may be summed in float32: sums of longer rows would lose digits
_SHORT = 32  # rows up to this length are looked at column by column: numpy's loops want to be long


def measure(matrix: Array) -> Doubles:
    """One row of `NAMES` for each row of the matrix.

    float32 stays float32: its norm and mean are good to some 1e-6, and twice as fast.
    """
    count, size = matrix.shape
    out = np.zeros((count, len(NAMES)))
    matrix = readable(matrix)
    if not count or not size:
        return out
    short = matrix.dtype == np.float32
    if matrix.dtype.kind == "c":
        matrix = np.abs(matrix)
    if matrix.dtype.kind != "f" or matrix.dtype.itemsize == 2 or size <= _SHORT:
        matrix = matrix.astype(np.float64)
    with np.errstate(all="ignore"):
        if size <= _SHORT:
            columns = np.ascontiguousarray(matrix.T)
            squares = np.add.reduce(columns * columns, axis=0)
            out[:, MEAN] = np.add.reduce(columns, axis=0)
            out[:, MINIMUM] = np.minimum.reduce(columns, axis=0)
            out[:, MAXIMUM] = np.maximum.reduce(columns, axis=0)
            out[:, ZEROS] = np.add.reduce(columns == 0, axis=0, dtype=np.int64)
        else:
            squares = np.vecdot(matrix, matrix).astype(np.float64)
            out[:, MEAN] = _sums(matrix)
            out[:, MINIMUM] = np.minimum.reduce(matrix, axis=1)
            out[:, MAXIMUM] = np.maximum.reduce(matrix, axis=1)
            around = np.flatnonzero((out[:, MINIMUM] <= 0) & (out[:, MAXIMUM] >= 0))
            out[around, ZEROS] = _zeros(matrix if len(around) == count else matrix[around])
        out[:, NORM] = np.sqrt(squares)
        out[:, MEAN] /= size
        # Where a square under- or overflows, or an element is not finite, the longer way is right.
        tiny = 1e-290 if matrix.dtype == np.float64 else _TINY
        doubtful = ~np.isfinite(squares) | ((squares < tiny) & ((out[:, MINIMUM] != 0) | (out[:, MAXIMUM] != 0)))
        for row in np.flatnonzero(doubtful).tolist():
            out[row] = _careful(matrix[row].astype(np.float64))
        if short:
            _rounded(out)
    return out


def measure_long(values: Array) -> Doubles:
    """The row of `NAMES` for one long array, flat: as `measure`, with fewer detours."""
    if values.dtype != np.float32:
        return measure(values.reshape(1, -1)).reshape(-1)
    size = len(values)
    with np.errstate(all="ignore"):
        low, high = float(np.minimum.reduce(values)), float(np.maximum.reduce(values))
        squares = float(np.dot(values, values))
        if not np.isfinite(squares) or (squares < _TINY and (low or high)):
            return np.array(_careful(values.astype(np.float64)))
        zeros = np.count_nonzero(values == 0) if low <= 0 <= high else 0
        row = np.array([np.sqrt(squares), float(_sums(values.reshape(1, -1))[0]) / size, low, high, 0.0, 0.0, zeros])
    return _rounded(row)


def _rounded(rows: Doubles) -> Doubles:
    """Norm and mean of float32 without digits that are none: half the memory then."""
    sums = rows[..., : MEAN + 1]
    with np.errstate(all="ignore"):
        short = sums.astype(np.float32)
    sums[...] = np.where((np.abs(short) >= _NORMAL) & np.isfinite(short), short, sums)
    return rows


def _sums(matrix: Array) -> Any:
    """The sum of each row, as a product with ones: that is several times as fast as numpy's sum."""
    count, size = matrix.shape
    ones = np.ones(min(size, _PIECE), matrix.dtype)
    if size <= _PIECE or matrix.dtype == np.float64:
        return np.dot(matrix, ones if size <= _PIECE else np.ones(size))
    whole = size - size % _PIECE
    total = np.add.reduce(np.vecdot(matrix[:, :whole].reshape(count, -1, _PIECE), ones), axis=1, dtype=np.float64)
    return total + np.vecdot(matrix[:, whole:], ones[: size - whole])


def _zeros(matrix: Array) -> Any:
    """How many zeros each row has; packed, because numpy is slow to sum bools."""
    equal = matrix == 0
    if not equal.any():
        return 0
    if matrix.shape[1] > _PIECE:
        return [np.count_nonzero(row) for row in equal]
    return np.add.reduce(np.bitwise_count(np.packbits(equal, axis=1)), axis=1, dtype=np.int64)


def _careful(values: Doubles) -> list[float]:
    """The statistics of an array that has anything in it."""
    finite = values[np.isfinite(values)]
    nans = int(np.count_nonzero(np.isnan(values)))
    counts = [nans, len(values) - len(finite) - nans, int(np.count_nonzero(values == 0))]
    if not len(finite):
        return [0.0, 0.0, 0.0, 0.0, *counts]
    low, high = float(finite.min()), float(finite.max())
    scale = max(abs(low), abs(high)) or 1.0  # divided by it first: the square of 1e200 is infinite, the norm is not
    scaled = finite / scale
    return [float(np.sqrt(np.dot(scaled, scaled)) * scale), float(scaled.mean() * scale), low, high, *counts]

"""Statistics of many arrays at once: arrays of one dtype and shape are the rows of one matrix.

A few numpy passes over the matrix, instead of a few calls for each array; what can be done for all matrices together is done at
the end (`finish`). Norm, mean and extremes are those of the finite elements, so that one nan does not hide all the rest; how many are
not finite is counted beside.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.half.bfloat16 import readable

Array = np.ndarray[Any, Any]
Doubles = np.ndarray[Any, np.dtype[np.float64]]
_TINY = {np.dtype(np.float32): 1e-30}  # a smaller sum of squares may have lost some
_TINY_DOUBLE = 1e-290
_NORMAL = np.finfo(np.float32).tiny
NAMES = ("norm", "mean", "minimum", "maximum", "nans", "infs", "zeros")
COUNTS = ("nans", "infs", "zeros")
NORM, MEAN, MINIMUM, MAXIMUM, NANS, INFS, ZEROS = range(len(NAMES))
_PIECE = 4096  # elements that may be summed in float32: sums of longer rows would lose digits
_ONES = {np.dtype(dtype): np.ones(_PIECE, dtype) for dtype in (np.float32, np.float64)}
_SHORT = 32  # rows up to this length are looked at column by column: numpy's loops want to be long
NEAR = 1 << 17  # elements that the processor keeps near, so that the second look costs less than the first


def measure(matrix: Array) -> Doubles:
    """One row of `NAMES` for each row of the matrix.

    float32 stays float32: its norm and mean are good to some 1e-6, and twice as fast.
    """
    out = np.zeros((len(matrix), len(NAMES)))
    with np.errstate(all="ignore"):
        gather(matrix, out)
    return finish(out, [len(matrix)], [(matrix.shape[1], matrix.dtype)], matrix.__getitem__)


def gather(matrix: Array, out: Doubles) -> None:
    """Of each row its sum of squares, sum, extremes and number of zeros: a row of `out`, in the places of norm, mean and so on."""
    count, size = matrix.shape
    if not count or not size:
        return
    matrix = readable(matrix)
    if matrix.dtype.kind == "c":
        matrix = np.abs(matrix)
    if matrix.dtype.kind != "f" or matrix.dtype.itemsize == 2 or size <= _SHORT:
        matrix = matrix.astype(np.float64)
    if size <= _SHORT:
        columns = np.ascontiguousarray(matrix.T)
        np.add.reduce(columns * columns, axis=0, out=out[:, NORM])
        np.add.reduce(columns, axis=0, out=out[:, MEAN])
        np.minimum.reduce(columns, axis=0, out=out[:, MINIMUM])
        np.maximum.reduce(columns, axis=0, out=out[:, MAXIMUM])
        out[:, ZEROS] = np.add.reduce(columns == 0, axis=0, dtype=np.int64)
        return
    if size > NEAR:
        for array, row in zip(matrix, out, strict=True):
            row[:] = gather_one(array)
        return
    low, high = np.minimum.reduce(matrix, axis=1), np.maximum.reduce(matrix, axis=1)
    out[:, NORM] = np.vecdot(matrix, matrix)
    out[:, MEAN] = _sums(matrix)
    out[:, MINIMUM], out[:, MAXIMUM] = low, high
    if ((low <= 0) & (high >= 0)).any():
        out[:, ZEROS] = _zeros(matrix)


def gather_one(flat: Array) -> list[float]:
    """What `gather` finds of one long flat array, a piece that the processor keeps near after the other.

    Hot path: once a large value that is not kept (benchmark rows `engine/W3 recorded`, `engine/W7 recorded`).
    """
    if flat.dtype not in _ONES:
        flat = readable(flat)
        flat = np.abs(flat) if flat.dtype.kind == "c" else flat
        flat = flat.astype(np.float64) if flat.dtype.kind != "f" or flat.dtype.itemsize == 2 else flat
    if not flat.flags.c_contiguous:
        flat = np.ascontiguousarray(flat)
    if flat.size <= NEAR:
        return _of_piece(flat)
    squares = total = zeros = 0.0
    low, high = np.inf, -np.inf
    for start in range(0, flat.size, NEAR):
        of_squares, of_all, least, most, _, _, none = _of_piece(flat[start : start + NEAR])
        squares, total, zeros = squares + of_squares, total + of_all, zeros + none
        low, high = min(low, least), max(high, most)
    return [squares, total, low, high, 0.0, 0.0, zeros]


def _of_piece(piece: Array) -> list[float]:
    least, most, zeros = float(np.minimum.reduce(piece)), float(np.maximum.reduce(piece)), 0
    if least <= 0.0 <= most:
        zeros = int(np.count_nonzero(piece == 0))
    return [float(np.dot(piece, piece)), float(_sums(piece[None])[0]), least, most, 0.0, 0.0, float(zeros)]


def finish(rows: Doubles, counts: Sequence[int], kinds: Sequence[tuple[int, np.dtype[Any]]], array: Callable[[int], Array]) -> Doubles:
    """Make the statistics of what was gathered, in place.

    Args:
        rows: what `gather` found.
        counts: how many rows there are of each kind; they come one behind the other.
        kinds: number of elements of an array, and their dtype.
        array: gives the array of a row: where a square under- or overflows, or an element is not finite, it is looked at again.
    """
    if not len(rows):
        return rows
    sizes, tiny, short = np.repeat(np.array([_kind(size, dtype) for size, dtype in kinds]).T, counts, axis=1)
    with np.errstate(all="ignore"):
        squares = rows[:, NORM].copy()
        np.sqrt(squares, out=rows[:, NORM])
        rows[:, MEAN] /= sizes
        for row in np.flatnonzero(_doubtful(squares, rows[:, MINIMUM], rows[:, MAXIMUM], tiny)).tolist():
            rows[row] = careful(array(row))
        sums = rows[:, : MEAN + 1]
        sums[...] = np.where(short[:, None] != 0, _rounded(sums), sums)
    return rows


@functools.lru_cache(maxsize=4096)
def _kind(size: int, dtype: np.dtype[Any]) -> tuple[float, float, bool]:
    """Of arrays of one form: the number by which the sum is divided, which sum of squares is too small, and whether they are single."""
    dtype = readable(np.empty(0, dtype)).dtype
    return max(1, size), _TINY.get(dtype, _TINY_DOUBLE) if size > _SHORT else _TINY_DOUBLE, dtype == np.float32


def _rounded(sums: Doubles) -> Doubles:
    """Norm and mean of float32 without digits that are none: half the memory then."""
    rounded = sums.astype(np.float32)
    return np.where((np.abs(rounded) >= _NORMAL) & np.isfinite(rounded), rounded, sums)


def doubtful(row: Sequence[float], dtype: np.dtype[Any]) -> bool:
    """Whether `finish` would look again at a large array that `gather` left this row of: for who has it only now."""
    return bool(_doubtful(row[NORM], row[MINIMUM], row[MAXIMUM], _kind(_SHORT + 1, dtype)[1]))


def _doubtful(squares: Any, low: Any, high: Any, tiny: Any) -> Any:
    """Whether a square has over- or underflown, or an element is not finite; of one array or of many."""
    return (squares - squares != 0) | ((squares < tiny) & ((low != 0) | (high != 0)))


def _sums(matrix: Array) -> Any:
    """The sum of each row, as a product with ones: that is several times as fast as numpy's sum."""
    count, size = matrix.shape
    ones = _ONES[matrix.dtype]
    if size <= _PIECE:
        return np.dot(matrix, ones[:size])
    whole = size - size % _PIECE
    total = np.add.reduce(np.vecdot(matrix[:, :whole].reshape(count, -1, _PIECE), ones), axis=1, dtype=np.float64)
    return total + np.vecdot(matrix[:, whole:], ones[: size - whole]) if whole < size else total


def _zeros(matrix: Array) -> Any:
    """How many zeros each row has; packed, because numpy is slow to sum bools."""
    equal = matrix == 0
    if not equal.any():
        return 0
    if matrix.shape[1] > _PIECE:
        return [np.count_nonzero(row) for row in equal]
    return np.add.reduce(np.bitwise_count(np.packbits(equal, axis=1)), axis=1, dtype=np.int64)


def careful(array: Array) -> list[float]:
    """The statistics of an array that has anything in it, as `finish` leaves them."""
    array = readable(array).reshape(-1)
    values = (np.abs(array) if array.dtype.kind == "c" else array).astype(np.float64)
    finite = values[np.isfinite(values)]
    nans = int(np.count_nonzero(np.isnan(values)))
    counts = [nans, len(values) - len(finite) - nans, int(np.count_nonzero(values == 0))]
    if not len(finite):
        return [0.0, 0.0, 0.0, 0.0, *counts]
    low, high = float(finite.min()), float(finite.max())
    scale = max(abs(low), abs(high)) or 1.0  # divided by it first: the square of 1e200 is infinite, the norm is not
    scaled = finite / scale
    sums = np.array([np.sqrt(np.dot(scaled, scaled)) * scale, scaled.mean() * scale])
    norm, mean = (_rounded(sums) if array.dtype == np.float32 else sums).tolist()
    return [norm, mean, low, high, *counts]

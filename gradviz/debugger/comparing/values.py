"""How far two recorded values are apart: equal to the last bit, or |A - B| / |A|."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ...recording.event import Stats
    from ...recording.recording import Recording
    from ..scene import Picture
    from ..trace.columns import Flags, Ints

ROUNDING = 1e-5  # a norm is summed in the order in which memory lies: the same numbers may have another one in another run
MOST_OPENED = 200_000  # pairs of values whose numbers are compared one by one; beyond that their statistics decide
Floats = np.ndarray[Any, np.dtype[np.float64]]


def relative(a: Picture | None, b: Picture | None) -> float:
    """|A - B| / |A| by their norms: 0 where equal (nan to nan too), inf where A is 0, one is None or nan, or the shapes differ."""
    if a is None or b is None:
        return 0.0 if a is b else np.inf
    if a.stats.shape != b.stats.shape:
        return np.inf
    if a.array is not None and b.array is not None:
        return relative_arrays(a.array, b.array)
    left, right = a.stats, b.stats
    if not _told_apart(left, right):
        return 0.0
    if left.nans != right.nans or not np.isfinite(left.norm + right.norm):
        return np.inf
    return _ratio(max(abs(left.norm - right.norm), abs(left.mean - right.mean)), left.norm)


def relative_arrays(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """The same of two arrays of one shape."""
    if a.dtype.kind not in "fc" or b.dtype.kind not in "fc":
        a, b = a.astype(np.float64), b.astype(np.float64)
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    left, right = a.astype(wide).ravel(), b.astype(wide).ravel()
    same = (left == right) | (np.isnan(left) & np.isnan(right))  # inf - inf is no difference
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.linalg.norm(np.where(same, 0, left - right))
        whole = np.linalg.norm(np.where(np.isfinite(left), left, 0))
    return _ratio(float(difference), float(whole)) if np.isfinite(difference) else np.inf


def _told_apart(a: Stats, b: Stats) -> bool:
    """Whether statistics show that two values differ: norm and mean of the same numbers may, in their last digits."""
    near = ROUNDING * abs(a.norm)
    rounded = abs(a.norm - b.norm) <= near and abs(a.mean - b.mean) <= near
    return repr(a) != repr(b) and not (rounded and repr(a._replace(norm=0.0, mean=0.0)) == repr(b._replace(norm=0.0, mean=0.0)))


def _ratio(difference: float, whole: float) -> float:
    if difference == 0:
        return 0.0
    return difference / whole if whole else np.inf


class ValuePairs:
    """Compares values of two recordings; what was compared once is remembered."""

    def __init__(self, a: Recording, b: Recording) -> None:
        self._a, self._b = a, b
        self._known: dict[tuple[int, int], float] = {}

    def differ(self, a: Ints, b: Ints, tolerance: float) -> Flags:
        """For each pair of value ids whether the two are further apart than the tolerance (0: in any bit)."""
        out: Flags = (a < 0) != (b < 0)
        rows = np.flatnonzero((a >= 0) & (b >= 0))
        if not len(rows):
            return out
        pairs, back = np.unique(np.stack((a[rows], b[rows]), axis=1), axis=0, return_inverse=True)
        out[rows] = self._differ(pairs[:, 0], pairs[:, 1], tolerance)[back.reshape(-1)]
        return out

    def _differ(self, a: Ints, b: Ints, tolerance: float) -> Flags:
        out: Flags
        left, right = self._a.measures(a), self._b.measures(b)
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        with np.errstate(invalid="ignore"):
            same[:, :2] |= np.abs(left - right)[:, :2] <= ROUNDING * np.abs(left[:, :1])  # of norm and mean the last digits say nothing
        told = ~same.all(axis=1)
        if tolerance > 0:
            with np.errstate(invalid="ignore"):
                far = np.abs(left[:, 0] - right[:, 0]) > tolerance * np.abs(left[:, 0])  # then |A - B| is, too
            open_, out = ~far, far
        else:
            open_, out = ~told, told
        for row in np.flatnonzero(open_)[:MOST_OPENED].tolist():
            out[row] = self.apart(int(a[row]), int(b[row])) > tolerance
        return out

    def apart(self, a: int, b: int) -> float:
        """|A - B| / |A| of two values."""
        key = (a, b)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._apart(a, b)
        return found

    def _apart(self, a: int, b: int) -> float:
        if self._a.form(a) != self._b.form(b):
            return np.inf
        left, right = self._a.array(a), self._b.array(b)
        if left is None or right is None:
            one, other = self._a.stats(a), self._b.stats(b)
            return _ratio(abs(one.norm - other.norm), one.norm) if _told_apart(one, other) else 0.0
        return relative_arrays(left, right)

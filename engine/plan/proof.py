"""Proof: whether a function gives on symbols the bits that it gives on arrays, whatever the numbers.

That one run agrees says much about a thousand elements and little about two: a row may round arrays once and symbols twice, which shows in
one element out of ten. So both ways run on further numbers, until enough of them have agreed; of each kind of call that is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .symbols import Symbol, plain
from .tape import Tape

Array = np.ndarray[Any, Any]
Function = Callable[[list[Any]], Any]

_ENOUGH = 1 << 11  # numbers that agree
_LEAST, _TURNS = 2, 20
_WORK = 1 << 18  # elements that are read in all turns together
_MOST = 1 << 12

_proven: dict[Any, bool] = {}


def same_bits(a: Array, b: Array) -> bool:
    """Whether two arrays are equal in shape, dtype and every bit."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return a.tobytes() == b.tobytes()


def same_layout(a: Array, b: Array) -> bool:
    """Whether two arrays of one shape lie in memory alike: sums of elements go by that."""
    return a.strides == b.strides or all(n < 2 or k == m for n, k, m in zip(a.shape, a.strides, b.strides, strict=True)) or a.size < 2


def listed(answer: Any) -> list[Any]:
    """The results of a row as a list."""
    return list(answer) if isinstance(answer, (tuple, list)) else [answer]


def holds(on_symbols: Function, on_arrays: Function, given: list[Any], results: Sequence[Array | None], kind: Any) -> bool:
    """Whether `on_symbols`, which gave these results for what is `given`, gives what `on_arrays` gives for other numbers, too.

    Args:
        kind: what is equal for calls of the same kind; None: each is one of its own.
    """
    turns = _turns(given, results)
    if not turns:
        return True
    key = None if kind is None else (kind, form(given), tuple(None if r is None else r.shape for r in results))
    found = _proven.get(key) if key is not None else None
    if found is None:
        chance = np.random.default_rng(0)
        with np.errstate(all="ignore"):
            found = all(_agrees(on_symbols, on_arrays, given, results, chance) for _ in range(turns))
        if key is not None and len(_proven) < _MOST:
            _proven[key] = found
    return found


def form(value: Any) -> Any:
    """What is equal for values of one form: of arrays the shape, dtype and layout, of numbers the number."""
    if type(value) is Symbol:
        return value.live, form(value.array)
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.strides
    if isinstance(value, (list, tuple)):
        return type(value), *map(form, value)
    if isinstance(value, dict):
        return tuple((key, form(v)) for key, v in value.items())
    return type(value), repr(value)


def _turns(given: list[Any], results: Sequence[Array | None]) -> int:
    sizes = [r.size for r in results if r is not None and r.dtype.kind in "fc"]
    if not sizes:
        return 0
    read: int = sum(x.array.size for x in given if type(x) is Symbol)
    return min(_TURNS, _ENOUGH // max(min(sizes), 1) + _LEAST, _WORK // max(read, 1) + 1)


def _agrees(on_symbols: Function, on_arrays: Function, given: list[Any], results: Sequence[Array | None], chance: Any) -> bool:
    others = [_moved(plain(x), chance) if type(x) is Symbol else x for x in given]
    tape = Tape()
    symbols = [
        Symbol(_kept(other), tape, x.live, x.writable) if type(x) is Symbol else other for x, other in zip(given, others, strict=True)
    ]
    try:
        wanted = listed(on_arrays([_kept(x) for x in others]))
    except Exception:  # numbers that the row refuses say nothing
        return True
    try:
        made = listed(on_symbols(symbols))
    except Exception:  # nor can it be followed then
        return False
    return all(r is None or _same_numbers(plain(got), np.asarray(want)) for r, got, want in zip(results, made, wanted, strict=True))


def _moved(array: Array, chance: Any) -> Array:
    """Other numbers of the same signs, none of them larger (a chance stays one), as a whole of another magnitude: small beside large ones
    show little."""
    if array.dtype.kind not in "fc":
        return array
    factors = (1 - 0.5 * chance.random(array.shape)) * 2.0 ** -chance.integers(8)
    return np.asarray(_kept(array) * factors.astype(array.dtype))


def _kept(value: Any) -> Any:
    """A copy that lies in memory as the array does."""
    return value.copy("K") if isinstance(value, np.ndarray) else value


def _same_numbers(a: Array, b: Array) -> bool:
    """As `same_bits`; one nan is as good as another."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    missing = np.isnan(a) & np.isnan(b) if a.dtype.kind in "fc" else np.zeros(a.shape, bool)
    return same_bits(np.where(missing, a.dtype.type(0), a), np.where(missing, b.dtype.type(0), b))


__all__ = ["form", "holds", "listed", "same_bits", "same_layout"]

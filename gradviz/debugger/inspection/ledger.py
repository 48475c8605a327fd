"""How a leaf's `.grad` was filled: stacked contributions per epoch, and its values over time."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event, Kind, Stats
from ...recording.statistics import NAMES
from ..answers import Contribution, Ledger, LedgerRow, Series
from ..float64 import magnitudes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...recording.recording import Recording
    from ..trace.columns import Columns
    from ..trace.trace import Trace

_ELEMENTS = 16  # shown of each value
WINDOW = 256  # writes that a ledger shows at once: more bars than fit on any screen
_POINTS = 1000  # of a curve: more cannot be told apart
_EXACT = 4096  # elements that are summed; of more the mean is good enough
_PARTS = 24  # contributions told apart in a bar; a folded one has pass and epoch -1


def build_ledger(recording: Recording, columns: Columns, trace: Trace, leaf: int, block: int = 0) -> Ledger:
    """The bars of a leaf: one row an epoch, or one a backward pass outside loops.

    Args:
        block: which part of a long run, see `block_of`.
    """
    rows: list[LedgerRow] = []
    writes = trace.grad_writes(leaf)
    start = max(0, (block - 1) * (WINDOW // 2))
    stop = start + WINDOW
    standing = _standing(trace, writes, start)  # what is in `.grad` now
    period: tuple[int, int] | None = None
    pending = _Row()
    trace.open(np.array(writes[start:stop], np.int64))
    for event in map(trace.event, writes[start:stop]):
        key = _period(columns, event)
        if key != period and pending.label:
            rows.append(pending.close())
            pending = _Row()
        period = key
        if event.kind != Kind.ZERO_GRAD:
            if event.kind == Kind.ASSIGN_GRAD or event.detail.get("first"):
                standing = []
            standing = _folded([*standing, _contribution(trace, event)])
            pending.fill(_label(event), event, tuple(standing))
        else:
            standing = []
            pending.empty(event)
    if pending.label:
        rows.append(pending.close())
    name = recording.sites[leaf].name or recording.sites[leaf].op
    return Ledger(leaf, name, tuple(rows), start, max(0, len(writes) - stop))


def block_of(trace: Trace, leaf: int, position: int) -> int:
    """Which part of a leaf's ledger holds a position: each half a window long, so that stepping on turns the page in time."""
    writes = trace.grad_writes(leaf) if leaf >= 0 else []
    if len(writes) <= WINDOW:
        return 0
    return min(bisect_right(writes, position), len(writes) - 1) // (WINDOW // 2)


def _standing(trace: Trace, writes: list[int], start: int) -> list[Contribution]:
    """What had stood in `.grad` before a window, as one contribution."""
    if not start:
        return []
    event = trace.event(writes[start - 1])
    picture = trace.picture(event.writes[0].value) if event.writes else None
    if picture is None or event.kind == Kind.ZERO_GRAD:
        return []
    total = _total(picture.array, picture.stats)
    return [Contribution(event.index, -1, -1, picture.stats.whole_norm, total)]


def _folded(parts: list[Contribution]) -> list[Contribution]:
    """At most `_PARTS` contributions: the oldest become one, because nobody tells thirty colours apart.

    (Without it a leaf that is never zeroed costs the square of its epochs: 43 s for 30,000.)
    """
    if len(parts) <= _PARTS:
        return parts
    first, second = parts[:2]
    total = first.total + second.total
    return [Contribution(second.event, -1, -1, first.norm + second.norm, total), *parts[2:]]


class _Row:
    """A bar while its epoch lasts."""

    def __init__(self) -> None:
        self.label = ""
        self._event = -1
        self._parts: tuple[Contribution, ...] = ()
        self._cleared = False
        self._none = True

    def fill(self, label: str, event: Event, parts: tuple[Contribution, ...]) -> None:
        """A pass added to `.grad`."""
        self.label, self._event, self._parts = label, event.index, parts
        self._cleared = self._none = False

    def empty(self, event: Event) -> None:
        """`.grad` was zeroed or set to None; the bar keeps showing what had stood there."""
        if self._parts:
            self._event = event.index
        self._cleared = bool(self._parts)
        self._none = bool(event.detail.get("set_to_none"))

    def close(self) -> LedgerRow:
        """The epoch is over."""
        return LedgerRow(self.label, self._event, self._parts, self._cleared, self._none)


def _period(columns: Columns, event: Event) -> tuple[int, int]:
    """What a bar stands for: in a loop its epoch (the step that it began in tells loops apart), else the backward pass."""
    if event.epoch < 0:
        return (-1, event.pass_)
    return (event.epoch, _loop(columns, event.index))


def _loop(columns: Columns, index: int) -> int:
    """Where the run of events in loops around an event begins: two loops are apart by code outside, or by an epoch that goes back."""
    outside = columns.outside_loops
    number = int(np.searchsorted(outside, index))
    return int(outside[number - 1]) if number else -1


def _label(event: Event) -> str:
    return f"epoch {event.epoch}" if event.epoch >= 0 else f"backward {event.pass_}"


def _contribution(trace: Trace, event: Event) -> Contribution:
    """What one ACCUMULATE added, or an ASSIGN_GRAD put there; its sum is exact from the numbers, else from mean and size."""
    value = event.reads[0].value if event.reads else -1
    if value < 0:
        return Contribution(event.index, event.pass_, event.epoch, 0.0, 0.0)
    stats = trace.recording.stats(value)
    return Contribution(event.index, event.pass_, event.epoch, stats.whole_norm, _total(trace.recording.peek(value), stats))


def _total(array: np.ndarray[Any, Any] | None, stats: Stats) -> float:
    if array is not None and array.size <= _EXACT:
        return float(magnitudes(array).sum())
    return stats.mean * float(np.prod(stats.shape))


def build_series(recording: Recording, trace: Trace, leaf: int) -> Series:
    """A point for each write of the leaf's `.grad`; of a long run neighbouring pairs of writes, evenly spaced.

    (Pairs, because with zero_grad every other write empties `.grad`, and a curve of every other write would hide that.)
    """
    writes = trace.grad_writes(leaf)
    if len(writes) > _POINTS:
        pairs = np.linspace(0, len(writes) // 2 - 1, _POINTS // 2).astype(np.int64) * 2 + len(writes) % 2
        writes = [writes[k] for k in np.stack((pairs, pairs + 1), 1).reshape(-1).tolist()]
    rows = np.array(writes, np.int64)
    values = recording.first_written(rows)
    accumulated = trace.columns.kind[rows] != int(Kind.ZERO_GRAD)
    return Series(
        leaf=leaf,
        name=recording.sites[leaf].name or recording.sites[leaf].op,
        events=tuple(writes),
        epochs=tuple(trace.columns.epoch[rows].tolist()),
        norms=tuple(_norms(recording, values).tolist()),
        elements=tuple(_elements(trace, leaf, values.tolist())),
        kinds=tuple("accumulate" if yes else "zero_grad" for yes in accumulated.tolist()),
    )


def _norms(recording: Recording, values: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The norm of each value, nan or inf where one of its elements is."""
    measures = recording.measures(values)
    norms, nans, infs = (measures[:, NAMES.index(name)] for name in ("norm", "nans", "infs"))
    return np.where(nans > 0, np.nan, np.where(infs > 0, np.inf, norms))


def _elements(trace: Trace, leaf: int, values: list[int]) -> Iterator[tuple[float, ...]]:
    """The first elements of each value; nan for None, and as many as the leaf has so that curves have equal length."""
    born = trace.event(int(trace.made[leaf][0]))
    shape = trace.recording.stats(born.writes[0].value).shape if born.writes and born.writes[0].value >= 0 else ()
    missing = (float("nan"),) * min(_ELEMENTS, int(np.prod(shape)))
    for value in values:
        array = trace.recording.peek(value)
        yield tuple(magnitudes(array.reshape(-1)[:_ELEMENTS]).tolist()) if array is not None else missing

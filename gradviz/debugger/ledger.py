"""How a leaf's `.grad` was filled: stacked contributions per epoch, and its values over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..recording.event import Event, Kind
from .answers import Contribution, Ledger, LedgerRow, Series

if TYPE_CHECKING:
    from ..recording.recording import Recording
    from .columns import Columns
    from .trace import Trace

_ELEMENTS = 16  # shown of each value
_PARTS = 24  # contributions told apart in a bar; a folded one has pass and epoch -1


def build_ledger(recording: Recording, columns: Columns, trace: Trace, leaf: int) -> Ledger:
    """The bars of a leaf: one row an epoch, or one a backward pass outside loops."""
    rows: list[LedgerRow] = []
    standing: list[Contribution] = []  # what is in `.grad` now
    period: tuple[int, int] | None = None
    pending = _Row()
    for event in _writes(columns, trace, leaf):
        key = _period(columns, event)
        if key != period and pending.label:
            rows.append(pending.close())
            pending = _Row()
        period = key
        if event.kind == Kind.ACCUMULATE:
            if event.detail.get("first"):
                standing = []
            standing = _folded([*standing, _contribution(trace, event)])
            pending.fill(_label(event), event, tuple(standing))
        else:
            standing = []
            pending.empty(event)
    if pending.label:
        rows.append(pending.close())
    return Ledger(leaf, recording.sites[leaf].name or recording.sites[leaf].op, tuple(rows))


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
    """What one ACCUMULATE added; its sum is exact from the numbers, else from mean and size."""
    picture = trace.picture(event.reads[0].value) if event.reads else None
    if picture is None:
        return Contribution(event.index, event.pass_, event.epoch, 0.0, 0.0)
    if picture.array is not None:
        total = float(picture.array.sum(dtype=np.float64))
    else:
        total = picture.stats.mean * float(np.prod(picture.stats.shape))
    return Contribution(event.index, event.pass_, event.epoch, picture.stats.norm, total)


def _writes(columns: Columns, trace: Trace, leaf: int) -> list[Event]:
    """All ACCUMULATE and ZERO_GRAD events of a leaf's tensors, ascending (a leaf made anew in each step is many tensors)."""
    rows: set[int] = set()
    for made in trace.made[leaf]:
        born = trace.event(int(made))
        if born.writes:
            rows.update(int(row) for row in trace.writes(trace.location("grad", trace.tensor_of(born.writes[0].location))))
    return [trace.event(row) for row in sorted(rows) if columns.kind[row] in (int(Kind.ACCUMULATE), int(Kind.ZERO_GRAD))]


def build_series(recording: Recording, columns: Columns, trace: Trace, leaf: int) -> Series:
    """A point for each write of the leaf's `.grad`."""
    events = _writes(columns, trace, leaf)
    norms, elements = [], []
    for event in events:
        picture = trace.picture(event.writes[0].value) if event.writes else None
        norms.append(picture.stats.norm if picture is not None else float("nan"))
        elements.append(_first_elements(trace, event, leaf))
    return Series(
        leaf=leaf,
        name=recording.sites[leaf].name or recording.sites[leaf].op,
        events=tuple(event.index for event in events),
        epochs=tuple(event.epoch for event in events),
        norms=tuple(norms),
        elements=tuple(elements),
        kinds=tuple("accumulate" if event.kind == Kind.ACCUMULATE else "zero_grad" for event in events),
    )


def _first_elements(trace: Trace, event: Event, leaf: int) -> tuple[float, ...]:
    """The first elements of what was written; nan for None, and as many as the leaf has so that curves have equal length."""
    picture = trace.picture(event.writes[0].value) if event.writes else None
    if picture is not None and picture.array is not None:
        return tuple(float(v) for v in picture.array.reshape(-1)[:_ELEMENTS])
    born = trace.event(int(trace.made[leaf][0]))
    shape = trace.recording.stats(born.writes[0].value).shape if born.writes and born.writes[0].value >= 0 else ()
    return (float("nan"),) * min(_ELEMENTS, int(np.prod(shape)))

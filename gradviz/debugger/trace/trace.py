"""Which site made which tensor and call, and who wrote a location: what graph and moments look up.

All arrays come from numpy passes over the columns; rows are opened only where somebody looks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...recording.event import Event, Kind
from ...recording.location import pack
from ..scene import GraphEdge, Picture

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from .columns import Columns, Ints

MAKING = (Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.DETACH, Kind.INPLACE_WRITE)
_MADE = np.isin(np.arange(max(Kind) + 1), MAKING)  # a table: a tenth of the time of `np.isin`
_PICTURES = 16384  # pictures kept: the same value is the same object from moment to moment, so that the canvas need not look into it
_EVENTS = 65536  # opened rows kept
_LOOK_BACK = 64  # in-place writes without history that are looked through for one with history: a parameter has one a step


class CallRows(NamedTuple):
    """The events of one op call, each list ascending.

    Attributes:
        made: where it ran (one event; none for an AccumulateGrad).
        arrivals: what put a cotangent on one of its outputs: SEED, DELIVER, and a HOOK that changed it.
    """

    made: list[int]
    saves: list[int]
    fires: list[int]
    frees: list[int]
    arrivals: list[int]


class Trace:
    """Look-ups in one state of a recording.

    Attributes:
        made: for each site the events that made its tensor, ascending (for a bucket: of its leaf's).
        leaf_of: bucket site -> leaf site.
        bucket_of: leaf site -> bucket site.
    """

    def __init__(self, recording: Recording, columns: Columns, before: Trace | None = None) -> None:
        """`before`: the look-ups of the recording when it was shorter; rows and values that are there never change."""
        self.recording = recording
        self.columns = columns
        self._events: dict[int, Event] = before._events if before is not None else {}
        self._pictures: dict[int, Picture] = before._pictures if before is not None else {}
        old = before if columns.known else None
        self.edges: dict[int, list[GraphEdge]] = old.edges if old is not None else {}
        self._site_of_call: Ints = _site_of_call(columns, old._site_of_call if old is not None else None)
        self.made: list[list[int]] = _made(columns, len(recording.sites), old.made if old is not None else [])
        self._accumulates = _Groups(columns.site, np.flatnonzero(columns.kind == int(Kind.ACCUMULATE)))
        self._calls: dict[int, CallRows] = {}
        self._writes: dict[int, list[int]] = {}
        self._grad_writes: dict[int, list[int]] = {}
        self.leaf_of: dict[int, int] = {}
        self.bucket_of: dict[int, int] = {}
        for site in recording.sites:
            if site.role == "bucket":
                self._pair(site.index)

    def _pair(self, bucket: int) -> None:
        """Find the leaf of a bucket: from its first write, the same for all its writes."""
        tensor = self.recording.bucket_leaf(bucket)
        if tensor is None:
            return
        leaf = self.site_of_tensor(tensor)
        self.leaf_of[bucket] = leaf
        self.bucket_of[leaf] = bucket
        self.made[bucket] = self.made[leaf]  # the same list, so that it grows with the leaf's

    def event(self, index: int) -> Event:
        """The row, opened once."""
        found = self._events.get(index)
        if found is None:
            if len(self._events) > _EVENTS:
                self._events.clear()
            found = self._events[index] = self.recording.event(index)
        return found

    def open(self, rows: Ints) -> None:
        """Open many rows at once, before they are looked at one by one."""
        wanted = np.array([row for row in rows.tolist() if row not in self._events], np.int64)
        if len(self._events) + len(wanted) > _EVENTS:
            self._events.clear()
        for event in self.recording.events(wanted[:_EVENTS]):
            self._events[event.index] = event

    def picture(self, value: int) -> Picture | None:
        """A value with its statistics; None for id -1."""
        if value < 0:
            return None
        found = self._pictures.get(value)
        if found is None:
            if len(self._pictures) > _PICTURES:
                self._pictures.clear()
            found = self._pictures[value] = Picture(self.recording.array(value), self.recording.stats(value))
        return found

    def forget_pictures(self) -> None:
        """Values may have numbers now that had none."""
        self._pictures = {value: picture for value, picture in self._pictures.items() if picture.array is not None}

    def site_of_call(self, call: int) -> int:
        """The site of an op call, -1 for none."""
        return int(self._site_of_call[call]) if 0 <= call < len(self._site_of_call) else -1

    def site_of_tensor(self, tensor: int) -> int:
        """The site that made a tensor, -1 for none."""
        return int(self.recording.tensor_site[tensor])

    def tensor_of(self, location: int) -> int:
        """The tensor number that a val, grad or flag location belongs to."""
        return int(self.recording.locations[location].owner)

    def location(self, kind: str, owner: int, slot: int = 0) -> int:
        """The number of a location, also of one that nothing was ever written to."""
        return pack(kind, owner, slot)

    def rows_of_call(self, call: int) -> CallRows:
        """The events of an op call and of what arrives at it.

        Hot path: for each node of a moment.
        """
        found = self._calls.get(call)
        if found is None:
            if len(self._calls) > _EVENTS:
                self._calls.clear()
            found = self._calls[call] = self._open_call(call)
        return found

    def _open_call(self, call: int) -> CallRows:
        rows = self._known(self.recording.events_of_call(call).tolist())
        kinds = [int(self.columns.kind[row]) for row in rows]
        made = [row for row, kind in zip(rows, kinds, strict=True) if kind in MAKING]
        outputs = max(1, len(self.event(made[0]).writes)) if made else 1
        arrivals = sorted({row for slot in range(outputs) for row in self.writes(self.location("gin", call, slot))})
        of = {kind: [row for row, k in zip(rows, kinds, strict=True) if k == int(kind)] for kind in (Kind.SAVE, Kind.VJP, Kind.FREE_SAVES)}
        return CallRows(made, of[Kind.SAVE], of[Kind.VJP], of[Kind.FREE_SAVES], arrivals)

    def bucket_call_row(self, site: int, pass_: int) -> int | None:
        """The ACCUMULATE event of a bucket in a pass, None where it gets nothing."""
        rows = self._accumulates.of(site)
        of_rows = self.columns.pass_
        number = bisect_left(range(len(rows)), pass_, key=lambda k: of_rows[rows[k]])  # of a long run most are never looked at
        return int(rows[number]) if number < len(rows) and of_rows[rows[number]] == pass_ else None

    @cached_property
    def fires(self) -> Ints:
        """The events at which any node fires, ascending."""
        return np.flatnonzero(self.columns.kind == int(Kind.VJP))

    @cached_property
    def fired(self) -> frozenset[int]:
        """The sites that a gradient passed at any time: their vjp ran, or their `.grad` was written."""
        rows = np.isin(self.columns.kind, (int(Kind.VJP), int(Kind.ACCUMULATE)))
        return frozenset(self.columns.site[rows].tolist())

    def norm(self, value: int) -> float:
        """The norm of a value, 0 for none."""
        return self.recording.stats(value).norm if value >= 0 else 0.0

    def latest_made(self, site: int, position: int) -> int | None:
        """The last event up to `position` that made the site's tensor."""
        rows = self.made[site]
        number = bisect_right(rows, position)
        return rows[number - 1] if number else None

    def writes(self, location: int) -> list[int]:
        """The events that wrote a location, ascending."""
        found = self._writes.get(location)
        if found is None:
            if len(self._writes) > _EVENTS:
                self._writes.clear()
            found = self._writes[location] = self._known(self.recording.writes_of(location).tolist())
        return found

    def _known(self, rows: list[int]) -> list[int]:
        """Without what came after the columns were read: a moment on the screen is looked at while its recording grows."""
        length = self.columns.length
        return rows if not rows or rows[-1] < length else rows[: bisect_left(rows, length)]

    def grad_writes(self, leaf: int) -> list[int]:
        """All ACCUMULATE, ZERO_GRAD and ASSIGN_GRAD events of a leaf's tensors, ascending; one made anew in each step is many tensors."""
        found = self._grad_writes.get(leaf)
        if found is None:
            rows: set[int] = set()
            for made in self.made[leaf]:
                born = self.event(int(made))
                if born.writes:
                    rows.update(self.writes(self.location("grad", self.tensor_of(born.writes[0].location))))
            kinds = (int(Kind.ACCUMULATE), int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD))
            found = self._grad_writes[leaf] = [row for row in sorted(rows) if self.columns.kind[row] in kinds]
        return found

    def sites_on(self, tensor: int) -> set[int]:
        """The sites that ever wrote a tensor: they all show what it holds now. (Of a parameter with thousands of updates the last ones.)"""
        rows = self.writes(self.location("val", tensor))
        return {site for row in rows[-_LOOK_BACK:] if (site := int(self.columns.site[row])) >= 0} if len(rows) > 1 else set()

    def last_write(self, location: int, at: int) -> int | None:
        """The last event up to and with `at` that wrote the location."""
        rows = self.writes(location)
        number = bisect_right(rows, at)
        return rows[number - 1] if number else None

    def next_write(self, location: int, at: int) -> int | None:
        """The first event after `at` that writes the location."""
        rows = self.writes(location)
        number = bisect_right(rows, at)
        return rows[number] if number < len(rows) else None

    def value_at(self, location: int, at: int) -> int:
        """The id of what a location held after event `at`, -1 for None or not known."""
        row = self.last_write(location, at)
        if row is None:
            return -1
        return next(ref.value for ref in self.event(row).writes if ref.location == location)

    def output(self, row: int, location: int) -> int:
        """Which of the results of the event that wrote it a val location is."""
        writes = self.event(row).writes
        return next((number for number, ref in enumerate(writes) if ref.location == location), 0) if len(writes) > 1 else 0

    def version_at(self, location: int, at: int) -> int:
        """The version that a location had after event `at`, -1 before it was written."""
        row = self.last_write(location, at)
        if row is None:
            return -1
        return next(ref.version for ref in self.event(row).writes if ref.location == location)

    def producer(self, location: int, at: int) -> int:
        """The site whose output a read of a val location before event `at` sees.

        An in-place op with history stands between the tensor's maker and its later readers; a write without
        history (in no_grad, by an optimizer) leaves a parameter the leaf that it is.
        """
        event = self._tracked_write(location, at)
        return event.site if event is not None else self.site_of_tensor(self.tensor_of(location))

    def _tracked_write(self, location: int, at: int) -> Event | None:
        """The last in-place op with history on a val location before event `at`."""
        rows = self.writes(location)
        for row in reversed(rows[: bisect_left(rows, at)][-_LOOK_BACK:]):
            if int(self.columns.kind[row]) != Kind.INPLACE_WRITE:
                break
            event = self.event(row)
            if event.site >= 0 and self.has_history(event):
                return event
        return None

    def has_history(self, event: Event) -> bool:
        """Whether the output of an op's event has a grad_fn."""
        if event.kind == Kind.INPLACE_WRITE:
            return "next" in event.detail
        return bool(event.detail.get("grad_fn"))

    def requires_grad(self, location: int, at: int) -> bool:
        """Whether the tensor of a val location required grad after event `at`."""
        changed = self.last_write(self.location("flag", self.tensor_of(location)), at)
        if changed is not None:
            return bool(self.event(changed).detail["value"])
        rows = self.writes(location)
        if not rows or rows[0] > at:
            return False
        born = self.event(rows[0])
        if born.kind == Kind.CREATE_LEAF and born.detail.get("requires_grad"):
            return True
        return self.has_history(born) or self._tracked_write(location, at + 1) is not None


class _Groups:
    """Of some rows those with one value of a column, without a dictionary of lists."""

    def __init__(self, column: Ints, rows: Ints) -> None:
        order = np.argsort(column[rows], kind="stable")
        self._order = rows[order]
        self._sorted = column[self._order]

    def of(self, value: int) -> Ints:
        start, stop = np.searchsorted(self._sorted, (value, value + 1))
        return self._order[start:stop]


def _site_of_call(columns: Columns, before: Ints | None) -> Ints:
    """The site of each call; calls that were there before keep theirs."""
    new = slice(columns.known if before is not None else 0, None)
    rows = (columns.call[new] >= 0) & (columns.site[new] >= 0)
    calls = columns.call[new][rows]
    old = before if before is not None else np.zeros(0, np.int64)
    sites = np.full(max(int(calls.max()) + 1 if len(calls) else 0, len(old)), -1, np.int64)
    sites[: len(old)] = old
    sites[calls] = columns.site[new][rows]
    return sites


def _made(columns: Columns, sites: int, before: list[list[int]]) -> list[list[int]]:
    """The events that made the tensor of each site: the lists of before grow, nobody reads a shorter recording any more."""
    known = columns.known if before else 0
    rows = np.flatnonzero(_MADE[columns.kind[known:]] & (columns.site[known:] >= 0)) + known
    at = columns.site[rows]
    order = np.argsort(at, kind="stable")
    made = before + [[] for _ in range(sites - len(before))]
    if len(rows):
        firsts = np.flatnonzero(np.diff(at[order], prepend=-1))
        for site, part in zip(at[order][firsts].tolist(), np.split(rows[order], firsts[1:]), strict=True):
            made[site] += part.tolist()
    return made

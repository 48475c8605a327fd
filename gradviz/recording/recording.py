"""Recording: everything that happened, in columns; every view of the window reads one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from math import gcd, lcm
from typing import Any

import numpy as np

from .columns.columns import LONGEST_PERIOD, Column, Ints
from .columns.index import Index
from .columns.layout import CHUNK_COLUMNS, EVENT_COLUMNS, OPENED, REF_COLUMNS
from .columns.touched import Touched
from .event import Event, Kind, Phase, Ref, Site, Stats
from .file.checks import check, form_of, leaves_of, rows_of, site_of, template_of
from .file.chunk import Chunk, decode, site_row
from .location import SUB_BITS, Location, Locations, packed
from .numbers.store import Piece, Store
from .numbers.tiers import BUDGET, Tiers
from .problem import RecordingProblem
from .statistics import NAMES

Array = np.ndarray[Any, Any]

Turn = tuple[int, int, int]  # events, refs, extras
_FEW = 64  # owners whose writes are looked up one by one
_NOTHING = np.zeros(0, np.int64)
_KINDS, _PHASES = tuple(Kind), tuple(Phase)


class Recording:
    """A run, append-only: `append_chunk` adds what a `Recorder` drained.

    Args:
        budget: bytes that it may take; beyond it numbers go (see tiers.py), and their statistics stay.

    Attributes:
        sites: the places of the program, see `Site`.
        tensor_site: for each tensor number the site that made it, -1 for none.
        locations: `locations[number]` is a `Location`.
        meta: the header: source, path, seed, error, engine version.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.sites: list[Site] = []
        self.locations = Locations()
        self.meta: dict[str, Any] = {}
        self.tensor_site = Column()
        self._columns = {name: Column() for name in (*EVENT_COLUMNS, "ref", "extra_at")}
        self._refs = {name: Column() for name in REF_COLUMNS}
        self._extras = Column()
        self._refs_count = 0
        self._boundaries: dict[int, Turn] = {}  # line of a loop -> where its last turn began
        self._turns: dict[int, Turn] = {}
        self._templates: list[tuple[dict[str, Any], tuple[str, ...]]] = []
        self._bucket_leaves: dict[int, int] = {}
        self._budget = budget
        self._store = Store(budget)
        self._indexes = {name: Index(rows) for name, rows in self._index_rows().items()}
        self._read, self._written = (Touched(partial(self._touched_rows, written), self._steady) for written in (False, True))

    def __len__(self) -> int:
        return len(self._columns["kind"])

    def __iter__(self) -> Iterator[Event]:
        return (self.event(i) for i in range(len(self)))

    # The header.

    @property
    def source(self) -> str:
        """The text of the script."""
        return str(self.meta.get("source", ""))

    @property
    def path(self) -> str:
        """Where the script was."""
        return str(self.meta.get("path", ""))

    @property
    def seed(self) -> int | None:
        """The seed that the script set, None where it set none."""
        seed = self.meta.get("seed")
        return seed if type(seed) is int else None

    @property
    def error(self) -> dict[str, Any] | None:
        """Type, text and line of the error that ended the script, or None."""
        error = self.meta.get("error")
        return error if isinstance(error, dict) else None

    # Growing.

    def append_chunk(self, data: bytes | memoryview) -> None:
        """Add what `Recorder.drain` gave.

        Raises:
            RecordingProblem: when the data is damaged; what stood before it is kept.
        """
        for chunk in decode(data, CHUNK_COLUMNS, len(NAMES)):
            self._append(chunk)
        self._keep_to_budget()

    def _append(self, chunk: Chunk) -> None:
        columns, tables = chunk.columns, chunk.tables
        if chunk.first != len(self) or chunk.first_value != len(self._store):
            raise RecordingProblem("The recording is damaged: a chunk is missing.")
        sites = [site_of(row) for row in rows_of(tables, "sites")]
        changed = [site_of(row) for row in rows_of(tables, "changed")]
        templates = [template_of(text) for text in rows_of(tables, "templates")]
        forms = [form_of(row) for row in rows_of(tables, "forms")]
        leaves = leaves_of(rows_of(tables, "leaves"))
        check(columns, len(self.sites) + len(sites), len(self._templates) + len(templates), len(self._store) + len(chunk.stats))
        if [s.index for s in sites] != list(range(len(self.sites), len(self.sites) + len(sites))) or any(
            not 0 <= s.index < len(self.sites) for s in changed
        ):
            raise RecordingProblem("The recording is damaged: its sites are out of order.")
        (data,) = chunk.data
        kept = bool(tables.get("kept")) and bool(len(data))
        self._store.append(forms, columns["form"], columns["same"], chunk.stats, data if kept else None)
        self.sites += sites
        for site in changed:
            self.sites[site.index] = site
        self._templates += templates
        self._bucket_leaves |= leaves
        meta = tables.get("meta")
        self.meta |= meta if isinstance(meta, dict) else {}
        self.tensor_site.extend(columns["tensor_site"])
        width, extras = columns["reads"] + columns["writes"], columns["extras_count"]
        ref, extra_at = self._refs_count + np.cumsum(width) - width, len(self._extras) + np.cumsum(extras) - extras
        self._refs_count += int(width.sum())
        self._look_for_turns(columns["kind"], columns["line"], ref, extra_at)
        periods, of_refs, of_extras = (tuple(turn[k] for turn in self._turns.values()) for k in range(3))
        self._columns["ref"].extend(ref, periods)
        self._columns["extra_at"].extend(extra_at, periods)
        for name in REF_COLUMNS:
            self._refs[name].extend(columns[name], of_refs)
        self._extras.extend(columns["extra"], of_extras)
        for name in EVENT_COLUMNS:
            self._columns[name].extend(columns[name], periods)

    def _look_for_turns(self, kind: Ints, line: Ints, ref: Ints, extra_at: Ints) -> None:
        """How many events, refs and extras the last turn of each loop took: the columns may repeat themselves after as many."""
        boundaries = np.flatnonzero(kind == int(Kind.BOUNDARY))
        for loop in sorted(set(line[boundaries].tolist())):  # `np.unique` loads numpy.ma, and the first picture waits for it
            for row in boundaries[line[boundaries] == loop][-2:].tolist():
                here = (len(self) + row, int(ref[row]), int(extra_at[row]))
                before = self._boundaries.get(loop)
                self._boundaries[loop] = here
                if before is not None and here[0] - before[0] <= LONGEST_PERIOD:
                    self._turns[loop] = (here[0] - before[0], here[1] - before[1], here[2] - before[2])

    # Events.

    def event(self, index: int) -> Event:
        """One row."""
        at = {name: column[index] for name, column in self._columns.items()}
        first, middle = at["ref"], at["ref"] + at["reads"]
        stop = middle + at["writes"]
        return Event(
            index, _KINDS[at["kind"]], at["site"], at["call"], at["line"], at["step"], at["epoch"], at["pass_"], _PHASES[at["phase"]],
            bool(at["grad_mode"]), tuple(map(self._ref, range(first, middle))), tuple(map(self._ref, range(middle, stop))),
            self._detail(at["template"], at["extra_at"], at["extras_count"]),
        )  # fmt: skip

    def events(self, rows: Ints) -> list[Event]:
        """Many rows at once, in a third of the time that one look for each would take."""
        at = {name: column.take(rows) for name, column in self._columns.items()}
        width = at["reads"] + at["writes"]
        ends = np.cumsum(width)
        refs = np.repeat(at["ref"] - (ends - width), width) + np.arange(int(ends[-1]) if len(ends) else 0)
        columns = {name: column.take(refs) for name, column in self._refs.items()}
        location = (columns["owner"] << SUB_BITS | columns["sub"]).tolist()
        opened = list(map(Ref, location, columns["version"].tolist(), columns["value"].tolist()))
        made, first = [], 0
        for index, stop, row in zip(rows.tolist(), ends.tolist(), zip(*(at[n].tolist() for n in OPENED), strict=True), strict=True):
            kind, site, call, line, step, epoch, pass_, phase, grad_mode, reads, template, extra_at, extras = row
            middle = first + reads
            detail = self._detail(template, extra_at, extras)
            made.append(
                Event(
                    index, _KINDS[kind], site, call, line, step, epoch, pass_, _PHASES[phase], bool(grad_mode),
                    tuple(opened[first:middle]), tuple(opened[middle:stop]), detail,
                )
            )  # fmt: skip
            first = stop
        return made

    def _ref(self, row: int) -> Ref:
        refs = self._refs
        return Ref(refs["owner"][row] << SUB_BITS | refs["sub"][row], refs["version"][row], refs["value"][row])

    def _detail(self, template: int, first: int, count: int) -> dict[str, Any]:
        static, fields = self._templates[template]
        detail = dict(static)
        if not fields:
            return detail
        extras = self._extras.between(first, first + count).tolist()
        for at, name in enumerate(fields):
            if name.startswith("*"):
                detail[name[1:]] = [None if number < 0 else number for number in extras[at:]]
            elif at < len(extras):
                detail[name.lstrip("?")] = bool(extras[at]) if name.startswith("?") else extras[at]
        return detail

    def column(self, name: str, start: int = 0) -> Ints:
        """kind, site, call, line, step, epoch, pass_, phase or grad_mode of all events from `start` on, as a new array."""
        return self._columns[name].between(start, len(self))

    # Values.

    @property
    def value_count(self) -> int:
        """How many values there are."""
        return len(self._store)

    def stats(self, value: int) -> Stats:
        """The statistics of a value; known also where its numbers were not kept."""
        return self._store.stats(value)

    def form(self, value: int) -> tuple[tuple[int, ...], str]:
        """Shape and dtype of a value."""
        return self._store.form(value)

    def measures(self, values: Ints, which: Iterable[int] = range(len(NAMES))) -> np.ndarray[Any, np.dtype[np.float64]]:
        """norm, mean, minimum, maximum, nans, infs, zeros of each value, one row each; nan for id -1, and for what is not asked for."""
        return self._store.measures(values, which)

    def norms(self, values: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The norm of each value; nan for id -1."""
        return self._store.norms(values)

    def first_written(self, events: Ints) -> Ints:
        """The value that each event wrote first, -1 for none."""
        return self._first_of_writes(events, "value")

    def first_owners(self, events: Ints) -> Ints:
        """The tensor (or call) whose location each event wrote first, -1 for none."""
        return self._first_of_writes(events, "owner")

    def first_read(self, events: Ints) -> Ints:
        """The value that each event read first, -1 for none."""
        out = np.full(len(events), -1, np.int64)
        ref, reads = (self._columns[column].take(events) for column in ("ref", "reads"))
        rows = np.flatnonzero(reads)
        out[rows] = self._refs["value"].take(ref[rows])
        return out

    def detail_of(self, events: Ints, name: str) -> Ints:
        """A number or flag of the detail of each event, of a list the first, -1 where it has none."""
        out = np.full(len(events), -1, np.int64)
        templates, at, count = (self._columns[column].take(events) for column in ("template", "extra_at", "extras_count"))
        for number in set(templates.tolist()):
            static, fields = self._templates[number]
            mine = np.flatnonzero(templates == number)
            if isinstance(static.get(name), int):
                out[mine] = static[name]
            else:
                for place in [place for place, field in enumerate(fields) if field in (name, f"?{name}", f"*{name}")]:
                    mine = mine[count[mine] > place]
                    out[mine] = self._extras.take(at[mine] + place)
        return out

    def _first_of_writes(self, events: Ints, name: str) -> Ints:
        out = np.full(len(events), -1, np.int64)
        ref, reads, writes = (self._columns[column].take(events) for column in ("ref", "reads", "writes"))
        rows = np.flatnonzero(writes)
        out[rows] = self._refs[name].take((ref + reads)[rows])
        return out

    def told(self, events: Ints) -> tuple[Ints, Ints]:
        """For each event the number of what is always the same in its detail (see `always`), and the location that it reads first."""
        refs = self._columns["ref"].take(events)
        return self._columns["template"].take(events), self._refs["owner"].take(refs) << SUB_BITS | self._refs["sub"].take(refs)

    def always(self, number: int) -> dict[str, Any]:
        """What is the same in the detail of all events with that number."""
        return self._templates[number][0]

    def array(self, value: int) -> Array | None:
        """The numbers of a value, read-only; None for id -1 and where they are not there: then they may be computed again (refill.py)."""
        return self._store.array(value) if value >= 0 else None

    def peek(self, value: int) -> Array | None:
        """The same for who looks at many values and takes what is there: none is computed again because of it."""
        return self._store.peek(value) if value >= 0 else None

    def elements(self, values: Ints, key: tuple[int | slice, ...]) -> tuple[Array, np.ndarray[Any, np.dtype[np.bool_]]] | None:
        """`array(value)[key]` of many values at once, a row each, and which are there; None where they are not of one kind."""
        return self._store.elements(values, key)

    # Questions.

    def writes_of(self, location: int) -> Ints:
        """The events that wrote a location, ascending."""
        return self._events_at(self._written, location)

    def reads_of(self, location: int) -> Ints:
        """The events that read a location, ascending."""
        return self._events_at(self._read, location)

    def _events_at(self, touched: Touched, location: int) -> Ints:
        found = self._all_of(touched).index(location)
        return found.events(location >> SUB_BITS) if found is not None else _NOTHING

    def events_of_site(self, site: int) -> Ints:
        """The events at a site, ascending."""
        return self._index("site").events(site)

    def events_of_call(self, call: int) -> Ints:
        """The events of an op call, ascending."""
        return self._index("call").events(call)

    def events_of_kind(self, kind: Kind) -> Ints:
        """The events of a kind, ascending."""
        return self._index("kind").events(int(kind))

    def last_write(self, location: int, at: int) -> int | None:
        """The last event up to and with `at` that wrote the location."""
        found = self._all_of(self._written).index(location)
        return found.last(location >> SUB_BITS, at) if found is not None else None

    def next_write(self, location: int, at: int) -> int | None:
        """The first event after `at` that writes the location."""
        found = self._all_of(self._written).index(location)
        return found.next(location >> SUB_BITS, at) if found is not None else None

    def reads_among(self, owners: Ints, *kinds: str, slot: int | None = 0, stop: int) -> tuple[Ints, Ints]:
        """Owner and event of each read of a location of many owners, of the events before `stop`, in their order."""
        return self._all_of(self._read).of(owners, kinds, slot, stop)[1:]

    def writes_among(self, owners: Ints, *kinds: str, slot: int | None = 0, stop: int) -> tuple[Ints, Ints]:
        """The same of the writes; slot None: of all of them."""
        if len(owners) > _FEW or slot is None:
            return self._all_of(self._written).of(owners, kinds, slot, stop)[1:]
        locations, events = self._writes_of_few(owners, kinds, slot, stop)
        return locations >> SUB_BITS, events

    def values_among(self, owners: Ints, kind: str, *, slot: int = 0, stop: int) -> tuple[Ints, Ints, Ints]:
        """The same, and the value that was written, -1 for none."""
        if len(owners) > _FEW:
            refs, found, events = self._all_of(self._written).of(owners, (kind,), slot, stop)
            return found, events, self._refs["value"].take(refs)
        locations, events = self._writes_of_few(owners, (kind,), slot, stop)
        return locations >> SUB_BITS, events, self._values_written(events, locations)

    def _all_of(self, touched: Touched) -> Touched:
        if touched.grow(len(self)):
            self._keep_to_budget()
        return touched

    def _writes_of_few(self, owners: Ints, kinds: tuple[str, ...], slot: int, stop: int) -> tuple[Ints, Ints]:
        """Location and event, by the index."""
        places = np.concatenate([packed(kind, owners, slot) for kind in kinds])
        parts = [self.writes_of(place) for place in places.tolist()]
        events = np.concatenate([_NOTHING, *parts])
        order = np.argsort(events, kind="stable")[: np.count_nonzero(events < stop)]
        return np.repeat(places, [len(part) for part in parts])[order], events[order]

    def _values_written(self, events: Ints, locations: Ints) -> Ints:
        """The value that each event wrote to a location of its own, -1 for none."""
        out = np.full(len(events), -1, np.int64)
        at, reads, writes = (self._columns[name].take(events) for name in ("ref", "reads", "writes"))
        for place in range(int(writes.max()) if len(events) else 0):
            rows = np.flatnonzero(writes > place)
            refs = (at + reads)[rows] + place
            found = self._refs["owner"].take(refs) << SUB_BITS | self._refs["sub"].take(refs)
            there = found == locations[rows]
            out[rows[there]] = self._refs["value"].take(refs[there])
        return out

    def bucket_leaf(self, site: int) -> int | None:
        """The tensor number of the (first) leaf whose AccumulateGrad stands at that site."""
        return self._bucket_leaves.get(site)

    # Numbers again.

    def mentions(self) -> tuple[Ints, Ints]:
        """The value that each read and write speaks of, and where those of each event begin in that list."""
        return self._refs["value"].between(0, self._refs_count), self._columns["ref"].between(0, len(self))

    def bytes_between(self, start: int, stop: int) -> int:
        """How many bytes the numbers of some values take, kept or not."""
        return self._store.bytes_between(start, stop)

    # Whole, for the file.

    def tables(self) -> dict[str, Any]:
        """Sites, templates, header and buckets, as a chunk says them."""
        return {
            "sites": [site_row(site) for site in self.sites],
            "changed": [],
            "templates": [json.dumps([static, fields]) for static, fields in self._templates],
            "forms": [],
            "kept": False,
            "meta": self.meta,
            "leaves": [list(pair) for pair in self._bucket_leaves.items()],
        }

    def value_pieces(self) -> Iterator[Piece]:
        """All values, in pieces of bounded size."""
        return self._store.pieces()

    def rows(self, start: int, stop: int) -> dict[str, Ints]:
        """The columns of the events `start` <= i < `stop`, as a chunk has them."""
        found = {name: self._columns[name].between(start, stop) for name in EVENT_COLUMNS}
        if start < stop:
            ref, extra = self._columns["ref"][start], self._columns["extra_at"][start]
            refs = int((found["reads"] + found["writes"]).sum())
            found |= {name: self._refs[name].between(ref, ref + refs) for name in REF_COLUMNS}
            found["extra"] = self._extras.between(extra, extra + int(found["extras_count"].sum()))
        return found

    @property
    def nbytes(self) -> int:
        """Memory taken by the events, and by the indexes that were needed so far; without values."""
        columns = [*self._columns.values(), *self._refs.values(), self._extras, self.tensor_site]
        indexes = sum(index.nbytes for index in self._indexes.values()) + self._read.nbytes + self._written.nbytes
        return sum(column.nbytes for column in columns) + indexes

    @property
    def value_bytes(self) -> int:
        """Memory taken by the numbers that are kept."""
        return self._store.tiers.nbytes

    @property
    def memory(self) -> int:
        """Memory taken by all: events, statistics and numbers."""
        return self.nbytes + self._store.stats_bytes + self._store.tiers.nbytes

    @property
    def budget(self) -> int:
        """What the recording may take; set it at any time. Events and statistics always stay, numbers take what is left."""
        return self._budget

    @budget.setter
    def budget(self, budget: int) -> None:
        self._budget = budget
        self._keep_to_budget()

    def _keep_to_budget(self) -> None:
        self._store.tiers.budget = max(0, self._budget - self.nbytes - self._store.stats_bytes)
        self._store.tiers.trim()

    @property
    def tiers(self) -> Tiers:
        """Which numbers are in memory, and which were asked for in vain."""
        return self._store.tiers

    @property
    def filled(self) -> int:
        """Grows when numbers were computed again; what was read before may be read better then."""
        return self._store.filled

    def fill(self, arrays: dict[int, Array]) -> None:
        """Take in numbers that were computed again, by their values."""
        self._store.fill(arrays)

    def _index(self, name: str) -> Index:
        index = self._indexes[name]
        if index.grow(len(self)):
            self._keep_to_budget()
        return index

    def _index_rows(self) -> dict[str, Any]:
        def by(name: str) -> Any:
            return lambda start, stop: (self._columns[name].between(start, stop), np.arange(start, stop))

        return {name: by(name) for name in ("site", "call", "kind")}

    def _touched_rows(self, written: bool, start: int, stop: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Where each write (or read) of some events stands, owner and rest of the location, and event."""
        at, events = self._refs_at(start, stop, written)
        return at, self._refs["owner"].take(at), self._refs["sub"].take(at), events

    def _steady(self, start: int) -> tuple[int, int]:
        """After how many events what each reads and writes has grown by the same amount, and how many times it does so; 0 for never."""
        first = self._columns["ref"][start]
        place, reads, writes = (self._columns[name].steady(start) for name in ("ref", "reads", "writes"))
        owner, rest = (self._refs[name].steady(first) for name in ("owner", "sub"))
        if place is None or reads is None or writes is None or owner is None or rest is None:
            return 0, 0
        if not place.growth or reads.growth != 0 or writes.growth != 0 or rest.growth != 0:
            return 0, 0
        of_events, of_refs = (place, reads, writes), (owner, rest)
        events, refs = (lcm(*(part.period for part in parts)) for parts in (of_events, of_refs))
        passed = place.growth * events // place.period  # so many refs in as many events: how often makes that whole turns of both?
        turns = refs // gcd(refs, passed)
        events, passed = events * turns, passed * turns
        stop, stop_refs = (min(part.stop for part in parts) for parts in (of_events, of_refs))
        return events, min((stop - start) // events, (stop_refs - first) // passed)

    def _refs_at(self, start: int, stop: int, written: bool) -> tuple[Ints, Ints]:
        """Where the reads or writes of some events stand, and whose they are."""
        reads, writes = self._columns["reads"].between(start, stop), self._columns["writes"].between(start, stop)
        events = np.repeat(np.arange(start, stop), writes if written else reads)
        # Those of one event stand together, what it reads in front: so before each write stand all reads up to its event's.
        at = np.repeat(np.cumsum(reads), writes) if written else np.repeat(np.cumsum(writes) - writes, reads)
        at += np.arange(len(at)) + (self._columns["ref"][start] if start < stop else 0)
        return at, events


__all__ = ["CHUNK_COLUMNS", "Location", "Recording", "RecordingProblem"]

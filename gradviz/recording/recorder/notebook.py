"""The notebook of a recorder: numbers of tensors, calls and details, rows in order, and handing them over."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..event import Kind
from ..file.chunk import Chunk, Parts, encode_parts, partial, site_row
from ..location import VAL
from ..numbers.thinning import Thinning
from ..numbers.tiers import BUDGET
from .program import Clock, Places, Sites
from .rows import EXTRAS, GRAD_MODE, PACK, REFS, Rows, Wide, columns_of
from .sealed import Sealed
from .values import Values

if TYPE_CHECKING:
    from engine.graph.node import Node
    from engine.tensor import Tensor

ASK_SECONDS = 0.05  # between two calls of `stream`
_OF_AN_OP = frozenset({Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.DETACH, Kind.SAVE, Kind.INPLACE_WRITE, Kind.ZERO_GRAD})

SEAL_ROWS = 16384
_SEAL_BYTES = 16 << 20
_PATIENCE = 4  # times as much may wait in the middle of a step
_MOST_BYTES = 64 << 20  # of the numbers of one chunk: what waited without a chance to hand over becomes several


class Notebook:
    """Notes rows while a program runs, and hands them over in chunks.

    A tensor's mark is [number, value, version, foreign writes]; a node's is [call, site, refs of its saves, place].

    Args:
        script: the file name that the script's code was compiled with: only its frames count as places.
        source: the script's text.
        budget: bytes of numbers that the recording may have; beyond it only some chunks bring theirs, and as many may wait.
        meta: what else the recording's header should say (seed, engine version, dtype).
    """

    def __init__(self, script: str, source: str = "", budget: int = BUDGET, meta: dict[str, Any] | None = None) -> None:
        self.places = Places(script)
        self.sites = Sites(self.places)
        self.clock = Clock(self.sites)
        self.meta: dict[str, Any] = {"path": script, "source": source, **(meta or {})}
        self.budget = budget
        self._values = Values()
        self._value = self._values.number
        self._rows = Rows()
        self._write = self._rows.write
        self._wide: dict[int, Wide] = {}
        self._lock = threading.RLock()  # rows and clock against a drain from another thread
        self._wide_count = 0
        self._state = GRAD_MODE
        self._modes_before: list[int] = []  # around each block that has another grad mode
        self._lent = -1  # the place of an op that a what-if runs without grad mode, until its event is noted
        self._calls = 0
        self._tensor_sites: list[int] = []
        self._templates: list[str] = []
        self._template_numbers: dict[str, int] = {}
        self._known_templates: dict[Any, int] = {}
        self._bucket_leaves: list[tuple[int, int]] = []  # (bucket's site, number of its leaf)
        self._buckets: set[int] = set()
        self._sent_meta: dict[str, Any] = {}
        self._sent = [0, 0, 0, 0, 0, 0]  # rows, sites, tensors, templates, passes, leaves of buckets
        self._sealed: list[Parts] = []
        self._seal_bytes = min(_SEAL_BYTES, max(1 << 20, budget // 32))  # a chunk is what is kept or dropped together (tiers.py)
        self._asked = False  # for what is new
        self._waiting = 0  # bytes of them
        self.sealing = False  # in the program's thread: an interrupt now would lose what is being handed over
        self.interrupted = False  # one came meanwhile, and is raised afterwards
        self.thinning = Thinning(budget)
        self._keeps = self.thinning.keeps()  # whether the chunk that begins will bring its numbers
        self._handing = threading.Lock()  # one chunk is made at a time
        self._empty = self._template({})

    # Numbering.

    def _number(self, tensor: Tensor, site: int) -> int:
        """The tensor's number; a tensor that was never told about gets one, and `site`."""
        mark = tensor._mark
        if mark is not None:
            return int(mark[0])
        self._tensor_sites.append(site)
        return len(self._tensor_sites) - 1

    def _ref(self, tensor: Tensor) -> tuple[int, int, int, int]:
        """A read of a tensor: its value at its version."""
        mark = tensor._mark
        version = tensor._storage.version
        writes = self._values.foreign_writes
        if mark is None:
            mark = tensor._mark = [self._number(tensor, -1), self._value(tensor._data), version, writes]
        elif mark[2] != version or mark[3] != writes:
            mark = tensor._mark = [mark[0], self._value(tensor._data), version, writes]
        return (mark[0], VAL, mark[2], mark[1])

    def _write_ref(self, tensor: Tensor, site: int) -> tuple[int, int, int, int]:
        """A write of a tensor that was just made at `site`."""
        number = len(self._tensor_sites)
        self._tensor_sites.append(site)
        version = tensor._storage.version
        value = self._value(tensor._data)
        tensor._mark = [number, value, version, self._values.foreign_writes]
        return (number, VAL, version, value)

    def _node(self, node: Node) -> list[Any]:
        """The mark of a node; an AccumulateGrad that is met for the first time gets a call and its bucket's site."""
        mark: list[Any] | None = node._mark
        if mark is None:
            site = -1
            leaf = getattr(node, "variable", None)
            if leaf is not None:
                number = self._ref(leaf)[0]
                site = self.sites.bucket(self._tensor_sites[number])
                if site not in self._buckets:
                    self._buckets.add(site)
                    self._bucket_leaves.append((site, number))
            mark = node._mark = [self._calls, site, [], 0]
            self._calls += 1
        return mark

    def _template(self, detail: dict[str, Any], fields: tuple[str, ...] = ()) -> int:
        """The number of a kind of detail: what is the same each time as JSON, and the names of what is not."""
        key: Any = (fields, *detail, *detail.values())
        try:
            number = self._known_templates.get(key)
        except TypeError:  # an op's params are no key
            key = number = None
        if number is None:
            text = json.dumps([detail, fields], separators=(",", ":"))
            number = self._template_numbers.get(text)
            if number is None:
                number = self._template_numbers[text] = len(self._templates)
                self._templates.append(text)
            if key is not None:
                self._known_templates[key] = number
        return number

    # Rows.

    def grad_again(self) -> None:
        """The block around one op is over, if there is one."""
        if self._lent >= 0:
            place, self._lent = self._lent, -1
            self._state |= GRAD_MODE
            self._note(Kind.MODE_EXIT, self._template({"mode": "no_grad", "enabled": True}), place=place)

    def _note(
        self,
        kind: Kind,
        template: int,
        extras: Sequence[int] = (),
        *,
        reads: Sequence[int] = (),
        writes: Sequence[int] = (),
        site: int = -1,
        place: int = 0,
    ) -> None:
        if self._lent >= 0 and kind not in _OF_AN_OP:
            self.grad_again()
        self._row(int(kind), site, -1, place, template, extras, (*reads, *writes), len(reads) >> 2)

    def _row(
        self, kind: int, site: int, call: int, place: int, template: int, extras: Sequence[int], refs: Sequence[int], reads: int
    ) -> None:
        many, width = len(extras), len(refs) >> 2
        if many <= EXTRAS and width <= REFS:
            self._write(PACK[many][width](kind | self._state, site, call, place, reads, width - reads, template, many, *extras, *refs))
        else:
            self._wide_count += 1
            self._wide[self._wide_count] = (list(extras), list(refs))
            self._write(PACK[1][0](kind | self._state, site, call, place, reads, width - reads, template, -1, self._wide_count))

    # Handing over.

    def _owed(self) -> int:
        """How many rows there are that wait to be written."""
        return 0

    def _pay(self, everything: bool = False) -> None:
        """Write them; with `everything` those of the step that runs, too, where that is possible."""

    def _relieve(self, *, at_boundary: bool = False) -> None:
        """Seal what waits, when it has become much; best at a boundary, because steps that are cut alike look alike (columns.py)."""
        patience = 1 if at_boundary else _PATIENCE
        much = len(self._rows) + self._owed() > patience * SEAL_ROWS or self._values.pending_bytes > patience * self._seal_bytes
        if much or (at_boundary and self._asked):
            with self._handing:
                self.sealing = True
                try:
                    self._pay()
                    self._keep(len(self._rows) if much else self._settled())
                    self._asked = False
                finally:
                    self.sealing = False
            if self.interrupted:
                self.interrupted = False
                raise KeyboardInterrupt

    def _keep(self, rows: int) -> None:
        """Seal so many rows, for whoever takes them."""
        for sealed in self._seal(rows):
            self._sealed.append(sealed)
            self._waiting += sum(map(len, sealed))

    def drain(self, everything: bool = True) -> bytes:
        """What is new since the last call, for `Recording.append_chunk`; may be called from another thread.

        Events of the first iteration of a loop wait until it is known whether the loop trains, because
        that decides their epoch; with `everything` they do not wait.
        """
        return b"".join(part for piece in self.pieces(everything) for part in piece)

    def pieces(self, everything: bool = True) -> list[Parts]:
        """What `drain` gives, in pieces of bounded size, and of each the parts that come one behind the other."""
        with self._handing:
            self._pay(everything)
            self._keep(len(self._rows) if everything else self._settled())
            return self._sealed_so_far()

    def stream(self) -> list[Parts]:
        """What is new, for a thread that asks now and then.

        The program is asked to cut at its next boundary; only where none came since the last call, it is cut where it stands.
        """
        if self._asked:
            return self.pieces(False)
        self._asked = True
        with self._handing:
            return self._sealed_so_far()

    def _sealed_so_far(self) -> list[Parts]:
        sealed, self._sealed, self._waiting = self._sealed, [], 0
        return sealed

    def _settled(self) -> int:
        """How many rows there are whose epoch is known."""
        rows = len(self._rows)
        outermost = self.clock.loops[:1]
        if outermost and not outermost[0].trained and outermost[0].iteration == 0:
            return max(0, min(rows, outermost[0].start - self._sent[0]))
        return rows

    def _seal(self, rows: int) -> Iterator[Parts]:
        """Chunks of bounded size: the rows stand in the last one, behind all values that they speak of."""
        with self._lock:
            first, sites, tensors, templates, passes, leaves = self._sent
            columns = columns_of(self._rows.take(rows), self._wide, self.places.lines, passes) | self._time(first, rows)
            tensor_end, template_end = len(self._tensor_sites), len(self._templates)
            ends = [len(self.sites.all), tensor_end, template_end]  # the sites last: tensors speak of them
            changed, self.sites.changed = self.sites.changed, set()
            passes += int(np.count_nonzero(columns["kind"] == int(Kind.BACKWARD_BEGIN)))
            self._sent = [first + rows, *ends, passes, len(self._bucket_leaves)]
        *before, end = self._values.ends(_MOST_BYTES)
        for stop in before:
            more = self._seal_values(stop)
            of_values = {"form": np.array(more.form, np.int64), "same": np.array(more.same, np.int64)}
            yield encode_parts(partial(first, more.first, {"forms": more.forms}, of_values, more.stats, more.data))
        sealed = self._seal_values(end)
        columns["tensor_site"] = np.array(self._tensor_sites[tensors : ends[1]], np.int64)
        columns["form"], columns["same"] = np.array(sealed.form, np.int64), np.array(sealed.same, np.int64)
        tables = {
            "sites": [site_row(site) for site in self.sites.all[sites : ends[0]]],
            "changed": [site_row(self.sites.all[i]) for i in sorted(changed) if i < sites],
            "templates": self._templates[templates : ends[2]],
            "forms": sealed.forms,
            "kept": bool(sealed.data),
            "meta": {k: v for k, v in self.meta.items() if self._sent_meta.get(k) != v},
            "leaves": self._bucket_leaves[leaves:],
        }
        self._sent_meta = dict(self.meta)
        yield encode_parts(Chunk(first, sealed.first, tables, columns, sealed.stats, sealed.data))

    def _seal_values(self, stop: int) -> Sealed:
        sealed = self._values.seal(stop, keep=self._keeps and self._waiting < self.budget)
        self.thinning.sent(sum(map(len, sealed.data)))
        self._keeps = self.thinning.keeps()
        self._values.lean = not self._keeps
        return sealed

    def _time(self, first: int, rows: int) -> dict[str, Any]:
        marks = self.clock.marks
        starts = np.array([mark[0] for mark in marks], np.int64)
        number = np.searchsorted(starts, np.arange(first, first + rows), side="right") - 1
        table = np.array(marks, np.int64)
        done = max(0, int(np.searchsorted(starts, first + rows, side="right")) - 1)
        del marks[:done]
        return {"step": table[number, 1], "epoch": table[number, 2]}

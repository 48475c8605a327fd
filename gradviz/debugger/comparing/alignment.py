"""Two recordings event by event: the same step, kind, place, written location and occurrence is the same event.

An event that one run has more (a zero_grad, a detach) has no partner and shifts nothing. Two texts are matched line
by line first, so that a line more in one script moves no site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind, Site
from ...recording.location import GIN, GOUT, KIND_BITS, SAVE, SUB_BITS

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints

BLOCK = 1 << 16  # events whose columns are opened at once
_OF_CALLS = (SAVE, GIN, GOUT)  # kinds of locations that belong to a call, the others to a tensor
_UNTOLD = (int(Kind.SAVE), int(Kind.FREE_SAVES), int(Kind.BIND_NAME))  # follow from other events: no difference of their own


@dataclass(frozen=True, slots=True)
class Writes:
    """The values that events wrote: those of event e stand at `first[e]` up to `first[e] + count[e]`."""

    first: Ints
    count: Ints
    location: Ints
    value: Ints

    def of(self, events: Ints, place: int) -> Ints:
        """The value that each event wrote at a place, -1 for none."""
        there = self.count[events] > place
        out = np.full(len(events), -1, np.int64)
        out[there] = self.value[self.first[events[there]] + place]
        return out


@dataclass(frozen=True)
class Alignment:
    """Which event of B is which of A.

    Attributes:
        to_b: for each event of A its partner in B, -1 for none; `to_a` the other way.
        lines: line of B -> line of A, for the lines that both texts have.
        sites: site of B -> site of A, -1 for none.
        writes_a, writes_b: what the events wrote.
    """

    to_b: Ints
    to_a: Ints
    lines: dict[int, int]
    sites: Ints
    writes_a: Writes
    writes_b: Writes

    @cached_property
    def sites_back(self) -> dict[int, int]:
        """Site of A -> site of B."""
        return {int(a): b for b, a in enumerate(self.sites.tolist()) if a >= 0}

    def position_in_b(self, position: int) -> int:
        """Where B stands when A stands at an event: at its partner, or at that of the last event before it that has one."""
        return _linked(self.to_b, position)

    def position_in_a(self, position: int) -> int:
        """The same from B to A."""
        return _linked(self.to_a, position)


def _linked(partners: Ints, position: int) -> int:
    """The partner of the last event up to `position` that has one, -1 before the first."""
    block = BLOCK
    stop = min(position + 1, len(partners))
    while stop > 0:
        start = max(0, stop - block)
        found = np.flatnonzero(partners[start:stop] >= 0)
        if len(found):
            return int(partners[start + found[-1]])
        stop = start
    return -1


def align(a: RecordedRun, b: RecordedRun) -> Alignment:
    """Match two runs."""
    lines = match_lines(a.recording.source, b.recording.source)
    writes_a, writes_b = read_writes(a.recording), read_writes(b.recording)
    numbers: dict[Any, int] = {}
    sites_a = _number(a.recording.sites, numbers, None)
    known = {number: site for site, number in reversed(list(enumerate(sites_a.tolist())))}
    sites_b = _number(b.recording.sites, numbers, lines)
    keys_a = _keys(a, sites_a, writes_a, None)
    keys_b = _keys(b, sites_b, writes_b, lines)
    _, codes = np.unique(np.concatenate((keys_a, keys_b)), axis=0, return_inverse=True)
    codes = codes.reshape(-1)
    code_a, code_b = _with_occurrence(codes[: len(keys_a)]), _with_occurrence(codes[len(keys_a) :])
    _, at_a, at_b = np.intersect1d(code_a, code_b, assume_unique=True, return_indices=True)
    to_b, to_a = np.full(len(keys_a), -1, np.int64), np.full(len(keys_b), -1, np.int64)
    to_b[at_a], to_a[at_b] = at_b, at_a
    return Alignment(to_b, to_a, lines, np.array([known.get(n, -1) for n in sites_b.tolist()], np.int64), writes_a, writes_b)


def untold(columns_kind: Ints) -> Any:
    """Whether each event only follows from others, so that nobody misses it."""
    return np.isin(columns_kind, _UNTOLD)


def match_lines(a: str, b: str) -> dict[int, int]:
    """Line of `b` -> the same line in `a` (1-based); a changed line stands for the one in its place."""
    old, new = a.splitlines(), b.splitlines()
    if old == new:
        return {k: k for k in range(1, len(old) + 1)}
    lines: dict[int, int] = {}
    for tag, i, i_stop, j, j_stop in SequenceMatcher(
        None, [s.strip() for s in old], [s.strip() for s in new], autojunk=False
    ).get_opcodes():
        if tag in ("equal", "replace"):
            lines |= dict(zip(range(j + 1, j_stop + 1), range(i + 1, i_stop + 1), strict=False))
    return lines


def read_writes(recording: Recording) -> Writes:
    """All writes of a recording as columns."""
    count, location, value = [], [], []
    for start in range(0, len(recording), BLOCK):
        rows = recording.rows(start, min(start + BLOCK, len(recording)))
        reads, writes = rows["reads"], rows["writes"]
        width = reads + writes
        inside = np.arange(int(width.sum())) - np.repeat(np.cumsum(width) - width, width)
        written = inside >= np.repeat(reads, width)
        count.append(writes)
        location.append(rows["owner"][written] << SUB_BITS | rows["sub"][written])
        value.append(rows["value"][written])
    counts = _joined(count)
    return Writes(np.cumsum(counts) - counts, counts, _joined(location), _joined(value))


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([part.astype(np.int64) for part in parts]) if parts else np.zeros(0, np.int64)


def _number(sites: Sequence[Site], numbers: dict[Any, int], lines: dict[int, int] | None) -> Ints:
    """A number for each site that is the same in both runs; `lines` turns lines of B into lines of A."""
    made = np.full(len(sites), -1, np.int64)
    for site in sites:
        line, path = site.line, site.path
        if lines is not None:
            line, path = lines.get(line, -line), tuple(lines.get(step, -step) for step in path)
        role = site.role if site.role in ("leaf", "bucket") else "op"
        made[site.index] = numbers.setdefault((role, path, line, site.op, site.occurrence), len(numbers))
    return made


def _keys(run: RecordedRun, sites: Ints, writes: Writes, lines: dict[int, int] | None) -> Ints:
    """One row an event: step, kind, site (or line), whose location it wrote first, and which."""
    columns = run.columns
    common = np.append(sites, -1)  # so that site -1 finds -1
    line = columns.line
    if lines is not None:
        table = np.arange(int(line.max(initial=0)) + 1)
        table = np.array([lines.get(k, -k) for k in table.tolist()], np.int64)
        line = table[line]
    place = np.where(columns.site >= 0, common[columns.site], -2 - np.abs(line) * 2 - (line < 0))
    owner, sub = np.full(len(place), -1, np.int64), np.full(len(place), -1, np.int64)
    wrote = np.flatnonzero(writes.count > 0)
    if len(wrote):
        location = writes.location[writes.first[wrote]]
        sub[wrote] = location & (1 << SUB_BITS) - 1
        owner[wrote] = _owners(run, location >> SUB_BITS, location & (1 << KIND_BITS) - 1, common)
    return np.stack((columns.step, columns.kind, place, owner, sub), axis=1)


def _owners(run: RecordedRun, owner: Ints, kind: Ints, common: Ints) -> Ints:
    """The site, in common numbers, that made the tensor or the call that a location belongs to."""
    tensor_site = run.recording.tensor_site.between(0, len(run.recording.tensor_site))
    of_call = np.isin(kind, _OF_CALLS)
    calls = _call_sites(run)
    made = np.full(len(owner), -1, np.int64)
    for mine, table in ((of_call, calls), (~of_call, tensor_site)):
        rows = np.flatnonzero(mine & (owner < len(table)))
        made[rows] = table[owner[rows]]
    return common[made]


def _call_sites(run: RecordedRun) -> Ints:
    columns = run.columns
    rows = np.flatnonzero((columns.call >= 0) & (columns.site >= 0))
    calls = columns.call[rows]
    table = np.full(int(calls.max(initial=-1)) + 1, -1, np.int64)
    table[calls] = columns.site[rows]
    return table


def _with_occurrence(codes: Ints) -> Ints:
    """Each code with which of its kind it is, as one number."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    new = np.flatnonzero(np.diff(ordered, prepend=-1))
    run = np.repeat(new, np.diff(np.append(new, len(ordered))))
    out = np.empty(len(codes), np.int64)
    out[order] = ordered << 32 | (np.arange(len(ordered)) - run)
    return out

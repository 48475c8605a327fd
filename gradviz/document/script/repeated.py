"""Which places of a recording repeat others: a loop without a backward pass in it (an evaluation, say) is recorded turn by turn.

Two sites are the same where they stand at one place of a loop, have one name, are told the same things, and read the same, whatever
numbers they are told (`x[0:16]`, `x[16:32]`). They are not where their results come together further on: a sum over the turns, a list
that is stacked, a tensor whose parts are written, a recurrent network.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind

if TYPE_CHECKING:
    from ...recording.event import Event
    from ...recording.recording import Recording

AT_ONCE = 4096  # events
MOST = 50_000  # sites that are looked at
ROUNDS = 40  # each finds results that come together, and tells those places apart
_SEEN = (Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.DETACH, Kind.INPLACE_WRITE)

Place = tuple[tuple[int, ...], int, str, str, tuple[str, ...], int, int]
_TURNS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class _Row:
    """A site as it ran first: where it stands, and what it read (the site and output that made it, or where it lay)."""

    site: int
    place: Place
    reads: tuple[tuple[int, int], ...]


def repeated(recording: Recording) -> dict[int, int]:
    """For each site that repeats another one the first of them."""
    rows = _rows(recording)
    if len({row.place for row in rows}) == len(rows) or len(rows) > MOST:
        return {}
    apart: set[Place] = set()
    for _ in range(ROUNDS):
        same = _folded(rows, apart)
        met = _met(rows, same)
        if not met:
            return {site: first for site, first in same.items() if site != first}
        apart |= met
    return {}


def events_of(recording: Recording, kinds: Collection[Kind]) -> Iterator[Event]:
    """The events of some kinds in their order, many of them read at once: a long training has a hundred thousand others."""
    rows = np.sort(np.concatenate([recording.events_of_kind(kind) for kind in kinds]))
    for first in range(0, len(rows), AT_ONCE):
        yield from recording.events(rows[first : first + AT_ONCE])


def _rows(recording: Recording) -> list[_Row]:
    made: dict[int, _Row] = {}
    looped = _lines_in_loops(recording.source)
    at: dict[int, tuple[int, int]] = {}
    for event in events_of(recording, _SEEN):
        if event.site not in made:
            site = recording.sites[event.site]
            reads = tuple(at.get(ref.location, (-1 - ref.location, 0)) for ref in event.reads)
            told = tuple(sorted(event.detail.get("params") or ()))
            rank = len(recording.form(event.writes[0].value)[0]) if event.writes else 0
            turn = 0 if looped.intersection((*site.path, site.line)) else event.site  # outside of loops each is one of its own
            made[event.site] = _Row(event.site, (site.path, site.line, site.op, site.name, told, rank, turn), reads)
        for k, ref in enumerate(event.writes):
            at[ref.location] = (event.site, k)
    return list(made.values())


def _lines_in_loops(source: str) -> frozenset[int]:
    """The lines that may run several times, one turn after the other."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    loops = [node for node in ast.walk(tree) if isinstance(node, _TURNS)]
    return frozenset(line for node in loops for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _folded(rows: list[_Row], apart: set[Place]) -> dict[int, int]:
    """Each site with the first one that stands at its place and reads the same."""
    same: dict[int, int] = {}
    first: dict[tuple[Place, tuple[tuple[int, int], ...]], int] = {}
    for row in rows:
        reads = tuple((same.get(site, site), output) for site, output in row.reads)
        same[row.site] = row.site if row.place in apart else first.setdefault((row.place, reads), row.site)
    return same


def _met(rows: list[_Row], same: dict[int, int]) -> set[Place]:
    """The places of which two results come together."""
    many = {first for first, count in Counter(same.values()).items() if count > 1}
    number = {row.site: k for k, row in enumerate(rows)}
    behind: dict[int, dict[int, int]] = {}  # site -> the sites that it is computed from, by the first of their kind
    met: set[Place] = set()
    for row in rows:
        made: dict[int, int] = {}
        twice: list[int] = []
        for site, _ in row.reads:
            twice += [first for first, one in behind.get(site, {}).items() if made.setdefault(first, one) != one]
        if twice:
            met.add(rows[min(number[first] for first in twice)].place)  # what follows it is told apart by what it reads
        if same[row.site] in many:
            made[same[row.site]] = row.site
        behind[row.site] = made
    return met

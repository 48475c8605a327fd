"""Where lines begin to run and what happens at nodes, all at once, as sorted arrays.

A breakpoint on a finished log is an array of events, so `continue` is one bisection: 2 ms to collect the
hits in a million events once, microseconds for each command after it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..stepping.frames import Level

if TYPE_CHECKING:
    from ..stepping.frames import Frames
    from ..trace.columns import Columns, Ints

# What counts as "at a node": it is made or computed, it fires, its leaf's `.grad` is written.
AT_NODE = (Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.DETACH, Kind.INPLACE_WRITE, Kind.VJP, Kind.ACCUMULATE)


def _among(values: Ints, wanted: Collection[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where a value (-1 or more) is one of some small numbers: by a table, a fifth of the time of `np.isin`."""
    table = np.zeros(max(int(values.max(initial=0)), *wanted, 0) + 2, bool)
    table[[number for number in wanted if number >= 0]] = True
    found: np.ndarray[Any, np.dtype[np.bool_]] = table[values]
    return found


class Places:
    """Finds the events at lines and nodes."""

    def __init__(self, columns: Columns, frames: Frames) -> None:
        self._columns = columns
        self._frames = frames
        self._found: dict[tuple[frozenset[int], frozenset[int]], Ints] = {}

    def hits(self, lines: Collection[int], nodes: Collection[int]) -> Ints:
        """All events where one of the lines begins to run, or that stand at one of the nodes, ascending."""
        key = (frozenset(lines), frozenset(nodes))
        if key not in self._found:
            if len(self._found) > 64:
                self._found.clear()
            self._found[key] = self._search(*key)
        return self._found[key]

    def _search(self, lines: frozenset[int], nodes: frozenset[int]) -> Ints:
        columns, found = self._columns, []
        if lines:
            starts = self._frames.line_starts()
            found.append(starts[_among(columns.line[starts], lines)])
            # The head of a loop computes nothing: it runs where the loop turns.
            heads = lines.difference(np.unique(columns.line[found[0]]).tolist())
            for head in heads:
                found.append(self._turns(head))
        if nodes:
            rows = np.flatnonzero(_among(columns.site, nodes))
            found.append(rows[_among(columns.kind[rows], AT_NODE)])
        if len(found) > 1:
            return np.unique(np.concatenate(found))
        return found[0] if found else np.zeros(0, np.int64)

    def _turns(self, head: int) -> Ints:
        """Where the loop of a line turns, and where it began: that it is a loop with steps is known from its second turn on."""
        columns = self._columns
        turns: Ints = np.flatnonzero((columns.kind == int(Kind.BOUNDARY)) & (columns.line == head))
        before = int(turns[0]) - 1 if len(turns) else -1
        if before < 0 or columns.epoch[before] < 0:
            return turns
        level = Level.EPOCH if columns.epoch[before] != columns.epoch[before + 1] else Level.STEP
        first = self._frames.first(self._frames.at(level, before))
        return np.concatenate(([first], turns)) if 0 <= first < turns[0] else turns

    def after(self, position: int, lines: Collection[int], nodes: Collection[int]) -> int | None:
        """The first hit after `position`."""
        hits = self.hits(lines, nodes)
        number = int(np.searchsorted(hits, position, side="right"))
        return int(hits[number]) if number < len(hits) else None

    def before(self, position: int, lines: Collection[int], nodes: Collection[int]) -> int | None:
        """The last hit before `position`."""
        hits = self.hits(lines, nodes)
        number = int(np.searchsorted(hits, position, side="left"))
        return int(hits[number - 1]) if number else None

"""Pattern: a step as it was noted once, so that the same step need not be noted again.

Nearly all of a step's rows is the same each time: which op ran where on what, what it saved, who got whose gradient.
Numbers of calls and of tensors grow by the same amount; the rest, versions and values, is gathered while the step runs
(follower.py), and the columns of many steps are then made at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ..rows import MANY, READS, WIDTH, WRITES, Cells, Packed, Wide
from .table import Table

_COUNTS = (READS, WRITES, MANY)

Expected = tuple[Any, ...]


@dataclass
class Pattern:
    """What is known of a step before it runs.

    Attributes:
        expected: for each event that is told what is to be looked at (learner.py makes them), and behind them (None, number of rows).
        terse: what follows from the events before need not be told.
        rows: its rows as they were when it was learned, numbers of calls and tensors less those at its start.
        calls, tensors: cells that hold numbers of calls and tensors of this very step.
        cells, sources: cells that hold something gathered, and which of the gathered numbers.
        whole: rows that come as they are, written by who does not know of patterns.
        before: for each event, and behind the last, how much was gathered before it: numbers, whole rows, calls, tensors.
        size: how many rows it has.
        gathered: how many numbers are gathered.
        saved: what each call saves: event, location, and where version (-1: it is 0) and value were gathered.
        table: the rows column by column, None where something of them stands beside.
    """

    expected: list[Expected]
    terse: bool
    rows: Cells
    calls: Sequence[int]
    tensors: Sequence[int]
    cells: Sequence[int]
    sources: Sequence[int]
    whole: Sequence[int]
    before: list[tuple[int, int, int, int]]
    saved: dict[int, list[tuple[int, ...]]]
    size: int = field(init=False)
    gathered: int = field(init=False)
    table: Table | None = field(init=False)

    def __post_init__(self) -> None:
        self.size, self.gathered = len(self.rows), self.before[-1][0]
        self._calls, self._tensors = np.array(self.calls, np.int64), np.array(self.tensors, np.int64)
        self._cells, self._sources = np.array(self.cells, np.int64), np.array(self.sources, np.int64)
        self._whole = np.array(self.whole, np.int64)
        self.table = Table.of(self.rows, self.calls, self.tensors, self.cells, self.sources, self.whole)

    def written(self, calls: Cells, tensors: Cells, gathered: Cells, whole: Cells) -> Cells:
        """The rows of steps: their first calls and tensors, what was gathered (a row each), and the rows that come as they are."""
        steps = len(calls)
        rows = np.empty((steps, self.rows.size), np.int32)
        rows[:] = self.rows.reshape(-1)
        rows[:, self._calls] += calls[:, None]
        rows[:, self._tensors] += tensors[:, None]
        rows[:, self._cells] = gathered[:, self._sources]
        found = rows.reshape(steps, -1, WIDTH)
        if len(self._whole):
            found[:, self._whole] = whole.reshape(steps, -1, WIDTH)
        return found


class Steps:
    """Steps that came as their pattern foretold: a `Block` of rows.py.

    Args:
        pattern: of all of them.
        calls, tensors: the first call and tensor of each.
        gathered: a row each.
        whole: the rows that come as they are, all of the first step, then of the next.
    """

    def __init__(self, pattern: Pattern, calls: Sequence[int], tensors: Sequence[int], gathered: Cells, whole: Cells) -> None:
        self._pattern = pattern
        self._calls, self._tensors = np.array(calls, np.int32), np.array(tensors, np.int32)
        self._gathered = gathered
        self._given = whole.reshape(len(calls), len(pattern.whole), WIDTH)

    def __len__(self) -> int:
        return len(self._calls) * self._pattern.size

    def packed(self) -> bytes:
        """See `Block`."""
        return self._pattern.written(self._calls, self._tensors, self._gathered, self._given).tobytes()

    def cells(self, wide: dict[int, Wide]) -> list[Cells]:
        """See `Block`. Only where steps have more or less of something than the pattern the rows themselves are made."""
        pattern, steps = self._pattern, len(self._calls)
        table = pattern.table
        if table is None or (self._given[:, :, _COUNTS] != pattern.rows[pattern.whole][:, _COUNTS]).any():
            return Packed(self.packed()).cells(wide)
        found = np.empty((steps, len(table.base)), np.int32)
        found[:] = table.base
        found[:, table.calls] += self._calls[:, None]
        found[:, table.tensors] += self._tensors[:, None]
        found[:, table.cells] = self._gathered[:, table.sources]
        found[:, table.whole] = self._given.reshape(steps, -1)[:, table.given]
        return [found[:, start:stop].reshape(-1) for start, stop in pairwise(table.ends)]


class Turn:
    """One time that a pattern came: where its numbers start. A node of that turn asks it for what it saved.

    Attributes:
        stop: so many of its events came.
    """

    __slots__ = ("call", "gathered", "pattern", "start", "stop", "tensor", "whole", "whole_start")

    def __init__(self, pattern: Pattern, call: int, tensor: int, gathered: Any, whole: bytearray) -> None:
        self.pattern, self.call, self.tensor = pattern, call, tensor
        self.gathered, self.whole = gathered, whole
        self.start, self.whole_start = len(gathered), len(whole)
        self.stop = pattern.size

    def rows(self, stop: int) -> Cells:
        """The rows of its first events."""
        pattern = self.pattern
        numbers = np.zeros((1, pattern.gathered), np.int32)
        have = self.gathered[self.start : self.start + pattern.before[stop][0]]
        numbers[0, : len(have)] = have
        size = pattern.before[stop][1] * WIDTH * 4
        whole = np.zeros(pattern.before[-1][1] * WIDTH, np.int32)
        given = np.frombuffer(bytes(self.whole[self.whole_start : self.whole_start + size]), np.int32)
        whole[: len(given)] = given
        return pattern.written(np.array([self.call], np.int32), np.array([self.tensor], np.int32), numbers, whole)[0, :stop]

    def saves_of(self, call: int) -> list[int]:
        """The refs of what a node saved, as the mark of a node has them."""
        gathered, start = self.gathered, self.start
        found: list[int] = []
        for event, sub, version, value in self.pattern.saved.get(call - self.call, ()):
            if event < self.stop:
                found += (call, sub, gathered[start + version] if version >= 0 else 0, gathered[start + value])
        return found

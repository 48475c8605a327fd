"""Table: the rows of a pattern column by column, so that the columns of many steps are made at once, without the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rows import EXTRAS, HEAD, MANY, READS, REFS, WIDTH, WRITES, Cells

Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Table:
    """A pattern column by column: what stands in each, and what of it is not the same each time.

    Attributes:
        base: the columns of one step, one behind the other.
        ends: where each of them ends, and 0 before.
        calls, tensors, cells, sources: as in `Pattern`, by their place in `base`.
        whole, given: places that come as they are, and where in the rows that come so.
    """

    base: Cells
    ends: Sequence[int]
    calls: Places
    tensors: Places
    cells: Places
    sources: Places
    whole: Places
    given: Places

    @classmethod
    def of(
        cls, rows: Cells, calls: Sequence[int], tensors: Sequence[int], cells: Sequence[int], sources: Sequence[int], whole: Sequence[int]
    ) -> Table | None:
        """The table of a pattern; None where something of a row stands beside it."""
        if (rows[:, MANY] < 0).any():
            return None
        columns = _columns(rows)
        order = np.concatenate(columns)
        place = np.full(rows.size, -1, np.int64)
        place[order] = np.arange(len(order))
        behind = (np.array(whole, np.int64)[:, None] * WIDTH + np.arange(WIDTH)).reshape(-1)
        given = np.flatnonzero(place[behind] >= 0)
        called, of_tensors, gathered = (place[np.array(some, np.int64)] for some in (calls, tensors, cells))
        ends = [0, *np.cumsum([len(column) for column in columns]).tolist()]
        sources_ = np.array(sources, np.int64)
        return cls(rows.reshape(-1)[order], ends, called, of_tensors, gathered, sources_, place[behind[given]], given)


def _columns(rows: Cells) -> list[Places]:
    """For each column which cells of the rows stand in it."""
    first = np.arange(len(rows))[:, None] * WIDTH
    extras, refs = np.arange(EXTRAS) < rows[:, [MANY]], np.arange(REFS) < rows[:, [READS]] + rows[:, [WRITES]]
    of_refs = (first + HEAD + EXTRAS + 4 * np.arange(REFS))[refs]
    return [*(first + np.arange(HEAD)).T, (first + HEAD + np.arange(EXTRAS))[extras], *(of_refs + k for k in range(4))]

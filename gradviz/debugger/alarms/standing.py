"""What stands in a leaf's `.grad` at each of its updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun


def standing_at(run: RecordedRun, leaf: int, rows: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """For each of some events (ascending) the accumulations that have filled `.grad` since it was last empty.

    One pass over the writes, however long the run; the list is the same object each time, so look at it at once.
    """
    written = np.array(run.trace.grad_writes(leaf), np.int64)
    kinds = run.columns.kind[written]
    empties = (kinds == int(Kind.ZERO_GRAD)) | (kinds == int(Kind.ASSIGN_GRAD)) | (run.recording.detail_of(written, "first") == 1)
    standing: list[int] = []
    writes = zip(written.tolist(), empties.tolist(), (kinds == int(Kind.ACCUMULATE)).tolist(), strict=True)
    write = next(writes, None)
    for row in rows:
        while write is not None and write[0] <= row:
            if write[1]:
                standing.clear()
            if write[2]:
                standing.append(write[0])
            write = next(writes, None)
        yield row, standing

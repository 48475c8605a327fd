"""What stands in a leaf's `.grad` at each of its updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...recording.event import Kind

if TYPE_CHECKING:
    from ..session import Session


def standing_at(session: Session, leaf: int, rows: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """For each of some events (ascending) the accumulations that have filled `.grad` since it was last empty.

    One pass over the writes, however long the run; the list is the same object each time, so look at it at once.
    """
    trace, kinds = session.trace, session.columns.kind
    standing: list[int] = []
    writes = iter(trace.grad_writes(leaf))
    write = next(writes, None)
    for row in rows:
        while write is not None and write <= row:
            if kinds[write] in (int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD)) or trace.event(write).detail.get("first"):
                standing.clear()
            if kinds[write] == int(Kind.ACCUMULATE):
                standing.append(write)
            write = next(writes, None)
        yield row, standing

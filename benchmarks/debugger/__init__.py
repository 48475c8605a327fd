"""The debugger on long runs: time travel over a million events, recording, memory, numbers computed again, streaming."""

from __future__ import annotations

from collections.abc import Iterator

from ..row import Row


def rows() -> Iterator[Row]:
    """All rows of the suite; measured in this order."""
    from . import recording, streaming, travel

    yield from travel.rows()
    yield from recording.rows()
    yield from streaming.rows()

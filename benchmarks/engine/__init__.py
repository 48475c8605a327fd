"""The engine against PyTorch: W1 to W7, eager, recorded and replayed, in one process and interleaved."""

from __future__ import annotations

from collections.abc import Iterator

from ..row import Row


def rows() -> Iterator[Row]:
    """A row for each workload and way of running it."""
    from .table import table

    yield from table()

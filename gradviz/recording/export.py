"""A recording as chunks again, for the file: values first, then the events that speak of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .chunk import Chunk, encode
from .recording import CHUNK_COLUMNS, Recording
from .statistics import NAMES

_ROWS = 1 << 16
_NOTHING = np.zeros(0, np.int64)


def chunks_of(recording: Recording) -> Iterator[bytes]:
    """The chunks from which `append_chunk` makes an equal recording."""
    names = CHUNK_COLUMNS
    tensors = recording.tensor_site.between(0, len(recording.tensor_site))
    yield encode(Chunk(0, 0, recording.tables(), _columns(names, tensor_site=tensors), _none(), [b""]))
    for first, forms, form, same, stats, data in recording.value_pieces():
        kept = data is not None
        yield encode(Chunk(0, first, _tables(forms, kept), _columns(names, form=form, same=same), stats, [data or b""]))
    for start in range(0, len(recording), _ROWS):
        rows = recording.rows(start, min(start + _ROWS, len(recording)))
        yield encode(Chunk(start, recording.value_count, _tables([], False), _columns(names, **rows), _none(), [b""]))


def _columns(names: tuple[str, ...], **given: Any) -> dict[str, Any]:
    return {name: given.get(name, _NOTHING) for name in names}


def _tables(forms: list[Any], kept: bool) -> dict[str, Any]:
    return {"sites": [], "changed": [], "templates": [], "forms": forms, "kept": kept, "meta": {}, "leaves": []}


def _none() -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.zeros((0, len(NAMES)))

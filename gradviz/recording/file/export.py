"""A recording as chunks again, for the file: values first, then the events that speak of them."""

from __future__ import annotations

from collections.abc import Iterator

from ..recording import Recording
from .chunk import encode, partial

_ROWS = 1 << 16


def chunks_of(recording: Recording) -> Iterator[bytes]:
    """The chunks from which `append_chunk` makes an equal recording."""
    tensors = recording.tensor_site.between(0, len(recording.tensor_site))
    yield encode(partial(0, 0, recording.tables(), {"tensor_site": tensors}))
    for first, forms, form, same, stats, data in recording.value_pieces():
        yield encode(partial(0, first, {"forms": forms}, {"form": form, "same": same}, stats, [data] if data else None))
    for start in range(0, len(recording), _ROWS):
        yield encode(partial(start, recording.value_count, columns=recording.rows(start, min(start + _ROWS, len(recording)))))

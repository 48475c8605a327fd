"""The wire format of a piece of recording: a JSON header, then raw columns. Reading one runs nothing.

    b"GVC2" | CRC-32 of header, columns and statistics u32 | length of header u32 | length of body u64 | header | body

The header says for each array of the body its name, dtype, base and length, in their order, so that a
reader knows all sizes before it takes memory. The numbers at the end of the body have a sum of their own in
it, because a CRC of them would cost more than all the rest of a recording. Several chunks may stand one
behind the other. (In a "GVC1" the CRC is that of everything.)
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..columns.columns import Ints, narrow
from ..columns.layout import CHUNK_COLUMNS
from ..event import Site
from ..problem import RecordingProblem
from ..statistics import NAMES

MAGIC, FIRST_MAGIC = b"GVC2", b"GVC1"
_PREFIX = struct.Struct("<4sIIQ")
_MAX_HEADER = 256 << 20
_DTYPES = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "i8": np.int64, "f8": np.float64}
VALUE_KINDS = "biufc"
_NOTHING = np.zeros(0, np.int64)
_NO_STATS = np.zeros((0, len(NAMES)))
Parts = list[bytes | memoryview]
_CHANGED = "The recording is damaged: a piece of it has changed since it was written."


@dataclass
class Chunk:
    """What is new in a recording.

    Attributes:
        first: index of its first event.
        first_value: id of its first value.
        tables: what is said in JSON: sites, renamed sites, templates, forms, meta, leaves of buckets.
        columns: integer columns (see recording.py), by name.
        stats: one row for each value.
        data: the numbers of the values, form after form, in pieces.
    """

    first: int
    first_value: int
    tables: dict[str, Any]
    columns: dict[str, Ints]
    stats: np.ndarray[Any, np.dtype[np.float64]]
    data: Sequence[memoryview | bytes]
    size: int = 0


def partial(
    first: int,
    first_value: int,
    tables: dict[str, Any] | None = None,
    columns: dict[str, Ints] | None = None,
    stats: np.ndarray[Any, np.dtype[np.float64]] | None = None,
    data: Parts | None = None,
) -> Chunk:
    """A chunk that says only what is given: values that the next chunks speak of, or events whose values came before."""
    given = columns or {}
    return Chunk(
        first,
        first_value,
        {"sites": [], "changed": [], "templates": [], "forms": [], "kept": bool(data), "meta": {}, "leaves": [], **(tables or {})},
        {name: given.get(name, _NOTHING) for name in CHUNK_COLUMNS},
        _NO_STATS if stats is None else stats,
        data or [b""],
    )


def encode(chunk: Chunk) -> bytes:
    """The bytes of a chunk."""
    return b"".join(encode_parts(chunk))


def encode_parts(chunk: Chunk) -> Parts:
    """The bytes of a chunk, the numbers not copied: what comes out one behind the other is the chunk.

    Hot path: for each piece of a recorded run (benchmark row `engine/W3 recorded`).
    """
    layout = []
    parts: Parts = []
    for name, values in chunk.columns.items():
        base, small = narrow(values)
        layout.append([name, small.dtype.str[1:], base, len(small)])
        parts.append(small.tobytes())
    head = {
        "first": chunk.first,
        "first_value": chunk.first_value,
        "layout": layout,
        "values": len(chunk.stats),
        "data": sum(map(len, chunk.data)),
        "sum": sum_of(chunk.data),
        **chunk.tables,
    }
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=True, default=str).encode()
    parts.append(np.ascontiguousarray(chunk.stats, np.float64).reshape(-1).view(np.uint8).data)
    check = zlib.crc32(text)
    for part in parts:
        check = zlib.crc32(part, check)
    body = sum(map(len, parts)) + sum(map(len, chunk.data))
    return [_PREFIX.pack(MAGIC, check, len(text), body) + text, *parts, *chunk.data]


def sum_of(parts: Sequence[memoryview | bytes]) -> int:
    """The sum of all 64-bit words of the parts, one behind the other: no single change leaves it as it was."""
    total, rest = 0, b""
    for part in parts:
        view = memoryview(part)
        if rest:
            rest, view = rest + bytes(view[: 8 - len(rest)]), view[8 - len(rest) :]
            if len(rest) < 8:
                continue
            total += int.from_bytes(rest, "little")
        words = len(view) // 8
        total += int(np.add.reduce(np.frombuffer(view, "<u8", words), dtype=np.uint64)) if words else 0
        rest = bytes(view[8 * words :])
    return (total + int.from_bytes(rest, "little")) & (1 << 64) - 1


def decode(data: bytes | memoryview, columns: tuple[str, ...], stats: int) -> Iterator[Chunk]:
    """The chunks in `data`; all sizes are checked against what is there.

    Raises:
        RecordingProblem: when it is damaged.
    """
    view = memoryview(data)
    while len(view):
        if len(view) < _PREFIX.size:
            raise RecordingProblem("The recording is cut off.")
        magic, check, head_size, body_size = _PREFIX.unpack_from(view)
        if magic not in (MAGIC, FIRST_MAGIC) or head_size > _MAX_HEADER:
            raise RecordingProblem("The recording is damaged: a chunk does not start as it should.")
        total = _PREFIX.size + head_size + body_size
        if total > len(view):
            raise RecordingProblem("The recording is cut off.")
        if magic == FIRST_MAGIC and zlib.crc32(view[_PREFIX.size : total]) != check:
            raise RecordingProblem(_CHANGED)
        text, body = view[_PREFIX.size : _PREFIX.size + head_size], view[_PREFIX.size + head_size : total]
        yield _one(text, body, columns, stats, total, None if magic == FIRST_MAGIC else check)
        view = view[total:]


def _one(text: memoryview, body: memoryview, names: tuple[str, ...], stats: int, total: int, check: int | None) -> Chunk:
    try:
        head = json.loads(bytes(text))
        first, first_value, values, size = (_natural(head.pop(k)) for k in ("first", "first_value", "values", "data"))
        if check is not None and (
            size > len(body)
            or zlib.crc32(body[: len(body) - size], zlib.crc32(text)) != check
            or sum_of([body[len(body) - size :]]) != head.pop("sum")
        ):
            raise RecordingProblem(_CHANGED)
        layout = [(str(n), str(d), int(base), _natural(length)) for n, d, base, length in head.pop("layout")]
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError, OverflowError) as problem:
        raise RecordingProblem("The recording is damaged: the header of a chunk cannot be read.") from problem
    older = ("same",) if check is None else ()  # what a "GVC1" does not have
    if tuple(n for n, _, _, _ in layout) != tuple(name for name in names if name not in older):
        raise RecordingProblem("The recording is damaged: a chunk has other columns than it should.")
    columns: dict[str, Ints] = {}
    at = 0
    for name, code, base, length in layout:
        dtype = np.dtype(_DTYPES.get(code, np.void))
        need = length * dtype.itemsize
        if code not in _DTYPES or code == "f8" or abs(base) > 1 << 62 or at + need > len(body):
            raise RecordingProblem("The recording is damaged: a column is larger than its chunk.")
        columns[name] = np.frombuffer(body, dtype, length, at).astype(np.int64) + base
        at += need
    columns |= {name: np.full(len(columns["form"]), -1, np.int64) for name in older}
    need = values * stats * 8
    if at + need + size != len(body):
        raise RecordingProblem("The recording is damaged: a chunk has another size than it says.")
    rows = np.frombuffer(body, np.float64, values * stats, at).reshape(values, stats)
    return Chunk(first, first_value, head, columns, rows, [body[at + need :]], total)


def numbers_in(data: bytes | memoryview) -> list[tuple[int, int]]:
    """Of each chunk in `data` its length and how many bytes of it are numbers, read off the headers only.

    Raises:
        RecordingProblem: when it is damaged.
    """
    view, found = memoryview(data), []
    while len(view) >= _PREFIX.size:
        magic, _, head_size, body_size = _PREFIX.unpack_from(view)
        total = _PREFIX.size + head_size + body_size
        if magic not in (MAGIC, FIRST_MAGIC) or total > len(view):
            break
        try:
            found.append((total, _natural(json.loads(bytes(view[_PREFIX.size : _PREFIX.size + head_size]))["data"])))
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise RecordingProblem("The recording is damaged: the header of a chunk cannot be read.") from problem
        view = view[total:]
    if len(view):
        raise RecordingProblem("The recording is cut off.")
    return found


def _natural(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 1 << 50:
        raise ValueError(number)
    return number


def site_row(site: Site) -> list[Any]:
    """A site as a chunk says it."""
    return [site.index, site.role, site.op, site.grad_fn, site.name, site.line, list(site.path), site.occurrence]


def header_of(meta: dict[str, Any]) -> dict[str, Any]:
    """What the header table of a file says, for other programs; the same stands in the first chunk."""
    path = str(meta.get("path", ""))
    return {**{k: v for k, v in meta.items() if k != "error"}, "path": path.replace("\\", "/").rsplit("/", 1)[-1]}

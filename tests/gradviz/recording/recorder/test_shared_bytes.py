"""Values that lie in the same memory have their bytes once in a recording, whichever way their axes are turned."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradviz.recording.columns.columns import narrow
from gradviz.recording.columns.layout import CHUNK_COLUMNS
from gradviz.recording.event import Kind
from gradviz.recording.file.chunk import Chunk, decode, encode
from gradviz.recording.file.gvrec import load, save
from gradviz.recording.problem import RecordingProblem
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.recording.statistics import NAMES

TURNED = """
x = torch.arange(6000.).reshape(2, 60, 50)
turned = x.permute(2, 0, 1)
part = x[:, :, ::2]
flat = x.reshape(-1)
small = torch.arange(6.).reshape(2, 3)
across = small.t()
x += 1
"""


def values(recording: Recording) -> list[np.ndarray[Any, Any] | None]:
    """The numbers of all that is written, in order."""
    return [recording.array(event.writes[0].value) for event in recording if event.writes]


@pytest.fixture
def drained(start: Callable[[str], tuple[Recorder, Callable[[], None]]]) -> bytes:
    """What a recorder gives for the script above."""
    recorder, go = start(TURNED)
    go()
    return recorder.drain()


def recording_of(data: bytes) -> Recording:
    made = Recording()
    made.append_chunk(data)
    return made


def test_the_bytes_are_there_once_and_each_value_is_right(drained: bytes) -> None:
    (chunk,) = decode(drained, CHUNK_COLUMNS, len(NAMES))
    whole, half = 4 * 6000, 4 * 3000
    small = 4 * 6
    assert (
        sum(map(len, chunk.data)) == 2 * whole + half + 3 * small
    )  # x before and after the write, and its half; short ones have their own
    found = values(recording_of(drained))
    x = np.arange(6000, dtype=np.float32).reshape(2, 60, 50)
    little = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = [x.reshape(-1), x, x.transpose(2, 0, 1), x[:, :, ::2], x.reshape(-1), little.reshape(-1), little, little.T, x + 1]
    assert len(found) == len(expected)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True) if a is not None)
    assert all(array is not None for array in found)


def test_statistics_are_those_of_each_value(drained: bytes) -> None:
    recording = recording_of(drained)
    for value in range(recording.value_count):
        array, stats = recording.array(value), recording.stats(value)
        assert array is not None
        assert stats.shape == array.shape
        assert stats.norm == pytest.approx(float(np.linalg.norm(array.astype(np.float64))), rel=1e-5)


def test_a_saved_recording_has_them_once_too(drained: bytes, tmp_path: Path) -> None:
    recording = recording_of(drained)
    save(recording, tmp_path / "kept.gvrec")
    again = load(tmp_path / "kept.gvrec")
    assert again.value_bytes == recording.value_bytes
    for value in range(recording.value_count):
        assert np.array_equal(again.array(value), recording.array(value))  # type: ignore[arg-type]


@pytest.mark.parametrize("whose", [1 << 40, 0])
def test_bytes_of_a_value_that_does_not_fit_are_refused(drained: bytes, whose: int) -> None:
    (chunk,) = decode(drained, CHUNK_COLUMNS, len(NAMES))
    same = chunk.columns["same"].copy()
    same[np.flatnonzero(same < 0)[-1]] = whose  # far outside, or of a value of another size
    with pytest.raises(RecordingProblem):
        recording_of(encode(replace(chunk, columns=chunk.columns | {"same": same})))


def in_the_first_format(chunk: Chunk) -> bytes:
    """A chunk as format 1 had it: no shared bytes, one CRC of everything."""
    layout, parts = [], []
    for name, column in chunk.columns.items():
        if name != "same":
            base, small = narrow(column)
            layout.append([name, small.dtype.str[1:], base, len(small)])
            parts.append(small.tobytes())
    parts += [np.ascontiguousarray(chunk.stats, np.float64).tobytes(), *map(bytes, chunk.data)]
    tables = {k: v for k, v in chunk.tables.items() if k != "sum"}
    sizes = {"first": chunk.first, "first_value": chunk.first_value, "values": len(chunk.stats), "data": sum(map(len, chunk.data))}
    text = json.dumps({**sizes, "layout": layout, **tables}).encode()
    body = b"".join(parts)
    lengths = len(text).to_bytes(4, "little") + len(body).to_bytes(8, "little")
    return b"GVC1" + zlib.crc32(text + body).to_bytes(4, "little") + lengths + text + body


def test_the_first_format_opens(start: Callable[[str], tuple[Recorder, Callable[[], None]]]) -> None:
    recorder, go = start("x = torch.ones(3, requires_grad=True)\ny = (x * 2).sum()\ny.backward()")
    go()
    data = recorder.drain()
    (chunk,) = decode(data, CHUNK_COLUMNS, len(NAMES))
    old = in_the_first_format(chunk)
    assert list(recording_of(old)) == list(recording_of(data))
    with pytest.raises(RecordingProblem):
        recording_of(old[:-1] + bytes([old[-1] ^ 1]))


def test_a_gradient_that_is_copied_into_a_leaf_is_the_one_that_came(record: Callable[..., Recording]) -> None:
    """`.grad` is a copy where somebody else has the memory, too: the numbers are the same ones, until they are added to."""
    recording = record(
        """
a, b = (torch.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
for _ in range(2):
    (a + b).sum().backward()
a.grad = None
made = [torch.full((2,), float(k)) for k in range(50)]
(a * 3).sum().backward()
"""
    )
    landed = [event for event in recording if event.kind is Kind.ACCUMULATE]
    assert [event.reads[0].value == event.writes[0].value for event in landed] == [True, True, False, False, True]
    grown = [recording.array(event.writes[0].value) for event in landed]
    assert [None if array is None else array.tolist() for array in grown] == [[1, 1], [1, 1], [2, 2], [2, 2], [3, 3]]
    delivered = {event.writes[0].value for event in recording if event.kind is Kind.DELIVER}
    assert {event.reads[0].value for event in landed} <= delivered
    leaves = [recording.array(event.writes[0].value) for event in recording if event.kind is Kind.CREATE_LEAF][2:]
    assert [None if array is None else array.tolist() for array in leaves] == [[k, k] for k in range(50)]

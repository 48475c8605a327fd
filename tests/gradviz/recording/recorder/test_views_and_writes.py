"""Random programs of views, writes in place and reads: each read is recorded with the numbers that it found."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

import engine as torch
from engine import events
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording

VIEWS = (
    lambda t: t.view(-1),
    lambda t: t.reshape(2, -1),
    lambda t: t.reshape(2, -1).t(),
    lambda t: t.reshape(-1)[1:],
    lambda t: t.as_strided((2, 2), (1, 2)),
    lambda t: t.detach(),
    lambda t: t.data,
)
STATEMENTS = 60
MOST = 8  # tensors that are alive


def run(rng: random.Random, handed_over: Any) -> list[list[float]]:
    """One program; what each `* 2` read."""
    tensors = [torch.arange(float(rng.choice((6, 1500)))) for _ in range(2)]  # of long ones the recording shares the bytes
    read = []
    for _ in range(STATEMENTS):
        tensor, what = rng.choice(tensors), rng.random()
        if what < 0.25:
            view = rng.choice(VIEWS)
            try:
                tensors.append(view(tensor))
            except RuntimeError:  # it does not fit that shape
                continue
        elif what < 0.6:
            tensor.add_(1.0)
        elif what < 0.9:
            read.append(tensor.tolist())
            tensors.append(tensor * 2)
        else:
            handed_over()
        while len(tensors) > MOST:
            tensors.pop(rng.randrange(len(tensors)))
    return read


def reads_of(pieces: list[bytes]) -> list[Any]:
    recording = Recording()
    for piece in pieces:
        recording.append_chunk(piece)
    found = (recording.event(int(row)) for row in recording.events_of_kind(Kind.OP))
    arrays = (recording.array(event.reads[0].value) for event in found if event.detail["op"] == "mul")
    return [None if array is None else array.tolist() for array in arrays]


@pytest.mark.parametrize("seed", range(30))
def test_each_read_has_the_numbers_of_its_moment(seed: int) -> None:
    recorder, pieces = Recorder("<script>"), []
    with events.watch(recorder):
        read = run(random.Random(seed), lambda: pieces.append(recorder.drain()))
    assert read and reads_of([*pieces, recorder.drain()]) == read


@pytest.mark.parametrize("seed", range(30, 40))
def test_the_same_while_another_thread_takes_what_is_new(seed: int) -> None:
    recorder, pieces, over = Recorder("<script>"), [], threading.Event()

    def take() -> None:
        while not over.is_set():
            pieces.append(recorder.drain())

    thread = threading.Thread(target=take)
    thread.start()
    try:
        with events.watch(recorder):
            read = run(random.Random(seed), lambda: None)
    finally:
        over.set()
        thread.join()
    assert read and reads_of([*pieces, recorder.drain()]) == read


def test_a_write_reads_what_another_view_has_put_there() -> None:
    recorder = Recorder("<script>")
    with events.watch(recorder):
        h = torch.tensor([1.0, 2.0, 3.0, 4.0]) * 1
        row = h.view(2, 2)[0]
        row[1] = 7.0
        h[3] = 9.0
    recording = Recording()
    recording.append_chunk(recorder.drain())
    writes = [recording.event(int(row)) for row in recording.events_of_kind(Kind.INPLACE_WRITE)]
    read, written = ([recording.array(ref.value).tolist() for ref in refs[:1]] for refs in (writes[-1].reads, writes[-1].writes))
    assert (read, written) == ([[1, 7, 3, 4]], [[1, 7, 3, 9]])

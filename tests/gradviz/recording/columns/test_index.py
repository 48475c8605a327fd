"""Indexes against a search through all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.columns.index import Index
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from tests.gradviz.recording.conftest import Run

Start = Callable[..., tuple[Recorder, Callable[[], None]]]


@given(st.lists(st.lists(st.integers(0, 5), max_size=30), max_size=8))
def test_an_index_that_grows_answers_as_a_search_through_all(pieces: list[list[int]]) -> None:
    keys: list[int] = []
    index = Index(lambda start, stop: (np.array(keys[start:stop], np.int64), np.arange(start, stop)))
    for piece in pieces:
        keys += piece
        index.grow(len(keys))
        for key in range(6):
            expected = [i for i, k in enumerate(keys) if k == key]
            assert index.events(key).tolist() == expected
            for at in range(-1, len(keys) + 1):
                assert index.last(key, at) == max((i for i in expected if i <= at), default=None)
                assert index.next(key, at) == min((i for i in expected if i > at), default=None)


@given(st.lists(st.lists(st.integers(-2, 6), max_size=40), max_size=6), st.sampled_from([1, 3, 1 << 14]), st.sampled_from([2, 30, 1 << 16]))
def test_an_index_of_many_runs_answers_as_a_search_through_all(pieces: list[list[int]], again: int, small: int) -> None:
    """Keys that ascend as the numbers of calls do, some of which come again, and some events without one."""
    keys: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_LONGEST", 16), ("_AGAIN", again), ("_SMALL", small)):
            patch.setattr(f"gradviz.recording.columns.index.{name}", value)
        index = Index(lambda start, stop: (np.array(keys[start:stop], np.int64), np.arange(start, stop)))
        for piece in pieces:
            keys += [len(keys) // 2 + key if key > 2 else key for key in piece]
            index.grow(len(keys))
            for key in range(-2, len(keys) // 2 + 8):
                expected = [i for i, k in enumerate(keys) if k == key]
                assert index.events(key).tolist() == expected
                for at in range(-1, len(keys) + 1, 7):
                    assert index.last(key, at) == max((i for i in expected if i <= at), default=None)
                    assert index.next(key, at) == min((i for i in expected if i > at), default=None)


def test_an_event_with_the_key_twice_is_found_once() -> None:
    index = Index(lambda _start, _stop: (np.array([7, 7], np.int64), np.array([0, 0])))
    index.grow(1)
    assert index.events(7).tolist() == [0]


def test_keys_and_moments_of_any_size_are_looked_for() -> None:
    keys = np.array([3, 1 << 40, 3, -7], np.int64)
    index = Index(lambda start, stop: (keys[start:stop], np.arange(start, stop)))
    index.grow(2)
    index.grow(4)
    assert index.events(1 << 40).tolist() == [1]
    assert index.events(-(1 << 50)).tolist() == []
    assert index.last(3, 1 << 60) == 2
    assert index.next(3, -1) == 0
    assert index.last(-7, 1 << 33) == 3
    assert index.next(-7, 1 << 33) is None


def test_an_index_over_events_without_any_key_answers_however_often_it_is_asked() -> None:
    index = Index(lambda _start, _stop: (np.zeros(0, np.int64), np.zeros(0, np.int64)))
    index.grow(10)
    for _ in range(200):
        assert index.events(3).tolist() == []
        assert index.last(3, 9) is None
        assert index.next(3, -1) is None


@pytest.mark.parametrize("most", [10_000, 60])
def test_writes_among_many_owners_and_among_few_are_those_of_a_search_through_all(record: Run, most: int) -> None:
    source = """w = torch.ones(2, requires_grad=True)
for epoch in range(40):
    h = torch.cat([w, w * 2, w])
    h[0].mul_(2)
    (h * h).sum().backward()
"""
    recording = record(source)
    stop = len(recording) - 30
    owners = np.arange(len(recording.tensor_site), dtype=np.int64)[:most]
    for kinds, slot in ((("val",), 0), (("val", "grad", "flag"), 0), (("gin",), 0), (("gout",), 2)):
        expected = [
            (place.owner, event.index, ref.value)
            for event in recording
            if event.index < stop
            for ref in event.writes
            for place in [recording.locations[ref.location]]
            if place.kind in kinds and place.slot == slot and place.owner in owners
        ]
        assert expected
        found = recording.writes_among(owners, *kinds, slot=slot, stop=stop)
        assert list(zip(*(part.tolist() for part in found), strict=True)) == [row[:2] for row in expected]
        if len(kinds) == 1:
            values = recording.values_among(owners, kinds[0], slot=slot, stop=stop)
            assert list(zip(*(part.tolist() for part in values), strict=True)) == expected


_LONG = """w = torch.ones(2, requires_grad=True)
rec.loop_enter(1, 2)
for epoch in range(3600):
    rec.loop_iteration(1)
    if epoch % 500 == 0:
        drained.append(rec.drain(False))
    h = w * 2
    if epoch in ({}):
        h.mul_(2)
    (h * h).sum().backward()
rec.loop_exit(1)
"""


@pytest.mark.parametrize("other", ["3, 2500, 2501, 3599"])
def test_writes_of_steps_that_are_alike_are_those_of_a_search_through_all(start: Start, other: str) -> None:
    drained: list[bytes] = []
    recorder, go = start(_LONG.format(other), drained=drained)
    go()
    recording = Recording()
    for data in (*drained, recorder.drain()):
        recording.append_chunk(data)
    owners = np.arange(max(len(recording.tensor_site), int(recording.column("call").max()) + 1))
    written: dict[str, list[tuple[int, int, int]]] = {}
    for event in recording.events(np.arange(len(recording))):
        for ref in event.writes:
            place = recording.locations[ref.location]
            if not place.slot:
                written.setdefault(place.kind, []).append((place.owner, event.index, ref.value))
    assert {"val", "grad", "gin", "gout"} <= written.keys()
    assert len(written["val"]) > 3 * 3600
    for stop in (len(recording), len(recording) // 2):
        for kind, expected in written.items():
            found = recording.values_among(owners, kind, stop=stop)
            assert list(zip(*(part.tolist() for part in found), strict=True)) == [row for row in expected if row[1] < stop]
    few = owners[len(owners) // 2 :: 7]
    found = recording.values_among(few, "val", stop=len(recording))
    assert list(zip(*(part.tolist() for part in found), strict=True)) == [row for row in written["val"] if row[0] in set(few.tolist())]


def test_what_is_asked_of_many_events_at_once_is_what_they_say_one_by_one(record: Run) -> None:
    source = """w = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([w, torch.ones(1, requires_grad=True)], lr=0.1)
for epoch in range(4):
    h = torch.cat([w, w * 2])
    h.mul_(2)
    (h * h).sum().backward()
    opt.step()
torch.ones(1, requires_grad=True).backward()
torch.autograd.backward([])
"""
    recording = record(source)
    rows = np.arange(len(recording))
    events = list(recording)
    for name in ("first", "leaf", "skipped", "version", "calls", "arrived", "nothing of the kind"):
        told = [event.detail.get(name) for event in events]
        first = [(found[:1] or [None])[0] if isinstance(found, list) else found for found in told]
        assert recording.detail_of(rows, name).tolist() == [-1 if found is None else int(found) for found in first]
    owners = [recording.locations[event.writes[0].location].owner if event.writes else -1 for event in events]
    assert recording.first_owners(rows).tolist() == owners
    assert recording.first_written(rows).tolist() == [event.writes[0].value if event.writes else -1 for event in events]
    assert recording.first_read(rows).tolist() == [event.reads[0].value if event.reads else -1 for event in events]

"""What must hold on every program: time runs both ways to the same state, and every look-up is that of brute force."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import events
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from tests.engine.autograd.test_backward_order import GRAPHS, ORDERS

from .conftest import record
from .digest import digest
from .programs import programs

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def opened(source: str) -> Session:
    session = Session(record(source))
    assert session.recording.error is None, source + str(session.recording.error)
    return session


def walk(session: Session, command: Callable[[], int]) -> list[tuple[int, int, str]]:
    """All states on the way, until it stays."""
    states = [(session.position, session.substep, digest(session))]
    while True:
        command()
        if (session.position, session.substep) == states[-1][:2]:
            return states
        states.append((session.position, session.substep, digest(session)))


@FEW
@given(source=programs())
def test_forward_and_all_the_way_back_gives_the_identical_states(source: str) -> None:
    session = opened(source)
    forward = walk(session, session.step_into)
    assert walk(session, session.back_into) == forward[::-1]
    over = walk(session, session.step_over)
    assert walk(session, session.back_over) == over[::-1]


@FEW
@given(source=programs(), share=st.floats(0, 1))
def test_seek_equals_play(source: str, share: float) -> None:
    session = opened(source)
    target = round(share * (session.length - 1))
    session.to_start()
    target = min(target, session.frames.previous_step(session.length))
    while session.position < target:
        session.step_into()
    session.substep = 0
    played = session.position
    other = Session(session.recording)
    other.seek(played)
    assert digest(other) == digest(session)
    backwards = Session(session.recording)
    backwards.to_end()
    while backwards.position > played:
        backwards.back_into()
    backwards.substep = 0
    assert (backwards.position, digest(backwards)) == (played, digest(session))


@FEW
@given(source=programs(), share=st.floats(0, 1))
def test_writes_of_every_location_are_those_of_brute_force(source: str, share: float) -> None:
    session = opened(source)
    at = session.seek(round(share * (session.length - 1)))
    written: dict[int, list[int]] = {}
    for event in session.recording:
        for ref in event.writes:
            rows = written.setdefault(ref.location, [])
            if not rows or rows[-1] != event.index:
                rows.append(event.index)
    assert written
    for location, rows in written.items():
        assert session.last_write(location) == next((row for row in reversed(rows) if row < at), None)
        assert session.next_write(location) == next((row for row in rows if row > at), None)
        assert session.recording.writes_of(location).tolist() == rows


@FEW
@given(source=programs(), piece=st.sampled_from([1, 2, 7, 40]))
def test_frames_that_are_looked_for_in_pieces_are_those_of_all_events_at_once(source: str, piece: int) -> None:
    session = opened(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradviz.debugger.stepping.frames._PIECE", piece)
        frames = Session(session.recording).frames
    for position in range(session.length):
        assert frames.path(position) == session.frames.path(position)
    assert frames.line_starts().tolist() == session.frames.line_starts().tolist()


@FEW
@given(source=programs(), cuts=st.lists(st.floats(0, 1), max_size=4), stay=st.floats(0, 1))
def test_a_session_of_a_growing_recording_is_that_of_the_whole(source: str, cuts: list[float], stay: float) -> None:
    """Read in pieces while it grows, or once at the end: the same graph and the same moments."""
    whole = opened(source)
    growing = Recording()
    session = Session(growing)
    from gradviz.recording.columns.layout import CHUNK_COLUMNS
    from gradviz.recording.file.chunk import Chunk, encode
    from gradviz.recording.file.export import chunks_of
    from gradviz.recording.statistics import NAMES

    *values, rows = chunks_of(whole.recording)
    for data in values:
        growing.append_chunk(data)
    del rows
    edges = sorted({0, whole.length, *(round(cut * whole.length) for cut in cuts)})
    shown = session.moment()
    for start, stop in pairwise(edges):
        columns = dict.fromkeys(CHUNK_COLUMNS, whole.columns.kind[:0]) | whole.recording.rows(start, stop)
        tables = {"sites": [], "changed": [], "templates": [], "forms": [], "kept": False, "meta": {}, "leaves": []}
        stats = whole.recording.measures(whole.columns.kind[:0]).reshape(0, len(NAMES))
        growing.append_chunk(encode(Chunk(start, whole.recording.value_count, tables, columns, stats, [b""])))
        assert digest(session) == digest(Session(growing, session.position))
        session.graph(), session.frames
        session.seek(round(stay * (stop - 1)))
        early = Session(growing, session.position)  # reads all of it anew
        assert digest(session) == digest(early)
        assert session.timeline().phases.tolist() == early.timeline().phases.tolist() == whole.timeline().phases.tolist()[:stop]
        assert list(session.timeline().marks) == list(early.timeline().marks)
        assert len(dict(shown.states)) <= len(session.recording.sites)  # it was on the screen while the recording grew
        shown = session.moment()
        assert session.columns.visible.tolist() == [row for row in whole.columns.visible.tolist() if row < stop]
    assert session.graph() == whole.graph()
    for position in range(whole.length):
        assert session.frames.path(position) == whole.frames.path(position)
    for position in range(-1, whole.length, 7):
        session.seek(position)
        whole.seek(position)
        assert digest(session) == digest(whole)


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_the_recorded_order_of_backward_is_pytorchs(name: str) -> None:
    recorder = Recorder(__file__)
    with events.watch(recorder):
        loss, leaves = GRAPHS[name]()
        loss.backward()
    recording = Recording()
    recording.append_chunk(recorder.drain())
    numbers = {tensor._mark[0]: label for label, tensor in leaves.items()}
    order = []
    for event in recording:
        if event.kind == Kind.VJP:
            order.append(recording.sites[event.site].grad_fn)
        elif event.kind == Kind.ACCUMULATE:
            order.append(f"AccumulateGrad({numbers[event.detail['leaf']]})")
    assert order == [label for label, _, _ in ORDERS[name]]

"""Step commands: forward, and back to the identical state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradviz.debugger.session import Session
from gradviz.debugger.stepping.frames import Level
from gradviz.debugger.trace.columns import HIDDEN, PASSED
from gradviz.recording.event import Kind, Site
from gradviz.recording.file.chunk import encode, partial, site_row

from .conftest import BASICS, LOOPS, Open, record
from .digest import digest

FUNCTION = """import torch
w = torch.ones(3, requires_grad=True)
def layer(x):
    h = x * w
    return h + 1
for epoch in range(2):
    a = layer(w)
    b = layer(a)
    b.sum().backward()
    c = w + 0
"""
TWO_PASSES = """import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * x).sum()
y.backward(retain_graph=True)
with torch.no_grad():
    k = x * 2
y.backward()
x.requires_grad_(False)
z = x + 1
"""
BATCHES = """import torch
w = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for epoch in range(2):
    for batch in range(2):
        opt.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        opt.step()
        print(loss.item())
"""
PROGRAM = """import torch
w = torch.ones(2, requires_grad=True)
def block(x):
    h = x * w
    return h + 1

def model(x):
    # two blocks, one after the other
    x = block(x)
    return block(x).sum()

def train():
    loss = model(w)
    loss.backward()
    print(w.grad)

train()
"""
SCRIPTS = {"basics": BASICS, "loops": LOOPS, "function": FUNCTION, "two passes": TWO_PASSES, "batches": BATCHES, "program": PROGRAM}


@pytest.fixture(params=sorted(SCRIPTS))
def session(request: pytest.FixtureRequest) -> Session:
    return Session(record(SCRIPTS[request.param]))


def walk(session: Session, command: Callable[[], int]) -> list[tuple[int, int, str]]:
    """All states that a command passes, until it stays."""
    states = [(session.position, session.substep, digest(session))]
    while True:
        command()
        if (session.position, session.substep) == states[-1][:2]:
            return states
        states.append((session.position, session.substep, digest(session)))


def test_all_the_way_in_and_back_passes_the_identical_states(session: Session) -> None:
    forward = walk(session, session.step_into)
    assert forward[-1][0] == session.to_end()
    assert walk(session, session.back_into) == forward[::-1]


def test_over_and_back_over_mirror_each_other(session: Session) -> None:
    forward = walk(session, session.step_over)
    assert len(forward) > 4
    assert walk(session, session.back_over) == forward[::-1]


def test_out_reaches_the_end_and_back_out_the_start(session: Session) -> None:
    end = session.to_end()
    for start in range(end + 1):
        session.seek(start)
        assert walk(session, session.step_out)[-1][0] == end
        session.seek(start)
        assert walk(session, session.back_out)[-1][0] == -1


COMMANDS = [
    "step_into",
    "back_into",
    "step_over",
    "back_over",
    "step_out",
    "back_out",
    "continue_",
    "reverse_continue",
    "to_start",
    "to_end",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commands=st.lists(st.one_of(st.sampled_from(COMMANDS), st.integers(-2, 200)), max_size=25))
def test_a_state_depends_on_the_position_alone_however_it_was_reached(session: Session, commands: list[str | int]) -> None:
    session.to_start()
    session.breakpoint_lines = {3, 4}
    for command in commands:
        moved = session.seek(command) if isinstance(command, int) else getattr(session, command)()
        assert moved == session.position
        assert -1 <= session.position < session.length
        other = Session(session.recording, session.position)
        other.substep = session.substep
        assert digest(session) == digest(other)


def test_into_stops_at_every_event_that_is_not_hidden_and_passes_prints_and_seeds(session: Session) -> None:
    shown = [event.index for event in session.recording if event.kind not in HIDDEN]
    wanted = [index for index in shown if index == shown[-1] or session.recording.event(index).kind not in PASSED]
    assert sorted({position for position, _, _ in walk(session, session.step_into)}) == [-1, *wanted]
    assert sorted({position for position, _, _ in walk(session, session.back_into)}) == [-1, *wanted]


PRINTING = """import torch
print("begin")
x = torch.tensor([2.0], requires_grad=True)
print(x)
y = x * x
print(y)
print("end")
"""


def test_a_step_passes_prints_and_a_breakpoint_stops_at_them() -> None:
    session = Session(record(PRINTING))
    stops = [session.recording.event(position).line for position, _, _ in walk(session, session.step_into) if position >= 0]
    assert list(dict.fromkeys(stops)) == [3, 5, 7]  # the last print is the end: nothing is said behind it
    session.to_start()
    assert [session.recording.event(session.step_over()).line for _ in range(3)] == [3, 5, 7]
    session.breakpoint_lines = {4}
    session.to_start()
    assert session.recording.event(session.continue_()).line == 4
    assert session.recording.event(session.step_into()).line == 5
    assert session.recording.event(session.back_into()).line == 3


def test_a_script_that_only_prints_has_an_end_to_go_to() -> None:
    session = Session(record("print('one')\nprint('two')\n"))
    assert session.step_into() == session.to_end() == 1
    assert session.back_into() == -1


def test_over_takes_backward_as_one_step_and_into_enters_it(basics: Session) -> None:
    lines = [basics.recording.event(position).line for position, _, _ in walk(basics, basics.step_over)[1:]]
    assert lines == [2, 3, 4, 5, 6, 7]
    begin = basics.recording.events_of_kind(Kind.BACKWARD_BEGIN)[0]
    end = basics.recording.events_of_kind(Kind.BACKWARD_END)[0]
    basics.seek(int(begin))
    assert basics.step_over() == end + 1
    assert basics.back_over() == begin
    assert basics.recording.event(basics.step_into()).kind == Kind.VJP
    assert basics.back_into() == begin
    basics.step_into()
    assert basics.step_out() == end + 1
    assert basics.back_over() == begin


def test_over_inside_backward_goes_from_node_to_node(basics: Session) -> None:
    basics.seek(int(basics.recording.events_of_kind(Kind.VJP)[1]))
    fired = []
    while basics.event is not None and basics.event.kind != Kind.BACKWARD_END:
        fired.append(basics.event.kind.name)
        basics.step_over()
    assert fired == ["VJP", "VJP", "VJP", "ACCUMULATE"]


def test_over_passes_a_function_and_into_walks_its_lines(open_script: Open) -> None:
    session = open_script(FUNCTION)
    assert [session.recording.event(p).line for p, _, _ in walk(session, session.step_over)[1:8]] == [2, 4, 4, 9, 9, 10, 4]
    session.seek(0)
    first = session.step_over()  # the first line of layer(w), called from line 7
    assert session.line == 4
    session.step_into()
    assert (session.line, session.calls.stack(session.position)) == (5, (7, 5))
    session.step_out()
    assert session.calls.stack(session.position) == (8, 4)
    session.back_out()
    assert session.calls.stack(session.position) == (7, 5)
    session.seek(first)
    assert session.calls.stack(session.step_over()) == (8, 4)
    assert session.calls.stack(session.back_over()) == (7, 4)


def events_of(session: Session, kind: Kind) -> list[int]:
    return [int(row) for row in session.recording.events_of_kind(kind)]


def test_out_goes_behind_the_derivation_the_phase_the_step_and_the_epoch(open_script: Open) -> None:
    session = open_script(BATCHES)
    first = events_of(session, Kind.VJP)[0]
    session.seek(first)
    session.step_into()
    assert session.substep == 1
    behind = session.step_out()  # the fire with its delivers
    assert behind == next(e.index for e in session.recording if e.index > first and e.call != session.recording.event(first).call)
    assert session.step_out() == events_of(session, Kind.BACKWARD_END)[0] + 1
    assert session.event is not None
    assert session.event.kind == Kind.OPTIMIZER_STEP
    session.step_out()
    assert (session.event.epoch, session.event.step, session.frames.at(Level.STEP, session.position).level) == (0, 1, Level.STEP)
    assert session.frames.first(session.frames.at(Level.STEP, session.position)) == session.position
    session.step_out()
    assert session.frames.first(session.frames.at(Level.EPOCH, session.position)) == session.position
    assert session.event.epoch == 1
    assert session.step_out() == session.to_end()


def test_back_out_mirrors_out(open_script: Open) -> None:
    session = open_script(BATCHES)
    last = events_of(session, Kind.VJP)[-1]
    session.seek(last)
    assert session.back_out() == session.frames.previous_step(events_of(session, Kind.BACKWARD_BEGIN)[-1])
    session.back_out()
    assert session.event is not None
    assert (session.event.epoch, session.event.step) == (1, 2)
    session.back_out()
    assert session.event.epoch == 0
    assert session.back_out() == -1


def test_what_moved_the_cursor_otherwise_is_a_new_focus(open_script: Open) -> None:
    session = open_script(BATCHES)
    session.seek(events_of(session, Kind.VJP)[0])
    behind = session.step_out()
    session.back_into()
    session.step_into()
    assert session.position == behind
    phase = session.frames.at(Level.PHASE, behind)
    assert session.step_out() == session.frames.next_step(phase.stop - 1)


def test_in_a_program_of_functions_over_passes_calls_and_out_leaves_them(open_script: Open) -> None:
    session = open_script(PROGRAM)

    def here() -> tuple[int, ...]:
        return session.calls.stack(session.position)

    while here() != (17, 13, 9, 4):
        session.step_into()
    session.step_over()  # it is the first that line 17 does: over passes all of its forward
    assert here() == (17, 14)
    session.back_over()
    assert here() == (17, 13, 9, 4)
    session.step_into()
    assert here() == (17, 13, 9, 5)
    session.step_out()
    assert here() == (17, 13, 10, 4)
    session.step_into()
    session.step_out()
    assert here() == (17, 13, 10)  # what block() gave back is used there
    session.step_out()
    assert here() == (17, 14)


def test_a_vjp_is_walked_through_its_derivation(basics: Session) -> None:
    basics.seek(int(basics.recording.events_of_kind(Kind.VJP)[1]))
    position = basics.position
    sentences = []
    while True:
        basics.step_into()
        if basics.position != position:
            break
        sentences.append(basics.derivation()[0].steps[basics.substep - 1])
    assert len(sentences) == 3
    assert "local derivative of z by y * y is [2, 2, 2]" in sentences[1]
    basics.back_into()
    assert (basics.position, basics.substep) == (position, 3)


def test_same_event_moves_through_the_epochs(loops: Session) -> None:
    accumulates = [int(e) for e in loops.recording.events_of_kind(Kind.ACCUMULATE)][:3]
    loops.seek(accumulates[0])
    assert [loops.same_event(1) for _ in range(3)] == [accumulates[1], accumulates[2], accumulates[2]]
    assert [loops.same_event(-1) for _ in range(3)] == [accumulates[1], accumulates[0], accumulates[0]]


def test_next_epoch_goes_to_the_start_of_each_epoch_of_both_loops(loops: Session) -> None:
    starts = [position for position, _, _ in walk(loops, lambda: loops.next_epoch(1))[1:]]
    found = [(loops.recording.event(p).epoch, loops.recording.event(p).line) for p in starts]
    assert found == [(0, 4), (1, 4), (2, 4), (0, 8), (1, 8), (2, 8)]
    assert [position for position, _, _ in walk(loops, lambda: loops.next_epoch(-1))] == starts[::-1]


def test_breakpoints_on_lines_stop_once_a_run_both_ways(loops: Session) -> None:
    loops.breakpoint_lines = {5}
    hits = [position for position, _, _ in walk(loops, loops.continue_)[1:-1]]
    assert [(loops.recording.event(p).kind, loops.recording.event(p).epoch) for p in hits] == [(Kind.BACKWARD_BEGIN, k) for k in range(3)]
    assert tuple(hits) == loops.breakpoint_hits()
    assert [position for position, _, _ in walk(loops, loops.reverse_continue)[1:-1]] == hits[::-1]


def test_breakpoints_on_nodes_stop_where_it_runs_and_where_it_fires(basics: Session) -> None:
    node = next(node for node in basics.graph().nodes if node.title == "y")
    basics.breakpoint_nodes = {node.id}
    kinds = [basics.recording.event(p).kind for p, _, _ in walk(basics, basics.continue_)[1:-1]]
    assert kinds == [Kind.OP, Kind.VJP]
    basics.to_start()
    assert basics.recording.event(basics.run_to(node.id)).kind == Kind.OP
    assert basics.recording.event(basics.run_to(node.id)).kind == Kind.VJP
    assert basics.run_to(node.id) == basics.position
    assert basics.recording.event(basics.run_to(node.id, backwards=True)).kind == Kind.OP


def test_last_write_walks_the_history_of_a_location(loops: Session) -> None:
    location = loops.recording.event(int(loops.recording.events_of_kind(Kind.ACCUMULATE)[0])).writes[0].location
    brute = [event.index for event in loops.recording if any(ref.location == location for ref in event.writes)]
    loops.to_end()
    found = []
    while (row := loops.last_write(location)) is not None:
        found.append(loops.seek(row))
    assert found == brute[::-1]
    loops.to_start()
    found = []
    while (row := loops.next_write(location)) is not None:
        found.append(loops.seek(row))
    assert found == brute


def test_lines_and_nodes_point_at_each_other(open_script: Open) -> None:
    session = open_script(FUNCTION)
    by_call, inside = session.nodes_of_line(7), session.nodes_of_line(4)
    assert len(by_call) == 2
    assert len(inside) == 2
    assert set(by_call) & set(inside)
    session.seek(0)
    assert session.line == 2


def test_a_recording_that_grows_is_read_again() -> None:
    whole = record(LOOPS)
    session = Session(record(BASICS))
    nodes = len(session.graph().nodes)
    session.to_end()
    session.recording = whole
    assert len(session.graph().nodes) > nodes
    assert session.to_end() == Session(whole).to_end()


def test_a_caption_of_millions_of_printed_characters_is_a_sentence() -> None:
    session = Session(record("print('x' * 3_000_000)\n"))
    session.to_end()
    caption = session.moment().caption
    assert caption.startswith("printed: xxx")
    assert caption.endswith("2,999,000 more characters)")
    assert len(caption) < 2000


def test_a_site_that_comes_before_its_first_event_is_waited_for() -> None:
    session = Session(record(BASICS))
    recording, nodes = session.recording, len(session.graph().nodes)
    site = Site(len(recording.sites), "op", "mul", "MulBackward0", "", 3, (), 9)
    recording.append_chunk(encode(partial(len(recording), recording.value_count, {"sites": [site_row(site)]})))
    assert list(session.read_ahead()) == [None]
    assert len(session.graph().nodes) == nodes
    assert session.trace.made[site.index] == []

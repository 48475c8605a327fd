"""Breakpoints of all kinds, on recordings of real runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.breakpoints import Breakpoint, check, log_lines, trouble
from gradviz.debugger.lint import lint
from gradviz.debugger.session import Session
from gradviz.debugger.watch import WatchProblem
from gradviz.recording.event import Kind
from gradviz.running.recorded import record_text

from ..conftest import record

LOOP = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
for epoch in range(6):
    loss = (w.relu() * 3).sum()
    loss.backward()
    optimizer.step()
    if epoch % 2:
        optimizer.zero_grad()
"""


@pytest.fixture(scope="module")
def loop() -> Session:
    return Session(record(LOOP))


def kinds(session: Session, found: Breakpoint) -> list[str]:
    return [session.recording.event(row).kind.name for row in session.hits(found).tolist()]


def test_an_op_stops_forward_or_backward_or_both(loop: Session) -> None:
    assert kinds(loop, Breakpoint("op", "relu")) == ["OP", "VJP"] * 6
    assert kinds(loop, Breakpoint("op", "relu", "forward")) == ["OP"] * 6
    assert kinds(loop, Breakpoint("op", "relu", "backward")) == ["VJP"] * 6
    assert kinds(loop, Breakpoint("op", "tanh")) == []


def test_a_node_stops_in_one_phase_only(loop: Session) -> None:
    node = next(node.id for node in loop.graph().nodes if node.op == "mul")
    assert kinds(loop, Breakpoint("node", str(node), "backward")) == ["VJP"] * 6


def test_writes_of_a_gradient_are_accumulations_and_zero_grads(loop: Session) -> None:
    found = kinds(loop, Breakpoint("write", "w.grad"))
    assert found.count("ACCUMULATE") == 6
    assert found.count("ZERO_GRAD") == 3


def test_writes_of_a_value_are_its_making_and_the_steps(loop: Session) -> None:
    assert kinds(loop, Breakpoint("write", "w")) == ["CREATE_LEAF"] + ["OPTIMIZER_STEP"] * 6


def test_reads_of_a_value_are_the_ops_that_use_it(loop: Session) -> None:
    found = kinds(loop, Breakpoint("read", "w"))
    assert found.count("OP") == 6
    assert "BIND_NAME" not in found


_MANY = """import torch
w = torch.ones(4, requires_grad=True)
for epoch in range({}):
    parts = (w * 2).chunk(2)
    a = parts[0]
    b = parts[1]
    c = a + 1
    c.mul_(b)
    (c * a).sum().backward()
"""


@pytest.mark.parametrize("steps", [3, 90])
@pytest.mark.parametrize("name", ["a", "b", "c", "w"])
def test_reads_and_writes_are_those_of_each_tensor_that_had_the_name(steps: int, name: str) -> None:
    session = Session(record(_MANY.format(steps)))
    trace, recording = session.trace, session.recording
    tensors = {recording.locations[event.reads[0].location].owner for event in recording if event.detail.get("name") == name}
    assert len(tensors) == (1 if name == "w" else steps)
    hidden = (Kind.BIND_NAME, Kind.SAVE)
    writers: dict[int, set[int]] = {}
    readers: dict[int, set[int]] = {}
    for event in recording:
        for of, refs in ((writers, event.writes), (readers, event.reads)):
            for ref in refs:
                of.setdefault(ref.location, set()).add(event.index)
    for place, kind in ((name, "val"), (f"{name}.grad", "grad")):
        written, read = set[int](), set[int]()
        for tensor in tensors:
            location = trace.location(kind, tensor)
            written |= writers.get(location, set())
            read |= readers.get(location, set())
            if kind == "grad":
                for row in trace.writes(trace.location("val", tensor)):
                    call = recording.event(row).call
                    if call >= 0:
                        written |= set(trace.rows_of_call(call).arrivals)
                        read |= set(trace.rows_of_call(call).fires)
        for found, expected in ((Breakpoint("write", place), written), (Breakpoint("read", place), read)):
            assert session.hits(found).tolist() == sorted(row for row in expected if recording.event(row).kind not in hidden)
        assert written
        assert read or kind == "grad"


def test_a_number_stops_when_it_becomes_true_not_while_it_stays_true(loop: Session) -> None:
    found = Breakpoint("when", "norm(w.grad) > 5")
    rows = loop.hits(found).tolist()
    assert rows
    for row in rows:
        assert loop.recording.event(row).kind == Kind.ACCUMULATE
    assert len(rows) == len([step for step in range(6) if step in {loop.recording.event(row).step for row in rows}])


def test_a_change_is_one_of_the_numbers_also_where_the_norm_stays() -> None:
    session = Session(
        record(
            "import torch\nw = torch.tensor([3.0, 4.0])\nv = w.clone()\nw.copy_(torch.tensor([4.0, 3.0]))\nw.copy_(torch.tensor([4.0, 3.0]))\n"
        )
    )
    assert [session.recording.event(row).line for row in session.hits(Breakpoint("change", "w")).tolist()] == [2, 4]


def test_a_change_of_the_flag_stops() -> None:
    session = Session(record("import torch\nw = torch.ones(2)\nw.requires_grad_()\ny = w * 2\nw.requires_grad_(False)\n"))
    lines = [session.recording.event(row).line for row in session.hits(Breakpoint("change", "w.requires_grad")).tolist()]
    assert lines[-2:] == [3, 5]


@pytest.mark.parametrize(
    ("count", "numbers"),
    [("", [1, 2, 3, 4, 5, 6]), ("3", [3, 4, 5, 6]), (">= 5", [5, 6]), ("== 2", [2]), ("% 2", [2, 4, 6]), ("== 9", [])],
)
def test_hit_counts(loop: Session, count: str, numbers: list[int]) -> None:
    every = loop.hits(Breakpoint("event", "backward_begin")).tolist()
    assert loop.hits(Breakpoint("event", "backward_begin", count=count)).tolist() == [every[number - 1] for number in numbers]


def test_a_condition_is_asked_at_the_hit(loop: Session) -> None:
    every = loop.hits(Breakpoint("event", "optimizer_step")).tolist()
    some = loop.hits(Breakpoint("event", "optimizer_step", condition="norm(w.grad) > 5")).tolist()
    assert some == [row for row in every if np.linalg.norm(_grad(loop, row)) > 5]
    assert 0 < len(some) < len(every)


def _grad(session: Session, row: int) -> np.ndarray:
    tensor = session.trace.tensor_of(session.recording.event(row).writes[0].location)
    array = session.recording.array(session.trace.value_at(session.trace.location("grad", tensor), row))
    assert array is not None
    return array


def test_an_error_stops_where_the_script_failed() -> None:
    session = Session(record("import torch\nx = torch.ones(2)\nx.sum().backward()\n"))
    (row,) = session.hits(Breakpoint("error", "error")).tolist()
    assert session.recording.event(row).line == 3


def test_an_alarm_stops_where_the_nan_was_born() -> None:
    session = Session(record("import torch\nx = torch.tensor([-1.0], requires_grad=True)\ny = x * 2\nz = y.log()\nz.sum().backward()\n"))
    assert 4 in [session.recording.event(row).line for row in session.hits(Breakpoint("error", "alarm")).tolist()]


def test_what_is_off_or_only_logs_does_not_stop(loop: Session) -> None:
    loop.breakpoints = [Breakpoint("op", "relu", enabled=False), Breakpoint("op", "relu", log="here"), Breakpoint("event", "zero_grad")]
    loop.to_start()
    loop.continue_()
    assert loop.recording.event(loop.position).kind == Kind.ZERO_GRAD
    loop.breakpoints = []


def test_a_log_text_is_filled_in_with_the_numbers_of_each_hit(loop: Session) -> None:
    told = log_lines(loop, Breakpoint("event", "accumulate", log="step: {w.grad} and {norm(w.grad)}, {nothing}"))
    assert told[0][1].startswith("step: [3., 3.] and 4.24264, <")
    assert len(told) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        Breakpoint("when", "nrom(w)"), Breakpoint("line", "x"), Breakpoint("event", "sneeze"), Breakpoint("op", " "), Breakpoint("write", "w + 1"),
        Breakpoint("op", "relu", condition="import os"), Breakpoint("op", "relu", count="three"), Breakpoint("op", "relu", count="== 0"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(loop: Session, wrong: Breakpoint) -> None:
    with pytest.raises(WatchProblem) as problem:
        check(wrong)
    assert len(str(problem.value)) > 10
    assert loop.hits(wrong).tolist() == []


def test_lines_and_nodes_set_as_sets_keep_what_is_known_of_each(loop: Session) -> None:
    loop.breakpoints = [Breakpoint("line", "5", condition="norm(w) > 1")]
    loop.breakpoint_lines |= {7}
    assert loop.breakpoints == [Breakpoint("line", "5", condition="norm(w) > 1"), Breakpoint("line", "7")]
    loop.breakpoint_lines ^= {5}
    assert loop.breakpoint_lines == {7}
    loop.breakpoints = []


def test_the_head_of_a_loop_stops_where_the_loop_turns(loop: Session) -> None:
    assert kinds(loop, Breakpoint("line", "4")) == ["OP"] + ["BOUNDARY"] * 6  # its start, five turns, its end
    assert kinds(loop, Breakpoint("line", "5"))[0] == "OP"


def test_nested_loops_stop_at_each_of_their_turns_from_the_first_on(tmp_path: Path) -> None:
    source = """import torch
w = torch.ones(2, requires_grad=True)
for epoch in range(3):
    for i in range(4):
        loss = (w * w).sum()
        loss.backward()
print(w.grad)
"""
    path = str(tmp_path / "nested.py")
    recording, _ = record_text(path, source, silent=True)
    session = Session(recording)
    inner = session.hits(Breakpoint("line", "4")).tolist()
    turns = [row for row in inner if recording.event(row).detail.get("kind") != "end"]
    assert len(turns) == 12
    assert len({(recording.event(row).epoch, recording.event(row).step) for row in turns}) == 12
    outer = [row for row in session.hits(Breakpoint("line", "3")).tolist() if recording.event(row).detail.get("kind") != "end"]
    assert [recording.event(row).epoch for row in outer] == [0, 1, 2]


def test_one_waits_for_another_that_may_be_off() -> None:
    session = Session(record(LOOP))
    first = Breakpoint("event", "accumulate", count="== 2", enabled=False)
    write = Breakpoint("write", "w", after=first.key)
    session.breakpoints = [first, write]
    born = session.hits(first)[0]
    assert session.hits(write).tolist() == [row for row in session.hits(Breakpoint("write", "w")).tolist() if row > born]
    session.to_start()
    assert session.continue_() == session.hits(write)[0] > born
    # Another condition of the first moves what waits for it.
    session.breakpoints[0] = Breakpoint("event", "accumulate", count="== 4", enabled=False)
    assert session.hits(write)[0] > session.hits(session.breakpoints[0])[0] > born


def test_what_waits_for_itself_or_for_what_is_gone_never_stops_and_says_so() -> None:
    session = Session(record(LOOP))
    one, two = Breakpoint("line", "5", after="line 6"), Breakpoint("line", "6", after="line 5")
    session.breakpoints = [one, two]
    assert not len(session.hits(one))
    lone = Breakpoint("line", "5", after="line 77")
    session.breakpoints = [lone]
    assert not len(session.hits(lone))
    assert "not there any more" in trouble(session, lone)


def test_a_line_of_the_lint_stops() -> None:
    session = Session(
        record(
            "import torch\nw = torch.ones(2, requires_grad=True)\nfor epoch in range(3):\n    loss = (w * w).sum()\n    loss.backward()\n    with torch.no_grad():\n        w = w - 0.1 * w.grad\n    if w.grad is None: break\n"
        )
    )
    found = session.hits(Breakpoint("error", "lint")).tolist()
    lines = {int(session.columns.line[row]) for row in found}
    assert lines
    assert lines <= {finding.line for finding in lint(session.recording.source)}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Breakpoint("line", "1"), "Nothing that is recorded happens in line 1."),
        (Breakpoint("op", "rleu"), "Did you mean relu?"),
        (Breakpoint("when", "norm(weights) > 1"), "no tensor called weights"),
        (Breakpoint("when", "norm(w) > 1e9"), "never becomes true"),
        (Breakpoint("write", "ww.grad"), "no tensor called ww. Did you mean w?"),
        (Breakpoint("line", "5", condition="norm(w) > 1e9"), "condition is never true"),
        (Breakpoint("line", "5"), ""),
    ],
)
def test_what_is_never_hit_says_why(loop: Session, found: Breakpoint, words: str) -> None:
    assert words in trouble(loop, found)
    assert bool(words) == bool(trouble(loop, found))


def test_an_op_is_found_by_its_backward_node_too(loop: Session) -> None:
    assert kinds(loop, Breakpoint("op", "ReluBackward0", "backward")) == ["VJP"] * 6

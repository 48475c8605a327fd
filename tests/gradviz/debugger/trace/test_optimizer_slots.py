"""What optimizers keep has a location: names, breakpoints, last and next write, questions, on the engine's own optimizers."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.questions import ask, asked_of
from gradviz.debugger.session import Session
from gradviz.debugger.watch import Names, WatchProblem, evaluate, history, parse
from gradviz.recording.event import Kind
from gradviz.running.recorded import record_here

MOMENTUM = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1, momentum=0.5)
for turn in range(3):
    opt.zero_grad()
    loss = (w * 3).sum()
    loss.backward()
    opt.step()
opt.state[w]["momentum_buffer"].zero_()
"""
ADAM = """import copy
import torch
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
first = torch.optim.Adam(net.parameters(), lr=0.1)
x = torch.randn(4, 2)
for turn in range(3):
    loss = net(x).mean()
    first.zero_grad()
    loss.backward()
    first.step()
second = torch.optim.Adam(net.parameters(), lr=0.1)
second.load_state_dict(copy.deepcopy(first.state_dict()))
second.step()
"""


@pytest.fixture
def momentum(tmp_path: object) -> Session:
    return opened(tmp_path, MOMENTUM)


def opened(folder: object, source: str) -> Session:
    path = f"{folder}/script.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    recording, code = record_here(path)
    assert code == 0
    return Session(recording)


def value(session: Session, text: str, at: int) -> np.ndarray:
    return np.asarray(evaluate(session, parse(text), at))


def steps(session: Session) -> list[int]:
    return session.recording.events_of_kind(Kind.OPTIMIZER_STEP).tolist()


def test_a_watch_reads_the_momentum_by_either_spelling_at_each_moment(momentum: Session) -> None:
    for text in ("opt.state[w].momentum_buffer", 'opt.state[w]["momentum_buffer"]'):
        assert [value(momentum, text, at).tolist() for at in steps(momentum)] == [[3.0, 3.0], [4.5, 4.5], [5.25, 5.25]]
        assert value(momentum, f"{text}[1]", momentum.length - 1) == 0.0
    found = history(momentum, parse("norm(opt.state[w].momentum_buffer)"))
    assert found.events[:3] == tuple(steps(momentum))
    assert found.values[1] == pytest.approx(4.5 * 2**0.5)


def test_before_the_first_step_it_does_not_exist_and_a_wrong_name_is_told_the_right_one(momentum: Session) -> None:
    with pytest.raises(WatchProblem, match="does not exist yet"):
        evaluate(momentum, parse("opt.state[w].momentum_buffer"), 0)
    with pytest.raises(WatchProblem, match=r"Did you mean opt\.state\[w\]\.momentum_buffer"):
        evaluate(momentum, parse("opt.state[w].momentum"), momentum.length - 1)
    with pytest.raises(WatchProblem, match="no tensor called"):
        evaluate(momentum, parse("sgd.state[w].momentum_buffer"), momentum.length - 1)


@pytest.mark.parametrize("text", ["opt.state[", 'w["a"]', 'opt.state["w"]', "opt.state[w][w].x", '"opt.state[w].x"', "opt.state[w + 1].x"])
def test_what_is_no_name_is_refused_in_words(momentum: Session, text: str) -> None:
    with pytest.raises(WatchProblem) as told:
        evaluate(momentum, parse(text), momentum.length - 1)
    assert str(told.value)


def test_breakpoints_stop_at_its_reads_and_writes_and_changes(momentum: Session) -> None:
    place, made = "opt.state[w].momentum_buffer", steps(momentum)
    zeroed = int(momentum.recording.events_of_kind(Kind.INPLACE_WRITE)[-1])
    assert momentum.hits(Breakpoint("write", place)).tolist() == [*made, zeroed]
    assert momentum.hits(Breakpoint("read", place)).tolist() == [*made[1:], zeroed]  # the first step makes it
    assert momentum.hits(Breakpoint("change", place)).tolist() == [*made, zeroed]
    momentum.breakpoints = [Breakpoint("write", place)]
    assert [momentum.continue_() for _ in range(4)] == [*made, zeroed]
    assert [momentum.reverse_continue() for _ in range(3)] == made[::-1]


def test_last_and_next_write_go_along_its_writes(momentum: Session) -> None:
    node = next(node.id for node in momentum.graph().nodes if node.title == "w")
    zeroed = int(momentum.recording.events_of_kind(Kind.INPLACE_WRITE)[-1])
    made = [*steps(momentum), zeroed]
    momentum.to_start()
    momentum.step_into()
    assert [momentum.run_to_write(node, "opt", backwards=False) for _ in range(5)] == [*made, zeroed]
    assert [momentum.run_to_write(node, "opt") for _ in range(4)] == [*made[2::-1], made[0]]


def test_who_wrote_it_is_a_question_of_parameters_that_an_optimizer_keeps_something_of(momentum: Session) -> None:
    momentum.seek(steps(momentum)[1])
    node = {node.title: node.id for node in momentum.graph().nodes}
    assert "wrote_state" in asked_of(momentum, node["w"])
    assert "wrote_state" not in asked_of(momentum, node["loss"])
    answer = ask(momentum, node["w"], "wrote_state")
    assert "line 8: SGD moves w" in answer.sentence
    assert [event for event, _ in answer.events][:3] == steps(momentum)


def test_why_this_value_goes_back_through_the_momentum_element_by_element(momentum: Session) -> None:
    momentum.seek(steps(momentum)[-1])
    from gradviz.debugger.questions.slices import slice_back

    found = slice_back(momentum.trace, momentum.trace.event(momentum.position), (1,))
    assert [step.event.index for step in found if step.event.kind == Kind.OPTIMIZER_STEP] == steps(momentum)[::-1]
    assert all(step.mask.tolist() == [False, True] for step in found if step.event.kind == Kind.OPTIMIZER_STEP)


def test_averages_of_a_module_have_names_as_the_script_writes_them_and_those_of_a_copy_are_others(tmp_path: object) -> None:
    session = opened(tmp_path, ADAM)
    names = Names(session)
    assert "first.state[0.weight].exp_avg_sq" in names.known
    end = session.length - 1
    before = value(session, "first.state[net[0].weight].exp_avg", end)
    after = value(session, "second.state[net[0].weight].exp_avg", end)
    assert before.shape == after.shape == (3, 2)
    assert not np.array_equal(before, after)
    assert value(session, "first.state[net[0].weight].step", end) == 3.0
    assert value(session, "second.state[net[0].weight].step", end) == 4.0


def test_plain_steps_keep_nothing(tmp_path: object) -> None:
    session = opened(tmp_path, MOMENTUM.replace(", momentum=0.5", "").replace('opt.state[w]["momentum_buffer"].zero_()\n', ""))
    node = next(node.id for node in session.graph().nodes if node.title == "w")
    end = session.to_end()
    inspection = session.inspect(node)
    assert inspection is not None
    assert inspection.kept == ()
    assert "wrote_state" not in asked_of(session, node)
    assert session.run_to_write(node, "opt") == end

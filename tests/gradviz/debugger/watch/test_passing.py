"""`.grad` of a result: PyTorch keeps none, the recording has what passed through."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.session import Session
from gradviz.debugger.watch import WatchProblem, evaluate, history, parse
from gradviz.recording.event import Kind
from tests.gradviz.debugger.conftest import Open

SCRIPT = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(3):
    h = w * (step + 1)
    loss = (h * h).sum()
    loss.backward()
kept = w * 2
kept.retain_grad()
plain = torch.ones(2) * 3
kept.sum().backward()
"""


@pytest.fixture
def session(open_script: Open) -> Session:
    return open_script(SCRIPT)


def arrivals(session: Session) -> list[int]:
    """The last gradient that came to h in each step."""
    return [int(row) for row in session.hits(Breakpoint("write", "h.grad"))][1::2]


def test_it_is_worth_what_arrived_in_the_latest_pass(session: Session) -> None:
    for step, row in enumerate(arrivals(session)):
        assert np.asarray(evaluate(session, parse("h.grad"), row)).tolist() == [2.0 * (step + 1), 4.0 * (step + 1)]
    assert evaluate(session, parse("h.grad[1] / 4"), session.length - 1) == 3.0


def test_it_is_none_still_as_the_script_sees_it_and_before_anything_has_come(session: Session) -> None:
    end = session.length - 1
    assert evaluate(session, parse("h.grad is None"), end) is True
    assert evaluate(session, parse("kept.grad is None"), end) is False
    made = int(session.recording.events_of_kind(Kind.BACKWARD_BEGIN)[1])
    assert evaluate(session, parse("h.grad"), made) is None
    with pytest.raises(WatchProblem, match="None"):
        evaluate(session, parse("norm(h.grad)"), made)
    assert evaluate(session, parse("plain.grad"), end) is None


def test_breakpoints_on_it_stop_where_it_arrives_and_where_its_node_takes_it(session: Session) -> None:
    assert {Kind(int(k)) for k in session.columns.kind[session.hits(Breakpoint("write", "h.grad"))]} == {Kind.DELIVER}
    read = session.hits(Breakpoint("read", "h.grad"))
    assert {Kind(int(k)) for k in session.columns.kind[read]} == {Kind.VJP}
    assert len(read) == 3
    large = session.hits(Breakpoint("when", "norm(h.grad) > 5"))
    written = session.hits(Breakpoint("write", "h.grad")).tolist()  # both factors of h * h bring a half: 2.2 4.5, 4.5 8.9, 6.7 13.4
    assert large.tolist() == [written[3], written[4]]
    assert len(session.hits(Breakpoint("change", "h.grad"))) >= 6


def test_its_history_has_a_point_for_each_arrival(session: Session) -> None:
    found = history(session, parse("norm(h.grad)"))
    at = dict(zip(found.events, found.values, strict=True))
    assert [round(at[row], 3) for row in arrivals(session)] == [4.472, 8.944, 13.416]


def test_a_leaf_keeps_its_own(session: Session) -> None:
    written = session.hits(Breakpoint("write", "w.grad"))
    assert {Kind(int(k)) for k in session.columns.kind[written]} == {Kind.ACCUMULATE}

"""Run to a node, its vjp, its `.grad` write; last and next write of any location: against brute force."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradviz.debugger.session import Session
from gradviz.debugger.trace.trace import MAKING
from gradviz.recording.event import Event, Kind

from ..conftest import LOOPS, record

ANEW = """import torch
b = torch.zeros(2)
for epoch in range(4):
    w = torch.ones(2, requires_grad=True)
    h = w * 3 + b
    h.sum().backward()
    w.grad.mul_(2)
    b.requires_grad_(epoch < 2)
    w.grad = None
"""
SCRIPTS = {"loops": LOOPS, "anew": ANEW}


@pytest.fixture(scope="module", params=sorted(SCRIPTS))
def session(request: pytest.FixtureRequest) -> Session:
    return Session(record(SCRIPTS[request.param]))


def by_hand(session: Session, node: int, what: str) -> list[int]:
    """All events that write a location of the tensors that a node ever made, found by reading every event."""
    leaf = session.trace.leaf_of.get(node, node)
    recording = session.recording
    makers = [event for event in recording if event.site == leaf and event.kind in MAKING and event.writes]
    mine = {recording.locations[event.writes[0].location].owner for event in makers}

    def writes(event: Event) -> bool:
        places = [recording.locations[ref.location] for ref in event.writes]
        return any(place.kind == what and place.owner in mine for place in places)

    return [event.index for event in recording if writes(event)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1), backwards=st.booleans(), what=st.sampled_from(["val", "grad", "flag"]), number=st.integers(0, 50))
def test_writes_of_every_location_are_those_of_brute_force(session: Session, share: float, backwards: bool, what: str, number: int) -> None:
    nodes = session.graph().nodes
    node = nodes[number % len(nodes)]
    rows = by_hand(session, node.id, what)
    at = session.seek(round(share * (session.length - 1)))
    beside = [row for row in rows if row < at][-1:] if backwards else [row for row in rows if row > at][:1]
    assert session.run_to_write(node.id, what, backwards) == (beside[0] if beside else at)


def test_the_vjp_of_a_node_and_the_write_of_its_grad(session: Session) -> None:
    columns = session.columns
    op = next(node for node in session.graph().nodes if node.grad_fn.startswith("Mul"))
    fires = [row for row in range(session.length) if columns.site[row] == op.id and columns.kind[row] == Kind.VJP]
    session.to_start()
    found = [session.run_to(op.id, what="vjp") for _ in fires]
    assert found == fires
    assert session.run_to(op.id, what="vjp") == fires[-1]  # there is no other: it stays
    assert [session.run_to(op.id, True, "vjp") for _ in fires[1:]] == fires[-2::-1]
    leaf = next(node for node in session.graph().nodes if node.is_leaf and node.requires_grad)
    for node in (leaf.id, session.trace.bucket_of[leaf.id]):  # the leaf, and its accumulator
        session.to_start()
        written = by_hand(session, leaf.id, "grad")
        assert [session.run_to(node, what="grad") for _ in written] == written


def test_a_node_without_such_an_event_stays(session: Session) -> None:
    at = session.seek(5)
    op = next(node for node in session.graph().nodes if node.grad_fn.startswith("Mul"))
    assert session.run_to(op.id, what="grad") == at  # no leaf
    assert session.run_to_write(10_000, "val") == at

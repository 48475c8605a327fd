"""Long recordings: answers against brute force; what a command may cost, the benchmark rows `debugger/` say."""

from __future__ import annotations

import pytest

from gradviz.debugger.session import Session
from gradviz.recording.event import Kind

from .conftest import record

TRAINING = """import torch
w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
for epoch in range({}):
    h = w * 2
    h = (h + v) * h
    h = h * 0.5
    loss = (h * 3).sum()
    loss.backward()
"""


@pytest.fixture(scope="module")
def training() -> Session:
    return Session(record(TRAINING.format(400)))


def test_breakpoint_hits_are_those_of_brute_force(training: Session) -> None:
    node = next(n.id for n in training.graph().nodes if n.op == "add")
    training.breakpoint_lines, training.breakpoint_nodes = {9}, {node}
    at_node = {e.index for e in training.recording if e.site == node and e.kind in (Kind.OP, Kind.VJP)}
    at_line = {int(row) for row in training.recording.events_of_kind(Kind.BACKWARD_BEGIN)}
    training.to_start()
    hits = []
    while training.continue_() != training.frames.previous_step(training.length):
        hits.append(training.position)
    assert set(hits) == at_node | at_line
    assert len(hits) == 1200


def test_writes_of_every_location_are_those_of_brute_force(training: Session) -> None:
    written: dict[int, list[int]] = {}
    for event in training.recording:
        for ref in event.writes:
            written.setdefault(ref.location, []).append(event.index)
    for location, rows in list(written.items())[::37]:
        for at in (-1, rows[0] - 1, rows[0], rows[-1], training.length):
            before = [row for row in rows if row <= at]
            after = [row for row in rows if row > at]
            assert training.trace.last_write(location, at) == (before[-1] if before else None)
            assert training.trace.next_write(location, at) == (after[0] if after else None)

"""A run that goes on differently from a moment on, and is the same before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.comparing import RunComparison
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind, key_of
from gradviz.recording.recording import Recording
from gradviz.running.branch import DetachFrom, InsertLine, SetElement, SetFlag, ZeroGradAt
from gradviz.running.overrides import Override, from_json, to_json
from gradviz.running.parsing import SyntaxProblem
from gradviz.running.recorded import record_here

TRAIN = """import torch
x = torch.randn(4, 2)
w = torch.ones(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(4):
    h = x @ w + b
    loss = (h * h).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
        b.grad = None
print(w)
"""


class Runs:
    """Runs one text with changes."""

    def __init__(self, folder: Path) -> None:
        self.script = folder / "train.py"
        self.script.write_text(TRAIN)
        self.plain = Session(self.run())

    def run(self, changes: Sequence[Override] = ()) -> Recording:
        """The text with changes, which went through the pipe's JSON."""
        return record_here(str(self.script), from_json(to_json(changes)))[0]

    def compared(self, *changes: Override) -> RunComparison:
        """The plain run against the one with changes."""
        return RunComparison(self.plain, Session(self.run(changes)))

    def moment(self, kind: Kind, step: int, name: str = "") -> int:
        """The first event of a kind in a step (at a name)."""
        sites = self.plain.recording.sites
        return next(
            e.index
            for e in self.plain.recording
            if e.kind == kind and e.step == step and (not name or (e.site >= 0 and sites[e.site].name == name))
        )

    def key(self, name: str) -> tuple[tuple[int, ...], int, str, int]:
        """The place of a name."""
        return key_of(next(s for s in self.plain.recording.sites if s.name == name and s.role != "bucket"))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """The training, run plainly."""
    return Runs(tmp_path)


def test_a_leaf_gets_another_number_at_a_moment(runs: Runs) -> None:
    at = runs.moment(Kind.BACKWARD_END, 1)
    found = runs.compared(SetElement(at, runs.key("w"), "value", (1,), 5.0))
    assert found.b.recording.meta.get("branch_problems") is None
    written = found.b.recording.event(at + 1)
    assert written.kind == Kind.INPLACE_WRITE
    assert found.b.recording.array(written.writes[0].value)[1] == 5.0
    assert (found.alignment.to_b[: at + 1] == np.arange(at + 1)).all()
    assert found.first is not None
    assert found.first.event_a > at
    assert "overwrite w (line 8) only in B" in found.verdict


def test_the_value_of_an_op_changes_what_is_computed_from_it_only(runs: Runs) -> None:
    at = runs.moment(Kind.OP, 2, "h")
    found = runs.compared(SetElement(at, runs.key("h"), "value", (0,), 100.0))
    assert found.first is not None
    assert (found.first.step, found.first.event_a > at) == (2, True)
    assert all(e >= at for e in found.differing.tolist())
    squared = found.a.recording.event(found.first.event_a)
    assert squared.site >= 0
    assert found.a.recording.sites[squared.site].op == "mul"


def test_in_the_middle_of_backward_a_grad_is_changed(runs: Runs) -> None:
    at = runs.moment(Kind.ACCUMULATE, 1)
    leaf = runs.plain.recording.sites[runs.plain.trace.leaf_of[runs.plain.recording.event(at).site]]
    found = runs.compared(SetElement(at, key_of(leaf), "grad", (0,), -7.0))
    written = found.b.recording.event(at + 1)
    assert written.kind == Kind.INPLACE_WRITE
    assert found.b.recording.array(written.writes[0].value)[0] == -7.0


def test_a_flag_from_a_moment_on(runs: Runs) -> None:
    found = runs.compared(SetFlag(runs.plain.length - 2, runs.key("b"), False))
    assert [e.kind for e in found.extras] == [Kind.SET_REQUIRES_GRAD]
    early = runs.compared(SetFlag(runs.moment(Kind.CREATE_LEAF, 0, "b"), runs.key("b"), False))
    assert "requires_grad of b" in early.verdict
    assert not any(e.kind == Kind.ACCUMULATE and early.b.recording.sites[e.site].name == "b" for e in early.b.recording)


def test_zero_grad_in_the_middle(runs: Runs) -> None:
    at = runs.moment(Kind.BACKWARD_END, 2)
    found = runs.compared(ZeroGradAt(at))
    assert {e.run for e in found.extras} >= {"B"}
    assert "TypeError" in found.verdict  # 0.1 * None
    zeroed = [e for e in found.b.recording if e.kind == Kind.ZERO_GRAD and e.index in (at + 1, at + 2)]
    assert len(zeroed) == 2


def test_a_detach_from_a_moment_on(runs: Runs) -> None:
    at = runs.moment(Kind.BOUNDARY, 2)
    found = runs.compared(DetachFrom(at, runs.key("h"), 1))
    detach = next(e for e in found.extras if e.kind == Kind.DETACH)
    assert (detach.run, detach.steps) == ("B", (2, 3))
    lost = [e for e in found.extras if e.run == "A" and e.kind == Kind.ACCUMULATE]
    assert [(e.doing, e.steps) for e in lost] == [("accumulate into b.grad", (2, 3))]


@pytest.mark.parametrize(
    ("line", "code", "only"),
    [
        (7, "h = h.detach()", "detach"),
        (8, "zero_grad()", ""),
        (6, "w.requires_grad_(step < 2)", "requires_grad of w"),
        (11, "zero_grad()", "zero_grad"),
    ],
)
def test_a_statement_before_a_line(runs: Runs, line: int, code: str, only: str) -> None:
    found = runs.compared(InsertLine(line, code))
    assert only in found.verdict
    assert "only in B" in found.verdict if only else found.same


@pytest.mark.parametrize(("line", "code"), [(7, "h = ("), (99, "zero_grad()"), (7, "  ")])
def test_what_cannot_be_inserted_is_told_and_nothing_runs(runs: Runs, line: int, code: str) -> None:
    with pytest.raises(SyntaxProblem):
        runs.compared(InsertLine(line, code))


def test_what_cannot_be_changed_is_told(runs: Runs) -> None:
    at = runs.moment(Kind.BACKWARD_END, 1)
    found = runs.compared(SetElement(at, runs.key("w"), "value", (7,), 1.0), SetElement(at, runs.key("loss"), "grad", (), 1.0))
    problems = found.b.recording.meta["branch_problems"]
    assert len(problems) == 2
    assert "out of bounds" in problems[0]
    assert found.same


def test_two_changes_at_two_moments(runs: Runs) -> None:
    first, second = runs.moment(Kind.BACKWARD_END, 1), runs.moment(Kind.BACKWARD_END, 2) + 1
    one = runs.compared(SetElement(first, runs.key("w"), "value", (0,), 3.0))
    both = RunComparison(
        one.b,
        Session(runs.run((SetElement(first, runs.key("w"), "value", (0,), 3.0), SetElement(second, runs.key("b"), "value", (0,), 2.0)))),
    )
    assert both.first is not None
    assert both.first.event_a > second
    assert sum(e.kind == Kind.INPLACE_WRITE and e.doing.startswith("overwrite b") for e in both.extras) == 1

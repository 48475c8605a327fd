"""Two runs aligned: what only one does, where they first differ, and the sentence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gradviz.debugger.comparing import RunComparison, change_of_text, curves_of, parameters
from gradviz.debugger.comparing.alignment import match_lines
from gradviz.debugger.comparing.values import relative_arrays
from gradviz.debugger.session import Session
from gradviz.recording.columns.layout import CHUNK_COLUMNS
from gradviz.recording.event import Kind
from gradviz.recording.file.chunk import decode, encode
from gradviz.recording.file.export import chunks_of
from gradviz.recording.recording import Recording
from gradviz.recording.statistics import NAMES

from ..conftest import record

SEED = """import torch
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
    weights.grad.zero_()
"""
FORGOT = SEED.replace("    weights.grad.zero_()\n", "")

TRAIN = """import torch
torch.manual_seed(0)
x = torch.randn(8, 3)
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
for step in range(6):
    optimizer.zero_grad()
    loss = ((x @ w + b - 1.0) ** 2).mean()
    loss.backward()
    optimizer.step()
"""


def compare(a: str, b: str, tolerance: float = 0.0) -> RunComparison:
    """Two texts, run."""
    return RunComparison(Session(record(a)), Session(record(b)), tolerance)


def test_the_seed_pair_says_what_the_report_says() -> None:
    found = compare(SEED, FORGOT)
    assert found.verdict == "zero_grad only in A; first difference at step 1, accumulate into weights.grad, 3 against 6"
    assert [e.text for e in found.extras] == ["zero_grad of weights only in A: 3 times, steps 0 to 2"]
    assert found.first is not None
    assert found.a.recording.event(found.first.event_a).kind == Kind.ACCUMULATE
    assert found.b.recording.event(found.first.event_b).kind == Kind.ACCUMULATE
    assert len(found.differing) == 2
    assert found.next_difference(found.first.event_a, 1) == found.differing[1]
    assert found.next_difference(int(found.differing[1]), -1) == found.first.event_a
    assert found.next_difference(int(found.differing[1]), 1) is None


def test_the_other_way_round_says_b() -> None:
    assert compare(FORGOT, SEED).verdict == "zero_grad only in B; first difference at step 1, accumulate into weights.grad, 6 against 3"


def test_the_same_run_twice_is_the_same_to_the_last_bit() -> None:
    found = compare(TRAIN, TRAIN)
    assert found.same
    assert found.verdict.startswith("The runs are the same to the last bit")
    assert (found.alignment.to_b == np.arange(len(found.a.recording))).all()


@pytest.mark.parametrize("budget", [0, 1 << 28])
def test_the_order_in_which_a_norm_was_summed_is_no_difference(budget: int) -> None:
    """The same numbers have a norm with other last digits where they lay elsewhere in memory; a mean of 0 then is one of 1e-9."""

    def summed(nudge: float) -> Session:
        made = Recording(budget=budget)
        for data in chunks_of(record(TRAIN)):
            for chunk in decode(data, CHUNK_COLUMNS, len(NAMES)):
                stats = chunk.stats.copy()
                stats[:, 0] *= 1 + nudge
                stats[:, 1] += stats[:, 0] * nudge
                made.append_chunk(encode(dataclasses.replace(chunk, stats=stats)))
        return Session(made)

    found = RunComparison(summed(0.0), summed(3e-7))
    assert found.same, found.verdict
    found.a.to_end()
    found.b.to_end()
    assert all(node.worst == 0 for node in found.nodes_now().values())


def test_two_learning_rates_differ_first_where_the_optimizer_moves() -> None:
    found = compare(TRAIN, TRAIN.replace("lr=0.1", "lr=0.2"))
    assert not found.extras
    assert found.first is not None
    assert found.first.step == 0
    assert found.first.doing in ("SGD moves w", "overwrite w (line 11)")


def test_a_line_more_in_one_text_shifts_nothing() -> None:
    found = compare(SEED, "# a comment\n\n" + SEED.replace("import torch\n", "import torch\nimport math\n"))
    assert found.same
    assert match_lines("a\nb\nc", "x\na\nb2\nc") == {2: 1, 3: 2, 4: 3}


def test_an_inserted_detach_cuts_the_rest_of_the_pass_only() -> None:
    text = (
        "import torch\nx = torch.ones(2, requires_grad=True)\nw = torch.ones(2, requires_grad=True)\n"
        "for i in range(3):\n    y = x * 2\n    z = (y * w).sum()\n    z.backward()\n"
    )
    found = compare(text, text.replace("    z = (y", "    y = y.detach()\n    z = (y"))
    detach = next(e for e in found.extras if e.kind == Kind.DETACH)
    assert (detach.run, len(detach.events), detach.steps) == ("B", 3, (0, 2))
    assert "detach" in found.verdict
    assert "only in B" in found.verdict
    missing = {e.kind for e in found.extras if e.run == "A"}
    assert {Kind.VJP, Kind.DELIVER, Kind.ACCUMULATE} <= missing
    w_grads = [e for e in found.extras if "w.grad" in e.doing]
    assert not w_grads, "the other leaf's gradient has a partner in each step"


def test_linked_cursors_stand_on_partners_and_wait_where_there_is_none() -> None:
    found = compare(SEED, FORGOT)
    to_b, to_a = found.alignment.to_b, found.alignment.to_a
    zero = found.extras[0].events[0]
    assert to_b[zero] == -1
    before = max(e for e in range(zero) if to_b[e] >= 0)
    assert found.alignment.position_in_b(zero) == to_b[before]
    assert found.alignment.position_in_b(-1) == -1
    for event in np.flatnonzero(to_b >= 0).tolist():
        assert found.alignment.position_in_a(found.alignment.position_in_b(event)) == event
    assert (np.flatnonzero(to_a >= 0) == np.sort(to_b[to_b >= 0])).all()


def test_a_tolerance_forgives_the_last_digits() -> None:
    near = SEED.replace("weights * 3", "weights * 3.000001").replace("torch.ones(3,", "torch.ones(3, dtype=torch.float64,")
    wide = SEED.replace("torch.ones(3,", "torch.ones(3, dtype=torch.float64,")
    exact = compare(wide, near)
    assert not exact.same
    assert exact.first is not None
    assert exact.first.a != exact.first.b
    loose = exact.within(1e-5)
    assert loose.same
    assert loose.verdict.startswith("The runs are equal within 1e-05")
    assert exact.within(1e-8).first == exact.first


def test_a_flag_and_a_mode_are_told() -> None:
    text = "import torch\nx = torch.ones(2, requires_grad=True)\nw = torch.ones(2, requires_grad=True)\n(x * w).sum().backward()\n"
    found = compare(text, text.replace("x = torch.ones(2, requires_grad=True)", "x = torch.ones(2)"))
    assert found.first is not None
    assert found.first.text == "step 0, create x (line 2), requires_grad True against requires_grad False"


def test_nodes_at_the_moment_by_relative_difference() -> None:
    found = compare(SEED, FORGOT)
    assert found.first is not None
    found.a.seek(found.first.event_a)
    found.b.seek(found.first.event_b)
    titles = {n.id: (n.title, n.is_leaf) for n in found.a.graph().nodes}
    apart = {titles[node]: difference for node, difference in found.nodes_now().items()}
    assert apart[("weights", True)].value == 0
    assert apart[("weights", True)].grad == pytest.approx(1.0)  # |3 - 6| / |3|
    assert apart[("out", False)].worst == 0


def test_the_curves_of_a_parameter() -> None:
    found = compare(SEED, FORGOT)
    ((leaf, name),) = parameters(found)
    curves = curves_of(found, leaf)
    assert (name, curves.scalar) == ("weights", False)
    norm = 3 * 3**0.5
    np.testing.assert_allclose(curves.a, [norm] * 3)
    np.testing.assert_allclose(curves.b, [norm, 2 * norm, 3 * norm])
    np.testing.assert_allclose(curves.difference, [0, norm, 2 * norm])
    assert list(curves_of(found, leaf, "value").difference) == [0]
    trained = compare(TRAIN, TRAIN.replace("lr=0.1", "lr=0.2"))
    leaf = next(leaf for leaf, name in parameters(trained) if name == "b")
    moved = curves_of(trained, leaf, "value")
    assert moved.scalar
    assert list(moved.steps) == list(range(len(moved.steps)))
    assert (moved.difference[-3:] > 0).all()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([3.0, 4.0], [3.0, 4.5], 0.1),
        ([0.0], [1.0], np.inf),
        ([np.nan, 1.0], [np.nan, 1.0], 0.0),
        ([np.nan, 1.0], [2.0, 1.0], np.inf),
        ([np.inf, 1.0], [np.inf, 1.5], 0.5),
    ],
)
def test_relative_difference(a: list[float], b: list[float], expected: float) -> None:
    assert relative_arrays(np.array(a), np.array(b)) == pytest.approx(expected)


def test_an_error_in_one_run_is_named_first() -> None:
    found = compare(SEED, SEED.replace("    out.backward()\n", "    out.backward()\n    out.backward()\n", 1))
    assert found.extras[0].kind == Kind.ERROR
    assert "RuntimeError (line 6) only in B" in found.verdict.replace(", start of backward (line 6)", "")


def test_where_numbers_were_let_go_of_their_statistics_decide() -> None:
    def poor(text: str) -> Session:
        source = record(text)
        made = Recording(budget=0)
        for chunk in chunks_of(source):
            made.append_chunk(chunk)
        return Session(made)

    a, b = poor(SEED), poor(FORGOT)
    assert all(a.recording.array(value) is None for value in range(a.recording.value_count))
    found = RunComparison(a, b)
    assert found.verdict == (
        "zero_grad only in A; first difference at step 1, accumulate into weights.grad, 3 numbers of norm 5.2 against 3 numbers of norm 10.39"
    )
    assert RunComparison(a, poor(SEED)).same
    assert found.parting == found.extras[0].events[0]
    assert [c.tolist() for c in (curves_of(found, parameters(found)[0][0]).difference,)] == [pytest.approx([0, 27**0.5, 2 * 27**0.5])]


def test_what_was_changed_in_a_text_is_said_in_a_few_words() -> None:
    text = "a = 1\nb = 2\nc = 3\n"
    assert change_of_text(text, text) == ""
    assert change_of_text(text, "a = 1\nc = 3\n") == "without line 2: b = 2"
    assert change_of_text(text, "a = 1\nb = 2\n  d = 4\nc = 3\n") == "with line 3: d = 4"
    assert change_of_text(text, "a = 1\nb = 5\nc = 3\n") == "line 2: b = 5"
    assert change_of_text(text, "x = 1\ny = 5\nc = 3\n") == "2 lines changed, from line 1 on"
    assert change_of_text(text, "a = 1\n# a word\nb = 2\n\nc = 3\n") == ""
    rate = "optimizer = torch.optim.SGD([weights], lr=0.1)\n"
    assert change_of_text(rate, rate.replace("0.1", "0.01")) == "line 1: lr=0.1 → lr=0.01"
    assert change_of_text(rate, rate.replace("SGD", "Adam")) == "line 1: torch.optim.SGD → torch.optim.Adam"
    other = "optimizer = torch.optim.SGD([weights, bias], lr=0.1, momentum=0.9)"
    assert change_of_text(rate, other) == f"line 1: {other}"


def test_a_zero_grad_that_had_nothing_to_clear_is_no_difference_of_the_scripts() -> None:
    both = """import torch
w = torch.ones(2, 2, requires_grad=True)
v = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    torch.mv(w, v CUT).sum().backward()
"""
    found = compare(both.replace(" CUT", ".detach()"), both.replace(" CUT", ""))
    assert found.verdict.startswith("detach (line 7) only in A; ")
    assert "zero_grad" not in found.verdict
    assert found.verdict.endswith("first difference at step 0, backward of w @ detach (line 7), 1 gradient against 2 gradients")
    last = found.extras[-1]
    assert last.text == "zero_grad of v only in B: 2 times, steps 1 to 2"
    assert last.follows

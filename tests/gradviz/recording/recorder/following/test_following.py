"""A step that repeats itself is compared with its pattern, not noted anew: the recording must be the same, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gradviz.recording.event import Kind
from gradviz.recording.recorder.following.follower import Follower

from .both_ways import PIECES, SETUP, check_same, looped


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each step that was begun with a pattern came as foretold."""
    seen: list[bool] = []
    whole = Follower._whole_turn

    def ended(self: Follower) -> bool:
        seen.append(whole(self))
        return seen[-1]

    monkeypatch.setattr(Follower, "_whole_turn", ended)
    return seen


@pytest.mark.parametrize("piece", PIECES)
def test_a_loop_of_one_thing(piece: str) -> None:
    check_same(looped(piece, "chain"))
    check_same(looped("chain", piece))


@pytest.mark.parametrize(
    "pieces", [("chain", "cleared"), ("model",), ("adam",), ("batch",), ("number", "cleared"), ("wide",), ("custom",), ("function",)]
)
def test_a_training_is_followed_from_its_third_step_on(pieces: tuple[str, ...], turns: list[bool]) -> None:
    check_same(looped(*pieces, turns=20))
    assert sum(turns) >= 15


@pytest.mark.parametrize("pieces", [("chain", "cleared"), ("chain",), ("model",), ("adam",), ("split", "cleared"), ("twice",)])
def test_the_passes_of_a_training_run_by_their_courses(pieces: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first turns are told node by node, however many there are."""
    told: list[bool] = []
    vjp = Follower.vjp
    monkeypatch.setattr(Follower, "vjp", lambda self, *given: (vjp(self, *given), told.append(True))[0])
    check_same(looped(*pieces, turns=20))
    first = len(told)
    check_same(looped(*pieces, turns=40))
    assert 0 < first == len(told) - first


def test_a_step_that_computes_with_a_growing_gradient_is_told_node_by_node() -> None:
    """It reads what the pass writes: the error of PyTorch comes at the same node, and the recording ends there."""
    check_same(SETUP + "(w * 1).sum().backward()\nfor k in range(20):\n    ((w * w.grad) * w.exp()).sum().backward()\n")
    check_same(SETUP + "(w * 1).sum().backward()\nfor k in range(20):\n    (w.exp() * (v * w.grad)).sum().backward()\n")


def test_rows_of_a_table_are_noted_whole_where_half_precision_is_in_use() -> None:
    """Since the first bfloat16 of a process every op has another way back."""
    plain, _ = check_same("import torch\ntorch.ones(2, dtype=torch.bfloat16) * 2\n" + looped("few rows, cleared"))
    embedded = [event for event in plain if event.kind == Kind.VJP and plain.sites[event.site].op == "embedding"]
    assert embedded
    assert all(plain.form(event.writes[0].value)[0] == (4, 2) for event in embedded)


def test_a_step_that_differs_now_and_then_is_noted_and_the_next_is_followed(turns: list[bool]) -> None:
    check_same(looped("model", "prints", turns=30))
    assert sum(turns) >= 15


def test_a_script_that_never_repeats_itself_is_looked_at_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    look = Follower._look
    monkeypatch.setattr(Follower, "_look", lambda self, key: (look(self, key), looked.append(self._learner is not None))[0])
    check_same(
        SETUP
        + "import random\nrandom.seed(1)\nfor k in range(100):\n    for _ in range(random.randrange(1, 9)):\n        w = w * 1\n    w.sum().backward()\n    w = torch.randn(3, requires_grad=True)\n"
    )
    assert sum(looked) < 20


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=5), st.integers(2, 24))
@example(["cleared", "few rows, cleared"], 5)
def test_any_loop(pieces: list[str], count: int) -> None:
    check_same(looped(*pieces, turns=count))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=2, max_size=5), st.integers(1, 4), st.integers(1, 6))
def test_any_loop_in_a_loop(pieces: list[str], epochs: int, steps: int) -> None:
    inner = "\n".join("        " + line for piece in pieces[1:] for line in PIECES[piece].splitlines())
    outer = "\n".join("    " + line for line in PIECES[pieces[0]].splitlines())
    check_same(SETUP + f"for epoch in range({epochs + 2}):\n    for step in range({steps}):\n{inner}\n{outer}\n")


def test_a_state_that_keeps_its_graph_has_more_to_come_each_time() -> None:
    source = "import torch\nw, h = torch.ones(2, requires_grad=True), torch.zeros(2)\nfor t in range(9):\n    h = (h + w * w).tanh()\n    h.sum().backward(retain_graph=True)\n"
    plain, _ = check_same(source)
    expected = [plain.event(int(row)).detail["expected"] for row in plain.events_of_kind(Kind.DELIVER)]
    assert max(expected) == 18

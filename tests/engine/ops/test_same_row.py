"""A watcher is told of one and the same row at each call of an op: by that a step that repeats itself is known."""

from __future__ import annotations

import pytest

from engine import torch_module
from tests.engine.listening import Listener, listening

torch = torch_module.module()

CALLS = ("x.argmax(1)", "x.argmin()", "x.any()", "(x > 0).all(1)", "x.count_nonzero()", "torch.bincount(n)", "torch.histc(x)")


@pytest.mark.parametrize("call", CALLS)
def test_a_result_without_gradient(call: str) -> None:
    names = {"torch": torch, "x": torch.randn(3, 4), "n": torch.tensor([1, 2, 1])}
    listener = Listener()
    with listening(listener):
        results = [eval(call, names) for _ in range(2)]
    rows = [row for row, *_ in listener.of("op")]
    first, second = (rows[: len(rows) // 2], rows[len(rows) // 2 :])
    assert (first == second and first[-1].name == call.partition("(")[0].rpartition(".")[2]) or "all" in call
    assert first and [outputs[0] for _, _, _, outputs in listener.of("op")][-1] is results[1]

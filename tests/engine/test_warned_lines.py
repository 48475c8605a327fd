"""A warning names the line of the script, however deep in the engine it comes up."""

from __future__ import annotations

import warnings

import pytest

from engine import modes, torch_module


@pytest.mark.parametrize(
    "call",
    [
        "torch.tensor(torch.ones(2))",
        "torch.range(1, 3)",
        "F.embedding_bag(torch.ones(4, 2), torch.tensor([[0, 1]]))",
        "torch.nn.LSTM(2, 2, dropout=0.5)",
        "F.mse_loss(torch.ones(2, 1), torch.ones(2))",
        "F.softmax(torch.ones(3))",
        "torch.ones(1).std()",
        "torch.ones(2).T",
        "layer = torch.nn.Linear(2, 2); layer.register_full_backward_hook(lambda *_: None); layer(torch.ones(1, 2)).sum().backward()",
    ],
)
def test_the_line_of_the_script(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = torch_module.module()
    monkeypatch.setattr(modes, "told_once", set())  # whatever was told in this process before
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        exec(compile(f"\n\n{call}", "<script>", "exec"), {"torch": torch, "F": torch.nn.functional})
    assert [(one.filename, one.lineno) for one in told] == [("<script>", 3)]

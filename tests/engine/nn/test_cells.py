"""torch.lstm_cell and its kin: one step with weights that are given, as the cells of nn take it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.torch_module import module

torch = module()


@pytest.mark.parametrize(
    ("function", "cell", "state"),
    [
        ("rnn_tanh_cell", lambda: torch.nn.RNNCell(3, 4), 1),
        ("rnn_relu_cell", lambda: torch.nn.RNNCell(3, 4, nonlinearity="relu"), 1),
        ("gru_cell", lambda: torch.nn.GRUCell(3, 4), 1),
        ("lstm_cell", lambda: torch.nn.LSTMCell(3, 4), 2),
    ],
)
def test_a_step_is_that_of_the_cell(function: str, cell: Any, state: int) -> None:
    torch.manual_seed(0)
    made, x, h = cell(), torch.randn(2, 3), [torch.randn(2, 4) for _ in range(state)]
    hx = h[0] if state == 1 else tuple(h)
    given = getattr(torch, function)(x, hx, made.weight_ih, made.weight_hh, made.bias_ih, made.bias_hh)
    wanted = made(x, hx)
    for a, b in zip(given, wanted, strict=True) if state == 2 else [(given, wanted)]:
        assert torch.equal(a, b) and a.grad_fn.name() == b.grad_fn.name()


def test_what_does_not_fit_is_told_in_pytorchs_words() -> None:
    x, h, w = torch.ones(2, 3), torch.ones(2, 4), torch.ones(16, 3)
    with pytest.raises(RuntimeError, match=r"^weight_ih first dim must be 3 \* hidden_size = 12, but got 16$"):
        torch.gru_cell(x, h, w, torch.ones(16, 4))
    with pytest.raises(TypeError, match=r"^lstm_cell\(\): argument 'hx' \(position 2\) must be tuple of Tensors, not Tensor$"):
        torch.lstm_cell(x, h, w, torch.ones(16, 4))
    with pytest.raises(TypeError, match=r'^rnn_relu_cell\(\) missing 1 required positional arguments: "w_hh"$'):
        torch.rnn_relu_cell(x, h, w)

"""How results lie in memory: views of them and the order of random numbers go by it. The strides are real PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.nn.functional

IN_ROWS = {
    "cat": ("torch.cat([x, x])", (3, 1)),
    "cat along columns": ("torch.cat([x, x], 1)", (6, 1)),
    "hstack": ("torch.hstack([x, x])", (6, 1)),
    "stack": ("torch.stack([x, x], 1)", (6, 3, 1)),
    "softmax": ("x.softmax(1)", (3, 1)),
    "softmax along rows": ("x.softmax(0)", (3, 1)),
    "log_softmax": ("x.log_softmax(1)", (3, 1)),
    "masked_fill": ("x.masked_fill(x > 2, 0.0)", (3, 1)),
    "layer_norm": ("F.layer_norm(x, (3,))", (3, 1)),
    "batch_norm": ("F.batch_norm(x, None, None, training=True)", (3, 1)),
    "instance_norm": ("F.instance_norm(x[None])", (6, 3, 1)),
    "pad": ("F.pad(x, (1, 1))", (5, 1)),
    "roll": ("x.roll(1, 0)", (3, 1)),
    "exp keeps the order": ("x.exp()", (1, 2)),
    "sum keeps the order": ("x + 1", (1, 2)),
}


@pytest.mark.parametrize(("call", "strides"), IN_ROWS.values(), ids=IN_ROWS)
def test_the_layout_of_a_result_of_a_transposed_matrix(call: str, strides: tuple[int, ...]) -> None:
    x = torch.arange(6.0).view(3, 2).t()
    assert eval(call, {"torch": torch, "F": F, "x": x}).stride() == strides


def test_pictures_with_innermost_channels_stay_so() -> None:
    x = torch.arange(24.0).view(2, 2, 2, 3).permute(0, 3, 1, 2)
    assert F.batch_norm(x, None, None, training=True).stride() == (12, 1, 6, 3)


def test_dropout_behind_softmax_draws_in_the_order_of_rows() -> None:
    scores = torch.zeros(2, 3).t()
    torch.manual_seed(0)
    assert F.dropout(scores.softmax(0), 0.5).gt(0).int().tolist() == [[0, 0], [1, 0], [0, 0]]

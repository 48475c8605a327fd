"""A batch whose targets are all ignored: the mean of nothing is nan, and the gradient 0, so that a training goes on; as in PyTorch."""

from __future__ import annotations

import math

import pytest

from engine import torch_module


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"weight": [1.0, 2.0, 3.0]}])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4)])
def test_nothing_comes_of_it(options: dict[str, object], shape: tuple[int, ...]) -> None:
    torch = torch_module.module()
    given = {key: torch.tensor(value) if key == "weight" else value for key, value in options.items()}
    x = torch.randn(shape, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(x, torch.full((shape[0], *shape[2:]), -100), **given)
    loss.backward()
    assert math.isnan(loss.item())
    assert not x.grad.any()


def test_an_ignored_target_among_others_has_no_part() -> None:
    torch = torch_module.module()
    x = torch.zeros(3, 2, requires_grad=True)
    torch.nn.functional.nll_loss(x, torch.tensor([1, -100, 0])).backward()
    assert x.grad.tolist() == [[0.0, -0.5], [0.0, 0.0], [-0.5, 0.0]]

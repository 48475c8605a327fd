"""Gradients of gradients in bfloat16: numpy has no numbers for it, and formulas that look at values must not look at its words."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.nn.functional


def _second(call: str, dtype: Any) -> list[float]:
    x = torch.tensor([[0.5, 1.25, -0.25], [2.0, 0.75, 0.125]], dtype=dtype, requires_grad=True)
    y = eval(call, {"torch": torch, "F": F, "x": x})
    (gradient,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    assert gradient.dtype is dtype
    (gradient * gradient).sum().backward()
    found: list[float] = x.grad.float().flatten().tolist()
    return found


@pytest.mark.parametrize(
    "call",
    [
        "x.std()", "x.prod()", "x.cumprod(0)", "x.median()", "x.amax(0)", "x.aminmax()[0]", "x.clamp(0.5, 1)", "F.normalize(x)", "x.corrcoef()",
        "F.cross_entropy(x, torch.tensor([0, 1]))", "F.max_pool1d(x, 2)", "F.triplet_margin_loss(x, x * 2, x * 3)",
        "x.scatter_reduce(0, torch.tensor([[0, 1, 0], [1, 1, 0]]), x, 'prod')", "F.hinge_embedding_loss(x, torch.ones(2, 3).to(x.dtype))",
    ],
)  # fmt: skip
def test_it_is_what_it_is_in_single_precision_but_for_rounding(call: str) -> None:
    assert _second(call, torch.bfloat16) == pytest.approx(_second(call, torch.float32), rel=0.12, abs=0.12)

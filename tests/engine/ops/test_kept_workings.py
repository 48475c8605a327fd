"""What a forward keeps for its vjp is what the vjp computes again where nothing is kept, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.nn.functional


def _attention(x: Any) -> Any:
    q, k, v = (x[part].reshape(2, 2, -1, 8) for part in range(3))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def _batch_norm(x: Any) -> Any:
    return F.batch_norm(x, None, None, torch.linspace(1, 2, x.shape[1]), training=True)


def _group_norm(x: Any) -> Any:
    return F.group_norm(x, 4, torch.linspace(1, 2, x.shape[1]))


@pytest.mark.parametrize(
    "function", [F.gelu, _attention, lambda x: F.layer_norm(x, x.shape[-1:], weight=torch.ones(x.shape[-1])), _batch_norm, _group_norm]
)
@pytest.mark.parametrize("size", [(3, 256), (3, 36_800)], ids=["short", "long"])
def test_the_second_pass_gives_what_the_first_gave(function: Callable[[Any], Any], size: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    x = torch.randn(size, requires_grad=True)
    out = function(x)
    cotangent = torch.randn(out.shape)
    (kept,) = torch.autograd.grad(out, x, cotangent, retain_graph=True)
    (again,) = torch.autograd.grad(out, x, cotangent)
    assert torch.equal(kept, again)


def test_a_row_that_may_attend_to_nothing_gives_zeros() -> None:
    q = torch.ones(1, 1, 2, 4, requires_grad=True)
    mask = torch.tensor([[True, True], [False, False]])
    out = F.scaled_dot_product_attention(q, q, q, attn_mask=mask)
    out.sum().backward()
    assert out.tolist() == [[[[1.0] * 4, [0.0] * 4]]]
    assert not torch.isnan(q.grad).any()

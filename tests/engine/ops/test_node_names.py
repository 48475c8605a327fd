"""Names of last nodes that PyTorch has one node for, and of reshapes that are views with strides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: x.t().reshape(3, 2), "ReshapeAliasBackward0"),
        (lambda x: x.t().reshape(-1), "UnsafeViewBackward0"),
        (lambda x: x.reshape(-1), "ViewBackward0"),
        (lambda x: x.t().ravel(), "ViewBackward0"),
        (lambda x: x.expand(4, 2, 3).reshape(4, 6), "ReshapeAliasBackward0"),
        (lambda x: torch.nn.functional.grid_sample(x[None, None], torch.zeros(1, 1, 1, 2), align_corners=False), "GridSampler2DBackward0"),
        (lambda x: torch.pdist(x), "PdistBackward0"),
        (lambda x: torch.cholesky(x @ x.t() + torch.eye(2)), "CholeskyBackward0"),
        (lambda x: torch.special.i1(x), "SpecialI1Backward0"),
        (lambda x: torch.linalg.matrix_norm(x, 1), "AmaxBackward0"),
        (lambda x: torch.linalg.norm(x, keepdim=True), "LinalgVectorNormBackward0"),
    ],
)
def test_last_node(call: Callable[[Any], Any], name: str) -> None:
    assert call(torch.ones(2, 3, requires_grad=True)).grad_fn.name() == name


def test_a_count_has_no_gradient() -> None:
    x = torch.ones(3, requires_grad=True)
    torch.linalg.vector_norm(x, 0).backward()
    assert x.grad is None


def test_norms_of_nothing() -> None:
    assert torch.linalg.matrix_norm(torch.ones(0, 3), float("inf")).item() == 0
    with pytest.raises(IndexError, match=r"amin\(\): Expected reduction dim 0 to have non-zero size."):
        torch.linalg.matrix_norm(torch.ones(3, 0), -1)


def test_attention_of_four_dimensions_is_one_node() -> None:
    attention = torch.nn.functional.scaled_dot_product_attention
    x = torch.ones(1, 2, 3, 4, requires_grad=True)
    name = "ScaledDotProductFlashAttentionForCpuBackward0"
    assert [attention(x, x, x, **more).grad_fn.name() for more in ({}, {"is_causal": True}, {"attn_mask": torch.zeros(3, 3)})] == [name] * 3
    assert attention(x[0], x[0], x[0]).grad_fn.name() == attention(x, x, x, dropout_p=0.5).grad_fn.name() == "UnsafeViewBackward0"

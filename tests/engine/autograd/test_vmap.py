"""torch.func.vmap over structures, and over gradients of one graph."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
vmap = torch.func.vmap


def test_what_is_mapped_may_be_told_for_each_part() -> None:
    both = {"a": torch.ones(2, 3), "b": torch.arange(3.0)}
    assert vmap(lambda d: d["a"] @ d["b"], in_dims=({"a": 0, "b": None},))(both).tolist() == [3, 3]
    pair = (torch.arange(3.0), torch.tensor(2.0))
    assert vmap(lambda p, q: p[0] * p[1] + q, in_dims=((0, None), -1))(pair, torch.ones(2, 3)).tolist() == [[1, 1], [3, 3], [5, 5]]


def test_a_jacobian_by_gradients_of_one_graph() -> None:
    x = torch.arange(3.0, requires_grad=True)
    y = x**3
    rows = vmap(lambda v: torch.autograd.grad(y, x, v)[0])(torch.eye(3))
    assert rows.tolist() == [[0, 0, 0], [0, 3, 0], [0, 0, 12]]
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.sum().backward()

"""torch.func.vmap over structures, and over gradients of one graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: vmap(lambda a: a.sum().item())(x), RuntimeError, "vmap: It looks like you're calling .item() on a Tensor."),
        (lambda x: vmap(lambda a: a if a.sum() > 0 else -a)(x), RuntimeError, "vmap: It looks like you're attempting to use a Tensor in some"),
        (lambda x: vmap(lambda a: torch.randn(2) + a)(x), RuntimeError, "vmap: called random operation while in randomness error mode."),
        (lambda x: vmap(repr)(x), ValueError, "vmap(repr, ...): `repr` must only return Tensors, got type <class 'str'>."),
        (lambda x: vmap(torch.dot)(x, 2), ValueError, "vmap(dot, in_dims=0, ...)(<inputs>): Got in_dim=0 for an input but the input"),
        (lambda x: vmap(lambda a: a, in_dims=5)(x), ValueError, "vmap(<lambda>, in_dims=5, ...)(<inputs>): Got in_dim=5 for some input, but"),
        (
            lambda x: vmap(lambda a: a, in_dims=(0, 1))(x), ValueError,
            "vmap(<lambda>, in_dims=(0, 1), ...)(<inputs>): in_dims is not compatible with the structure of `inputs`. in_dims has structure "
            "TreeSpec(tuple, None, [*,\n  *]) but inputs has structure TreeSpec(tuple, None, [*]).",
        ),
        (lambda x: vmap(torch.dot)(x, torch.ones(2, 2)), ValueError, "vmap: Expected all tensors to have the same size in the mapped"),
    ],
)  # fmt: skip
def test_what_vmap_refuses(call: Callable[[Any], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        call(torch.arange(6.0).reshape(3, 2))
    assert str(raised.value).startswith(text)


def test_random_numbers_that_are_the_same_in_each_row() -> None:
    torch.manual_seed(0)
    rows = vmap(lambda a: torch.randn(2) + a, randomness="same")(torch.zeros(3, 2))
    assert rows[0].tolist() == rows[2].tolist()
    torch.manual_seed(0)
    expected = torch.randn(2)
    assert torch.equal(rows[1], expected)


def test_outputs_in_any_structure() -> None:
    made = vmap(lambda a: {"twice": a * 2, "both": [a, (a.sum(),)]})(torch.ones(3, 2))
    assert (made["twice"].tolist(), made["both"][1][0].tolist()) == ([[2, 2]] * 3, [2, 2, 2])

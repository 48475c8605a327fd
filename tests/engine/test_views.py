"""Views and autograd: one storage, one version, and histories that follow writes on either side."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

from .listening import Listener, listening

torch = torch_module.module()


def leaf(*values: float) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_a_write_to_the_base_gives_its_view_a_new_grad_fn() -> None:
    x = leaf(1.0, 2.0, 3.0)
    base = x * 1
    view = base[0]
    base.mul_(2)
    assert (view.item(), view.grad_fn.name()) == (2.0, "AsStridedBackward0")
    view.backward()
    assert x.grad.tolist() == [2.0, 0.0, 0.0]


def test_a_write_to_a_view_reaches_the_base() -> None:
    x = leaf(1.0, 2.0, 3.0)
    base = x * 1
    view = base[1:]
    view.mul_(5)
    assert base.tolist() == [1.0, 10.0, 15.0]
    base.sum().backward()
    assert x.grad.tolist() == [1.0, 5.0, 5.0]


def test_writes_through_views_of_views() -> None:
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    base = x * 1
    base.t()[1].mul_(torch.tensor([2.0, 3.0], dtype=torch.float64))
    (base * base).sum().backward()
    assert x.grad.tolist() == [[2.0, 8.0, 2.0], [2.0, 18.0, 2.0]]


def _written(a: Any) -> Any:
    z = a * a
    z[1] = a[0] * a[2]
    z[1:].mul_(a[1:])
    z[0:2].exp_()
    return z


def test_gradients_through_writes_are_right_and_so_are_theirs() -> None:
    x = leaf(0.5, 1.5, -0.5)
    assert torch.autograd.gradcheck(_written, (x,))
    assert torch.autograd.gradgradcheck(_written, (x,))


def test_outputs_of_a_function_with_many_views_refuse_writes() -> None:
    x = leaf(1.0, 2.0)
    first, _ = (x * 1).split(1)
    with pytest.raises(RuntimeError, match=r"Output 0 of Split\w* is a view and is being modified inplace. This view is the output of"):
        first.mul_(2)


def test_a_view_made_without_grad_refuses_writes_with_grad() -> None:
    base = leaf(1.0, 2.0) * 1
    with torch.no_grad():
        view = base.view(2, 1)
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being modified inplace with grad mode enabled"):
        view.mul_(2)


def test_detach_shares_numbers_and_version() -> None:
    x = leaf(1.0)
    y = x.detach()
    y.add_(1)
    assert (x.item(), x._version, y.requires_grad) == (2.0, 1, False)


def test_views_are_told_as_views() -> None:
    x, heard = leaf(1.0, 2.0), Listener()
    with listening(heard):
        x[0]
        x.detach()
    assert heard.kinds() == ["view", "detach"]
    op, inputs, _, outputs = heard.of("view")[0]
    assert (op.name, inputs[0] is x, outputs[0].grad_fn.name()) == ("select", True, "SelectBackward0")

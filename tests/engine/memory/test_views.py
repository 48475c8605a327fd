"""Views and autograd: one storage, one version, and histories that follow writes on either side."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine import torch_module

from ..listening import Listener, listening

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


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("y = x.t() * 2; v = y[0]; v.zero_(); (y * y).sum().backward()", [[0, 16, 24], [0, 40, 48]]),
        ("y = x.t() * 1; v = y[:, 1]; v.mul_(3); y.sum().backward()", [[1, 1, 1], [3, 3, 3]]),
        ("y = x.repeat_interleave(2, 1); y[0] = 1.5; (y * y).sum().backward()", [[0, 0, 0], [16, 20, 24]]),
        ("y = (x + 0).permute(1, 0) + 0; w = y.view(3, 2)[1:, ::2]; w *= 5; (y * y).sum().backward()", [[2, 100, 150], [8, 10, 12]]),
        ("y = x.t() * 1; p = y.as_strided((2,), (2,), 1); (p * p).sum().backward()", [[0, 4, 0], [8, 0, 0]]),
        ("y = x * 1; y.uniform_(); (y.sum() + x.sum()).backward()", [[1, 1, 1], [1, 1, 1]]),
        ("y = x * 1; y.lt_(2); (y.sum() + x.sum()).backward()", [[1, 1, 1], [1, 1, 1]]),
        ("y = torch.ones(2, 3); v = y.t(); v *= x.sum(); (v * v).sum().backward()", [[252, 252, 252], [252, 252, 252]]),
    ],
)
def test_a_write_has_pytorchs_gradient_however_the_tensor_lies_in_memory(program: str, wanted: list[list[float]]) -> None:
    scope = {"torch": torch, "x": torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)}
    exec(program, scope)
    assert scope["x"].grad.tolist() == wanted


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_write_through_a_view_of_half_precision_has_its_gradients(dtype: str) -> None:
    scope = {"torch": torch, "w": torch.ones(3, 1, dtype=getattr(torch, dtype), requires_grad=True), "d": getattr(torch, dtype)}
    exec("x = torch.ones(6, dtype=d).reshape(3, 2)[:, 1:]; x[:, :1] = w; (x * x).sum().backward()", scope)
    exec("y = torch.ones(3, 2, dtype=d) * w; y[1:].mul_(3); y[:, torch.tensor([0, 0])] = w; (y * y).sum().backward()", scope)
    assert scope["w"].grad.tolist() == [[8], [24], [24]]


@pytest.mark.parametrize(
    ("program", "wanted"),
    [  # PyTorch's; the last one is that of the gradient's own square
        ("z = x * 1; torch.view_as_real(z)[1:, 0].mul_(2)", [2 + 4j, 24 - 2j, 16, 2j]),
        ("z = x * 1; z.real.mul_(3)", [18 + 4j, 54 - 2j, 36, 2j]),
        ("z = x * 1; z.imag[1:] = 3", [2 + 4j, 6, 4, 0]),
        ("z = (x * 1).reshape(2, 2).t(); z.real[1].mul_(3)", [2 + 4j, 54 - 2j, 4, 2j]),
        ("z = (x * 1).reshape(2, 2).t().contiguous().t(); torch.view_as_real(z)[1].mul_(3)", [2 + 4j, 6 - 2j, 36, 18j]),
        ("z = torch.view_as_real(x * 1).clone(); torch.view_as_complex(z)[1:].mul_(2j)", [2 + 4j, 24 - 8j, 16, 8j]),
        ("z = torch.view_as_real(x * 1).clone(); torch.view_as_complex(z.reshape(2, 2, 2).transpose(0, 1))[0].zero_()", [0, 6 - 2j, 0, 2j]),
        ("z = x * 1; torch.view_as_real(z).add_(1); z, = torch.autograd.grad((z.abs() ** 2).sum(), x, create_graph=True)", [16 + 24j, 32, 24 + 8j, 8 + 16j]),
    ],
)  # fmt: skip
def test_a_write_to_the_parts_of_complex_numbers_has_pytorchs_gradient(program: str, wanted: list[complex]) -> None:
    x = torch.tensor([1 + 2j, 3 - 1j, 2 + 0j, 1j], dtype=torch.complex128, requires_grad=True)
    scope: dict[str, Any] = {"torch": torch, "x": x}
    exec(f"{program}\n(z.abs() ** 2).sum().backward()", scope)
    assert x.grad.tolist() == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("size", "stride", "offset", "words"),
    [
        ((3,), (1,), -1, "Tensor: invalid storage offset -1"),
        ((-3,), (1,), -1, "Tensor: invalid storage offset -1"),
        ((2, -3), (5, 1), 8, "Storage size calculation overflowed with sizes=[2, -3] and strides=[5, 1]"),
        ((3,), (-1,), -1, "as_strided: Negative strides are not supported at the moment, got strides: [-1]"),
        (
            (3,),
            (2,),
            2,
            "setStorage: sizes [3], strides [2], storage offset 2, and itemsize 4 requiring a storage size of 28 are out of bounds",
        ),
    ],
)
def test_no_view_looks_beyond_its_storage(size: tuple[int, ...], stride: tuple[int, ...], offset: int, words: str) -> None:
    x = torch.arange(6.0)
    for call in (lambda: x.as_strided(size, stride, offset), lambda: torch.as_strided_scatter(x, torch.zeros(3), size, stride, offset)):
        with pytest.raises(RuntimeError, match=re.escape(words)):
            call()


def test_a_view_that_its_base_outdated_says_so_when_its_history_is_asked_for() -> None:
    w = torch.ones(2, 3, requires_grad=True)
    with torch.no_grad():
        row = w[0]
        row.zero_()
        assert str(row) == "tensor([0., 0., 0.], grad_fn=<Invalid>)"
        assert not (row * 2).requires_grad
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and its base or another view of its base has been modified"):
        row * 2
    whole = w * 1
    part, _ = whole.chunk(2)
    whole.mul_(2)
    with pytest.raises(
        RuntimeError, match="Output 0 of Split is a view and its base or another view of its base has been modified inplace"
    ):
        part.sum()
    assert part.tolist() == [[0, 0, 0]]


def test_views_that_were_there_before_their_base_was_asked_for_a_gradient_say_so_and_lead_nowhere() -> None:
    base = torch.ones(6)
    view, copy = base.view(2, 3), base.detach()
    base.requires_grad_()
    assert (view.requires_grad, view.is_leaf, view.grad_fn, copy.requires_grad) == (True, True, None, False)
    total = (view * 2).sum()
    total.backward(retain_graph=True)
    assert (total.requires_grad, base.grad, view.grad) == (True, None, None)
    assert torch.autograd.grad(total, view, allow_unused=True) == (None,)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-place operation"):
        view.mul_(2)
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        view.backward(torch.ones(2, 3))
    view.requires_grad_()
    (view * 2 + base.view(2, 3)).sum().backward()
    assert (view.grad.tolist(), base.grad.tolist()) == ([[2] * 3] * 2, [1] * 6)


def test_views_of_what_is_asked_for_no_gradient_any_more_have_none() -> None:
    base = torch.ones(6)
    view = base.view(2, 3)
    base.requires_grad_()
    base.requires_grad_(False)
    view.mul_(2)
    assert (view.requires_grad, base.tolist()) == (False, [2] * 6)

"""Jacobians, Hessians and their products: torch.autograd.functional and torch.func."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.autograd.functional
func = torch_module.lookup("func")


def tensor(*values: float) -> Any:
    return torch.tensor(values, dtype=torch.float64)


def test_jacobian_of_several_outputs_by_several_inputs() -> None:
    rows = F.jacobian(lambda a, b: (a * b, a.sum()), (tensor(1.0, 2.0), tensor(3.0, 4.0)))
    assert [[m.tolist() for m in row] for row in rows] == [
        [[[3.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 2.0]]],
        [[1.0, 1.0], [0.0, 0.0]],
    ]


def test_hessian_and_its_products() -> None:
    x, v = tensor(1.0, 2.0), tensor(1.0, 1.0)
    cube = lambda a: (a**3).sum() + a[0] * a[1]  # noqa: E731
    assert F.hessian(cube, x).tolist() == [[6.0, 1.0], [1.0, 12.0]]
    for product in (F.hvp, F.vhp):
        value, result = product(cube, x, v)
        assert (value.item(), result.tolist()) == (11.0, [7.0, 13.0])
        assert result.grad_fn is None


def test_vjp_and_jvp_of_a_matrix() -> None:
    weights = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
    assert F.vjp(lambda a: weights @ a, tensor(1.0, 1.0, 1.0), tensor(1.0, 10.0))[1].tolist() == [41.0, 52.0, 63.0]
    assert F.jvp(lambda a: weights @ a, tensor(1.0, 1.0, 1.0), tensor(1.0, 0.0, 1.0))[1].tolist() == [4.0, 10.0]


def test_a_jacobian_can_be_differentiated_when_asked_for() -> None:
    x = tensor(1.0, 2.0).requires_grad_()
    F.jacobian(lambda a: a**3, x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (
            lambda x: F.jacobian(lambda _: torch.ones(2), x, strict=True),
            RuntimeError,
            "Output 0 of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner "
            "from the input when running in strict mode.",
        ),
        (
            lambda x: F.vjp(lambda a: a * 2, x),
            RuntimeError,
            "The vector v can only be None if the user-provided function returns a single Tensor with a single element.",
        ),
        (
            lambda x: F.jvp(lambda a: a * 2, x, torch.ones(3)),
            RuntimeError,
            "v has invalid size: should be torch.Size([2]) but got torch.Size([3]).",
        ),
        (
            lambda x: F.hessian(lambda a: a**2, x),
            RuntimeError,
            "The Tensor returned by the function given to hessian should contain a single element",
        ),
        (
            lambda _: F.vjp(lambda a: a, 3),
            TypeError,
            "The inputs given to vjp must be either a Tensor or a tuple of Tensors but the given inputs has type <class 'int'>.",
        ),
    ],
)
def test_what_is_refused(act: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        act(tensor(1.0, 2.0))
    assert str(raised.value) == text


def test_func_grad_nests() -> None:
    assert func.grad(func.grad(lambda x: x**3))(torch.tensor(2.0)).item() == 12.0
    gradient, value = func.grad_and_value(lambda a, b: (a * b).sum(), argnums=(0, 1))(tensor(1.0, 2.0), tensor(3.0, 4.0))
    assert ([g.tolist() for g in gradient], value.item()) == ([[3.0, 4.0], [1.0, 2.0]], 11.0)


def test_func_grad_wants_one_number() -> None:
    with pytest.raises(
        RuntimeError, match=r"grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a scalar Tensor, got tensor with 1 dims"
    ):
        func.grad(lambda x: x * 2)(tensor(1.0))


def test_func_jacobians_and_hessian() -> None:
    x = tensor(1.0, 2.0)
    for jacobian in (func.jacrev, func.jacfwd):
        assert jacobian(lambda a: a**2)(x).tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert func.hessian(lambda a: (a**3).sum())(x).tolist() == [[6.0, 0.0], [0.0, 12.0]]
    assert func.jvp(torch.sin, (tensor(0.0),), (tensor(2.0),))[1].tolist() == [2.0]
    output, pull = func.vjp(lambda a: a * 3, x)
    assert (output.tolist(), pull(x)[0].tolist()) == ([3.0, 6.0], [3.0, 6.0])


def test_vmap_runs_along_any_dimension() -> None:
    matrix = torch.arange(6.0).reshape(2, 3)
    assert func.vmap(lambda row: row.sum())(matrix).tolist() == [3.0, 12.0]
    assert func.vmap(lambda column: column.sum(), in_dims=1)(matrix).tolist() == [3.0, 5.0, 7.0]
    assert func.vmap(func.grad(lambda x: x**2))(torch.arange(3.0)).tolist() == [0.0, 2.0, 4.0]
    assert func.vmap(lambda a, b: a * b, in_dims=(0, None), out_dims=1)(matrix, torch.ones(3)).shape == (3, 2)


def test_a_module_is_called_with_other_parameters() -> None:
    model = torch.nn.Linear(2, 1)
    other = {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}
    assert func.functional_call(model, other, (torch.ones(3, 2),)).tolist() == [[2.0]] * 3
    assert model.weight is dict(model.named_parameters())["weight"]
    gradients = func.grad(lambda p: func.functional_call(model, p, (torch.ones(3, 2),)).sum())(dict(model.named_parameters()))
    assert gradients["weight"].tolist() == [[3.0, 3.0]]

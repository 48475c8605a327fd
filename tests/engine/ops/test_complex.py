"""Complex numbers: parts, views and PyTorch's conjugate gradients, against what PyTorch 2.13 gave."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
GRADIENTS: dict[str, tuple[Callable[[Any], Any], list[complex]]] = {
    "z * z": (lambda z: (z * z).abs().sum(), [2 + 4j, 6 - 2j]),
    "z / (z + 1)": (lambda z: (z / (z + 1)).abs().sum(), [-0.0395285 + 0.1185854j, 0.0496272 - 0.0315809j]),
    "exp": (lambda z: z.exp().abs().sum(), [2.718282, 20.085537]),
    "sin": (lambda z: z.sin().abs().sum(), [0.1221127 + 3.6648505j, -0.1180319 - 1.5320742j]),
    "z @ z": (lambda z: (z @ z).abs(), [0.371391 - 4.456688j, 6.313641 - 0.371391j]),
    "prod": (lambda z: z.prod().abs(), [1.414214 + 2.828427j, 2.121320 - 0.707107j]),
    "angle": (lambda z: z.angle().sum(), [-0.4 + 0.2j, 0.1 + 0.3j]),
    "real": (lambda z: z.real.sum(), [1, 1]),
    "imag": (lambda z: z.imag.sum(), [1j, 1j]),
    "conj": (lambda z: (z.conj() * z).real.sum(), [2 + 4j, 6 - 2j]),
    "pairs": (lambda z: torch.view_as_real(z)[:, 1].sum(), [1j, 1j]),
    "norm": (lambda z: z.norm(), [0.258199 + 0.516398j, 0.774597 - 0.258199j]),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(name: str) -> None:
    loss, want = GRADIENTS[name]
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    loss(z).backward()
    assert z.grad.tolist() == pytest.approx(want, abs=2e-6)


def test_gradient_of_reals_that_meet_complex_numbers_is_real() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * torch.tensor([1j, 2 + 1j])).real.sum().backward()
    assert x.grad.tolist() == [0.0, 2.0]


def test_parts_are_views() -> None:
    z = torch.tensor([1 + 2j, 3 - 1j])
    z.real[0] = 7.0
    torch.view_as_real(z)[1, 1] = 5.0
    assert z.tolist() == [7 + 2j, 3 + 5j]
    assert torch.view_as_complex(torch.view_as_real(z)).tolist() == z.tolist()
    assert torch.complex(torch.ones(2), torch.zeros(2)).tolist() == [1 + 0j, 1 + 0j]


def test_the_imaginary_part_of_reals_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"^imag is not implemented for tensors with non-complex dtypes.$"):
        _ = torch.ones(2).imag


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch.vdot(z, z)", "tensor(15.+0.j)"),
        ("torch.var(z)", "tensor(6.5000)"),
        ("torch.isreal(z)", "tensor([False, False])"),
        ("torch.isnan(torch.tensor([complex(1, float('nan'))]))", "tensor([True])"),
        ("z.clone().conj_physical_()", "tensor([1.-2.j, 3.+1.j])"),
        ("z.reshape(2, 1).mH", "tensor([[1.-2.j, 3.+1.j]])"),
        ("(torch.ones(2) * torch.tensor(1j, dtype=torch.complex128)).dtype", "torch.complex64"),
    ],
)
def test_the_imaginary_part_counts(text: str, expected: str) -> None:
    assert str(eval(text, {"torch": torch, "z": torch.tensor([1 + 2j, 3 - 1j])})) == expected


HERMITIAN = [[2, 1 - 1j], [1 + 1j, 3]]


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_of_a_hermitian_matrix(upper: bool) -> None:
    a = torch.tensor(HERMITIAN, dtype=torch.complex128, requires_grad=True)
    factor = torch.linalg.cholesky(a, upper=upper)
    low = factor.detach().mH if upper else factor.detach()
    assert low.flatten().tolist() == pytest.approx([2**0.5, 0, 0.5**0.5 * (1 + 1j), 2**0.5])
    factor.abs().sum().backward()
    assert a.grad.flatten().tolist() == pytest.approx([0.2803301, 0.0732233 - 0.0732233j, 0.0732233 + 0.0732233j, 0.3535534], abs=1e-6)


@pytest.mark.parametrize("upper", [False, True])
def test_what_is_solved_with_a_complex_factor(upper: bool) -> None:
    factor = torch.linalg.cholesky(torch.tensor(HERMITIAN, dtype=torch.complex128), upper=upper)
    b = torch.tensor([[1.0], [2.0]], dtype=torch.complex128)
    assert torch.cholesky_solve(b, factor, upper=upper).flatten().tolist() == pytest.approx([0.25 + 0.5j, 0.75 - 0.25j])
    inverse = torch.cholesky_inverse(factor, upper=upper)
    assert inverse.flatten().tolist() == pytest.approx([0.75, -0.25 + 0.25j, -0.25 - 0.25j, 0.5])
    half = torch.tensor([[1, 0.5 - 0.5j], [0.5 + 0.5j, 1.5]], dtype=torch.complex128, requires_grad=True)
    for function in (lambda f: torch.cholesky_solve(b, f, upper=upper), lambda f: torch.cholesky_inverse(f, upper=upper)):
        assert torch.autograd.gradcheck(lambda a, f=function: f(torch.linalg.cholesky(a + a.mH, upper=upper)), (half,))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("torch.tensor(1.0)", "Input tensor must have one or more dimensions"),
        ("x.reshape(2, 12)", "Tensor must have a last dimension of size 2"),
        ("x.reshape(2, 12).t()", "Tensor must have a last dimension with stride 1"),
        ("x[1:].as_strided((3, 2), (3, 1))", "Tensor must have a stride divisible by 2 for all but last dimension"),
        ("x[1:23].reshape(11, 2)", "Tensor must have a storage_offset divisible by 2"),
    ],
)
def test_pairs_that_do_not_lie_side_by_side_are_no_view_of_complex_numbers(given: str, words: str) -> None:
    pairs = eval(given, {"torch": torch, "x": torch.arange(24.0)})
    with pytest.raises(RuntimeError, match=re.escape(words)):
        torch.view_as_complex(pairs)


def test_complex_numbers_of_turned_pairs_share_their_memory() -> None:
    x = torch.arange(24.0).reshape(4, 3, 2)
    z = torch.view_as_complex(x.transpose(0, 1))
    z[0, 1] = 5j
    assert z.stride() == (1, 3) and x[1, 0].tolist() == [0.0, 5.0]


def test_the_second_derivative_of_one_complex_number() -> None:
    z = torch.tensor(1 + 2j, dtype=torch.complex128, requires_grad=True)
    out = (z * z.conj()).real.sum() + z.abs().sum()
    (g,) = torch.autograd.grad(out, z, create_graph=True)
    (g.abs() ** 2).sum().backward()
    assert z.grad.item() == pytest.approx(9.78885438 + 19.57770876j)


@pytest.mark.parametrize(
    ("dtype", "name"), [("bool", "CPUBoolType"), ("complex64", "CPUComplexFloatType"), ("float32", "torch.FloatTensor")]
)
def test_what_is_too_large_to_be_assigned_is_named(dtype: str, name: str) -> None:
    kind = getattr(torch, dtype)
    x = torch.zeros(3, dtype=kind)
    with pytest.raises(RuntimeError, match=re.escape(f"expand({name}{{[4, 4]}}, size=[2]): the number of sizes provided (1)")):
        x[:2] = torch.ones(4, 4, dtype=kind)


def test_a_power_of_complex_numbers_has_two_derivatives_by_its_exponent() -> None:
    x = torch.tensor([2 + 0.5j, 1j], dtype=torch.complex128, requires_grad=True)
    y = torch.tensor([1 - 1j, 2], dtype=torch.complex128, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, y: x**y, (x, y)) and torch.autograd.gradgradcheck(lambda x, y: x**y, (x, y))

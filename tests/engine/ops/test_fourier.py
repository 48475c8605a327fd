"""torch.fft with the values and the nodes of PyTorch 2.13."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


def test_a_transform_and_its_inverse() -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert repr(torch.fft.fft(x)) == "tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])"
    assert torch.fft.ifft(torch.fft.fft(x)).real.tolist() == x.tolist()
    assert torch.fft.rfft(x).tolist() == [10, -2 + 2j, -2]
    assert torch.fft.irfft(torch.fft.rfft(x)).tolist() == x.tolist()
    assert torch.fft.fft(x, norm="ortho").tolist() == [5, -1 + 1j, -1, -1 - 1j]
    assert repr(torch.fft.fft2(torch.arange(4.0).view(2, 2))) == "tensor([[ 6.+0.j, -2.+0.j],\n        [-4.+0.j,  0.+0.j]])"


def test_frequencies_and_shifts() -> None:
    assert repr(torch.fft.fftfreq(5)) == "tensor([ 0.0000,  0.2000,  0.4000, -0.4000, -0.2000])"
    assert torch.fft.rfftfreq(4, d=0.5).tolist() == [0.0, 0.5, 1.0]
    assert torch.fft.fftshift(torch.arange(5)).tolist() == [3, 4, 0, 1, 2]
    assert torch.fft.ifftshift(torch.fft.fftshift(torch.arange(5))).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("call", "nodes"),
    [
        (lambda x: torch.fft.fft(x), ["FftR2CBackward0"]),
        (lambda x: torch.fft.ifft(x), ["ConjBackward0", "FftR2CBackward0"]),
        (lambda x: torch.fft.rfft(x, n=3), ["FftR2CBackward0", "SliceBackward0"]),
        (lambda x: torch.fft.rfft(x, n=6), ["FftR2CBackward0", "ConstantPadNdBackward0"]),
        (lambda x: torch.fft.fftn(x), ["FftC2CBackward0", "ToCopyBackward0"]),
        (lambda x: torch.fft.irfft(x), ["FftC2RBackward0", "ToCopyBackward0"]),
    ],
)
def test_nodes(call: Any, nodes: list[str]) -> None:
    node, names = call(torch.ones(4, requires_grad=True)).grad_fn, []
    while node.next_functions:
        names.append(node.name())
        node = node.next_functions[0][0]
    assert names == nodes


def test_gradients() -> None:
    x = torch.tensor([1.0, -2.0, 0.5, 3.0], requires_grad=True)
    torch.fft.rfft(x).abs().pow(2).sum().backward()
    assert x.grad.tolist() == pytest.approx([7.0, -6.0, 5.0, 14.0], abs=1e-5)


@pytest.mark.parametrize("function", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "irfft2", "rfftn"])
def test_gradients_of_gradients(function: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(getattr(torch.fft, function), x)
    assert torch.autograd.gradgradcheck(lambda t: getattr(torch.fft, function)(t) ** 2, x)


def test_the_size_of_complex_numbers_has_a_second_derivative() -> None:
    z = torch.tensor([3 + 4j], requires_grad=True)
    (g,) = torch.autograd.grad(z.abs().sum(), z, create_graph=True)
    (h,) = torch.autograd.grad(g.real.pow(2).sum(), z)
    assert h.tolist() == [pytest.approx(0.1536 - 0.1152j, abs=1e-6)]


def test_refusals() -> None:
    with pytest.raises(RuntimeError, match="rfft expects a real input tensor, but got ComplexFloat"):
        torch.fft.rfft(torch.ones(2, dtype=torch.complex64))
    with pytest.raises(RuntimeError, match='Invalid normalization mode: "a"'):
        torch.fft.fft(torch.ones(2), norm="a")
    with pytest.raises(RuntimeError, match=r"Invalid number of data points \(0\) specified"):
        torch.fft.fft(torch.ones(2), n=0)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("hfftn(x)", [[8.5, -3.5, 4.5, -3.5], [7.5, -0.5, -4.5, -0.5]]),
        ("hfft2(x, s=(2, 3))", [[3.5, 0.5, 0.5], [6.5, -2.5, -2.5]]),
        ("ihfftn(x, norm='forward')", [[7.5, -1.5 - 3.4641016j], [4.5, -1.5 + 1.7320508j]]),
    ],
)
def test_transforms_of_mirrored_signals_along_several_dimensions(call: str, wanted: Any) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]])
    made = eval(f"torch.fft.{call}", {"torch": torch, "x": x})
    assert made.allclose(torch.tensor(wanted)) and made.shape == torch.tensor(wanted).shape


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("hfftn(x[0, 0])", "hfftn must transform at least one axis"),
        ("ihfft2(x + 1j)", "Only supports floating-point dtypes, but found: ComplexFloat"),
        ("fftn(x, s=(2, 2, 2))", "Got shape with 3 values but input tensor only has 2 dimensions."),
        ("fft(x[0, 0])", "Dimension specified as -1 but tensor has no dimensions"),
    ],
)
def test_what_cannot_be_transformed_is_told_as_in_pytorch(call: str, words: str) -> None:
    with pytest.raises((RuntimeError, IndexError)) as told:
        eval(f"torch.fft.{call}", {"torch": torch, "x": torch.ones(2, 3)})
    assert str(told.value) == words

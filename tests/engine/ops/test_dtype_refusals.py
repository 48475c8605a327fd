"""Dtypes and sizes that PyTorch's kernels lack, in the words and in the order in which it finds them out."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()

_NO_MASKS = "\"{}\" not implemented for 'Bool'"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("m @ m", NotImplementedError, _NO_MASKS.format("addmm_impl_cpu_")),
        ("m @ m[0]", NotImplementedError, _NO_MASKS.format("addmv_impl_cpu")),
        ("m[0] @ m[0]", NotImplementedError, _NO_MASKS.format("dot")),
        ("m[0] @ m", NotImplementedError, _NO_MASKS.format("addmm_impl_cpu_")),
        ("m[None] @ m[None]", NotImplementedError, _NO_MASKS.format("bmm")),
        ("+m", RuntimeError, "The `+` operator, on a bool tensor is not supported."),
        ("z.max()", NotImplementedError, "\"max_all\" not implemented for 'ComplexFloat'"),
        ("z.min(0)", RuntimeError, "min(): does not support complex input"),
        ("z.median()", NotImplementedError, "\"median_cpu\" not implemented for 'ComplexFloat'"),
        ("z.nanmedian(0)", NotImplementedError, "\"median_out\" not implemented for 'ComplexFloat'"),
        ("z.unique()", NotImplementedError, "\"unique\" not implemented for 'ComplexFloat'"),
        ("z.sign()", NotImplementedError, "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."),
        ("z.signbit()", NotImplementedError, "signbit is not implemented for complex tensors."),
        ("torch.heaviside(z, x)", RuntimeError, "heaviside is not yet implemented for complex tensors."),
        ("torch.maximum(z, torch.ones(5))", RuntimeError, "maximum not implemented for complex tensors."),
        ("i.nanmean()", RuntimeError, "nanmean(): expected input to have floating point or complex dtype but got Long"),
        ("torch.tensordot(x, torch.ones(3).double(), 1)", RuntimeError, "both inputs should have same dtype"),
        ("torch.inner(x, torch.ones(5).double())", RuntimeError, "inner() the last dimension must match on both input tensors but got shapes [2] and [5]"),
        ("torch.linalg.cross(x, x.double())", RuntimeError, "linalg.cross: inputs dimension -1 must have length 3. Got 2 and 2"),
        ("torch.dist(i, i)", RuntimeError, "norm(): input dtype should be either floating point or complex. Got Long instead."),
        ("torch.zeros(2, 0).median(-1)", IndexError, "median(): Expected reduction dim 1 to have non-zero size."),
        ("torch.zeros(2, 0).mode()", IndexError, "mode(): Expected reduction dim 1 to have non-zero size."),
        ("torch.zeros(2, 0).kthvalue(1)", IndexError, "kthvalue(): Expected reduction dim 1 to have non-zero size."),
        ("torch.zeros(2, 0).amax(-1)", IndexError, "amax(): Expected reduction dim -1 to have non-zero size."),
        ("torch.zeros(2, 0).argmax(-1)", IndexError, "argmax(): Expected reduction dim 1 to have non-zero size."),
        ("x.lerp_(i, 0.5)", RuntimeError, "expected dtype float for `end` but got dtype long int"),
        ("i.byte().pow_(300)", RuntimeError, "value cannot be converted to type uint8_t without overflow"),
        ("i[:0].pow_(-1)", RuntimeError, "Integers to negative integer powers are not allowed."),
        ("i.bitwise_and_(x)", RuntimeError, "result type Float can't be cast to the desired output type Long"),
        ("x.hypot_(z)", RuntimeError, "result type ComplexFloat can't be cast to the desired output type Float"),
        ("m[0].__irshift__(torch.ones(3, 2))", RuntimeError, "output with shape [2] doesn't match the broadcast shape [3, 2]"),
        ("i.remainder_(torch.zeros(3, 2).long())", RuntimeError, "output with shape [2] doesn't match the broadcast shape [3, 2]"),
        ("m ** m", NotImplementedError, '"pow" not implemented for \'Bool\''),
        ("torch.baddbmm(x.view(1, 1, 2), x.view(1, 1, 2), torch.ones(1, 2, 2).double())", RuntimeError, "expected scalar type Float but found Double"),
        ("torch.nn.functional.conv1d(x.half().view(1, 1, 2), x.view(1, 1, 2))", RuntimeError, "Input type (torch.HalfTensor) and weight type (torch.FloatTensor) should be the same or input should be a MKLDNN tensor and weight is a dense tensor"),
        ("torch.nn.functional.avg_pool1d(x[:1].view(1, 1), 2)", RuntimeError, "Given input size: (1x1x1). Calculated output size: (1x1x0). Output size is too small"),
        ("(w * 1).floor_divide_(2).sum().backward()", RuntimeError, "derivative for aten::floor_divide_ is not implemented"),
        ("(w * 1).floor_divide(2).sum().backward()", RuntimeError, "derivative for aten::floor_divide is not implemented"),
    ],
)  # fmt: skip
def test_what_has_no_kernel_is_told_as_in_pytorch(call: str, error: type[Exception], words: str) -> None:
    scope: dict[str, Any] = {
        "torch": torch, "x": torch.ones(2), "i": torch.tensor([1, 2]), "m": torch.ones(2, 2, dtype=torch.bool), "z": torch.tensor([1j, 2]),
        "w": torch.ones(2, requires_grad=True),
    }  # fmt: skip
    with pytest.raises(error) as told:
        eval(call, scope)
    assert str(told.value) == words


def test_a_number_to_the_power_of_masks_is_whole() -> None:
    made = 3 ** torch.tensor([True, False])
    assert (made.tolist(), made.dtype) == ([3, 1], torch.int64)


def test_beside_a_number_a_bound_without_dimensions_is_one_too() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    made = torch.clamp(x, 0, torch.tensor(1.0))
    assert (made.tolist(), made.grad_fn.name()) == ([0, 1], "ClampBackward1")
    assert torch.clamp(x, torch.tensor(0.0)).grad_fn.name() == "ClampBackward0"


def test_what_turns_a_complex_number_is_written_in_place() -> None:
    x = torch.tensor([3j, -2.0], requires_grad=True)
    y = (x * 1).sgn_()
    assert (y.tolist(), y.grad_fn.name()) == ([1j, -1], "SgnBackward0")

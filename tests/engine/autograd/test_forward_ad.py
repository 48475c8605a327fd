"""torch.autograd.forward_ad: dual tensors, with what PyTorch prints for them."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
fwad = torch.autograd.forward_ad


def test_the_tangent_of_a_result_is_the_derivative_along_a_direction() -> None:
    x, direction = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 1.0])
    with fwad.dual_level():
        dual = fwad.make_dual(x, direction)
        primal, tangent = fwad.unpack_dual((dual * dual).sum())
        assert (primal.item(), tangent.item(), fwad.unpack_dual(dual).tangent is direction) == (5.0, 5.0, True)
        assert fwad.unpack_dual(x).tangent is None and fwad.unpack_dual(dual > 1).tangent is None
    assert fwad.unpack_dual(dual).tangent is None and not dual.requires_grad


def test_a_dual_tensor_prints_its_tangent() -> None:
    with fwad.dual_level():
        dual = fwad.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([0.5, 1.0]))
        assert repr(dual) == "tensor([1., 2.], tangent=tensor([0.5000, 1.0000]))"
        assert repr(dual.sum()) == "tensor(3., tangent=1.5)"
        assert repr(fwad.unpack_dual(dual * 2)) == "UnpackedDualTensor(primal=tensor([2., 4.]), tangent=tensor([1., 2.]))"


def test_a_custom_function_brings_its_own_rule() -> None:
    class Exp(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.result = x.exp()
            return ctx.result

        @staticmethod
        def jvp(ctx: Any, tangent: Any) -> Any:
            return tangent * ctx.result * 10  # wrong on purpose, so that it is seen

    with fwad.dual_level():
        made = Exp.apply(fwad.make_dual(torch.zeros(2), torch.tensor([1.0, 2.0])))
        assert fwad.unpack_dual(made * 3).tangent.tolist() == [30.0, 60.0]


def test_a_rule_without_a_backward_takes_what_requires_grad() -> None:
    class Exp(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.result = x.exp()
            return ctx.result

        @staticmethod
        def jvp(ctx: Any, tangent: Any) -> Any:
            return tangent * ctx.result

    with fwad.dual_level():
        made = Exp.apply(fwad.make_dual(torch.zeros(2, requires_grad=True), torch.tensor([1.0, 2.0])))
        assert repr(fwad.unpack_dual(made).tangent) == "tensor([1., 2.], grad_fn=<MulBackward0>)"
        tripled = fwad.unpack_dual(made * 3).tangent
        assert (tripled.tolist(), fwad.unpack_dual(tripled).tangent) == ([3.0, 6.0], None)


def test_what_is_refused() -> None:
    with pytest.raises(RuntimeError, match="no level exists, make sure to enter_dual_level"):
        fwad.make_dual(torch.ones(2), torch.ones(2))
    with fwad.dual_level():
        with pytest.raises(RuntimeError, match="Nested forward mode AD is not supported at the moment"):
            fwad.enter_dual_level()
        with pytest.raises(ValueError, match="Expected primal to be floating point or complex"):
            fwad.make_dual(torch.arange(2), torch.ones(2))
        with pytest.raises(RuntimeError, match=r"Tensor is of size \[2\] while the given forward gradient is of size \[3\]"):
            fwad.make_dual(torch.ones(2), torch.ones(3))

"""Orders of arguments that PyTorch deprecated and takes: the numbers and the warning that PyTorch gives."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from engine import modes, torch_module

torch = torch_module.module()
SCOPE: dict[str, Any] = {
    "torch": torch, "a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0, 4.0]), "c": torch.tensor([5.0, 6.0]), "B": torch.ones(1, 2, 2),
    "m": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "n": torch.tensor([[1.0, 0.0], [0.0, 2.0]]), "k": torch.tensor([[2.0, 1.0], [1.0, 1.0]]),
}  # fmt: skip
GIVEN = {
    "a.clone().add_(2, b)": [7.0, 10.0],
    "a.add(2, b)": [7.0, 10.0],
    "a.add(2, other=b)": [7.0, 10.0],
    "a.add(2, 3)": [7.0, 8.0],
    "a.add(torch.tensor(2.), b)": [7.0, 10.0],
    "torch.add(a, 2, b)": [7.0, 10.0],
    "torch.add(a, 2, b, out=torch.empty(2))": [7.0, 10.0],
    "a.sub(2, b)": [-5.0, -6.0],
    "a.clone().sub_(2, b)": [-5.0, -6.0],
    "a.clone().addcmul_(2, b, c)": [31.0, 50.0],
    "a.clone().addcmul_(2, tensor1=b, tensor2=c)": [31.0, 50.0],
    "torch.addcmul(a, 2, b, c)": [31.0, 50.0],
    "a.clone().addcdiv_(1, c, torch.tensor([2., 4.]))": [3.5, 3.5],
    "m.addmm(2, n, k)": [[4.0, 5.0], [8.0, 10.0]],
    "m.clone().addmm_(2, 3, n, k)": [[8.0, 7.0], [12.0, 14.0]],
    "torch.addmm(2, m, 3, n, k)": [[8.0, 7.0], [12.0, 14.0]],
    "torch.addmm(2, m, alpha=3, mat1=n, mat2=k)": [[8.0, 7.0], [12.0, 14.0]],
    "torch.addmv(2, a, n, b)": [5.0, 12.0],
    "a.addmv(2, 3, n, b)": [11.0, 28.0],
    "m.addr(2, a, b)": [[5.0, 8.0], [12.0, 16.0]],
    "m.addbmm(2, 3, B, B)": [[8.0, 10.0], [12.0, 14.0]],
    "B.baddbmm(2, B, B)": [[[4.0, 4.0], [4.0, 4.0]]],
    "torch.baddbmm(2, B, 3, B, B)": [[[8.0, 8.0], [8.0, 8.0]]],
}
ENDING = " (Triggered internally at /__w/pytorch/pytorch/torch/csrc/utils/python_arg_parser.cpp:1841.)"
WARNED = {
    "a.clone().add_(2, b)": "This overload of add_ is deprecated:\n\tadd_(Number alpha, Tensor other)\n"
    "Consider using one of the following signatures instead:\n\tadd_(Tensor other, *, Number alpha = 1)",
    "torch.sub(a, 2, b)": "This overload of sub is deprecated:\n\tsub(Tensor input, Number alpha, Tensor other, *, Tensor out = None)\n"
    "Consider using one of the following signatures instead:\n\tsub(Tensor input, Tensor other, *, Number alpha = 1, Tensor out = None)",
    "a.clone().addcdiv_(1, b, c)": "This overload of addcdiv_ is deprecated:\n\taddcdiv_(Number value, Tensor tensor1, Tensor tensor2)\n"
    "Consider using one of the following signatures instead:\n\taddcdiv_(Tensor tensor1, Tensor tensor2, *, Number value = 1)",
    "torch.addmm(2, m, 3, n, k)": "This overload of addmm is deprecated:\n"
    "\taddmm(Number beta, Tensor input, Number alpha, Tensor mat1, Tensor mat2, *, Tensor out = None)\n"
    "Consider using one of the following signatures instead:\n"
    "\taddmm(Tensor input, Tensor mat1, Tensor mat2, *, Number beta = 1, Number alpha = 1, Tensor out = None)\n"
    "\taddmm(Tensor input, Tensor mat1, Tensor mat2, torch.dtype out_dtype, *, Number beta = 1, Number alpha = 1, Tensor out = None)",
}


@pytest.mark.parametrize("call", GIVEN)
@pytest.mark.filterwarnings("ignore:This overload")
def test_the_number_may_stand_first(call: str) -> None:
    assert eval(call, dict(SCOPE)).tolist() == GIVEN[call]


@pytest.mark.filterwarnings("ignore:This overload")
def test_gradients_go_through() -> None:
    x, y = (torch.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    x.mul(1).add_(-3, y).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([1.0, 1.0], [-3.0, -3.0])


@pytest.mark.parametrize("call", WARNED)
def test_the_first_of_a_process_is_told_how_to_write_it(call: str) -> None:
    modes.reset()  # a fresh process
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        eval(call, dict(SCOPE))
        eval("a.add(2, b)", dict(SCOPE))
    assert [str(warning.message) for warning in told] == [WARNED[call] + ENDING]


@pytest.mark.parametrize("call", ["a.addmm('x', m, n)", "a.add(b, c)", "a.add(2, 'x')", "a.add(2, b, alpha=3)", "torch.rsub(a, 2, b)"])
def test_what_fits_neither_order_is_refused(call: str) -> None:
    with pytest.raises(TypeError):
        eval(call, dict(SCOPE))

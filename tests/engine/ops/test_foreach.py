"""torch._foreach_*: the numbers, what is written, and the errors, as PyTorch 2.13 has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


def lists() -> tuple[list[Any], list[Any]]:
    return [torch.ones(2), torch.arange(3.0)], [torch.full((2,), 2.0), torch.ones(3)]


RESULTS: dict[str, tuple[Callable[[Any, Any], Any], list[list[float]]]] = {
    "add": (lambda a, b: torch._foreach_add(a, b, alpha=0.5), [[2.0, 2.0], [0.5, 1.5, 2.5]]),
    "add a number": (lambda a, _: torch._foreach_add(a, 1), [[2.0, 2.0], [1.0, 2.0, 3.0]]),
    "add numbers": (lambda a, _: torch._foreach_add(a, [1.0, 2.0]), [[2.0, 2.0], [2.0, 3.0, 4.0]]),
    "neg": (lambda a, _: torch._foreach_neg(a), [[-1.0, -1.0], [0.0, -1.0, -2.0]]),
    "div by numbers": (lambda a, _: torch._foreach_div(a, [2.0, 4.0]), [[0.5, 0.5], [0.0, 0.25, 0.5]]),
    "maximum": (lambda a, _: torch._foreach_maximum(a, 1.5), [[1.5, 1.5], [1.5, 1.5, 2.0]]),
    "clamp_max": (lambda a, b: torch._foreach_clamp_max(a, b), [[1.0, 1.0], [0.0, 1.0, 1.0]]),
    "power of a number": (lambda a, _: torch._foreach_pow(2.0, a), [[2.0, 2.0], [1.0, 2.0, 4.0]]),
    "addcmul": (lambda a, b: torch._foreach_addcmul(a, b, b, [1.0, 2.0]), [[5.0, 5.0], [2.0, 3.0, 4.0]]),
    "lerp": (lambda a, b: torch._foreach_lerp(a, b, 0.5), [[1.5, 1.5], [0.5, 1.0, 1.5]]),
    "written": (lambda a, b: torch._foreach_mul_(a, b), [[2.0, 2.0], [0.0, 1.0, 2.0]]),
    "copied": (lambda a, b: torch._foreach_copy_(a, b), [[2.0, 2.0], [1.0, 1.0, 1.0]]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_numbers_of_each_tensor(name: str) -> None:
    compute, numbers = RESULTS[name]
    assert [x.tolist() for x in compute(*lists())] == numbers


def test_norms_and_zeros() -> None:
    a, _ = lists()
    assert [x.item() for x in torch._foreach_norm(a)] == pytest.approx([2**0.5, 5**0.5])
    assert torch._foreach_zero_(a) is None
    assert [x.tolist() for x in a] == [[0.0, 0.0], [0.0, 0.0, 0.0]]


ERRORS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "lists of two lengths": (lambda a, b: torch._foreach_add(a, b[:1]), "Tensor lists must have the same number of tensors, got 2 and 1"),
    "no tensor": (lambda _, __: torch._foreach_add([], []), "Tensor list must have at least one tensor."),
    "a leaf": (
        lambda _, __: torch._foreach_add_([torch.ones(2, requires_grad=True)], 1),
        "a leaf Variable that requires grad is being used in an in-place operation.",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    call, words = ERRORS[name]
    with pytest.raises(RuntimeError) as told:
        call(*lists())
    assert str(told.value) == words

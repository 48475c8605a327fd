"""Classes of scripts with a `__torch_function__`: what they are asked, and what they give back, as PyTorch does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module
from engine.naming.overrides import DisableTorchFunctionSubclass

torch = torch_module.module()
F = torch.nn.functional
ASKED: list[tuple[str, list[str], int, Any]] = []


class Logged(torch.Tensor):  # type: ignore[misc,name-defined]
    """Writes down what it is asked."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        ASKED.append((func.__name__, [t.__name__ for t in types], len(args), kwargs))
        return super().__torch_function__(func, types, args, kwargs or {})


class WithUnit(torch.Tensor):  # type: ignore[misc,name-defined]
    """Carries its unit along."""

    unit: str

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_function__(func, types, args, kwargs or {})
        if isinstance(result, cls):
            result.unit = next(x.unit for x in args if isinstance(x, cls))
        return result


class Plain(torch.Tensor):  # type: ignore[misc,name-defined]
    """Says nothing of its own."""


class Refuses:
    """Knows no function."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return NotImplemented


X = torch.arange(1.0, 4).as_subclass(Logged)
ONES = torch.ones(3)

# what PyTorch 2.13 asks: the function's name, the classes, how many arguments, the named ones
CALLS: dict[str, tuple[Callable[[], Any], list[tuple[str, list[str], int, Any]]]] = {
    "sum of two": (lambda: X + ONES, [("add", ["Logged"], 2, None)]),
    "plain first": (lambda: ONES - X, [("sub", ["Logged"], 2, None)]),
    "number first": (lambda: 2 * X, [("mul", ["Logged"], 2, None)]),
    "from a number": (lambda: 1 - X, [("__rsub__", ["Logged"], 2, {})]),
    "number by it": (lambda: 2 / X, [("__rdiv__", ["Logged"], 2, {})]),
    "power": (lambda: X**2, [("pow", ["Logged"], 2, {})]),
    "matrix product": (lambda: X @ ONES, [("matmul", ["Logged"], 2, None)]),
    "element": (lambda: X[0], [("__getitem__", ["Logged"], 2, None)]),
    "length": (lambda: len(X), [("__len__", ["Logged"], 1, {})]),
    "shape": (lambda: X.shape, [("__get__", ["Logged"], 1, None)]),
    "method": (lambda: X.sum(), [("sum", ["Logged"], 1, None)]),
    "function": (lambda: torch.exp(X), [("exp", ["Logged"], 1, None)]),
    "in a list": (lambda: torch.stack([ONES, X]), [("stack", ["Logged"], 1, None)]),
    "layer": (lambda: F.linear(X, torch.ones(2, 3)), [("linear", ["Logged"], 2, None)]),
    "written in Python": (lambda: F.relu(X), [("relu", ["Logged"], 1, {"inplace": False})]),
    "with a plain one": (
        lambda: F.mse_loss(X, ONES),
        [("mse_loss", ["Logged", "Tensor"], 2, {"size_average": None, "reduce": None, "reduction": "mean", "weight": None})],
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_what_a_class_is_asked(call: str) -> None:
    compute, asked = CALLS[call]
    ASKED.clear()
    result = compute()
    assert asked == ASKED
    assert not isinstance(result, torch.Tensor) or type(result) is Logged


def test_the_result_of_a_gradient_is_an_alias_of_the_class() -> None:
    x = torch.ones(2).as_subclass(Plain).requires_grad_()
    loss = (x * 3).sum()
    assert (type(loss), type(loss.grad_fn).__name__) == (Plain, "AliasBackward0")
    loss.backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_what_a_class_carries_along() -> None:
    length = torch.tensor([1.0, 2.0]).as_subclass(WithUnit)
    length.unit = "cm"
    assert torch.exp(length * 2).unit == "cm"
    assert (torch.nn.Parameter(torch.ones(2)) * length).unit == "cm"  # a Parameter is asked for nothing, and asks
    assert repr(length) == "WithUnit([1., 2.])"
    with DisableTorchFunctionSubclass():
        assert type(length * 2) is torch.Tensor


def test_nobody_knows_the_function() -> None:
    with pytest.raises(TypeError) as told:
        torch.mul(Refuses(), 3)
    assert str(told.value) == (
        "Multiple dispatch failed for 'torch.mul'; all __torch_function__ handlers returned NotImplemented:\n\n"
        f"  - tensor subclass {Refuses}\n\nFor more information, try re-running with TORCH_LOGS=not_implemented"
    )
    with pytest.raises(TypeError) as told:
        F.softmax(Refuses(), 0)
    assert str(told.value) == (
        f"no implementation found for 'torch.nn.functional.softmax' on types that implement __torch_function__: [{Refuses}]"
    )


def test_a_function_of_the_scripts_hands_on() -> None:
    class Doubled:
        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return func.__name__, types, args, kwargs

    def blend(x: Any, y: Any, by: float = 0.5) -> Any:
        overrides = torch.overrides
        if overrides.has_torch_function((x, y)):
            return overrides.handle_torch_function(blend, (x, y), x, y, by=by)
        return x + (y - x) * by

    given = Doubled()
    assert blend(given, 1.0) == ("blend", (Doubled,), (given, 1.0), {"by": 0.5})
    assert blend(1.0, 3.0) == 2.0

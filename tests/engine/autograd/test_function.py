# ruff: noqa: ARG004, ARG005 - PyTorch passes arguments by position, whether a Function wants them or not
"""Custom Functions: forward and backward of the user's, with PyTorch's checks and words."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from engine import torch_module

from ..listening import Listener, listening

torch = torch_module.module()
Function = torch.autograd.Function


def leaf(*values: float) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


class Exp(Function):
    @staticmethod
    def forward(ctx: Any, a: Any) -> Any:
        result = a.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        (result,) = ctx.saved_tensors
        return grad * result


class Power(Function):
    @staticmethod
    def forward(a: Any, n: int) -> Any:
        return a**n

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        a, ctx.n = inputs
        ctx.save_for_backward(a)

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        (a,) = ctx.saved_tensors
        return grad * ctx.n * a ** (ctx.n - 1), None


class Pair(Function):
    @staticmethod
    def forward(ctx: Any, a: Any, b: Any) -> Any:
        ctx.save_for_backward(a, b)
        ctx.set_materialize_grads(False)
        return a * b, a + b

    @staticmethod
    def backward(ctx: Any, product: Any, total: Any) -> Any:
        a, b = ctx.saved_tensors
        ctx.seen = (product is None, total is None)
        return (total if product is None else product * b), (total if product is None else product * a)


def test_it_is_right_to_the_second_derivative() -> None:
    x = leaf(0.5, -1.0)
    assert torch.autograd.gradcheck(Exp.apply, (x,))
    assert torch.autograd.gradgradcheck(Exp.apply, (x,))
    assert torch.autograd.gradgradcheck(lambda a: Power.apply(a, 3), (x,))


def test_it_stands_in_the_graph_under_its_name() -> None:
    x = leaf(1.0)
    y = Power.apply(x, 2)
    assert (y.grad_fn.name(), repr(y)) == ("PowerBackward", "tensor([1.], dtype=torch.float64, grad_fn=<PowerBackward>)")
    assert y.grad_fn.next_functions[0][0].variable is x
    assert y.grad_fn.saved_tensors[0] is x
    assert (y.grad_fn.n, y.grad_fn.needs_input_grad) == (2, (True, False))


def test_what_the_user_writes_on_ctx_does_not_disturb_the_node() -> None:
    class Named(Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            ctx.shape, ctx.dtype, ctx.edges, ctx.saved, ctx.params = "my", "own", "names", 1, 2
            return a.sum()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            assert ctx.shape == "my"
            return grad.expand(3)

    x = leaf(1.0, 2.0, 3.0)
    Named.apply(x).backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_outputs_without_a_gradient_arrive_as_none_or_zeros() -> None:
    a, b = leaf(2.0), leaf(3.0)
    product, total = Pair.apply(a, b)
    total.sum().backward(retain_graph=True)
    assert product.grad_fn.seen == (True, False)
    product.sum().backward()
    assert (a.grad.item(), b.grad.item()) == (4.0, 3.0)


def test_nothing_is_built_without_a_need() -> None:
    assert Exp.apply(torch.ones(1)).grad_fn is None
    with torch.no_grad():
        assert Exp.apply(leaf(1.0)).grad_fn is None


def test_an_input_that_was_written_to_is_marked() -> None:
    class Double(Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            ctx.mark_dirty(a)
            return a.mul_(2)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    x = leaf(1.0)
    y = x * 1
    assert Double.apply(y) is y
    assert y.grad_fn.name() == "DoubleBackward"
    y.sum().backward()
    assert x.grad.item() == 2.0
    with pytest.raises(RuntimeError, match=r"a leaf Variable that requires grad has been used in an in-place operation\."):
        Double.apply(x)


def test_marked_outputs_need_no_gradient() -> None:
    class Largest(Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            place = a.argmax()
            top = a.max()
            ctx.mark_non_differentiable(top)
            return a * 2, top, place

        @staticmethod
        def backward(ctx: Any, grad: Any, _top: Any, _place: Any) -> Any:
            return grad * 2

    outputs = Largest.apply(leaf(1.0, 2.0))
    assert [o.requires_grad for o in outputs] == [True, False, False]
    outputs[0].sum().backward()


def test_an_input_that_is_returned_becomes_an_output() -> None:
    class Reversed(Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            return a

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return -grad

    x = leaf(1.0)
    y = Reversed.apply(x)
    assert y is not x and y.grad_fn.name() == "ReversedBackward"
    y.sum().backward()
    assert x.grad.item() == -1.0
    with pytest.raises(RuntimeError, match=r"Output 0 of Reversed is a view and is being modified inplace\. This view was created inside"):
        Reversed.apply(x).mul_(2)


def _function(backward: Any) -> Any:
    class Bad(Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            return a * 2

    Bad.backward = staticmethod(backward)
    return Bad


@pytest.mark.parametrize(
    ("backward", "text"),
    [
        (lambda ctx, g: g, "function BadBackward returned an incorrect number of gradients (expected 2, got 1)"),
        (lambda ctx, g: (3.0, None), "expected Variable or None (got float)"),
        (
            lambda ctx, g: (torch.ones(7), None),
            "Function BadBackward returned an invalid gradient at index 0 - got [7] but expected shape compatible with [2]",
        ),
        (
            lambda ctx, g: (g, g),
            "function BadBackward returned a gradient different than None at position 2, but the corresponding forward input was not a "
            "Variable",
        ),
    ],
)
def test_what_backward_may_not_return(backward: Any, text: str) -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError) as raised:
        _function(backward).apply(x, 5).sum().backward()
    assert str(raised.value) == text


def test_gradients_of_none_beyond_the_inputs_are_let_go() -> None:
    x = leaf(1.0)
    _function(lambda ctx, g: (g * 2, None, None, None)).apply(x, 5).sum().backward()
    assert x.grad.item() == 2.0


def test_once_differentiable_is_once_differentiable() -> None:
    class Square(Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            ctx.save_for_backward(a)
            return a * a

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2 * ctx.saved_tensors[0]

    x = leaf(3.0)
    (first,) = torch.autograd.grad((Square.apply(x) ** 2).sum(), x, create_graph=True)
    assert first.item() == 108.0
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked with @once_differentiable"):
        first.sum().backward()


def test_saved_tensors_are_freed_and_checked() -> None:
    x = leaf(1.0)
    y = Exp.apply(x)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.sum().backward()
    z = Exp.apply(x)
    z.add_(1)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        z.sum().backward()


def test_the_old_style_is_refused() -> None:
    with warnings.catch_warnings(record=True) as told, pytest.raises(RuntimeError, match="Legacy autograd function"):
        warnings.simplefilter("always")
        Exp()(leaf(1.0))
    assert "should not be instantiated" in str(told[0].message)


def test_a_watcher_sees_it_as_an_op() -> None:
    x, heard = leaf(0.0), Listener()
    with listening(heard):
        Exp.apply(x).sum().backward()
    assert [op.name for op, *_ in heard.of("op")][:2] == ["exp", "Exp"]
    node, name, saved, _ = heard.of("save")[0]
    assert (node.name(), name, saved.tolist()) == ("ExpBackward", "saved_tensors[0]", [1.0])
    assert "ExpBackward" in [node.name() for node, *_ in heard.of("vjp")]
    assert "ExpBackward" in [node.name() for (node,) in heard.of("free_saves")]


def test_gradcheck_asks_backward_for_gradients_that_nobody_gave() -> None:
    seen: list[Any] = []

    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(g.tolist())
            return g * 2

    assert torch.autograd.gradcheck(Twice.apply, (torch.ones(2, dtype=torch.float64, requires_grad=True),))
    assert seen == [[1.0, 0.0], [0.0, 1.0]] * 2 + [[0.0, 0.0]] * 2


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(x: Any, k: float = 2.0) -> Any:
        return x * k

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        assert len(inputs) == 2
        ctx.k = inputs[1]

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * ctx.k, None


class ScaledBefore(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, k: float = 2.0) -> Any:
        ctx.k = k
        return x * k

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * ctx.k, None


@pytest.mark.parametrize("function", [Scaled, ScaledBefore])
def test_arguments_by_name_and_defaults_are_those_of_forward(function: Any) -> None:
    x = torch.ones(2, requires_grad=True)
    for made, slope in (
        (function.apply(x), 2.0),
        (function.apply(x=x), 2.0),
        (function.apply(x, k=3.0), 3.0),
        (function.apply(k=3.0, x=x), 3.0),
    ):
        made.sum().backward()
        assert x.grad.tolist() == [slope, slope]
        x.grad = None


def test_batched_gradients_want_to_be_given() -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match=r"Got in_dim=0 for some input, but that input is a Tensor of dimensionality 0"):
        torch.autograd.grad((x * 2).sum(), x, is_grads_batched=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        torch.autograd.grad(x * 2, x, is_grads_batched=True)

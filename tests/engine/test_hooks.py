"""Hooks run in PyTorch's order, change what goes on, and are told to a watcher."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

from .listening import Listener, listening

torch = torch_module.module()


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_tensor_hooks_then_retained_gradient_then_node_hooks() -> None:
    x, log = leaf(1.0), []
    t = x * 2
    t.register_hook(lambda g: (log.append("first"), g * 2)[1])
    t.retain_grad()
    t.register_hook(lambda g: log.append(f"second {g.item()}"))
    t.grad_fn.register_prehook(lambda grads: (log.append("pre"), tuple(g * 10 for g in grads))[1])
    t.grad_fn.register_hook(lambda inputs, outputs: log.append(f"post {inputs[0].item()} {outputs[0].item()}"))
    x.register_post_accumulate_grad_hook(lambda p: log.append(f"after {p.grad.item()}"))
    t.sum().backward()
    assert log == ["first", "second 2.0", "pre", "post 40.0 20.0", "after 40.0"]
    assert t.grad.item() == 2.0
    assert x.grad.item() == 40.0


def test_a_removed_hook_is_silent() -> None:
    calls: list[Any] = []
    x = leaf(1.0)
    handle = x.register_hook(calls.append)
    (x * 1).sum().backward()
    handle.remove()
    (x * 1).sum().backward()
    assert len(calls) == 1


def test_a_leafs_hook_sees_each_pass_once_and_complete() -> None:
    x, seen = leaf(1.0), []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 2 + x * 3).sum().backward()
    assert seen == [5.0]


def test_a_hook_may_write_to_a_scalars_gradient() -> None:
    x = leaf(1.0)
    loss = (x * 2).sum()
    loss.register_hook(lambda g: g.mul_(0))
    loss.backward()
    assert x.grad.tolist() == [0.0]
    other = leaf(1.0)
    other.sum().backward()
    assert other.grad.tolist() == [1.0]


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (lambda: 3, TypeError, "expected Variable, but hook returned 'int'"),
        (lambda: torch.ones(5), RuntimeError, "hook 'hook' has changed the size of value"),
        (
            lambda: torch.ones(1, dtype=torch.float64),
            RuntimeError,
            "hook 'hook' has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)",
        ),
    ],
)
def test_what_a_hook_may_not_return(answer: Any, error: type[Exception], text: str) -> None:
    x = leaf(1.0)
    y = x * 2

    def hook(_: Any) -> Any:
        return answer()

    y.register_hook(hook)
    with pytest.raises(error) as raised:
        y.sum().backward()
    assert str(raised.value) == text


def test_post_accumulate_hooks_are_for_leaves() -> None:
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (leaf(1.0) * 2).register_post_accumulate_grad_hook(print)


def test_a_hook_on_several_tensors_waits_for_all_that_get_one() -> None:
    a, b, unused, got = leaf(1.0), leaf(2.0), leaf(3.0), []
    torch.autograd.graph.register_multi_grad_hook([a, b, unused], lambda grads: got.append([g if g is None else g.item() for g in grads]))
    (a * b).sum().backward()
    (a * b).sum().backward()
    assert got == [[2.0, 1.0, None]] * 2


def test_any_of_several_tensors_is_enough() -> None:
    a, b, got = leaf(1.0), leaf(2.0), []
    handle = torch.autograd.graph.register_multi_grad_hook([a, b], lambda grad: got.append(grad.item()), mode="any")
    (a * b).sum().backward()
    handle.remove()
    (a * b).sum().backward()
    assert len(got) == 1


def test_backward_inside_a_hook() -> None:
    x, y = leaf(2.0), leaf(3.0)

    def hook(_: Any) -> None:
        with torch.enable_grad():
            (y * y).sum().backward()

    x.register_hook(hook)
    (x * 5).sum().backward()
    assert (x.grad.item(), y.grad.item()) == (5.0, 6.0)


def test_a_watcher_is_told_of_each_hook() -> None:
    x, heard = leaf(1.0), Listener()
    y = x * 2
    y.register_hook(lambda g: g * 3)
    y.retain_grad()
    x.register_post_accumulate_grad_hook(lambda _: None)
    with listening(heard):
        y.sum().backward()
    hooks = heard.of("hook")
    assert [kind for _, kind, _, _ in hooks] == ["tensor", "retain_grad", "post_accumulate_grad"]
    assert (hooks[0][2].tolist(), hooks[0][3].tolist()) == ([1.0], [3.0])
    assert hooks[1][0] is y and hooks[1][2] is None and hooks[1][3].tolist() == [3.0]


def test_a_gradient_retained_twice_is_told_with_what_was_there() -> None:
    x, heard = leaf(1.0), Listener()
    y = x * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    with listening(heard):
        y.sum().backward()
    ((_, _, before, after),) = heard.of("hook")
    assert (before.tolist(), after.tolist(), y.grad.tolist()) == ([1.0], [2.0], [2.0])


class _Times(torch.nn.Module):
    def forward(self, x: Any, y: Any) -> Any:
        return x * y


def test_a_module_hook_sees_a_zero_for_a_tensor_without_gradient() -> None:
    seen: list[Any] = []
    m = _Times()
    m.register_full_backward_hook(lambda _, into, out: seen.append((into, out)))
    m(torch.tensor([3.0]), torch.tensor([5.0], requires_grad=True)).backward()
    assert seen == [((torch.tensor([0.0]), torch.tensor([3.0])), (torch.tensor([1.0]),))]


def test_the_old_module_hook_sees_the_last_node() -> None:
    seen: list[Any] = []
    m = torch.nn.Linear(2, 3)
    m.register_backward_hook(lambda _, into, out: seen.append(([None if g is None else tuple(g.shape) for g in into], len(out))))
    with pytest.warns(FutureWarning, match="Using a non-full backward hook when the forward contains multiple autograd Nodes"):
        m(torch.ones(4, 2)).sum().backward()
    assert seen == [([(3,), None, (2, 3)], 1)]
    with pytest.raises(RuntimeError, match="Cannot use both regular backward hooks and full backward hooks on a single Module"):
        m.register_full_backward_hook(print)


def test_a_hooked_module_stands_between_two_nodes() -> None:
    m = torch.nn.Linear(2, 1)
    m.register_full_backward_hook(lambda *_: None)
    out = m(torch.ones(1, 2, requires_grad=True))
    ((inside, _),) = out.grad_fn.next_functions
    assert [edge.name() for edge, _ in inside.next_functions] == [
        "torch::autograd::AccumulateGrad",
        "BackwardHookFunctionBackward",
        "TBackward0",
    ]
    assert repr(out).endswith("grad_fn=<BackwardHookFunctionBackward>)")


def test_an_in_place_layer_may_not_write_to_what_a_hooked_one_hands_on() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(inplace=True))
    net[0].register_full_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match="Output 0 of BackwardHookFunction is a view and is being modified inplace"):
        net(torch.ones(1, 2))


def test_a_hook_after_forward_may_ask_to_be_called_even_if_it_raises() -> None:
    class Picky(torch.nn.Module):
        def forward(self, x: Any, *, bad: bool = False) -> Any:
            if bad:
                raise ValueError("bad")
            return x

    told: list[Any] = []
    m = Picky()
    m.register_forward_hook(lambda *_: told.append("plain"))
    m.register_forward_hook(lambda *given: told.append(given[2:]), always_call=True, with_kwargs=True)
    m(torch.ones(1))
    with pytest.raises(ValueError, match="bad"):
        m(torch.ones(1), bad=True)
    assert told == ["plain", ({}, torch.ones(1)), ({"bad": True}, None)]


def test_a_hook_of_a_custom_function_sees_what_it_gives_to_inputs_without_gradient() -> None:
    class Times(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            x, y = ctx.saved_tensors
            return g * y, g * x

    seen: list[Any] = []
    out = Times.apply(leaf(2.0), torch.tensor([5.0]))
    out.grad_fn.register_hook(lambda into, _: seen.append([g.item() for g in into]))
    out.sum().backward()
    assert seen == [[5.0, 2.0]]


@pytest.mark.parametrize(
    "program",
    [
        "y.grad_fn.register_hook(lambda inputs, outputs: outputs[0].mul_(3) and None); y.backward()",
        "y.grad_fn.register_prehook(lambda outputs: outputs[0].mul_(3) and None); y.backward()",
        "y.register_hook(lambda g: g.zero_()); y.backward()",
        "torch.autograd.grad(y, y, create_graph=True)[0].mul_(5)",
        "torch.autograd.grad(y, y)[0].mul_(5)",
        "y.register_hook(lambda g: g.mul_(2)); y.backward(create_graph=True)",
    ],
)
@pytest.mark.filterwarnings("ignore:Using backward")
def test_what_is_written_into_the_first_cotangent_is_not_in_that_of_other_passes(program: str) -> None:
    x, other = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    exec(program, {"torch": torch, "x": x, "y": x * 1})
    (other * 3).backward()
    assert other.grad.item() == 3


def test_a_view_of_a_leaf_from_no_grad_has_no_edge_until_it_is_asked_for_a_gradient() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    with torch.no_grad():
        view = x.view(-1)
    assert view.requires_grad and (view * 2).grad_fn is not None
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        view.backward(torch.ones(6))
    view.requires_grad_()
    (view * 2).sum().backward()
    assert view.grad.tolist() == [2] * 6 and x.grad is None


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("x.register_hook(lambda g: g.zero_()); x.sum().backward()", [0, 0, 0]),  # the cotangent is expanded, from the shared first one
        ("x.register_hook(lambda g: g.expand(2, 3)[0]); x.sum().backward(); x.sum().backward(); x.grad.add_(1)", [3, 3, 3]),
        ("y = x * 1; y.register_hook(lambda g: g.expand(2, 3)[1]); y.register_hook(lambda g: g.mul_(2)); y.backward(torch.ones(3))", [2, 2, 2]),
        ("x.grad = torch.zeros(1, 3).expand(1, 3)[0]; x.sum().backward()", [1, 1, 1]),
    ],
)  # fmt: skip
def test_cotangents_that_share_memory_may_be_written_where_pytorch_lets_them(program: str, wanted: list[float]) -> None:
    x = leaf(1.0, 2.0, 3.0)
    exec(program, {"torch": torch, "x": x})
    assert x.grad.tolist() == wanted
    other = leaf(1.0)
    other.sum().backward()
    assert other.grad.item() == 1


def test_an_expanded_gradient_stays_expanded_and_is_not_written() -> None:
    x = leaf(1.0, 2.0)
    (gradient,) = torch.autograd.grad(x.sum(), x)
    assert gradient.stride() == (0,)
    x.grad = torch.zeros(1).expand(2)
    for write in (lambda: gradient.mul_(2), lambda: x.sum().backward()):
        with pytest.raises(RuntimeError, match="more than one element of the written-to tensor refers to a single memory location"):
            write()


class _Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(_: Any, g: Any) -> Any:
        return g * 2


def test_views_of_what_a_function_wrote_have_its_history() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    view = y[1]
    _Doubled.apply(y)
    view.backward()
    assert x.grad.tolist() == [0, 2]


def test_an_outdated_view_is_told_that_it_is_written_itself() -> None:
    x = leaf(1.0, 2.0)
    view = x.unbind()[0]
    with torch.no_grad():
        x.mul_(2)
    with pytest.raises(RuntimeError, match="Output 0 of Unbind is a view and is being modified inplace"):
        view.zero_()


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("x.unsqueeze(0)", "a view of a leaf Variable that requires grad is being used in an in-place operation."),
        ("x.unbind()[0]", "Output 0 of Unbind is a view and is being modified inplace. This view is the output of a function that returns multiple"),
        ("x", "a leaf Variable that requires grad has been used in an in-place operation."),
    ],
)  # fmt: skip
def test_a_function_may_not_write_what_a_method_may_not(view: str, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        _Doubled.apply(eval(view, {"x": leaf(1.0, 2.0)}))


def test_the_gradient_that_is_kept_of_what_a_function_wrote_is_that_of_the_new_number() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    y.retain_grad()
    _Doubled.apply(y).sum().backward()
    assert (y.grad.tolist(), x.grad.tolist()) == ([1, 1], [2, 2])


def test_a_write_through_a_view_has_its_gradient_once() -> None:
    w, y = leaf(2.0), torch.zeros(3)
    y[0] = w
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.sum().backward()
    assert w.grad.tolist() == [2]


def test_what_was_written_over_has_a_gradient_without_history() -> None:
    x = leaf(1.0, 2.0)
    for write in ("zero_()", "fill_(3)", "copy_(torch.ones(2))"):
        y = x * 1
        eval(f"y.{write}", {"torch": torch, "y": y})
        (gradient,) = torch.autograd.grad((y * torch.inf).sum() + 0 * x.sum(), x, create_graph=True)
        assert (gradient.tolist(), gradient.requires_grad) == ([0, 0], False)


@pytest.mark.parametrize(
    ("program", "kept", "wanted"),
    [
        ("y.retain_grad(); y.mul_(3)", "y", [2, 1]),
        ("y.retain_grad(); y[0].mul_(3)", "y", [2, 1]),
        ("view.retain_grad(); y.mul_(3)", "view", 1),
        ("y.retain_grad(); z = y * 2; y[0] = 3; y = y + z", "kept", [2, 1]),
    ],
)
def test_the_gradient_that_is_kept_is_that_of_the_last_history(program: str, kept: str, wanted: Any) -> None:
    scope: dict[str, Any] = {"torch": torch, "y": leaf(1.0, 2.0) * 1}
    exec(f"kept = y; view = y[0]; {program}; (y.sum() + view).backward()", scope)
    assert scope[kept].grad.tolist() == wanted

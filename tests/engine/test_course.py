"""Courses: a pass like those before it gives what it gave, and what differs in it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.graph import course
from engine.graph.roots import one
from engine.torch_module import module

torch = module()
nn, F = torch.nn, torch.nn.functional
STEPS = 12  # more than it takes until the course of a pass is known


@pytest.fixture(autouse=True)
def _no_course_is_known() -> None:
    course.KNOWN.clear()


class Stretch(torch.autograd.Function):  # type: ignore[name-defined, misc]
    @staticmethod
    def forward(_: Any, x: Any) -> Any:
        return x * 3

    @staticmethod
    def backward(_: Any, g: Any) -> Any:
        return g * 3


def leaf(*shape: int) -> Any:
    count = 1
    for size in shape:
        count *= size
    return torch.linspace(-1.0, 2.0, count).reshape(shape).requires_grad_()


def of_layers(net: Any, x: Any) -> tuple[Callable[[], Any], list[Any]]:
    return lambda: net(x), list(net.parameters())


def programs() -> dict[str, tuple[Callable[[], Any], list[Any]]]:
    torch.manual_seed(1)
    a, b, w, v = leaf(3, 4), leaf(4), leaf(4, 4), leaf(4, 4)
    lstm = nn.LSTM(4, 5, batch_first=True)
    x = torch.randn(2, 6, 4)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3))
    image = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 2))
    heads = nn.MultiheadAttention(4, 2, batch_first=True)
    target = torch.tensor([0, 2, 1, 1, 0, 2])
    return {
        "broadcast": (lambda: a * b + b, [a, b]),
        "twice the same": (lambda: w @ w * w, [w]),
        "passed on": (lambda: w + v, [w, v]),
        "a diamond": (lambda: (a.exp() + a.exp() * a.sin()).tanh(), [a]),
        "several outputs": (lambda: torch.cat([p * (k + 1.0) for k, p in enumerate(a.unbind(0))]) + a.split(1)[1].sum(), [a]),
        "one of several": (lambda: w.max(dim=1)[0] * w.chunk(2)[1].sum(), [w]),
        "stacked": (lambda: torch.stack([b, b * 2, w[0]]), [b, w]),
        "written": (lambda: _written(a), [a]),
        "layers": of_layers(net, torch.randn(6, 4)),
        "a loss": (lambda: F.cross_entropy(net(x[0]), target), list(net.parameters())),
        "pictures": of_layers(image, torch.randn(2, 1, 8, 8)),
        "an LSTM": (lambda: lstm(x)[0], list(lstm.parameters())),
        "attention": (lambda: heads(x, x, x)[0], list(heads.parameters())),
    }


def _written(a: Any) -> Any:
    b = a * 2
    b[0] = b[1] * 3
    b.mul_(2)
    return b


def followed(out: Any) -> bool:
    """Whether the course of the pass from `out` is known; runs it."""
    return course.followed(out._node, one(out._data), False)


@pytest.mark.parametrize("name", sorted(programs()))
def test_each_pass_gives_the_gradients_of_the_first(name: str) -> None:
    make, leaves = programs()[name]
    seen = set()
    for _ in range(STEPS):
        for x in leaves:
            x.grad = None
        make().sum().backward()
        seen.add(repr([None if x.grad is None else x.grad.tolist() for x in leaves]))
    assert len(seen) == 1
    if name != "written":
        assert followed(make().sum())


def test_what_is_in_grad_grows() -> None:
    x = leaf(3)
    for _ in range(STEPS):
        (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0 * STEPS] * 3


def test_two_leaves_that_get_the_same_gradient_do_not_share_it() -> None:
    for _ in range(STEPS):
        x, y = leaf(3), leaf(3)
        (x + y).sum().backward()
        x.grad.add_(1)
        assert y.grad.tolist() == [1.0] * 3


def test_another_leaf_in_the_place_of_the_same_one_is_seen() -> None:
    x, y = leaf(3), leaf(3)
    for _ in range(STEPS):
        x.grad = None
        (x * x).sum().backward()
    x.grad = None
    (x * y).sum().backward()
    assert x.grad.tolist() == y.tolist() and y.grad.tolist() == x.tolist()
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.tolist() == (2 * x).tolist()


@pytest.mark.parametrize("way", ["tensor", "node", "leaf", "retain_grad", "post_accumulate"])
def test_a_hook_that_comes_later_runs(way: str) -> None:
    x = leaf(3)
    ran: list[str] = []
    for step in range(STEPS):
        h = x * 2
        out = h.exp().sum()
        if step == STEPS - 1:
            if way == "tensor":
                h.register_hook(lambda _: ran.append("hook"))
            elif way == "node":
                h.grad_fn.register_hook(lambda *_: ran.append("hook"))
            elif way == "leaf":
                x.register_hook(lambda _: ran.append("hook"))
            elif way == "retain_grad":
                h.retain_grad()
            else:
                x.register_post_accumulate_grad_hook(lambda _: ran.append("hook"))
        out.backward()
    assert ran == ["hook"] or h.grad.tolist() == h.exp().tolist()


def test_the_backward_of_the_script_itself_is_never_foretold() -> None:
    x = leaf(3)
    for _ in range(STEPS):
        x.grad = None
        Stretch.apply(x).sum().backward()
    assert x.grad.tolist() == [3.0] * 3
    assert not followed(Stretch.apply(x).sum())


def test_what_was_saved_is_gone_after_a_pass_that_does_not_retain() -> None:
    x = leaf(3)
    for _ in range(STEPS):
        out = x.exp().sum()
        out.backward(retain_graph=True)
        out.backward()
        with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
            out.backward()
        with pytest.raises(RuntimeError, match="after they have already been freed"):
            _ = out.grad_fn.next_functions[0][0]._saved_result


def test_a_write_to_what_was_saved_is_seen() -> None:
    x, y = leaf(3), leaf(3)
    for step in range(STEPS):
        h = x * 2
        out = (h.exp() * h + y).sum()
        if step < STEPS - 1:
            out.backward()
    h.mul_(2)
    y.grad = None
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*is at version 1; expected version 0"):
        out.backward()
    assert y.grad.tolist() == [1.0] * 3  # its gradient was there before the error, as in PyTorch


def test_other_shapes_and_numbers_are_the_same_course() -> None:
    for size in range(2, STEPS):
        x = leaf(size)
        (x * float(size) + torch.ones(1)).pow(2).sum().backward()
        want = 2 * (x.detach() * float(size) + 1) * size
        assert torch.allclose(x.grad, want)


def test_loops_of_other_lengths_take_turns() -> None:
    x = leaf(2)
    for _ in range(STEPS):
        for turns in (1, 2, 3, 4, 5, 6):
            h = x
            for _ in range(turns):
                h = h * 2
            x.grad = None
            h.sum().backward()
            assert x.grad.tolist() == [2.0**turns] * 2


def test_writes_through_views_have_as_many_edges_as_what_was_written() -> None:
    w = leaf(1)
    for step in range(STEPS):
        x = leaf(3)
        y = x * 1
        part = y[:2]
        part.mul_(w) if step < STEPS - 1 else part.zero_()
        y.sum().backward()
    assert x.grad.tolist() == [0, 0, 1]

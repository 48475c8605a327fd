"""Where tensors lie in memory: what resize_, set_, as_strided_, detach and .data look at, with PyTorch's results."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


@pytest.mark.parametrize(
    ("program", "question", "wanted"),
    [
        ("y = x[2:]; y.resize_(2, 2); y.zero_()", "x.tolist(), y._version, y.storage_offset()", ([0, 1, 0, 0, 0, 0], 2, 2)),
        ("y = x[::2]; y.resize_(3)", "y.tolist(), y.stride(), y._version, y.storage_offset()", ([0, 2, 4], (2,), 0, 0)),
        ("y = x[::2]; y.resize_(2); y.zero_()", "x.tolist(), y._is_view()", ([0, 0, 2, 3, 4, 5], True)),
        ("y = torch.ones(3); x.set_(y); x.add_(1)", "y.tolist(), x._version, y._version", ([2, 2, 2], 2, 0)),
        ("x.set_()", "tuple(x.shape), x._version", ((0,), 1)),
        ("x.set_(x.untyped_storage(), 1, (2, 2), (1, 2))", "x.tolist(), x.storage_offset()", ([[1, 3], [2, 4]], 1)),
        ("y = torch.zeros(1); y.set_(x, 1, (2,), (2,))", "y.tolist(), y.storage_offset()", ([1, 3], 1)),
        ("x.as_strided_((2,), (2,), 1)", "x.tolist(), x._version, x.storage_offset()", ([1, 3], 1, 1)),
        ("y = x[4:].data", "y.storage_offset(), y._is_view(), y.as_strided((2,), (3,), 1).tolist()", (4, False, [1, 4])),
        ("y = torch.zeros(2); y.data = x[3:5]", "y.storage_offset(), y.tolist()", (3, [3, 4])),
        ("x.apply_(lambda n: n + 1)", "x.tolist(), x._version", ([1, 2, 3, 4, 5, 6], 0)),
        ("x.map_(torch.ones(1), lambda n, m: n + m)", "x.tolist(), x._version", ([1, 2, 3, 4, 5, 6], 0)),
        ("x[:2].expand(3, 2).apply_(lambda n: n + 1)", "x.tolist()", ([3, 4, 2, 3, 4, 5])),
        ("x = x.bfloat16(); x.map_(x, lambda n, m: n * m)", "x.tolist()", ([0, 1, 4, 9, 16, 25])),
        ("y = x[:0]; torch.cos(torch.zeros(2), out=y)", "x.tolist(), y._is_view()", ([1, 1, 2, 3, 4, 5], True)),
    ],
)
def test_what_looks_at_other_memory_lies_where_it_lies_in_pytorch(program: str, question: str, wanted: Any) -> None:
    scope = {"torch": torch, "x": torch.arange(6.0)}
    exec(program, scope)
    assert eval(question, scope) == wanted


def test_what_is_detached_from_a_view_is_no_view_and_may_be_written_with_a_history() -> None:
    w, x = torch.tensor(2.0, requires_grad=True), torch.ones(2, 3, requires_grad=True)
    d = x[1].detach()
    d.mul_(w)
    assert (d.grad_fn.name(), d._is_view(), d.storage_offset()) == ("MulBackward0", False, 3)
    y = x * 1
    y[0].detach().mul_(w)
    assert (y.grad_fn.name(), y._version, y.tolist()[0]) == ("MulBackward0", 1, [2, 2, 2])


@pytest.mark.parametrize("start", ["x * 1", "(x * 1)[1:]"])
def test_as_strided_in_place_has_the_gradient_of_what_it_looks_at(start: str) -> None:
    x = torch.arange(6.0, requires_grad=True)
    y = eval(start)
    y.as_strided_((2,), (2,), 1)
    y.sum().backward()
    assert (y.grad_fn.name(), x.grad.tolist()) == ("AsStridedBackward1", [0, 1, 0, 1, 0, 0])


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("z = x.view(2, 3).requires_grad_(); y = z.as_strided((2,), (2,), 1)", [0, 2, 0, 6, 0, 0]),
        ("x = x.requires_grad_(); z = x[:2]; y = z.as_strided((4,), (1,))", [0, 2, 0, 0, 0, 0]),
        ("x = x.requires_grad_(); z = (x * 1)[1:4]; y = z.as_strided((2, 2), (1, 1), 0)", [0, 4, 4, 0, 0, 0]),
        ("x = x.requires_grad_(); z = (x * 1).expand(2, 6); y = z.as_strided((2, 2), (1, 1))", [0, 4, 4, 0, 0, 0]),
        ("x = x.requires_grad_(); z = (x * 1).view(2, 3).t(); y = z.as_strided((2, 2), (2, 1), 1)", [0, 2, 4, 6, 8, 0]),
    ],
)
def test_as_strided_has_a_history_of_what_it_was_called_on(program: str, wanted: list[float]) -> None:
    scope: dict[str, Any] = {"torch": torch, "x": torch.arange(6.0)}
    exec(f"{program}\n(y * y).sum().backward()", scope)
    assert (scope["x"] if scope["x"].requires_grad else scope["z"]).grad.flatten().tolist() == wanted


def test_the_same_bytes_as_another_type_are_no_view_for_autograd() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        y = x[1:].view(torch.int32)
        y.add_(1)
    assert (y.requires_grad, y._is_view(), y.storage_offset(), x._version) == (False, False, 1, 1)
    assert x.view(torch.float32)._base is None


@pytest.mark.parametrize("turn", ["t_()", "unsqueeze_(0)", "transpose_(0, 1)"])
def test_what_takes_another_shape_in_place_gives_its_views_another_history(turn: str) -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 1
    row = y[1]
    eval(f"y.{turn}")
    row.sum().backward()
    assert (row.grad_fn.name(), x.grad.tolist()) == ("AsStridedBackward0", [[0, 0, 0], [1, 1, 1]])


def test_the_conjugate_in_place_counts_and_has_a_node_for_real_numbers_too() -> None:
    x = torch.zeros(4, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        x.conj_physical_()
    y = (x * 1).conj_physical_()
    assert (y.grad_fn.name(), y._version) == ("ConjPhysicalBackward1", 1)


def test_random_complex_numbers_are_drawn_in_both_parts() -> None:
    torch.manual_seed(0)
    drawn = torch.view_as_real(torch.zeros(4, dtype=torch.complex64).uniform_()).flatten().tolist()
    torch.manual_seed(0)
    assert drawn == torch.rand(8).tolist() and len(set(drawn)) == 8
    with pytest.raises(NotImplementedError, match="\"bernoulli_scalar_cpu_\" not implemented for 'ComplexFloat'"):
        torch.zeros(4, dtype=torch.complex64).bernoulli_()


def test_a_write_to_one_of_several_windows_that_share_elements_stays() -> None:
    w, x = torch.tensor(2.0, requires_grad=True), torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    windows = y.unfold(0, 2, 1)
    windows[0] = w
    (y * y).sum().backward()
    assert (windows.tolist(), w.grad.item(), x.grad.tolist()) == ([[2, 2], [2, 3], [3, 4]], 8, [0, 0, 6, 8])


@pytest.mark.parametrize(
    ("like", "stride"),
    [
        ("x.expand(4, 2, 3)", (6, 3, 1)),
        ("x.view(2, 1, 3).expand(2, 4, 3)", (12, 3, 1)),
        ("x.t()", (1, 3)),
        ("x.t().unsqueeze(1).expand(4, 3, 5, 2)", (30, 1, 3, 15)),
    ],
)
def test_what_is_made_like_another_lies_in_memory_like_it_and_is_written_once(like: str, stride: tuple[int, ...]) -> None:
    made = eval(like, {"x": torch.arange(6.0).view(2, 3)})
    for new in (torch.zeros_like(made), torch.full_like(made, 2), torch.ones_like(made)):
        assert new.stride() == stride
        new.mul_(2)

"""In-place writes: what is refused, what the version shows, and the history afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

from ..listening import Listener, listening

torch = torch_module.module()
F = torch.nn.functional


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_a_write_counts_a_version_that_views_share() -> None:
    x = torch.ones(4)
    view, alias = x[:2], x.detach()
    x.add_(1)
    view.mul_(2)
    assert x._version == view._version == alias._version == 2
    assert x.data._version == 0
    assert x.tolist() == [4.0, 4.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda x: x.add_(1), "a leaf Variable that requires grad is being used in an in-place operation."),
        (lambda x: x[0].mul_(2), "a view of a leaf Variable that requires grad is being used in an in-place operation."),
        (lambda x: x.__setitem__(0, 1.0), "a view of a leaf Variable that requires grad is being used in an in-place operation."),
        (lambda x: x.detach().expand(2, 3).add_(1), "more than one element of the written-to tensor refers to a single memory location"),
        (lambda x: x.detach().add_(torch.ones(2, 3)), r"output with shape \[3\] doesn't match the broadcast shape \[2, 3\]"),
        (lambda x: torch.ones(3, dtype=torch.int64).add_(x.detach()), "result type Float can't be cast to the desired output type Long"),
        (lambda x: torch.add(x, x, out=torch.ones(3)), "don't support automatic differentiation, but one of the arguments requires grad"),
        (lambda x: x.resize_(2), "cannot resize variables that require grad"),
    ],
)
def test_what_may_not_be_written(act: Any, text: str) -> None:
    with pytest.raises(RuntimeError, match=text):
        act(leaf(1.0, 2.0, 3.0))


def test_a_leaf_may_be_a_view_of_what_requires_nothing() -> None:
    x = torch.arange(6.0).view(2, 3).requires_grad_()
    for act in (lambda: x.add_(1), lambda: x.__setitem__(0, 1.0), lambda: x.view(6).zero_(), lambda: x.__isub__(1)):
        with pytest.raises(RuntimeError, match=r"^a view of a leaf Variable that requires grad is being used in an in-place operation.$"):
            act()
    with torch.no_grad():
        x.sub_(1)
    assert x.tolist() == [[-1, 0, 1], [2, 3, 4]]


def test_without_grad_a_leaf_may_be_written() -> None:
    x = leaf(1.0, 2.0)
    with torch.no_grad():
        x -= 0.5
    assert x.tolist() == [0.5, 1.5] and x.requires_grad and x.is_leaf


def test_what_was_saved_must_not_change() -> None:
    x = leaf(1.0, 2.0)
    y = x.exp()
    y.mul_(2)
    with pytest.raises(RuntimeError) as raised:
        y.sum().backward()
    assert str(raised.value).startswith(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [2]], which is "
        "output 0 of Exp, is at version 1; expected version 0 instead. Hint: enable anomaly detection"
    )


def test_a_write_that_nobody_saved_is_harmless() -> None:
    x = leaf(1.0, 2.0)
    y = x + 1
    y.mul_(3)
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_the_old_numbers_serve_the_writes_own_gradient() -> None:
    x = leaf(2.0)
    y = x * 1
    y.pow_(3)
    y.sum().backward()
    assert x.grad.tolist() == [12.0]


def test_setitem_puts_copy_slices_into_the_graph() -> None:
    x, v = leaf(1.0, 2.0, 3.0), leaf(5.0)
    y = x * 2
    y[1] = v[0] * 10
    assert y.grad_fn.name() == "torch::autograd::CopySlices"
    assert repr(y).endswith("grad_fn=<CopySlices>)")
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 2.0]
    assert v.grad.tolist() == [10.0]


def test_resize_keeps_what_fits() -> None:
    x = torch.arange(4.0)
    assert x.resize_(2, 1).tolist() == [[0.0], [1.0]]


def test_a_watcher_hears_before_and_after_and_what_is_saved() -> None:
    x, heard = leaf(2.0), Listener()
    y = x * 1
    with listening(heard):
        y.pow_(2)
    assert heard.kinds() == ["before_write", "inplace_write", "save"]
    op, target, _, via, _ = heard.of("inplace_write")[0]
    assert (op.name, via, target is y, y._version) == ("pow", "op", True, 1)
    node, _, saved, version = heard.of("save")[0]
    assert node is y.grad_fn and saved.tolist() == [2.0] and version == 0


def test_a_result_saved_by_a_write_is_told_with_its_new_version() -> None:
    x, heard = leaf(0.0), Listener()
    y = x * 1
    with listening(heard):
        y.exp_()
    ((node, name, saved, version),) = heard.of("save")
    assert (node.name(), name, saved.tolist(), version) == ("ExpBackward0", "result", [1.0], 1)
    y.sum().backward()
    assert x.grad.tolist() == [1.0]


@pytest.mark.parametrize(
    ("act", "wanted"),
    [
        ("x //= 2", "tensor([2, 3, 3])"),
        ("x %= torch.tensor(4)", "tensor([1, 2, 3])"),
        ("x &= 6", "tensor([4, 6, 6])"),
        ("x |= torch.tensor([8, 0, 0])", "tensor([13,  6,  7])"),
        ("x ^= 1", "tensor([4, 7, 6])"),
        ("x <<= 1", "tensor([10, 12, 14])"),
        ("x >>= torch.tensor([0, 1, 2])", "tensor([5, 3, 1])"),
        ("x **= 2", "tensor([25, 36, 49])"),
    ],
)
def test_an_operator_that_assigns_writes(act: str, wanted: str) -> None:
    names = {"x": torch.tensor([5, 6, 7]), "torch": torch}
    kept = names["x"]
    exec(act, names)
    assert (names["x"] is kept, repr(kept), kept._version) == (True, wanted, 1)


def test_an_operator_that_assigns_writes_a_history_and_refuses_what_does_not_fit() -> None:
    x = leaf(5.5, 7.0) * 1
    x %= 2
    assert repr(x) == "tensor([1.5000, 1.0000], grad_fn=<RemainderBackward0>)"
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        x = leaf(1.0)
        x //= 2
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        n = torch.tensor([1])
        n //= 2.5
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \*\*=: 'Tensor' and 'NoneType'"):
        n **= None


def test_resize_takes_the_numbers_as_they_lie_in_memory() -> None:
    x = torch.tensor([[0, 1, 2], [3, 4, 5]]).t()
    x.resize_(2, 2)
    assert x.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("call", "shape"),
    [(lambda x: x.broadcast_to(2, 1, 3), (2, 1, 3)), (lambda x: x.squeeze(0, 1), (3,)), (lambda x: x.count_nonzero(0, 1), ())],
)
def test_dimensions_may_stand_one_by_one(call: Any, shape: tuple[int, ...]) -> None:
    assert tuple(call(torch.ones(1, 3)).shape) == shape


@pytest.mark.parametrize("write", ["mul_", "div_", "sub_", "atan2_", "pow_"])
def test_an_operand_of_a_larger_dtype_leaves_the_gradient_the_dtype_of_what_was_written(write: str) -> None:
    x = torch.tensor([1.5, 2.0], requires_grad=True)
    w = torch.tensor([2.0, 3.0], dtype=torch.float64, requires_grad=True)
    y = x * 1
    getattr(y, write)(w)
    y.sum().backward()
    assert (x.grad.dtype, w.grad.dtype) == (torch.float32, torch.float64)


@pytest.mark.parametrize(
    ("call", "name", "gradient"),
    [
        (lambda h: F.leaky_relu(h, 0.2, True), "LeakyReluBackward1", [0.2, 0.2, 0.2, 1.0]),
        (lambda h: F.elu(h, 0.7, True), "EluBackward1", [0.0947, 0.4246, 0.7, 1.0]),
        (lambda h: F.selu(h, True), "EluBackward1", [0.2379, 1.0663, 1.7581, 1.0507]),
        (lambda h: F.celu(h, 0.5, True), "CeluBackward1", [0.0183, 0.3679, 1.0, 1.0]),
    ],
)
def test_activations_in_place_keep_what_stands_there_afterwards(call: Any, name: str, gradient: list[float]) -> None:
    """A second write is one too many: PyTorch's gradient comes from the result."""
    x = torch.tensor([-2.0, -0.5, 0.0, 1.5], requires_grad=True)
    y = call(x * 1)
    assert y.grad_fn.name() == name and "_saved_result" in dir(y.grad_fn)
    y.sum().backward()
    assert [round(g, 4) for g in x.grad.tolist()] == gradient
    z = call(x * 1)
    z.mul_(2)
    with pytest.raises(RuntimeError, match=f"which is output 0 of {name.replace('Backward', '')}, is at version 2; expected version 1"):
        z.sum().backward()


def test_activations_in_place_have_no_negative_slope() -> None:
    x = torch.ones(2, requires_grad=True)
    for y, name in ((F.leaky_relu(x * 1, -0.2, True), "leakyReLu"), (F.elu(x * 1, -0.7, True), "elu")):
        with pytest.raises(RuntimeError, match=f"^In-place {name} backward calculation is triggered with a negative slope"):
            y.sum().backward()

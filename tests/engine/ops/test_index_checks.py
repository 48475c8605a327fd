"""index_add, index_copy, index_fill, index_reduce, scatter and their kin: what PyTorch refuses, in its order and words, and what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("x.index_add_(0, i, torch.ones(3, 3))", RuntimeError, "index_add_(): Number of indices (2) should be equal to source.size(dim): (3), for dim: 0"),
        ("x.index_add(0, i[None], torch.ones(2, 3))", IndexError, "index_add_(): Index is supposed to be a vector, but got dim: 2 with type: Long and size: [1, 2]"),
        ("x.index_add(5, i, torch.ones(2, 3).double())", IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got 5)"),
        ("x.index_add(0, i, torch.ones(2, 3).double())", RuntimeError, "index_add_(): self (Float) and source (Double) must have the same scalar type"),
        ("x.index_add_(1, i, torch.ones(3, 2))", RuntimeError, "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = [2, 3] source.shape = [3, 2]"),
        ("x.index_add_(0, torch.tensor([0, 1]), x)", RuntimeError, "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation."),
        ("x.index_reduce_(0, i, torch.ones(3, 3), 'amax')", RuntimeError, "index_reduce_(): Number of indices (2) should be equal to source.size(dim): (3), for dim: 0"),
        ("x.index_reduce_(0, torch.tensor([0, 5]), torch.ones(2, 3), 'amax')", IndexError, "index out of range in self"),
        ("x.index_copy_(0, i[None], torch.ones(2, 3))", IndexError, "index_copy_(): Index should have dimension 1 or 0 (got 2)"),
        ("x.index_copy_(0, i.int(), torch.ones(2))", IndexError, "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (1), destination dimensionality (2)"),
        ("x.index_fill_(7, i[None], torch.ones(2))", RuntimeError, "index_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s)."),
        ("x.index_fill_(0, i[None], 1)", RuntimeError, "Index has to be a vector/scalar"),
        ("x.index_select(1, torch.tensor([4]))", RuntimeError, "INDICES element is out of DATA bounds, id=4 axis_dim=3"),
        ("x.sum().index_select(0, i)", RuntimeError, "index_select(): Index to scalar can have only 1 value, got 2 value(s)"),
        ("x[:, :0].take(i)", IndexError, "take(): tried to take from an empty tensor"),
        ("x.scatter_reduce_(0, i, torch.ones(2, 3), 'sum')", RuntimeError, "Index tensor must have the same number of dimensions as self tensor"),
        ("x.scatter_reduce(0, torch.zeros(3, 3).long(), torch.ones(2, 3), 'sum')", RuntimeError, "Expected index [3, 3] to be no larger than self [2, 3] apart from dimension 0 and to be no larger size than src [2, 3]"),
        ("x.masked_fill_(torch.tensor([True, False]), 1)", RuntimeError, "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"),
        ("x.masked_fill(torch.tensor([True, False]), 1)", RuntimeError, "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1"),
        ("x.select_scatter(torch.ones(3), 0, 2)", IndexError, "select(): index 2 out of range for tensor of size [2, 3] at dimension 0"),
        ("x.diagonal_scatter(torch.ones(2), 0, 1, 1)", RuntimeError, "diagonal dimensions cannot be identical 1, 1"),
        ("x.repeat_interleave(i[None], 0)", RuntimeError, "repeats must be 0-dim or 1-dim tensor"),
        ("x.repeat_interleave(i.short(), 0)", NotImplementedError, "\"repeat_interleave_cpu\" not implemented for 'Short'"),
        ("torch.repeat_interleave(torch.tensor([2, -1]))", RuntimeError, "repeats can not be negative"),
        ("torch.take_along_dim(x, i[None].int(), 0)", RuntimeError, "torch.take_along_dim(): dtype of indices should be Long but got Int"),
        ("torch.take_along_dim(x.t(), i)", RuntimeError, "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."),
        ("torch.isin(x.cfloat(), x)", RuntimeError, "Unsupported input type encountered for isin(): ComplexFloat"),
        ("torch.searchsorted(x, 2)", RuntimeError, "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(2) and input value's dim(0) numel(1)"),
        ("torch.bincount(i, minlength=-1)", RuntimeError, "minlength should be >= 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_as_in_pytorch(call: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as told:
        eval(call, {"torch": torch, "x": torch.zeros(2, 3), "i": torch.tensor([0, 1])})
    assert str(told.value) == words


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("torch.zeros(1).index_put_((i.view(1, 2) * 0,), torch.tensor([1.0, 2.0]), accumulate=True)", [3]),
        ("torch.zeros(1).index_put_((torch.zeros(2, 2).long(),), torch.tensor([1.0, 2.0]), accumulate=True)", [6]),
        ("x.scatter_reduce(0, i[:0], torch.ones(2, 3), 'amax')", [[0, 0, 0], [0, 0, 0]]),
        ("x.sum().index_fill(0, i[:0], 5)", 0),
        ("torch.take_along_dim(torch.arange(6).view(3, 2), torch.tensor([[5, -4]]), 0)", [[4, 5]]),  # it goes round
        ("torch.where(torch.tensor([False]), torch.ones(1).half(), 1e40)", [float("inf")]),
        ("torch.bincount(i[:0], torch.ones(2), minlength=2)", [0, 0]),
    ],
)
def test_what_is_empty_broadcast_or_beyond_has_pytorchs_result(call: str, wanted: Any) -> None:
    assert eval(call, {"torch": torch, "x": torch.zeros(2, 3), "i": torch.tensor([0, 1])}).tolist() == wanted


@pytest.mark.parametrize(
    ("program", "node"),
    [
        ("y = x * 1; y[torch.tensor([0])] = torch.inf", "IndexPutBackward0"),
        ("y = (x * 1).scatter(0, torch.tensor([0]), torch.inf)", "ScatterBackward1"),
        ("y = (x * 1).masked_scatter(torch.tensor([True, False]), torch.full((2,), torch.inf))", "MaskedFillBackward0"),
        ("y = (x * 1).put(torch.tensor([0]), torch.tensor([torch.inf]))", "PutBackward0"),
    ],
)
def test_what_was_written_over_has_no_gradient_though_that_of_the_new_number_is_none(program: str, node: str) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    scope = {"torch": torch, "x": x}
    exec(program, scope)
    y = scope["y"]
    (gradient,) = torch.autograd.grad((y * y - y * y).sum() + y[1] ** 3, x, create_graph=True)
    assert gradient.tolist() == [0, 12]
    assert node in _names(gradient.grad_fn)
    embedded = torch.nn.functional.embedding(torch.zeros(0).long(), x.view(2, 1))
    embedded.sum().backward()
    assert x.grad.tolist() == [0, 0]


def _names(node: Any) -> set[str]:
    below = [_names(each) for each, _ in node.next_functions if each is not None]
    return {node.name()}.union(*below)


@pytest.mark.parametrize("name", ["scatter", "scatter_add", "scatter_reduce"])
def test_a_source_that_is_larger_than_the_index_has_no_gradient(name: str) -> None:
    source = torch.ones(2, 3, requires_grad=True)
    made = getattr(torch.zeros(2, 3), name)(0, torch.zeros(1, 3).long(), source, *(("sum",) if name == "scatter_reduce" else ()))
    node = "".join(part.capitalize() for part in name.split("_"))
    with pytest.raises(RuntimeError) as told:
        made.sum().backward()
    words = f"Function {node}Backward0 returned an invalid gradient at index 1 - got [1, 3] but expected shape compatible with [2, 3]"
    assert str(told.value) == words


def test_integers_select_before_arrays_look_up() -> None:
    """numpy counts an integer with the arrays, and moves what they look up to the front when something stands between them."""
    state = torch.zeros(2, 3, 5, requires_grad=True)
    steps = torch.ones(3, 2, requires_grad=True)
    states = state * 1
    states[0, :, [4, 1]] = steps * torch.tensor([2.0, 3.0])
    assert states[0].tolist() == [[0.0, 3.0, 0.0, 0.0, 2.0]] * 3 and not states[1].any()
    states[1, ..., [0]] += 1  # as it is read, and as it is written
    (states * torch.arange(30.0).view(2, 3, 5)).sum().backward()
    assert steps.grad.tolist() == [[8.0, 3.0], [18.0, 18.0], [28.0, 33.0]]
    assert state.grad[0].tolist() == [[0.0, 0.0, 2.0, 3.0, 0.0], [5.0, 0.0, 7.0, 8.0, 0.0], [10.0, 0.0, 12.0, 13.0, 0.0]]

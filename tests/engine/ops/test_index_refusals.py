"""What PyTorch says of x[key] and x[key] = value where index tensors, masks and values do not fit, in its order of asking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()


def _put_types(there: str, given: str) -> str:
    return f"Index put requires the source and destination dtypes match, got {there} for the destination and {given} for the source."


@pytest.mark.parametrize(
    ("program", "error", "words"),
    [
        ("x[i] = torch.tensor(1)", RuntimeError, _put_types("Float", "Long")),
        ("x[i] = torch.ones(3).double()", RuntimeError, _put_types("Float", "Double")),
        ("x[[0, 1]] = torch.tensor(1)", RuntimeError, _put_types("Float", "Long")),
        ("x[torch.tensor(True)] = torch.tensor(1)", RuntimeError, _put_types("Float", "Long")),
        ("x[torch.tensor([5])] = torch.ones(2)", RuntimeError, "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [1, 3]"),
        ("x[:, i] = torch.ones(1, 3)", RuntimeError, "shape mismatch: value tensor of shape [3] cannot be broadcast to indexing result of shape [2, 2]"),
        ("x.index_put_((i,), torch.ones(1, 2, 3))", RuntimeError, "shape mismatch: value tensor of shape [1, 2, 3] cannot be broadcast to indexing result of shape [2, 3]"),
        ("x[torch.tensor([7])] = torch.ones(3)", IndexError, "index 7 is out of bounds for dimension 0 with size 2"),
        ("x[torch.tensor([[0, 5]]), torch.tensor([[7], [0]])]", IndexError, "index 7 is out of bounds for dimension 1 with size 3"),
        ("x[torch.tensor([[0, 5]]), torch.tensor([[7], [0], [1]]), None] = 1", IndexError, "index 7 is out of bounds for dimension 1 with size 3"),
        ("x[i.short()]", IndexError, "tensors used as indices must be long, int, byte or bool tensors"),
        ("x[i.short()] = 1", IndexError, "tensors used as indices must be long, int, byte or bool tensors"),
        ("x[None, torch.tensor([True, False, True])]", IndexError, "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [1, 2, 3] at index 1"),
        ("x[torch.tensor([True, False]), torch.tensor([0, 1, 2]), torch.tensor([0])]", IndexError, "too many indices for tensor of dimension 2"),
        ("x[torch.tensor([0, 1, 0]), torch.tensor([9, 1])]", IndexError, "shape mismatch: indexing tensors could not be broadcast together with shapes [3], [2]"),
        ("x[:, :0][:, i]", IndexError, "index is out of bounds for dimension with size 0"),
        ("x[0] = np.float32(1)", TypeError, "can't assign a numpy.float32 to a torch.FloatTensor"),
        ("x[['a']] = 1", TypeError, "new(): invalid data type 'str'"),
        ("x.requires_grad_(); x[torch.tensor([True])] = 1", RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_as_in_pytorch(program: str, error: type[Exception], words: str) -> None:
    scope: dict[str, Any] = {"torch": torch, "np": np, "x": torch.zeros(2, 3), "i": torch.tensor([0, 1])}
    with pytest.raises(error) as told:
        exec(program, scope)
    assert str(told.value) == words


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("x[torch.tensor([True, False])] = torch.tensor(1)", [[1, 1, 1], [0, 0, 0]]),  # a mask alone is filled by a number of any dtype
        ("x[0, torch.tensor([True, False, True])] = torch.tensor([2.0]).double()", [[2, 0, 2], [0, 0, 0]]),
        ("x[[0.0, 1.0]] = 3", [[3, 3, 3], [3, 3, 3]]),  # numbers in a list are whole ones
        ("x[:, :0][torch.tensor([7])] = 1", [[0, 0, 0], [0, 0, 0]]),  # nothing is looked at
        ("x = x[:, :0][torch.tensor([7, 0, 0])]", [[], [], []]),
        ("x[torch.tensor(True)] = torch.ones(1, 1, 3)", [[1, 1, 1], [1, 1, 1]]),
        ("x[0] = np.int64(2)", [[2, 2, 2], [0, 0, 0]]),
    ],
)
def test_what_pytorch_takes_is_written(program: str, wanted: list[list[float]]) -> None:
    scope: dict[str, Any] = {"torch": torch, "np": np, "x": torch.zeros(2, 3)}
    exec(program, scope)
    assert scope["x"].tolist() == wanted

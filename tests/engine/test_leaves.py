"""What a watcher is told of the ways in which scripts write tensors down."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import torch_module

from .listening import Listener, listening

torch = torch_module.module()


class Mine(torch.Tensor):  # type: ignore[misc, name-defined]
    """A class of the script's."""


WAYS: dict[str, Callable[[], Any]] = {
    "tensor": lambda: torch.tensor([1.0, 2.0]),
    "Tensor of a list": lambda: torch.Tensor([1.0, 2.0]),
    "Tensor of sizes": lambda: torch.Tensor(2, 3),
    "Tensor of an array": lambda: torch.Tensor(np.zeros(2, np.float32)),
    "LongTensor": lambda: torch.LongTensor([[1, 2]]),
    "FloatTensor of sizes": lambda: torch.FloatTensor(2, 3),
    "a class of the script's": lambda: Mine([1.0, 2.0]),
    "as_tensor": lambda: torch.as_tensor([1.0, 2.0]),
}


@pytest.mark.parametrize("way", WAYS)
def test_one_leaf_which_is_the_tensor_itself(way: str) -> None:
    told = Listener()
    with listening(told):
        made = WAYS[way]()
    assert [leaf is made for (leaf,) in told.of("create_leaf")] == [True]


def test_new_and_a_tensor_of_a_tensor_are_leaves_of_their_own() -> None:
    source: Any = torch.ones(2)
    told = Listener()
    with listening(told):
        made = [source.new([3.0]), torch.Tensor(source)]
    assert all(leaf is one for (leaf,), one in zip(told.of("create_leaf"), made, strict=True))


def test_a_copy_of_a_parameter_is_a_parameter_in_the_same_memory() -> None:
    for p in (torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2), requires_grad=False)):
        made = copy.copy(p)
        assert type(made) is torch.nn.Parameter
        assert (made is p, made.requires_grad, made.data_ptr() == p.data_ptr(), made.grad) == (False, p.requires_grad, True, None)
        with torch.no_grad():
            p.mul_(2)
        assert made.tolist() == [2, 2]

"""What typed letters find: the names of the engine, and what people call them."""

from __future__ import annotations

import pytest

from gradviz.document.palette.catalogue import entry
from gradviz.document.palette.search import _SAID, search


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("linear", "nn.Linear"),  # F.linear has to be given its weights
        ("F.linear", "F.linear"),
        ("conv2d", "nn.Conv2d"),
        ("conv", "nn.Conv2d"),
        ("embedding", "nn.Embedding"),
        ("relu", "F.relu"),
        ("ReLU", "nn.ReLU"),
        ("softmax", "F.softmax"),
        ("max pool", "F.max_pool2d"),
        ("log softmax", "F.log_softmax"),
        ("one hot", "F.one_hot"),
        ("pool", "F.max_pool2d"),
        ("loss", "F.mse_loss"),
        ("dense", "nn.Linear"),
        ("fully con", "nn.Linear"),
        ("parameter", "tensor"),
        ("randn", "tensor"),
        ("csv", "tensor"),
        ("plus", "torch.add"),
        ("times", "torch.mul"),
        ("average", "torch.mean"),
        ("column", "Tensor.__getitem__"),
        ("stop gradient", "torch.detach"),
        ("mul", "torch.mul"),
        ("@", "torch.matmul"),
        ("**", "torch.pow"),
        ("", "tensor"),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: str) -> None:
    assert search(typed)[0].op == first


def test_each_word_stands_for_something_that_is_there() -> None:
    assert [op for ops in _SAID.values() for op in ops.split() if entry(op) is None] == []


def test_what_nobody_says_finds_nothing() -> None:
    assert search("qqqq") == []

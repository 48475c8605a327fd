"""What is offered where a wire was drawn from a result: only what can read it, the likeliest first, and at the input that takes it."""

from __future__ import annotations

import pytest

from gradviz.document.palette.catalogue import catalogue
from gradviz.document.palette.reading import Reading
from gradviz.document.palette.search import search
from gradviz.document.run.inference import Inferred, Spec


def reading(*shape: int, dtype: str = "float32", op: str = "") -> Reading:
    return Reading(Inferred((Spec(shape, dtype),)), op=op)


def offered(read: Reading, text: str = "", most: int = 60) -> list[str]:
    return [e.op for e in read.likely(search(text), most, usual=not text)]


def test_one_number_is_offered_to_nothing_that_takes_rows() -> None:
    number = offered(reading())
    assert number[:3] == ["torch.add", "torch.mul", "torch.sub"]
    assert not {"nn.Linear", "torch.matmul", "nn.Conv2d", "F.cross_entropy", "nn.Embedding", "F.max_pool2d"} & set(number)
    assert not {"nn.Linear", "F.linear", "nn.Bilinear"} & set(offered(reading(), "linear"))  # by typing too


@pytest.mark.parametrize(
    ("read", "first"),
    [
        (reading(8, 3), ["nn.Linear", "torch.matmul", "F.relu"]),
        (reading(8, 3, op="nn.Linear"), ["F.relu", "F.cross_entropy", "F.mse_loss"]),
        (reading(8, 1, 12, 12), ["nn.Conv2d", "F.relu", "F.max_pool2d"]),
        (reading(8, 4, 12, 12, op="nn.Conv2d"), ["F.relu", "torch.tanh", "torch.sigmoid"]),
        (reading(5, 3, 4), ["nn.Linear", "nn.LSTM", "nn.Conv1d"]),
        (reading(4, dtype="int64"), ["nn.Embedding", "F.one_hot", "F.cross_entropy"]),
        (reading(2, 3, dtype="bool"), ["torch.where", "Tensor.float", "torch.sum"]),
    ],
)
def test_the_likeliest_comes_first(read: Reading, first: list[str]) -> None:
    assert offered(read, most=20)[:3] == first


@pytest.mark.parametrize(
    ("read", "op", "port"),
    [
        (reading(4, dtype="int64"), "F.cross_entropy", "target"),
        (reading(4, 3), "F.cross_entropy", "input"),
        (reading(2, 3, dtype="bool"), "torch.where", "condition"),
        (reading(2, 3), "torch.where", "input"),
        (reading(2, 3), "torch.cat", "tensors.0"),
        (reading(4, dtype="int64"), "nn.Linear", ""),
        (reading(8, 3), "nn.BatchNorm1d", "input"),
        (reading(8, 3), "F.grid_sample", "input"),  # with a grid that nobody guesses it may
        (Reading(None), "nn.Linear", "input"),
    ],
)
def test_the_wire_goes_to_the_input_that_takes_it(read: Reading, op: str, port: str) -> None:
    assert read.port(catalogue()[op]) == port

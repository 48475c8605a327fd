"""Arrays of numpy's that become tensors: which dtype, whose memory, and what PyTorch says of those that cannot."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()


def test_torch_tensor_of_an_array_has_the_default_dtype() -> None:
    assert repr(torch.Tensor(np.arange(3))) == "tensor([0., 1., 2.])"
    assert repr(torch.Tensor(np.ones(2))) == "tensor([1., 1.])"
    array = np.ones(2, np.float32)
    torch.Tensor(array)[0] = 5  # of that dtype the memory is shared
    assert array.tolist() == [5, 1]


def test_an_array_that_was_unpickled_is_as_good_as_any() -> None:
    array = pickle.loads(pickle.dumps(np.ones((2, 2))))
    x = torch.from_numpy(array)
    assert torch.tensordot(x, torch.ones(2, 2, dtype=torch.float64), 1).tolist() == [[2, 2], [2, 2]]
    assert x.double() is x
    x[0, 0] = 7
    assert array[0, 0] == 7


@pytest.mark.parametrize(
    "taken", [torch.from_numpy, torch.tensor, torch.as_tensor, torch.Tensor], ids=["from_numpy", "tensor", "as_tensor", "Tensor"]
)
@pytest.mark.parametrize(
    ("array", "error", "text"),
    [
        (np.ones(3)[::-1], ValueError, "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You can probably work around this by making a copy of your array  with array.copy().) "),
        (np.ones(3, ">f8"), ValueError, "given numpy array has byte order different from the native byte order. Conversion between byte orders is currently not supported."),
        (np.array([1, "a"], dtype=object), TypeError, "can't convert np.ndarray of type numpy.object_. The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."),
        (np.array(["a"]), TypeError, "can't convert np.ndarray of type numpy.str_. The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."),
    ],
    ids=["backwards", "big-endian", "objects", "text"],
)  # fmt: skip
def test_what_is_refused(taken: Callable[..., Any], array: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        taken(array)
    assert str(raised.value) == text


@pytest.mark.parametrize("data", [bytearray(b"ab"), memoryview(b"ab")], ids=["bytearray", "memoryview"])
def test_bytes_that_can_be_counted_are_a_list_of_whole_numbers(data: Any) -> None:
    assert repr(torch.tensor(data)) == "tensor([97, 98])"
    assert repr(torch.tensor(data, dtype=torch.uint8)) == "tensor([97, 98], dtype=torch.uint8)"


def test_whole_numbers_without_sign() -> None:
    x = torch.from_numpy(np.arange(3, dtype=np.uint16))
    assert repr(x) == "tensor([0, 1, 2], dtype=torch.uint16)"
    assert repr(x.float()) == "tensor([0., 1., 2.])"
    with pytest.raises(
        RuntimeError, match="Promotion for uint16, uint32, uint64 types is not supported, attempted to promote UInt16 and Long"
    ):
        x + torch.tensor([1])


def test_dtypes_that_are_asked_for() -> None:
    assert torch.ones(2, 3).sum(dtype=torch.int).dtype is torch.int32
    assert torch.ones(2, 3).int().sum(0, dtype=torch.int16).dtype is torch.int16
    assert torch.zeros(2, dtype=complex).dtype is torch.complex128


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: np.mean(torch.ones(2)), TypeError, "mean() got an unexpected keyword argument 'axis'"),
        (lambda: torch.tensor(["a", "b"]), ValueError, "too many dimensions 'str'"),
        (lambda: torch.tensor(np.array(["a"])[0]), TypeError, "new(): invalid data type 'numpy.str_'"),
        (lambda: torch.tensor(b"ab"), TypeError, "new(): invalid data type 'bytes'"),
        (lambda: torch.Tensor("a"), TypeError, "new(): invalid data type 'str'"),
    ],
)
def test_what_numpy_and_text_are_told(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == text

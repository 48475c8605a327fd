"""Numbers of numpy's in place of Python's: np.mean([...]) in a list, 10 ** np.random.rand() for a rate, np.int64 for a dimension.

What is asked here is real PyTorch's answer: a list takes the dtype that a number brings along, an argument becomes a Python number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()
F, nn = torch.nn.functional, torch.nn
NAMES: dict[str, Any] = {"torch": torch, "F": F, "nn": nn, "np": np, "x": torch.ones(2, 3), "q": np.float64(0.5), "k": np.int64(1)}


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ("[np.float64(1)]", "float64"),
        ("[1.0, np.float64(2)]", "float64"),
        ("[[np.float64(1)], [2.0]]", "float64"),
        ("[np.float32(1), 2.0]", "float32"),
        ("[np.float16(1), 2]", "float16"),
        ("[np.int8(1), np.int32(2)]", "int32"),
        ("[np.int32(1), 2.5]", "float32"),
        ("[np.bool_(True)]", "bool"),
        ("[torch.tensor(1.0, dtype=torch.float64), 2.0]", "float64"),
        ("[torch.tensor(1), 2.0]", "float32"),
        ("[1, 2.5]", "float32"),
    ],
)
def test_a_list_takes_the_dtype_in_which_its_elements_meet(data: str, dtype: str) -> None:
    given = eval(data, NAMES)
    made = torch.tensor(given)
    assert (str(made.dtype), str(torch.as_tensor(given).dtype)) == (f"torch.{dtype}", f"torch.{dtype}")
    assert made.flatten().double().tolist() == [float(v) for v in np.ravel(given)]


@pytest.mark.parametrize(
    "call",
    [
        "x.clamp(q)", "torch.clip(x, q, q)", "x.sub(x, alpha=q)", "torch.addcdiv(x, x, x, value=q)", "torch.addmm(torch.ones(2, 2), x, x.T, beta=q, alpha=q)",
        "F.normalize(x, p=np.float64(2), eps=q)", "x * q", "q - x", "x ** q", "F.leaky_relu(x, q)", "torch.where(x > 0, x, q)", "torch.full((2,), q)",
        "x.sum(k)", "x.mean(k)", "x.max(k)[0]", "x.std(k)", "x.logsumexp(k)", "x.amax(k)", "x.sort(k)[0]", "x.roll(k, k)", "F.max_pool1d(x[None], k)",
        "nn.LayerNorm(np.int64(3))(x)",
    ],
)  # fmt: skip
def test_an_argument_is_a_python_number(call: str) -> None:
    assert eval(call, NAMES).dtype is torch.float32


def test_an_argument_is_a_python_number_in_the_gradient_too() -> None:
    p = nn.Parameter(torch.ones(2))
    (p * np.float64(0.3)).sum().backward()
    assert repr(p.grad) == "tensor([0.3000, 0.3000])"


def test_arange_counts_whole_numbers() -> None:
    assert repr(torch.arange(np.int64(1), np.int64(5), np.int64(2))) == "tensor([1, 3])"
    assert repr(torch.arange(np.float32(2.5))) == "tensor([0., 1., 2.])"


def test_equality_alone_takes_an_array() -> None:
    assert repr(torch.ones(2) == np.array([1.0, 2.0])) == "tensor([ True, False])"
    with pytest.raises(TypeError, match=r"not supported between instances of 'Tensor' and 'numpy.ndarray'"):
        torch.ones(2) < np.ones(2)  # noqa: B015 - the error is what is asked for

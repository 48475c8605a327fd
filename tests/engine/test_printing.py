"""Tensors print as in PyTorch: stored examples, and tens of thousands of random tensors against PyTorch itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine import printing, torch_module

torch = torch_module.module()
DTYPES = ("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64", "complex128")
SHAPES = (
    (), (1,), (2,), (3,), (7,), (12,), (30,), (1001,), (2, 3), (3, 1), (1, 5), (4, 4), (2, 2, 2), (3, 1, 2), (2, 2, 1, 3), (40, 40),
    (11, 10, 10), (5, 3, 70), (0,), (2, 0), (0, 3), (1, 0, 2), (1, 1), (1, 1, 1), (1005, 1), (1, 1005),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    before = printing.get_printoptions()
    yield
    printing.set_printoptions(**before)


def test_a_tensor_that_requires_grad_says_so() -> None:
    assert repr(torch.tensor([1.0, 2.5], requires_grad=True)) == "tensor([1.0000, 2.5000], requires_grad=True)"


def test_a_computed_tensor_names_its_grad_fn() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x * 2) == "tensor([2., 4.], grad_fn=<MulBackward0>)"


def test_a_long_suffix_goes_to_a_line_of_its_own() -> None:
    x = torch.full((9,), 0.12345, requires_grad=True)
    assert repr(x * 2).splitlines()[-1] == "       grad_fn=<MulBackward0>)"


def test_large_tensors_are_summarised() -> None:
    assert repr(torch.arange(2000)) == "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"


def test_printoptions_hold_inside_a_block() -> None:
    with printing.printoptions(precision=2):
        assert repr(torch.tensor([1 / 3])) == "tensor([0.33])"
    assert repr(torch.tensor([1 / 3])) == "tensor([0.3333])"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1e-8, 1.0], "tensor([1.0000e-08, 1.0000e+00])"),
        ([float("nan"), float("inf"), -1.0], "tensor([nan, inf, -1.])"),
        ([1e10], "tensor([1.0000e+10])"),
        ([0.0, -0.0], "tensor([0., -0.])"),
        ([], "tensor([])"),
    ],
)
def test_notation(values: list[float], text: str) -> None:
    assert repr(torch.tensor(values)) == text


def _values(rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Any:
    """Numbers of many sizes, some whole, some special."""
    if name == "bool":
        return rng.random(shape) < rng.random()
    kind = np.dtype(name).kind
    if kind in "iu":
        info = np.iinfo(name)
        high = [2, 10, 100, 1000, 10**6, 2**40][rng.integers(6)]
        return rng.integers(max(info.min, -high if rng.random() < 0.6 else 0), min(info.max, high), shape, endpoint=True).astype(name)
    data = _floats(rng, shape)
    if kind == "c":
        data = data + 1j * _floats(rng, shape)
    with np.errstate(all="ignore"):
        return np.asarray(data).astype(name)


def _floats(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    way = rng.integers(8)
    if way == 0:
        data = rng.standard_normal(shape)
    elif way == 1:
        data = rng.standard_normal(shape) * 10.0 ** rng.uniform(-9, 9)
    elif way == 2:
        data = rng.standard_normal(shape) * 10.0 ** rng.uniform(-6, 6, shape)
    elif way == 3:
        data = rng.integers(-20, 20, shape).astype(float)
    elif way == 4:
        data = np.round(rng.standard_normal(shape) * 10, int(rng.integers(0, 5)))
    elif way == 5:
        data = rng.integers(0, 3, shape) * 10.0 ** rng.integers(-5, 9)
    elif way == 6:
        data = rng.uniform(0, 1, shape)
    else:
        data = np.full(shape, rng.standard_normal() * 10.0 ** rng.integers(-5, 6))
    data = np.array(data, dtype=np.float64)
    if rng.random() < 0.3:
        special = [0.0, -0.0, np.nan, np.inf, -np.inf][rng.integers(5)]
        data = np.where(rng.random(shape) < rng.choice([0.1, 0.5, 1.0]), special, data)
    return np.asarray(data)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(20))
def test_random_tensors_print_as_in_pytorch(seed: int) -> None:
    real = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    for turn in range(1000):
        name = DTYPES[rng.integers(len(DTYPES))]
        shape = SHAPES[rng.integers(len(SHAPES) if turn % 4 == 0 else 13)]
        data = np.asarray(_values(rng, shape, name))
        ours, theirs = torch.from_numpy(data.copy()), real.from_numpy(data.copy())
        options: dict[str, Any] = {}
        if rng.random() < 0.15:
            options = {
                "precision": int(rng.integers(0, 9)), "threshold": int(rng.choice([0, 5, 1000])), "edgeitems": int(rng.integers(1, 5)),
                "linewidth": int(rng.choice([20, 40, 80, 120])), "sci_mode": [None, True, False][rng.integers(3)],
            }  # fmt: skip
        way = rng.integers(4)
        if data.dtype.kind in "fc" and way:
            ours.requires_grad_()
            theirs.requires_grad_()
            if way == 2:
                ours, theirs = ours * 1, theirs * 1
            elif way == 3:
                ours, theirs = ours.view(-1), theirs.view(-1)
        printing.set_printoptions(profile="default", **options)
        real.set_printoptions(profile="default", **options)
        try:
            assert repr(ours) == repr(theirs), (seed, turn, name, shape, options)
        finally:
            real.set_printoptions(profile="default")


def test_shapes_join_into_shapes() -> None:
    shape = torch.Size([2, 3])
    assert repr(((1,) + shape, shape + (4,), shape * 2)) == "(torch.Size([1, 2, 3]), torch.Size([2, 3, 4]), torch.Size([2, 3, 2, 3]))"  # noqa: RUF005 - the operators are the point
    names = [0]
    names += shape
    assert names == [0, 2, 3]

"""Classes, limits and comparisons show themselves under PyTorch's names."""

from __future__ import annotations

import copy
import importlib
from typing import Any

import pytest

from engine import torch_module
from engine.naming import homes

torch = torch_module.module()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type(torch.ones(1))", "<class 'torch.Tensor'>"),
        ("type(torch.Size([1]))", "<class 'torch.Size'>"),
        ("type(torch.float32)", "<class 'torch.dtype'>"),
        ("type(torch.nn.Linear(1, 1))", "<class 'torch.nn.modules.linear.Linear'>"),
        ("type(torch.nn.Parameter(torch.ones(1)))", "<class 'torch.nn.parameter.Parameter'>"),
        ("torch.optim.AdamW", "<class 'torch.optim.adamw.AdamW'>"),
        ("torch.optim.lr_scheduler.StepLR", "<class 'torch.optim.lr_scheduler.StepLR'>"),
        ("torch.utils.data.DataLoader", "<class 'torch.utils.data.dataloader.DataLoader'>"),
        ("torch.distributions.Normal", "<class 'torch.distributions.normal.Normal'>"),
        ("torch.LongTensor", "<class 'torch.LongTensor'>"),
        ("torch.ones(1).layout, torch.channels_last, type(torch.strided)", "(torch.strided, torch.channels_last, <class 'torch.layout'>)"),
        (
            "isinstance(torch.channels_last, torch.layout), torch.ones(1).layout is torch.strided, torch.strided == 'torch.strided'",
            "(False, True, False)",
        ),
        ("copy.deepcopy(torch.channels_last) is torch.channels_last", "True"),
        ("type(iter(torch.utils.data.DataLoader([1]))).__name__", "_SingleProcessDataLoaderIter"),
        ("torch.frombuffer(bytearray(b'abcdefgh'), dtype=torch.int16, offset=2, count=2)", "tensor([25699, 26213], dtype=torch.int16)"),
        ("torch.empty_strided((2, 3), (1, 2)).stride(), torch.ones(2).set_().shape", "((1, 2), torch.Size([0]))"),
        ("torch.ones(2).type()", "torch.FloatTensor"),
        ("torch.ones(2).type(torch.LongTensor)", "tensor([1, 1])"),
        ("torch.Tensor([1, 2])", "tensor([1., 2.])"),
        ("torch.Tensor(2, 3).shape", "torch.Size([2, 3])"),
        ("torch.IntTensor([1, 2]).dtype", "torch.int32"),
        ("isinstance(torch.ones(1), torch.FloatTensor), isinstance(torch.ones(1), torch.LongTensor)", "(True, False)"),
        (
            "torch.finfo(torch.float32)",
            "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, "
            "dtype=float32)",
        ),
        ("torch.iinfo(torch.int32)", "iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)"),
        ("torch.promote_types(torch.int32, torch.float16)", "torch.float16"),
        ("torch.cuda.is_available()", "False"),
        ("torch.ones(1).numpy() is torch.ones(1).numpy()", "False"),
    ],
)
def test_prints_what_pytorch_prints(text: str, expected: str) -> None:
    assert str(eval(text, {"torch": torch, "copy": copy})) == expected


@pytest.mark.parametrize(
    ("actual", "expected", "options", "words"),
    [
        (
            [1.0, 1.0, 1.0],
            [1.0, 2.0, 1.5],
            {},
            "Tensor-likes are not close!\n\nMismatched elements: 2 / 3 (66.7%)\n"
            "Greatest absolute difference: 1.0 at index (1,) (up to 1e-05 allowed)\n"
            "Greatest relative difference: 0.5 at index (1,) (up to 1.3e-06 allowed)",
        ),
        ([1.0], [1.0, 2.0], {}, "The values for attribute 'shape' do not match: torch.Size([1]) != torch.Size([2])."),
        ([1], [1.0], {}, "The values for attribute 'dtype' do not match: torch.int64 != torch.float32."),
        (
            2.0,
            2.5,
            {},
            "Scalars are not close!\n\nExpected 2.5 but got 2.0.\nAbsolute difference: 0.5 (up to 1e-05 allowed)\n"
            "Relative difference: 0.2 (up to 1.3e-06 allowed)",
        ),
        ([1.0], [2.0], {"msg": "mine"}, "mine"),
    ],
)
def test_assert_close_has_pytorchs_words(actual: Any, expected: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError) as raised:
        torch.testing.assert_close(torch.tensor(actual), torch.tensor(expected), **options)
    assert str(raised.value) == words


def test_assert_close_allows_rounding() -> None:
    torch.testing.assert_close(torch.ones(2), torch.ones(2) + 1e-7)
    torch.testing.assert_close([torch.ones(2), 1.0], [torch.ones(2), 1.0 + 1e-9])


@pytest.mark.torch
@pytest.mark.parametrize("home", homes.HOMES)
def test_classes_live_where_pytorchs_do(home: str) -> None:
    pytest.importorskip("torch")
    theirs = importlib.import_module(home)
    for name in homes.HOMES[home].split():
        assert getattr(theirs, name).__module__ == home

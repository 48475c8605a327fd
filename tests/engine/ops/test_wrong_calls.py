"""Layers, losses and functions given what they cannot take: PyTorch's exception and the first line of its words."""

from __future__ import annotations

import collections
import decimal
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()
CALLS: dict[str, tuple[str, str]] = json.loads((Path(__file__).parents[2] / "data/conformance/wrong_calls.json").read_text())


def _ones(dtype: Any) -> Callable[..., Any]:
    return lambda *size: torch.ones(*size, dtype=dtype)


SCOPE: dict[str, Any] = {
    "torch": torch, "F": torch.nn.functional, "nn": torch.nn, "np": np, "collections": collections, "decimal": decimal, "O": torch.ones,
    "A": lambda n=3: torch.arange(n * 4.0).reshape(n, 4) / 7, "D": _ones(torch.float64), "L": _ones(torch.int64), "H": _ones(torch.float16),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_call(call: str) -> None:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as raised:
            eval(call, dict(SCOPE))
    kind, words = CALLS[call]
    assert (type(raised.value).__name__, str(raised.value).split("\n")[0]) == (kind, words)

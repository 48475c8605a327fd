"""The backward node of an op has the name that PyTorch gives it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
DATA = Path(__file__).parents[2] / "data/autograd"
NAMES: dict[str, Any] = json.loads((DATA / "grad_fn_names.json").read_text())["ops"]
OTHERWISE: dict[str, str] = json.loads((DATA / "grad_fn_otherwise.json").read_text())


def _scope() -> dict[str, Any]:
    """The tensors that the expressions are about."""
    return {
        "torch": torch,
        "F": torch.nn.functional,
        "x": torch.tensor([0.5, 0.25, 0.75], requires_grad=True),
        "y": torch.tensor([0.1, 0.9, 0.3], requires_grad=True),
        "A": torch.ones(2, 3, requires_grad=True),
        "B": torch.ones(3, 2, requires_grad=True),
        "Q": (torch.eye(3) * 2).requires_grad_(),
        "T3": torch.ones(2, 2, 3, requires_grad=True),
        "T3b": torch.ones(2, 3, 2, requires_grad=True),
        "img": torch.ones(1, 1, 4, 4, requires_grad=True),
        "ker": torch.ones(1, 1, 3, 3, requires_grad=True),
        "i": torch.tensor([0, 2]),
        "m": torch.tensor([True, False, True]),
    }


def _name(expression: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = eval(expression, _scope())
    if isinstance(result, (tuple, list)):
        result = result[0]
    return str(None if result.grad_fn is None else result.grad_fn.name())


def _cases() -> list[Any]:
    """Names that differ are listed with the reason; one that was mended may stay on the list for a while."""
    known = [pytest.mark.xfail(reason=OTHERWISE[e], strict=False) if e in OTHERWISE else () for e in NAMES]
    return [pytest.param(e, marks=mark) for e, mark in zip(NAMES, known, strict=True)]


@pytest.mark.parametrize("expression", _cases())
def test_name(expression: str) -> None:
    assert _name(expression) == NAMES[expression]

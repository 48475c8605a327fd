"""The same seed gives PyTorch's numbers, bit by bit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import torch_module

from . import expressions

DATA = Path(__file__).resolve().parents[2] / "data" / "random"
STREAMS = json.loads((DATA / "streams.json").read_text(encoding="utf-8"))["cases"]
DISTRIBUTIONS = json.loads((DATA / "distributions.json").read_text(encoding="utf-8"))["cases"]


def _label(case: dict[str, Any]) -> str:
    return f"{case['seed']}: {'; '.join(case['calls'])}"


@pytest.fixture
def torch() -> Any:
    """The engine's torch module."""
    return torch_module.module()


@pytest.mark.parametrize("case", STREAMS, ids=_label)
def test_stream_is_pytorchs(torch: Any, case: dict[str, Any]) -> None:
    torch.manual_seed(case["seed"])
    for call, expected in zip(case["calls"], case["results"], strict=True):
        result = np.ascontiguousarray(eval(call, {"torch": torch}).detach().numpy())  # the calls of the stored file
        assert str(result.dtype) == expected["dtype"]
        if "orthogonal_" in call:  # goes through LAPACK, which rounds differently from build to build
            np.testing.assert_allclose(result.reshape(-1)[: len(expected["values"])], expected["values"], atol=2e-7)
        else:
            assert hashlib.sha256(result.tobytes()).hexdigest() == expected["sha256"]


@pytest.mark.parametrize("expression", expressions.EXPRESSIONS)
def test_distribution_is_pytorchs(torch: Any, expression: str) -> None:
    ours = [expressions.draw(torch, expression, seed) for seed in expressions.SEEDS]
    assert ours == DISTRIBUTIONS[expression]

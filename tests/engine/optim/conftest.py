"""What the optimizer tests share: the engine as torch, and PyTorch's stored numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import torch_module

DATA = Path(__file__).resolve().parents[2] / "data" / "optim"


@pytest.fixture
def torch() -> Any:
    """The engine's torch module."""
    return torch_module.module()


def stored(name: str) -> Any:
    """A table that tools/optimizer_goldens.py wrote."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def trajectories_of_pytorch() -> Any:
    """PyTorch's optimizer runs."""
    return stored("trajectories")


@pytest.fixture(scope="session")
def rates_of_pytorch() -> Any:
    """PyTorch's schedules."""
    return stored("schedules")

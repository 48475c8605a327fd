"""Loaders and splits give PyTorch's items in PyTorch's order, and leave the stream where PyTorch leaves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import torch_module

from . import orders

STORED = json.loads((Path(__file__).resolve().parents[2] / "data" / "data_loading" / "orders.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("name", orders.CASES)
def test_order_is_pytorchs(name: str) -> None:
    assert orders.run(torch_module.module(), name) == STORED[name]

"""Calls that work and are then spoiled, argument by argument: what PyTorch refuses and in which words, and what it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import torch_module

from . import refusals

torch = torch_module.module()
TOLD: dict[str, dict[str, list[str] | None]] = json.loads((Path(__file__).parents[2] / "data/conformance/refusals.json").read_text())[
    "calls"
]


@pytest.mark.parametrize("name", TOLD)
def test_spoiled_calls_end_as_in_pytorch(name: str) -> None:
    different = {}
    for call, wanted in TOLD[name].items():
        got = refusals.outcome(torch, call)
        if got != wanted:
            different[call] = (wanted, got)
    assert not different


def test_most_of_the_calls_are_refused() -> None:
    every = [outcome for calls in TOLD.values() for outcome in calls.values()]
    assert len(every) > 1500
    assert sum(outcome is not None for outcome in every) > len(every) // 2

"""Writes between forward and backward: noticed where PyTorch has saved what was written to, and only there.

The answers are a real PyTorch's: inputs, indices, masks and targets overwritten before backward, writes by indices through views and
by masks of no dimension, gradients of gradients of factorizations, and attention as the one node that it is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .snippets import run

DATA = Path(__file__).parents[2] / "data/autograd/writes.json"
WRITES: list[dict[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))
NUMBER = re.compile(r"((?<![\w.])[-+]?\d+\.\d*(?:e[-+]?\d+)?)")


def _parts(printed: str) -> tuple[list[str], list[float]]:
    """The words, and the numbers among them."""
    split = NUMBER.split(printed)
    return split[::2], [float(number) for number in split[1::2]]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write["code"].split("\n", 1)[1].replace("\n", "; ")[:100])
def test_is_noticed_as_in_pytorch(write: dict[str, str]) -> None:
    outcome = run(write["code"])
    assert (outcome.error_type, outcome.error_text) == (write["error_type"], write["error_text"])
    (words, numbers), (their_words, theirs) = _parts(outcome.stdout), _parts(write["stdout"])
    assert words == their_words
    assert numbers == pytest.approx(theirs, rel=1e-3, abs=1e-4)

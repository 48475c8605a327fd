"""Recordings of scripts in half precision: the numbers are told by what they are, and kept as they lie in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.half.bfloat16 import narrow
from gradviz.recording.file.gvrec import load, save
from gradviz.recording.recording import Recording
from gradviz.recording.statistics import NAMES, measure

SCRIPT = """w = torch.tensor([1.1, -2.0, 0.0], dtype=torch.bfloat16, requires_grad=True)
y = w * 0.3
for step in range(4):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = (y.view(1, 3).float() @ torch.ones(3, 1)).sum()
    w.grad = None
    loss.backward(retain_graph=True)
"""


def numbers(recording: Recording) -> dict[str, list[list[float]]]:
    """The numbers of all values, by their dtypes."""
    found: dict[str, list[list[float]]] = {}
    for value in range(recording.value_count):
        array = recording.array(value)
        assert array is not None
        found.setdefault(recording.form(value)[1], []).append(array.ravel().tolist())
    return found


def test_values_are_numbers_of_bfloat16(record: Callable[..., Recording], tmp_path: Path) -> None:
    recording = record(SCRIPT)
    kept = numbers(recording)
    assert [1.1015625, -2.0, 0.0] in kept["bfloat16"]
    assert [0.330078125, -0.6015625, 0.0] in kept["bfloat16"]
    assert [0.30078125] * 3 in kept["bfloat16"]
    path = tmp_path / "halves.gvrec"
    save(recording, path)
    assert numbers(load(path)) == kept


def test_statistics_of_words() -> None:
    values = np.array([[1.5, -2.0, 0.0, 3.0]] * 2, np.float32)
    row: dict[str, Any] = dict(zip(NAMES, measure(narrow(values))[0].tolist(), strict=True))
    assert row == dict(zip(NAMES, measure(values)[0].tolist(), strict=True))

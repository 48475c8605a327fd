"""Numbers of bfloat16 are recorded as what they are: their words in the file, and readable to whoever looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gradviz.recording.event import Kind
from gradviz.recording.file.gvrec import load, save
from gradviz.recording.recording import Recording
from gradviz.running.recorded import record_text

SCRIPT = """
import torch
w = torch.tensor([1.0, -2.0, 0.3], requires_grad=True)
h = w.to(torch.bfloat16)
(h * 2).sum().backward()
"""


def cast(recording: Recording) -> int:
    """The event of the cast."""
    return next(int(k) for k in recording.events_of_kind(Kind.OP) if "bfloat16" in str(recording.event(int(k)).detail))


def test_numbers_and_types(tmp_path: Path) -> None:
    recording, _ = record_text("<script>", SCRIPT, silent=True)
    event = recording.event(cast(recording))
    assert event.detail["params"] == {"dtype": "bfloat16"}
    value = event.writes[0].value
    rounded = np.array([1.0, -2.0, 0.30078125], np.float32)
    assert recording.form(value) == ((3,), "bfloat16")
    assert np.array_equal(recording.array(value), rounded)
    assert recording.stats(value).minimum == -2.0
    save(recording, tmp_path / "words.gvrec")
    again = load(tmp_path / "words.gvrec")
    assert np.array_equal(again.array(value), rounded)
    assert again.form(value) == ((3,), "bfloat16")

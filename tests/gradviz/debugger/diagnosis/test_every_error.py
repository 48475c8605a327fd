"""All errors of PyTorch's autograd that were collected from a real PyTorch: explained, with the line, and with mends that mend."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from gradviz.debugger.diagnosis import Diagnosis, diagnose
from gradviz.debugger.session import Session
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.running.execute import run_recorded

SNIPPETS = json.loads((Path(__file__).parents[3] / "data/autograd/messages.json").read_text())
GROUPS = ("error", "inplace", "mode", "grad", "seed", "hook", "shape")
ELSEWHERE = ("device_mismatch_meta",)  # there are no other devices here
FAILING = [s for s in SNIPPETS if s["group"] in GROUPS and s["error_type"] and s["name"] not in ELSEWHERE]
HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def run(folder: Path, source: str) -> tuple[Session, str, int]:
    """(session, the error's text, its line)."""
    path = str(folder / "script.py")
    recorder = Recorder(path, source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns in some of them before it fails
        outcome = run_recorded(path, source, recorder)
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    return Session(recording), outcome.error_text, outcome.line


def mended(source: str, found: Diagnosis) -> str:
    assert found.fix is not None
    lines = source.splitlines()
    assert lines[found.fix.line - 1] == found.fix.before
    lines[found.fix.line - 1] = found.fix.after
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("snippet", FAILING, ids=lambda s: s["name"])
def test_pytorchs_error_is_explained_with_its_line_and_a_mend_that_works(snippet: dict[str, Any], tmp_path: Path) -> None:
    source = HEAD + snippet["code"]
    session, text, line = run(tmp_path, source)
    assert text == snippet["error_text"]
    found = diagnose(session, text, line)
    assert found is not None
    assert found.sentence
    assert "{" not in found.sentence
    assert found.advice or found.fix
    if found.event >= 0:
        assert session.trace.event(found.event).line > 0
    if found.fix is not None:
        _, again, _ = run(tmp_path, mended(source, found))
        assert again != text, f"still fails after: {found.fix.diff}"


def test_most_of_them_name_a_culprit_or_bring_a_mend(tmp_path: Path) -> None:
    told = [diagnose(*run(tmp_path, HEAD + s["code"])) for s in FAILING]
    assert len(told) >= 185
    assert sum(1 for d in told if d is not None and d.event >= 0) >= 160
    assert sum(1 for d in told if d is not None and d.fix is not None) >= 79


def test_an_error_that_is_not_of_autograd_is_left_alone(tmp_path: Path) -> None:
    session, text, line = run(tmp_path, "import torch\nraise ValueError('mine')\n")
    assert diagnose(session, text, line) is None

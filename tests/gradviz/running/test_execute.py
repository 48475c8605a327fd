"""A script that ran in this process leaves it as it was."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from engine.torch_module import VERSION
from gradviz.recording.recorder import Recorder
from gradviz.running.execute import run_recorded

SCRIPT = """
import torch
import torch.nn.functional as F
print(torch.__version__, F.relu(torch.tensor(-1.0)).item())
try:
    import torch._C
except ModuleNotFoundError:
    print("no other torch")
"""


def test_the_engine_is_called_torch_only_while_a_script_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = {name: ModuleType(name) for name in ("torch", "torch._C", "torch.nn")}
    for name in [name for name in sys.modules if name == "torch" or name.startswith("torch.")]:
        monkeypatch.delitem(sys.modules, name)
    for name, module in theirs.items():
        monkeypatch.setitem(sys.modules, name, module)
    outcome = run_recorded("script.py", SCRIPT, Recorder("script.py", SCRIPT))
    assert outcome.exit_code == 0, outcome.error_text
    assert capsys.readouterr().out == f"{VERSION} 0.0\nno other torch\n"
    assert {name: module for name, module in sys.modules.items() if name == "torch" or name.startswith("torch.")} == theirs

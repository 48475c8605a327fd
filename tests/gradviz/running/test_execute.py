"""A script that ran in this process leaves it as it was."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

import pytest

from engine.torch_module import VERSION
from gradviz.recording.recorder.recorder import Recorder
from gradviz.running.execute import run_recorded
from gradviz.running.overrides import ZeroGrad

SCRIPT = """
import torch
import torch.nn.functional as F
print(torch.__version__, F.relu(torch.tensor(-1.0)).item())
try:
    import torch._inductor
except ModuleNotFoundError:
    print("no other torch")
"""


BATCHES = """
import torch, weakref
batches = []
for step in range(3):
    batch = torch.ones(2)
    batches.append(weakref.ref(batch))
del batch
print(sum(batch() is not None for batch in batches))
"""


def test_a_what_if_keeps_no_batch_alive_that_the_script_lets_go(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_recorded("script.py", BATCHES, Recorder("script.py", BATCHES), (ZeroGrad("each"),)).exit_code == 0
    assert capsys.readouterr().out == "0\n"


SUSPENDED = """
def batches():
    try:
        for k in range(3):
            yield k
    finally:
        print("closed")

class Noisy:
    def __del__(self):
        for k in range(2):
            last = k
        print("gone", last)

left = batches(), Noisy()
print(next(left[0]))
"""


def test_what_a_script_leaves_suspended_ends_as_in_python(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_recorded("script.py", SUSPENDED, Recorder("script.py", SUSPENDED)).exit_code == 0
    gc.collect()  # as when the process ends
    out, err = capfd.readouterr()
    assert (sorted(out.split("\n")), err) == (["", "0", "closed", "gone 1"], "")


def test_the_engine_is_called_torch_only_while_a_script_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = {name: ModuleType(name) for name in ("torch", "torch._inductor", "torch.nn")}
    for name in [name for name in sys.modules if name == "torch" or name.startswith("torch.")]:
        monkeypatch.delitem(sys.modules, name)
    for name, module in theirs.items():
        monkeypatch.setitem(sys.modules, name, module)
    outcome = run_recorded("script.py", SCRIPT, Recorder("script.py", SCRIPT))
    assert outcome.exit_code == 0, outcome.error_text
    assert capsys.readouterr().out == f"{VERSION} 0.0\nno other torch\n"
    assert {name: module for name, module in sys.modules.items() if name == "torch" or name.startswith("torch.")} == theirs


def test_a_traceback_has_no_frame_that_the_engine_wrote_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    text = "import torch\nh = torch.ones(2, requires_grad=True).sigmoid()\nh[:1].mul_(2)\nh.sum().backward()\n"
    assert run_recorded("script.py", text, Recorder("script.py", text)).exit_code == 1
    told = capsys.readouterr().err
    assert told.count("  File ") == 1
    assert 'File "script.py", line 4' in told

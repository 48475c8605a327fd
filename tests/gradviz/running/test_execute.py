"""A script that ran in this process leaves it as it was."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

import pytest

from engine.torch_module import VERSION
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
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


CHECKED = """
import torch
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s
    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        slope = s + x * s * (1 - s)
        return g * slope
def f(x, w):
    h = Swish.apply(x @ w)
    for k in range(2):
        h = h + 0.1
    return h.pow(2).sum(1)
x = torch.ones(4, 5, dtype=torch.double, requires_grad=True)
w = torch.ones(5, 2, dtype=torch.double, requires_grad=True)
for step in range(3):
    print(torch.autograd.gradcheck(f, (x, w)))
    f(x, w).sum().backward()
print(x.grad[0, 0].item() > 0)
"""


def test_of_a_gradcheck_one_call_of_the_function_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder("script.py", CHECKED)
    outcome = run_recorded("script.py", CHECKED, recorder)
    assert outcome.exit_code == 0, outcome.error_text
    assert capsys.readouterr().out == "True\n" * 4
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    products = [event for event in recording if event.kind == Kind.OP and event.detail.get("op") == "mm"]
    assert len(products) == 6, "in each step one of the check and one of the script: not two for each of 30 numbers"
    passes = sum(event.kind == Kind.BACKWARD_BEGIN for event in recording)
    assert passes == 3 * (4 + 1), "one for each number of the result, and that of the script"
    assert {site.name for site in recording.sites if site.op == "add"} >= {"h"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from torch.nn import Liner", ("cannot import name 'Liner' from 'torch.nn'", "The nearest that exists is torch.nn.Linear.")),
        ("import torch.nn.functionl as F", ("No module named 'torch.nn.functionl'", "The nearest that exists is torch.nn.functional.")),
        ("import torch.fx", ("No module named 'torch.fx': torch.fx is PyTorch's, and gradviz's engine does not have it.",)),
        (
            "from torch import masked",
            ("cannot import name 'masked' from 'torch'", "torch.masked is PyTorch's, and gradviz's engine does not have it."),
        ),
    ],
)
def test_what_cannot_be_imported_is_told_with_what_there_is(line: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_recorded("script.py", line, Recorder("script.py", line)).exit_code == 1
    told = capsys.readouterr().err
    assert all(each in told for each in words)
    assert "engine/" not in told and "'engine." not in told  # our modules have PyTorch's names

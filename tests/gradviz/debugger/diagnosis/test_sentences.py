"""Errors that users meet: the diagnosis names the culprit and its line, and the fix, applied to the script, makes it run."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.diagnosis import Diagnosis, diagnose, out_of_place
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.running.execute import run_recorded


def run(folder: Path, source: str) -> tuple[Session, Diagnosis | None, str]:
    """The session, the diagnosis, and the error's text ("" where there was none)."""
    path = str(folder / "script.py")
    recorder = Recorder(path, source)
    outcome = run_recorded(path, source, recorder)
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    session = Session(recording)
    return session, diagnose(session, outcome.error_text, outcome.line) if outcome.error_text else None, outcome.error_text


def mended(source: str, diagnosis: Diagnosis) -> str:
    assert diagnosis.fix is not None
    lines = source.splitlines()
    assert lines[diagnosis.fix.line - 1] == diagnosis.fix.before
    lines[diagnosis.fix.line - 1] = diagnosis.fix.after
    return "\n".join(lines) + "\n"


FIXED = {
    "saved, then written by +=": (
        "import torch\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nz = y * y\ny += 1\nz.sum().backward()\n",
        "in-place write",
        ["MulBackward0 (line 4) kept y", "the in-place add in line 5 overwrote it", "backward() in line 6"],
    ),
    "saved, then written by a method": (
        "import torch\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\ny.mul_(2)\ny.sum().backward()\n",
        "in-place write",
        ["ExpBackward0 (line 3) kept y", "line 4"],
    ),
    "saved, then a part of it assigned": (
        "import torch\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\ny[0] = 0\ny.sum().backward()\n",
        "in-place write",
        ["ExpBackward0 (line 3) kept y", "the assignment to a part of it in line 4 overwrote it"],
    ),
    "saved, then written through a view": (
        "import torch\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nfirst = y[:1]\nfirst *= 2\ny.sum().backward()\n",
        "in-place write",
        ["ExpBackward0 (line 3) kept y", "the in-place mul in line 5 overwrote it"],
    ),
    "saved, then written by a function with inplace=True": (
        "import torch\nimport torch.nn.functional as F\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nF.dropout(y, 0.3, inplace=True)\ny.sum().backward()\n",
        "in-place write",
        ["ExpBackward0 (line 4) kept y", "inplace=True in line 5 overwrote it"],
    ),
    "saved, then written by a layer with inplace=True": (
        "import torch\nact = torch.nn.ReLU(inplace=True)\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nz = act(y)\nz.sum().backward()\n",
        "in-place write",
        ["ExpBackward0 (line 4) kept", "the in-place relu in line 5 overwrote it"],
    ),
    "data of numpy that a layer reads": (
        "import numpy as np\nimport torch\nx = torch.from_numpy(np.ones((2, 3)))\ny = torch.from_numpy(np.ones(2))\nlayer = torch.nn.Linear(3, 1)\nz = layer(x)\n",
        "dtypes differ",
        ["Line 6 brings numbers of two dtypes together: x (line 3) is float64"],
    ),
    "a second backward": (
        "import torch\nw = torch.ones(2, requires_grad=True)\nloss = (w ** 2).sum()\nloss.backward()\nloss.backward()\n",
        "graph freed",
        ["backward() in line 4 freed what PowBackward0 (line 3) had saved", "line 5 needs it again"],
    ),
    "detached": (
        "import torch\nw = torch.ones(2, requires_grad=True)\nh = (w * 2).detach()\nloss = h.sum()\nloss.backward()\n",
        "no history",
        ["loss has no history", "detach"],
    ),
    "under no_grad": (
        "import torch\nw = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    h = w * 2\nloss = h.sum()\nloss.backward()\n",
        "no history",
        ["loss has no history", "no_grad"],
    ),
    "no leaf requires grad": (
        "import torch\nw = torch.ones(2)\nloss = (w * 2).sum()\nloss.backward()\n",
        "no history",
        ["loss is computed from w only, and none of them requires grad"],
    ),
    "not a scalar": (
        "import torch\nw = torch.ones(3, requires_grad=True)\ny = w * 2\ny.backward()\n",
        "not scalar",
        ["y is a tensor of shape (3,)", "vector-Jacobian product"],
    ),
    "a leaf in place": (
        "import torch\nw = torch.ones(3, requires_grad=True)\nw += 1\n(w * 2).sum().backward()\n",
        "leaf in place",
        ["A leaf that requires grad is overwritten in line 3"],
    ),
    "numpy of what has a history": (
        "import torch\nw = torch.ones(3, requires_grad=True)\ny = w * 2\na = y.numpy()\n",
        "numpy",
        ["the history has to be cut first"],
    ),
    "an integer leaf": (
        "import torch\nw = torch.tensor([1, 2], requires_grad=True)\n(w * 2).sum().backward()\n",
        "integer leaf",
        ["Whole numbers have no slope"],
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_the_culprit_is_named_and_the_fix_works(tmp_path: Path, name: str) -> None:
    source, cause, words = FIXED[name]
    _, diagnosis, _ = run(tmp_path, source)
    assert diagnosis is not None
    assert diagnosis.cause == cause
    for each in words:
        assert each in diagnosis.sentence
    _, _, error = run(tmp_path, mended(source, diagnosis))
    assert error == ""


def test_an_optimizer_step_between_two_backwards_is_found_as_the_writer(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(2, 2, requires_grad=True)\nv = torch.ones(2, 2, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w, v], lr=0.1)\nx = torch.ones(1, 2)\nloss = ((x @ w) @ v).sum()\n"
        "loss.backward(retain_graph=True)\noptimizer.step()\nloss.backward()\n"
    )
    session, diagnosis, _ = run(tmp_path, source)
    assert diagnosis is not None
    assert "SGD.step() in line 8 overwrote it" in diagnosis.sentence
    assert "Compute the loss again" in diagnosis.advice
    assert session.recording.event(diagnosis.event).line == 8


def test_weights_that_a_whole_lstm_keeps_are_those_of_its_line(tmp_path: Path) -> None:
    source = (
        "import torch\nlstm = torch.nn.LSTM(3, 4)\nhead = torch.nn.Linear(4, 1)\n"
        "optimizer = torch.optim.SGD([*lstm.parameters(), *head.parameters()], lr=0.1)\nstate = None\nfor _ in range(2):\n"
        "    out, state = lstm(torch.ones(5, 2, 3), state)\n    loss = head(out[-1]).sum()\n    optimizer.zero_grad()\n"
        "    loss.backward(retain_graph=True)\n    optimizer.step()\n"
    )
    _, diagnosis, error = run(tmp_path, source)
    assert "[torch.FloatTensor [16, 3]] is at version 2" in error
    assert diagnosis is not None
    assert "MkldnnRnnLayerBackward0 (line 7) kept weight_ih_l0 for the backward pass" in diagnosis.sentence
    assert "by what line 7 takes over" in diagnosis.sentence


def test_a_hidden_state_that_is_carried_over_is_told_as_such(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nh = torch.zeros(2)\nfor step in range(3):\n"
        "    h = (h + w).tanh()\n    loss = h.sum()\n    loss.backward()\n"
    )
    _, diagnosis, _ = run(tmp_path, source)
    assert diagnosis is not None
    assert "takes h over from an earlier turn of the loop" in diagnosis.sentence
    assert "detach()" in diagnosis.advice


def test_errors_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    assert run(tmp_path, "import torch\nx = {}['missing']\n")[1] is None


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("    y += 1", "    y = y + 1"),
        ("y *= a + b", "y = y * (a + b)"),
        ("y.add_(1)", "y = y.add(1)"),
        ("  x.relu_()", "  x = x.relu()"),
        ("f(y)", ""),
    ],
)
def test_a_statement_without_its_in_place_write(line: str, after: str) -> None:
    assert out_of_place(line) == after


@pytest.mark.parametrize(
    ("written", "wanted"), [("first = y[:1]\nfirst *= 2", (2.0, 1.0)), ("y[:1] *= 2", (2.0, 1.0)), ("y[0] = 0", (0.0, 1.0))]
)
def test_the_change_keeps_what_the_write_means_for_the_tensor_that_it_is_a_part_of(
    tmp_path: Path, written: str, wanted: tuple[float, float]
) -> None:
    source = f"import torch\nw = torch.zeros(2, requires_grad=True)\ny = w.exp()\n{written}\ny.sum().backward()\n"
    _, diagnosis, _ = run(tmp_path, source)
    assert diagnosis is not None
    session, _, error = run(tmp_path, mended(source, diagnosis))
    assert not error
    grads = [event for event in map(session.trace.event, range(session.length)) if event.kind == Kind.ACCUMULATE]
    array = session.recording.array(grads[-1].writes[0].value)
    assert array is not None
    assert tuple(array.tolist()) == wanted


def test_what_the_engine_lacks_is_no_misspelling(tmp_path: Path) -> None:
    diagnosis = run(tmp_path, "import torch\nx = torch.ones(2)\ny = x.to_mkldnn()\n")[1]
    assert diagnosis is not None and diagnosis.fix is None
    assert diagnosis.sentence == "Line 3 is right in PyTorch: to_mkldnn is not one of the things that gradviz can do."

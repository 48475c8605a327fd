"""Errors of optimizers, scalers, loaded states and layers: the line to change is named, and the fix, applied to the script, makes it run."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.diagnosis import diagnose
from gradviz.debugger.session import Session
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.running.execute import run_recorded

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"

LOOP = """\
model = nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
for _ in range(3):
    optimizer.zero_grad()
    loss = model(torch.ones(4, 3)).pow(2).mean()
    {backward}
    scaler.step(optimizer)
    {end}
"""

FIXED = {
    "a loss that no scaler has scaled": (LOOP.format(backward="loss.backward()", end="scaler.update()"), 10, "line 10 goes backward with the loss as it is"),
    "a scaler without update()": (LOOP.format(backward="scaler.scale(loss).backward()", end="print(loss.item())"), 11, "scaler.step() in line 11 is followed by no scaler.update()"),
    "a hook and a layer in place": (
        "net = nn.Sequential(nn.Linear(3, 4),\n    nn.ReLU(inplace=True))\nnet[0].register_full_backward_hook(lambda m, i, o: None)\nnet(torch.ones(2, 3, requires_grad=True)).sum().backward()\n",
        5,
        "a full backward hook (line 6)",
    ),
    "an embedding that shortens its rows": (
        "emb = nn.Embedding(5, 4, max_norm=0.1)\nx = torch.ones(2, 4, requires_grad=True)\nall = x @ emb.weight.t()\nown = emb(torch.tensor([0, 1]))\n(all.sum() + own.sum()).backward()\n",
        6,
        "The embedding of line 4 has a max_norm",
    ),
    "a batch of one sample, squeezed": (
        "net = nn.Linear(3, 1)\nfor x in torch.ones(5, 3).split(2):\n    out = net(x).squeeze()\n    F.binary_cross_entropy_with_logits(out, torch.ones(len(x))).backward()\n",
        6,
        "also that of the samples",
    ),
    "masks with a channel": ("out = torch.zeros(2, 3, 4, 4, requires_grad=True)\nmasks = torch.zeros(2, 1, 4, 4).long()\nF.cross_entropy(out, masks).backward()\n", 6, "one class number for each pixel"),
    "actions without a column": ("q = torch.zeros(4, 2, requires_grad=True)\nactions = torch.tensor([0, 1, 1, 0])\nq.gather(1, actions).sum().backward()\n", 6, "(samples, 1)"),
    "a kernel of equal points": (
        "x = torch.tensor([0.0, 0.0, 1.0], requires_grad=True)\nk = torch.exp(-((x[:, None] - x) ** 2))\ntorch.linalg.cholesky(k).sum().backward()\n",
        6,
        "rows that are alike",
    ),
    "a batch norm of the channels before": ("net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(3))\nnet(torch.ones(2, 3, 5, 5)).sum().backward()\n", 4, "made for 3 channels, and gets 8"),
    "a layer norm of another width": ("norm = nn.LayerNorm(4)\nx = torch.ones(2, 5, requires_grad=True)\nnorm(x).sum().backward()\n", 4, "made for 4 numbers in the last dimension, and was given 5"),
    "sentences in any order": (
        "from torch.nn.utils.rnn import pack_padded_sequence\nx = torch.ones(2, 3, 1, requires_grad=True)\npacked = pack_padded_sequence(x, torch.tensor([1, 3]), batch_first=True)\npacked.data.sum().backward()\n",
        6,
        "from the longest to the shortest",
    ),
    "self before a layer": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 1)\n    def forward(self, x):\n        return fc(x)\nNet()(torch.ones(2, 3)).sum().backward()\n",
        9,
        "Net keeps fc as self.fc (line 7)",
    ),
    "self among the arguments": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 1)\n    def forward(x):\n        return self.fc(x)\nNet()(torch.ones(2, 3)).sum().backward()\n",
        8,
        "has no self among its arguments",
    ),
    "step of a loss": (
        "w = torch.ones(2, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\nloss = w.sum()\nloss.backward()\noptimizer.step(loss)\n",
        8,
        "takes loss for a closure",
    ),
}  # fmt: skip

TOLD = {
    "parameters in two groups": ("model = nn.Sequential(nn.Linear(2, 2))\ntorch.optim.SGD([{'params': model.parameters()}, {'params': model[0].parameters()}], lr=0.1)\n", 5, "hold the same parameters"),
    "a state of other sizes": ("a, b = nn.Linear(2, 3), nn.Linear(2, 4)\nb.load_state_dict(a.state_dict())\n", 5, "has weight of shape [3, 2], and in this Linear it has shape [4, 2]"),
    "a state of other names": ("a, b = nn.Sequential(nn.Linear(2, 3)), nn.Linear(2, 3)\nb.load_state_dict(a.state_dict())\n", 5, "does not have weight, and has 0.weight"),
    "a state of another optimizer": (
        "a, b = nn.Linear(2, 3), nn.Linear(2, 3, bias=False)\none, two = (torch.optim.Adam(m.parameters()) for m in (a, b))\ntwo.load_state_dict(one.state_dict())\n",
        6,
        "another number of parameters",
    ),
    "a state of another batch": ("rnn = nn.GRU(2, 3)\nrnn(torch.ones(4, 1, 2), torch.zeros(1, 5, 3))[0].sum().backward()\n", 5, "has shape (1, 5, 3), and its batch wants (1, 1, 3)"),
    "weights of other classes": ("x = torch.zeros(2, 3, requires_grad=True)\nF.cross_entropy(x, torch.tensor([0, 1]), weight=torch.ones(2)).backward()\n", 5, "has 2 weights, and the logits have 3 classes"),
    "probabilities that overflow": ("w = torch.tensor([1000.0, 1.0], requires_grad=True)\np = w.exp() / w.exp().sum()\ntorch.multinomial(p, 1)\n", 6, "hold nan, inf or a negative number"),
    "an action that there is not": (
        "x = torch.zeros(2, 3, requires_grad=True)\ntorch.distributions.Categorical(logits=x).log_prob(torch.tensor([0, 3])).sum().backward()\n",
        5,
        "values that a Categorical cannot give",
    ),
    "a layer of half precision": ("net = nn.Linear(2, 1)\nnet.half()\nnet(torch.ones(3, 2)).sum().backward()\n", 5, "line 5 makes parameters float16"),
}  # fmt: skip


def run(folder: Path, source: str) -> tuple[Session, str, int]:
    path = str(folder / "script.py")
    recorder = Recorder(path, source)
    outcome = run_recorded(path, source, recorder)
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    return Session(recording), outcome.error_text, outcome.line


@pytest.mark.parametrize("name", FIXED)
def test_the_fix_makes_the_script_run(name: str, tmp_path: Path) -> None:
    source, line, words = FIXED[name]
    source = HEAD + source
    session, text, failed = run(tmp_path, source)
    found = diagnose(session, text, failed)
    assert found is not None
    assert words in found.sentence
    assert found.fix is not None
    assert found.fix.line == line
    lines = source.splitlines()
    assert lines[line - 1] == found.fix.before
    lines[line - 1] = found.fix.after
    assert run(tmp_path, "\n".join(lines) + "\n")[1] == ""


@pytest.mark.parametrize("name", TOLD)
def test_the_cause_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    source, line, words = TOLD[name]
    session, text, failed = run(tmp_path, HEAD + source)
    found = diagnose(session, text, failed)
    assert found is not None
    assert words in found.sentence
    assert found.advice
    assert (found.line or line) == line


def test_a_name_that_is_nowhere_is_left_to_its_own_words(tmp_path: Path) -> None:
    source = (
        HEAD
        + "class Net(nn.Module):\n    def forward(self, x):\n        return fc(x)\nNet()(torch.ones(2, requires_grad=True)).sum().backward()\n"
    )
    session, text, failed = run(tmp_path, source)
    assert diagnose(session, text, failed) is None

"""Whole scripts, recorded, opened as graphs, exported as code and run under PyTorch: the same losses at each step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.document.script.code import to_code
from tests.gradviz.document.test_edit_as_graph import opened

SCRIPTS: dict[str, str] = {
    "transformer": """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
V, D, T = 11, 8, 5
emb = nn.Embedding(V, D)
pos = nn.Parameter(torch.randn(T, D) * 0.1)
layer = nn.TransformerEncoderLayer(D, 2, 16, dropout=0.0, batch_first=True)
head = nn.Linear(D, V)
ids = torch.randint(0, V, (3, T))
target = torch.roll(ids, -1, dims=1)
mask = nn.Transformer.generate_square_subsequent_mask(T)
params = [*emb.parameters(), pos, *layer.parameters(), *head.parameters()]
opt = torch.optim.AdamW(params, lr=0.01)
for step in range(4):
    h = emb(ids) + pos
    h = layer(h, src_mask=mask)
    logits = head(h)
    loss = F.cross_entropy(logits.view(-1, V), target.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
""",
    "convolution": """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(4)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3))
x = torch.randn(10, 1, 4, 4)
y = torch.randint(0, 3, (10,))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(3):
    net.train()
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(x).argmax(1) == y).float().mean()
    print(epoch, loss.item())
""",
    "rnn": """import torch
from torch import nn
torch.manual_seed(3)
cell = nn.RNNCell(3, 4)
out = nn.Linear(4, 1)
xs = torch.randn(12, 2, 3)
ys = torch.randn(12, 2, 1)
h = torch.zeros(2, 4)
opt = torch.optim.SGD([*cell.parameters(), *out.parameters()], lr=0.1)
for k in range(0, 12, 4):
    h = h.detach()
    loss = 0.0
    for t in range(k, k + 4):
        h = cell(xs[t], h)
        loss = loss + ((out(h) - ys[t]) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(k, loss.item())
""",
    "accum": """import torch
from torch import nn
torch.manual_seed(7)
x = torch.randn(12, 3)
y = torch.randn(12, 1)
net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for i in range(4):
        xb, yb = x[i*3:(i+1)*3], y[i*3:(i+1)*3]
        loss = ((net(xb) - yb) ** 2).mean() / 2
        loss.backward()
        print(epoch, loss.item())
        if (i + 1) % 2 == 0:
            opt.step()
            opt.zero_grad()
""",
    "parts": """import torch
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
x = torch.randn(4, 3)
y = torch.randn(4)
opt = torch.optim.SGD([w], lr=0.05)
for step in range(4):
    states = torch.zeros(4)
    for k in range(4):
        states[k] = torch.tanh(x[k] @ w)
    h = x * w
    h[:, 0] = 0
    first = h[0]
    h[0] += 1
    h[1].mul_(2)
    loss = ((states - y) ** 2).mean() + h.sum() * first.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
""",
    "frozen": """import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(3, 4), nn.Linear(4, 1)
for p in body.parameters():
    p.requires_grad = False
x = torch.randn(5, 3)
shift = torch.zeros(4).requires_grad_()
opt = torch.optim.SGD([*body.parameters(), *head.parameters(), shift], lr=0.1, weight_decay=0.1)
for k in range(4):
    loss = (head(torch.tanh(body(x)) + shift) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(k, loss.item())
""",
    "left early": """import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(10)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = 3 * x + 1 + 0.1 * torch.randn(x.size())
loader = DataLoader(TensorDataset(x, y), batch_size=5, shuffle=False)
net = nn.Linear(1, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for k, (xb, yb) in enumerate(loader):
        loss = ((net(xb) - yb) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        print(epoch, loss.item())
        if k == 2:
            break
""",
}  # fmt: skip
# what is told of them
LEFT = {
    "convolution": "ran after a step of the training",
    "rnn": "which a step hands on to the next",
}
RUN = """import contextlib, glob, io, runpy
for file in sorted(glob.glob("[0-9]*.py")):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(file)
    print(*[line.replace(",", " ").split()[1] for line in said.getvalue().splitlines() if line[:1].isdigit()])
"""


@pytest.mark.torch
def test_scripts_of_every_kind_have_their_losses_when_they_are_exported(tmp_path: Path) -> None:
    for k, (name, text) in enumerate(SCRIPTS.items()):
        made, ran = opened(text)
        assert not ran.problems and (LEFT[name] in made.left_out[0] if name in LEFT else made.left_out == ()), name
        (tmp_path / f"{k}_script.py").write_text(text)
        (tmp_path / f"{k}_made.py").write_text(to_code(made.document, ran.loss, train=True).text)
    (tmp_path / "all.py").write_text(RUN)
    said = subprocess.run([sys.executable, "all.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True).stdout
    rows = [[float(n) for n in line.split()] for line in said.splitlines()]
    assert len(rows) == 2 * len(SCRIPTS) and all(len(row) >= 3 for row in rows)
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)

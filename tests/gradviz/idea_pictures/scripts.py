"""Scripts whose pictures are tested, recorded once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gradviz.debugger.session import Session
from gradviz.lessons.record import record_here
from gradviz.recording.recording import Recording

LINE = """\
import torch
torch.manual_seed(0)
x = torch.linspace(-1, 1, 16)
t = 2 * x - 0.5
w = torch.tensor(-1.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.3)
for epoch in range(8):
    opt.zero_grad()
    loss = ((w * x + b - t) ** 2).mean()
    loss.backward()
    opt.step()
"""

PARTED = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for epoch in range(3):
    a, b = w.chunk(2)
    loss = (b * b).sum() + a.sum()
    loss.backward()
"""

XOR = """\
import torch
import torch.nn as nn
torch.manual_seed(1)
x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.1)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(40):
    opt.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    opt.step()
"""

THREE = """\
import torch
import torch.nn as nn
torch.manual_seed(2)
x = torch.randn(12, 2)
y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
model = nn.Linear(2, 3)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(6):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
"""

BY_HAND = """\
import torch
w = torch.tensor([1.0, -2.0], requires_grad=True)
for epoch in range(4):
    loss = (w ** 2).sum() + 3 * w[0]
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""

TWO_WAYS = """\
import torch
a = torch.tensor(2.0, requires_grad=True)
b = a * a
c = b + 3 * a
d = c * b
d.backward()
"""

VECTOR = """\
import torch
x = torch.tensor([1.0, -2.0, 0.0, 3.0], requires_grad=True)
h = torch.relu(x)
s = torch.softmax(x, 0)
y = (h * s).sum()
y.backward()
m = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v = torch.tensor([1.0, -1.0])
z = ((m @ v) + torch.tensor([10.0, 20.0])).sum()
z.backward()
k = torch.ones(3, requires_grad=True)
q = (torch.arange(6.0).reshape(2, 3) * k).mean()
q.backward()
"""

IN_PLACE = """\
import torch
w = torch.ones(2, 2, requires_grad=True)
for epoch in range(3):
    h = w * 2
    h += 1
    loss = (h * 3).sum()
    loss.backward()
"""

RATE = """\
import torch
start = torch.tensor([2.0])
w = start.clone().requires_grad_()
opt = torch.optim.SGD([w], lr=1.1)
for step in range(6):
    opt.zero_grad()
    (w ** 2).sum().backward()
    opt.step()
"""

LOOPS = """\
import torch
slow = torch.tensor([2.0], requires_grad=True)
wild = torch.tensor([2.0], requires_grad=True)
opt = torch.optim.SGD([slow], lr=0.1)
for step in range(3):
    opt.zero_grad()
    (slow ** 2).sum().backward()
    opt.step()
opt = torch.optim.SGD([wild], lr=1.1)
for step in range(3):
    opt.zero_grad()
    (wild ** 2).sum().backward()
    opt.step()
"""

BEHIND = """\
import torch
x = torch.tensor([3.0], requires_grad=True)
h = x * 2
y = (h * h).sum()
h.data.mul_(10)
y.backward()
"""

PLAIN = "import torch\na = torch.ones(3)\nb = a * 2\n"


@cache
def recording(source: str) -> Recording:
    """A recording of a script."""
    return record_here(Path("pictures.py"), source)


def opened(source: str) -> Session:
    """A session at the end of a recording."""
    made = Session(recording(source))
    made.to_end()
    return made

"""Sessions of recorded scripts for tests of the panels."""

from __future__ import annotations

from gradviz.debugger.session import Session
from gradviz.running.recorded import record_text

LESSON = """import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x + 2
z = y * y * 2
z = z.mean()
z.backward()
A = torch.tensor([[1.0, -2.0], [0.5, 4.0], [2.0, 3.0]], requires_grad=True)
b = torch.tensor([0.5, -1.0], requires_grad=True)
s = ((A + b) ** 2).sum()
s.backward()
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
zeroed = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (zeroed * 3).sum()
    out.backward()
    zeroed.grad.zero_()
trained = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([trained], lr=0.1)
for epoch in range(3):
    loss = ((trained * 3 - 1) ** 2).sum()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
"""


def record(source: str) -> Session:
    """Run a script as the commands do, without its output."""
    return Session(record_text("script.py", source, silent=True)[0])


def nth(session: Session, kind: str, count: int) -> int:
    """The index of the count-th event of a kind."""
    return [event.index for event in session.recording if event.kind.name == kind][count]


def node_of(session: Session, title: str) -> int:
    """The id of the node with that title."""
    return next(node.id for node in session.graph().nodes if node.title == title)

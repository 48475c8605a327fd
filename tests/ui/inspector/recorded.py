"""Real sessions for tests of the panels: scripts recorded on the engine, with the names and loops that a run tells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from engine import events
from engine.torch_module import module
from gradviz.debugger.session import Session
from gradviz.recording.recorder import Recorder
from gradviz.recording.recording import Recording

LESSON = """
x = name("x", torch.tensor([1.0, 2.0, 3.0], requires_grad=True))
y = name("y", x + 2)
z = name("z", y * y * 2)
z = name("z", z.mean())
z.backward()
A = name("A", torch.tensor([[1.0, -2.0], [0.5, 4.0], [2.0, 3.0]], requires_grad=True))
b = name("b", torch.tensor([0.5, -1.0], requires_grad=True))
s = name("s", ((A + b) ** 2).sum())
s.backward()
weights = name("weights", torch.ones(3, requires_grad=True))
for epoch in loop(3):
    out = name("out", (weights * 3).sum())
    out.backward()
weights = name("zeroed", torch.ones(3, requires_grad=True))
for epoch in loop(3):
    out = name("out", (weights * 3).sum())
    out.backward()
    weights.grad.zero_()
weights = name("trained", torch.ones(3, requires_grad=True))
optimizer = torch.optim.SGD([weights], lr=0.1)
for epoch in loop(3):
    loss = name("loss", ((weights * 3 - 1) ** 2).sum())
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
"""


def record(source: str) -> Session:
    """Run a script; `name(text, tensor)` binds a variable, `loop(n)` is `range(n)` that the recorder sees."""
    recorder = Recorder("script.py", source)
    loops = 0

    def name(text: str, tensor: Any) -> Any:
        recorder.bind_name(text, tensor, sys._getframe(1).f_lineno)
        return tensor

    def loop(count: int) -> Iterator[int]:
        nonlocal loops
        loops += 1
        number = loops
        recorder.loop_enter(number, sys._getframe(1).f_lineno)
        for k in range(count):
            recorder.loop_iteration(number)
            yield k
        recorder.loop_exit(number)

    with events.watch(recorder):
        exec(compile(source, "script.py", "exec"), {"torch": module(), "name": name, "loop": loop})
    recording = Recording()
    recording.append_chunk(recorder.drain())
    return Session(recording)


def nth(session: Session, kind: str, count: int) -> int:
    """The index of the count-th event of a kind."""
    return [event.index for event in session.recording if event.kind.name == kind][count]


def node_of(session: Session, title: str) -> int:
    """The id of the node with that title."""
    return next(node.id for node in session.graph().nodes if node.title == title)

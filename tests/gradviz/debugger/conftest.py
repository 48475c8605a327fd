"""Scripts, recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradviz.debugger.session import Session
from gradviz.recording.recording import Recording
from gradviz.running.recorded import record_text

Open = Callable[[str], Session]


def record(source: str) -> Recording:
    """Run a script as the commands do, without its output; an error of the script is in the recording."""
    return record_text("script.py", source, silent=True)[0]


@pytest.fixture
def open_script() -> Open:
    """A session of a script's recording."""
    return lambda source: Session(record(source))


BASICS = """import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x + 2
z = y * y * 2
z = z.mean()
z.backward()
print(x.grad)
"""

LOOPS = """import torch
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (weights * 3).sum()
    out.backward()
    weights.grad.zero_()
"""


@pytest.fixture
def basics(open_script: Open) -> Session:
    """The first section of the lesson: x, y = x + 2, z = y * y * 2, its mean, backward."""
    return open_script(BASICS)


@pytest.fixture
def loops(open_script: Open) -> Session:
    """The lesson's two loops: `.grad` accumulates, and is zeroed."""
    return open_script(LOOPS)

"""What grows with the size of a graph: time for each op up to 100,000 in one graph, and the memory that a step takes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.torch_module import module as engine_torch

from ..row import Row

FEW, MANY = 1_000, 100_000
LINEAR, MEMORY = 1.3, 1.2
_ROOT = Path(__file__).parents[2]

# Set-up and step; the tensors are large enough to be seen beside the interpreter.
_STEPS = {
    "W5": (
        "v = torch.randn(4_000_000, requires_grad=True)",
        "t = v\nfor _ in range(10):\n    t = (t * 1.01 + 0.1).tanh()\nt.sum().backward()",
    ),
    "W3 x 16": (
        "model = torch.nn.Sequential(torch.nn.Linear(784, 2048), torch.nn.ReLU(), torch.nn.Linear(2048, 10))\n"
        "X, Y = torch.randn(2048, 784), torch.randint(0, 10, (2048,))",
        "torch.nn.functional.cross_entropy(model(X), Y).backward()",
    ),
}
_CHILD = """
import re, sys
sys.path.insert(0, sys.argv[1])
{load}
torch.set_num_threads(1)
(torch.randn(500, 500) @ torch.randn(500, 500)).sum()  # what is loaded, and taken for good, at the first call
{setup}
open("/proc/self/clear_refs", "w").write("5")  # the peak starts here
status = lambda key: int(re.search(key + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
before = status("VmRSS")
{step}
print(status("VmHWM") - before)
"""


def _chain(torch: Any, ops: int) -> float:
    v = torch.ones(8, requires_grad=True)
    begun = time.process_time()
    t = v
    for _ in range(ops // 2):
        t = t * 1.001
        t = t + 0.1
    t.sum().backward()
    return (time.process_time() - begun) / ops


def linear() -> Row:
    """Processor time of an op in a graph of 100,000 over the same in one of 1,000."""
    torch = engine_torch()
    few = min(_chain(torch, FEW) for _ in range(20))
    many = min(_chain(torch, MANY) for _ in range(3))
    ratio = many / few
    name = f"engine/{MANY:,} ops, each"
    return Row(name, f"{many * 1e6:.2f} µs", f"{few * 1e6:.2f} µs of {FEW:,}", ratio, f"≤ {LINEAR:g}", ratio <= LINEAR)


def _peak(load: str, setup: str, step: str) -> int | None:
    """Megabytes that a step takes at most, in a process of its own; None where it fails."""
    text = _CHILD.format(load=load, setup=setup, step=step)
    done = subprocess.run([sys.executable, "-c", text, str(_ROOT)], capture_output=True, text=True, check=False)
    return int(done.stdout) // 1024 if done.returncode == 0 else None


def memory() -> Iterator[Row]:
    """The peak of a step that nobody records."""
    for name, program in _STEPS.items():
        ours = _peak("from engine.torch_module import module; torch = module()", *program)
        peer = _peak("import torch", *program)
        assert ours is not None
        row = f"engine/memory of {name}"
        if peer is None:
            yield Row(row, f"{ours} MB", "peer not installed", None, f"≤ {MEMORY:g}", None)
        else:
            yield Row(row, f"{ours} MB", f"{peer} MB", ours / peer, f"≤ {MEMORY:g}", ours / peer <= MEMORY)

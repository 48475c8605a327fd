"""A script recorded both ways, each step noted in full and followed; and loops of all that may stand in a step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradviz.recording.columns.layout import EVENT_COLUMNS, REF_COLUMNS
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from gradviz.running.recorded import record_text

SETUP = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
v = torch.randn(3, requires_grad=True)
x, y = torch.randn(12, 3), torch.randn(12, 1)
table = torch.randn(4, 2, requires_grad=True)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
adam = torch.optim.Adam([w, v], lr=0.1)
kept = []
def half(t):
    return t * 0.5
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return t ** 3
    @staticmethod
    def backward(ctx, g):
        t, = ctx.saved_tensors
        return 3 * t * t * g
"""
# What may stand in a step, each line or block by itself.
PIECES = {
    "chain": "loss = ((w * v + 1).tanh() * 2).sum(); loss.backward()",
    "accumulates": "(w * 3).sum().backward()",
    "cleared": "w.grad = None",
    "zeroed": "if w.grad is not None: w.grad.zero_()",
    "model": "opt.zero_grad(); loss = F.mse_loss(model(x), y); loss.backward(); opt.step()",
    "adam": "adam.zero_grad(); (w * v).pow(2).sum().backward(); adam.step()",
    "by hand": "with torch.no_grad():\n    w -= 0.1 * v",
    "data": "w.data.mul_(0.9)",
    "function": "half(w).sum().backward()",
    "function twice": "(half(w) + half(v)).sum().backward()",
    "batch": "rows = slice(epoch % 4, epoch % 4 + 3); F.mse_loss(model(x[rows]), y[rows]).backward()",
    "number": "(w * epoch).sum().backward()",
    "prints": "if epoch % 3 == 0: print(epoch, w.sum().item())",
    "fresh leaf": "t = torch.ones(3, requires_grad=True); (t * w).sum().backward()",
    "few rows": "F.embedding(torch.tensor([1, 2, 1]), table, sparse=True).pow(2).sum().backward()",
    "few rows, cleared": "table.grad = None; (F.embedding(torch.tensor([1, 2, 1]), table, sparse=True) * w.sum()).sum().backward()",
    "hook": "h = w * 2; h.register_hook(lambda g: g * 2); h.sum().backward()",
    "retained": "h = w * 2; h.retain_grad(); h.sum().backward()",
    "twice": "l = (w * w).sum(); l.backward(retain_graph=True); l.backward()",
    "second order": "g, = torch.autograd.grad((w ** 3).sum(), w, create_graph=True); g.sum().backward()",
    "custom": "Cube.apply(w).sum().backward()",
    "in place": "h = w * 1; h.add_(v).mul_(2); h.sum().backward()",
    "view written": "h = w.clone(); h[1] = 0; (h * v).sum().backward()",
    "wide": "torch.stack([w * k for k in range(12)]).sum().backward()",
    "joined": "torch.cat([w * v, torch.stack([v.sum(), w.prod()])]).sum().backward()",
    "split": "a, b = (w * v).split([1, 2]); (a.sum() + b.sum()).backward()",
    "values": "top, where = w.sort(); top[0].backward()",
    "inner loop": "for k in range(3):\n    h = w * k\nh.sum().backward()",
    "trains inside": "for k in range(2):\n    (w * k).sum().backward()",
    "long loop": "for k in range(20):\n    h = v * 1.5\n(h * w).sum().backward()",
    "goes on": "if epoch == 5: continue",
    "once": "if epoch == 4: kept.append((w * 2).sum())",
    "old graph": "if kept: kept.pop().backward()",
    "detached": "(w.detach() * v).sum().backward()",
    "no grad": "with torch.no_grad(): h = w * v",
    "frozen": "w.requires_grad_(epoch != 6)",
    "replaced": "v = torch.randn(3, requires_grad=True); (w * v).sum().backward()",
    "saved hooks": "with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):\n    (w * w).sum().backward()",
    "many roots": "torch.autograd.backward([(w * 2).sum(), (v * w).sum()])",
    "given": "(w * v).backward(torch.ones(3))",
    "stands alone": "s = torch.tensor(2.0, requires_grad=True); s.backward()",
    "fails": "try:\n    w @ x\nexcept RuntimeError: pass",
    "backward fails": "l = w.sum(); l.backward()\ntry: (w * 2).backward()\nexcept RuntimeError: pass",
    "dropout": "F.dropout(w, 0.5).sum().backward()",
    "kept results": "kept2 = [torch.exp(w), torch.sigmoid(v)]; (kept2[0] * kept2[1]).sum().backward()",
}


@contextmanager
def following(on: bool) -> Iterator[None]:
    before, Recorder.follows = Recorder.follows, on
    try:
        yield
    finally:
        Recorder.follows = before


def recorded(source: str, on: bool) -> Recording:
    with following(on):
        return record_text("<script>", source, silent=True)[0]


def numbers(recording: Recording, name: str) -> list[Any]:
    """What each ref says, by the bytes of its value: a value that two chunks have may have two numbers."""
    refs = recording.rows(0, len(recording))
    if name != "value" or name not in refs:  # without an event there are none
        return list(refs.get(name, ()))
    arrays = {v: recording.array(v) for v in set(refs["value"].tolist()) if v >= 0}
    return [None if v < 0 else (arrays[v].shape, arrays[v].dtype.str, arrays[v].tobytes()) for v in refs["value"].tolist()]


def check_same(source: str) -> tuple[Recording, Recording]:
    plain, followed = recorded(source, False), recorded(source, True)
    check_alike(plain, followed)
    return plain, followed


def check_alike(plain: Recording, followed: Recording) -> None:
    """Two recordings say the same of the same numbers."""
    assert len(plain) == len(followed)
    for name in (*EVENT_COLUMNS, *REF_COLUMNS):
        if name in EVENT_COLUMNS and name != "template":
            assert np.array_equal(plain.column(name), followed.column(name)), name
        elif name in REF_COLUMNS:
            assert numbers(plain, name) == numbers(followed, name), name
    assert [event.detail for event in plain] == [event.detail for event in followed]
    assert list(plain.sites) == list(followed.sites)


def looped(*pieces: str, turns: int = 12) -> str:
    body = "\n".join(PIECES[piece] for piece in pieces)
    return SETUP + f"for epoch in range({turns}):\n" + "\n".join("    " + line for line in body.splitlines()) + "\nafter = (w * 2).sum()\n"

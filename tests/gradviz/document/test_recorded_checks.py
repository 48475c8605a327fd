"""What a graph has otherwise than the recorded script is told, with the cause, and at the node that it is about."""

from __future__ import annotations

import pytest

from tests.gradviz.document.test_edit_as_graph import opened

BEGIN = """import torch
from torch import nn
torch.manual_seed(0)
x, y = torch.randn(6, 3), torch.randn(6, 1)
w = torch.randn(3, 1, requires_grad=True)
v = torch.ones(1, requires_grad=True)
"""
LOSS = "    loss = ((x @ w + v - y) ** 2).mean()\n    loss.backward()\n"
STEP = "    opt.step()\n    opt.zero_grad()\n"
CLIP = """class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(-1, 1)
    @staticmethod
    def backward(ctx, g):
        return g * 0.5
loss = Clip.apply(x @ w).sum()
loss.backward()
"""
# the end of a script: what is told of it, and at which nodes
TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "one, two = torch.optim.SGD([w], 0.1), torch.optim.Adam([v], 0.1)\nfor k in range(3):\n"
    + LOSS
    + "    one.step(); two.step()\n    one.zero_grad(); two.zero_grad()\n": {},
    "opt = torch.optim.LBFGS([w, v])\ndef closure():\n    opt.zero_grad()\n" + LOSS + "    return loss\nfor k in range(2):\n    opt.step(closure)\n": {},
    "h = x @ w\nh.register_hook(lambda g: g * 2)\nloss = (h * v).sum()\nloss.backward()\n": {
        "a hook changes the gradient of h, and no node does that": ("h",)
    },
    "w.register_hook(lambda g: g.clamp(-1, 1))\nloss = (x @ w).sum()\nloss.backward()\n": {
        "a hook changes the gradient of w, and no node does that": ("w",)
    },
    CLIP: {"Clip stands as what its forward computes: its own backward is no node, and gradients go back through that": ("clamp",)},
    "h = torch.zeros(1, 1)\nopt = torch.optim.SGD([w], 0.1)\nfor k in range(3):\n"
    "    h = torch.tanh(x[k : k + 1] @ w + h.detach() * v)\n    loss = ((h - y[k : k + 1]) ** 2).mean()\n    loss.backward()\n" + STEP: {
        "detach, which a step hands on to the next: here the script's numbers, whatever is changed": ("loss",),
        "an epoch here is the whole loop, because each of its steps takes other rows": ("loss",),
    },
    "opt = torch.optim.SGD([w], 0.1)\nfor k in range(3):\n    noise = torch.randn(3)\n"
    "    loss = ((x * noise) @ w * v).square().mean()\n    loss.backward()\n" + STEP: {
        "noise: drawn anew in each step, as in the script, but other numbers": ("noise",)
    },
    "opt, other = torch.optim.SGD([w], 0.1), torch.optim.SGD([v], 0.1)\nfor k in range(3):\n"
    + LOSS
    + STEP
    + "    second = (x @ w * v).square().mean()\n    second.backward()\n    other.step()\n    other.zero_grad()\n": {
        "the losses of the training differ from step 2 on: 0.61335 here, 0.5735 in the script": ("loss",),  # one .grad is cleared too soon
        "the losses of the training differ from step 2 on: 0.60486 here, 0.26933 in the script": ("second",),
    },
    "opt = torch.optim.SGD([{'params': [w], 'lr': 0.2}, {'params': [v]}], lr=0.1)\nfor k in range(3):\n" + LOSS + STEP: {
        "the losses of the training differ from step 2 on: 0.71917 here, 0.64699 in the script": ("loss",)
    },
    "u = (x @ w).detach().requires_grad_()\nloss = (u * v).square().mean()\nloss.backward()\n": {
        "u was computed, and requires grad from line 7 on: here it stands as numbers": ("u",)
    },
    "opt = torch.optim.SGD([w], 0.1)\nfor k in range(2):\n    u = (x * k).requires_grad_()\n    loss = (u @ w * v).square().mean()\n"
    "    loss.backward()\n" + STEP: {
        "u was computed, and requires grad from line 9 on: here it stands as numbers": ("u",),
        "u had other numbers at each step: here those of the first": ("u",),
        "the losses of the training differ from step 2 on: 0 here, 1.4353 in the script": ("loss",),
    },
    "opt = torch.optim.SGD([w, v], 0.1)\nfor k in range(2):\n" + LOSS + STEP + "    v.requires_grad_(False)\n": {
        "requires_grad, which the script turns off later: here it stays on": ("v",)
    },
    "loss = (x @ w * v).square()\nloss.backward(torch.arange(6.0).view(6, 1))\n": {
        "the script's gradient of v, w: it is another here": ("w", "v")
    },
}  # fmt: skip


@pytest.mark.parametrize("end", TOLD)
def test_what_differs_is_told_where_it_is(end: str) -> None:
    made, ran = opened(BEGIN + end)
    assert made.left_out == tuple(TOLD[end]) and not ran.problems
    names = {b.name: b.id for b in made.document.blocks.values()}
    for sentence, blocks in TOLD[end].items():
        assert all(sentence in made.at[names[block]] for block in blocks)
    assert set(made.at) == {names[block] for blocks in TOLD[end].values() for block in blocks}


def test_a_flag_that_is_set_behind_the_making_is_the_tensors_own() -> None:
    made, ran = opened(BEGIN + "x.requires_grad_()\nw.requires_grad = False\nloss = (x @ w * v).sum()\nloss.backward()\n")
    assert made.left_out == () and not ran.problems
    assert {b.name for b in made.document.blocks.values() if b.requires_grad} == {"x", "v"}


def test_a_gradient_that_is_retained_is_in_the_graph_too() -> None:
    made, ran = opened(BEGIN + "h = x @ w\nh.retain_grad()\nloss = (h * v).sum()\nloss.backward()\n")
    assert made.left_out == () and not ran.problems
    assert [b.name for b in made.document.blocks.values() if b.retain_grad] == ["h"]

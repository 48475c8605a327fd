"""The training of a recorded script: the panel has the same, and its training ends at the script's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradviz.document.model import Document
from gradviz.document.run.training import Trainer
from gradviz.document.script.recorded import Converted
from tests.gradviz.document.test_edit_as_graph import of_engine, opened

BEGIN = """import torch
torch.manual_seed(0)
X = torch.randn(12, 2)
Y = X.sum(1, keepdim=True)
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
"""
LOSS = "    loss = ((X @ w + b - Y) ** 2).mean()\n    loss.backward()\n"
BY_HAND = (
    "for e in range(4):\n"
    + LOSS
    + "    with torch.no_grad():\n        w -= 0.05 * w.grad\n        b -= 0.05 * b.grad\n    w.grad = None\n    b.grad = None\n"
)
BY_DATA = (
    "for e in range(4):\n"
    + LOSS
    + "    w.data -= 0.1 * w.grad.data\n    b.data -= 0.1 * b.grad.data\n    w.grad.zero_()\n    b.grad.zero_()\n"
)
WITH_RATE = """momentum = 0.9
opt = torch.optim.SGD([w, b], 0.01, momentum=momentum, weight_decay=1e-4)
rates = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.5)
for e in range(4):
    opt.zero_grad(set_to_none=False)
""" + LOSS + "    opt.step()\n    rates.step()\n"  # fmt: skip
BATCHES = """opt = torch.optim.Adam([w, b], lr=3e-3)
for e in range(3):
    for i in range(0, 12, 4):
        opt.zero_grad()
        loss = ((X[i : i + 4] @ w + b - Y[i : i + 4]) ** 2).mean()
        loss.backward()
        opt.step()
"""
ADDED_UP = """opt = torch.optim.SGD([w, b], lr=0.1)
for e in range(2):
    for i in range(0, 12, 3):
        loss = ((X[i : i + 3] @ w + b - Y[i : i + 3]) ** 2).mean() / 2
        loss.backward()
        if i % 2 == 1:
            opt.step()
            opt.zero_grad()
"""


@pytest.mark.parametrize(
    ("text", "optimizer", "options", "more"),
    [
        (BY_HAND, "SGD", {"lr": 0.05}, {"epochs": 4, "to_none": True}),
        (BY_DATA, "SGD", {"lr": 0.1}, {"epochs": 4, "to_none": False}),
        (WITH_RATE, "SGD", {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4}, {"scheduler": "StepLR", "scheduler_options": {"step_size": 2, "gamma": 0.5}}),
        (BATCHES, "Adam", {"lr": 3e-3}, {"epochs": 3, "batch": 4}),
        (ADDED_UP, "SGD", {"lr": 0.1}, {"epochs": 2, "batch": 3, "zero_grad": "accumulate", "every": 2}),
    ],
)  # fmt: skip
def test_a_training_goes_on_as_in_the_script(text: str, optimizer: str, options: dict[str, Any], more: dict[str, Any]) -> None:
    made, _ = opened(BEGIN + text)
    plan = made.document.training
    assert made.left_out == ()
    assert (plan.optimizer, plan.options) == (optimizer, options)
    assert {name: getattr(plan, name) for name in more} == more
    names = [b.name for b in made.document.blocks.values()]
    assert not {"detach", "mul"} & set(names)  # nothing of the steps stands on the canvas
    wanted = of_engine(BEGIN + text)
    for name, found in trained(made.document).items():
        np.testing.assert_allclose(np.array(found), wanted[name]._data.reshape(-1), rtol=1e-5, atol=1e-7)  # type: ignore[attr-defined]


def trained(document: Document) -> dict[str, tuple[float, ...]]:
    trainer = Trainer(document)
    assert len(list(trainer.epochs())) == document.training.epochs
    return {b.name: b.value.data for b in trainer.trained().blocks.values() if b.requires_grad and b.value is not None}


LEFT = {
    "betas of Adam: to be set in the Train tab": BATCHES.replace("lr=3e-3", "lr=3e-3, betas=(0.8, 1 - 0.01)"),
    "lr of Adam: to be set in the Train tab": BATCHES.replace("lr=3e-3", "lr=0.1 / 3"),
    "what the script does to .grad before its steps (clipping, say)": WITH_RATE.replace(
        "    opt.step()", "    torch.nn.utils.clip_grad_value_([w, b], 1.0)\n    opt.step()"
    ),
    "the steps of the parameters: they are no gradient descent with one rate": BY_HAND.replace("0.05 * w.grad", "0.05 * w.grad.sign()"),
    "index, select had other numbers at each step: here those of the first": BATCHES.replace("X[i : i + 4]", "X[i : i + 4].exp()").replace(
        "Y[i : i + 4]", "Y[:4] * X[i, 0]"
    ),
}


@pytest.mark.parametrize("said", LEFT)
def test_what_the_panel_cannot_have_is_told(said: str) -> None:
    made: Converted = opened(BEGIN + LEFT[said])[0]
    assert said in made.left_out

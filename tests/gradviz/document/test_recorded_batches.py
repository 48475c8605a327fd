"""A recorded training by batches, edited as a graph: its data are whole again, and the training takes the rows as the script did."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.document.model import Document
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code
from gradviz.document.script.recorded_batches import SAMPLED, SHUFFLED
from tests.gradviz.document.test_edit_as_graph import opened

HEAD = """import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset
torch.manual_seed(0)
x = torch.randn(22, 3)
y = (x.sum(1) > 0).long()
model = nn.Linear(3, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
"""
STEP = """        loss = F.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        print(epoch, loss.item())
"""
LOADER = HEAD + "for epoch in range(3):\n    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=5):\n" + STEP
SCRIPTS = {
    "loader": LOADER,
    "loop": HEAD + "for epoch in range(3):\n    for i in range(0, 22, 5):\n        xb, yb = x[i:i + 5], y[i:i + 5]\n" + STEP,
    "items": HEAD + "class Own(Dataset):\n    def __len__(self):\n        return 22\n    def __getitem__(self, i):\n        return x[i], y[i]\n"
    "loader = DataLoader(Own(), batch_size=11)\nfor epoch in range(2):\n    for xb, yb in loader:\n" + STEP,
    "normed": LOADER.replace("model(xb)", "model((xb - xb.mean(0)) / xb.std(0))").replace("batch_size=5", "batch_size=11"),
    "once": HEAD + "epoch = 0\nfor epoch in range(1):\n    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=4, drop_last=True):\n" + STEP,
    "pictures": HEAD.replace("randn(22, 3)", "randn(22, 1, 3)").replace("x.sum(1)", "x.sum(2)[:, 0]")
    + "for epoch in range(2):\n    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=11):\n        xb = xb.view(xb.size(0), -1)\n" + STEP,
    "states": HEAD.replace("nn.Linear(3, 2)", "nn.RNNCell(3, 2)")
    + "for epoch in range(2):\n    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=11):\n"
    + STEP.replace("model(xb)", "model(xb, torch.zeros(11, 2))"),
}  # fmt: skip
OTHERWISE = {
    "shuffled": (LOADER.replace("batch_size=5", "batch_size=5, shuffle=True"), SHUFFLED),
    "permuted": (
        HEAD + "for epoch in range(3):\n    p = torch.randperm(22)\n    for i in range(0, 22, 5):\n"
        "        k = p[i:i + 5]\n        xb, yb = x[k], y[k]\n" + STEP, SHUFFLED,
    ),
    "sampled": (
        HEAD + "for epoch in range(6):\n    if True:\n        k = torch.randint(0, 22, (4,))\n        xb, yb = x[k], y[k]\n" + STEP, SAMPLED,
    ),
}  # fmt: skip


def losses_of(text: str) -> list[float]:
    """What the script prints, step by step."""
    from gradviz.running.recorded import record_text

    recording, _ = record_text("made.py", text, silent=True)
    return [float(event.detail["text"].split()[1]) for event in recording if event.kind.name == "PRINT" and event.detail["text"].strip()]


def means(document: Document) -> list[float]:
    return [epoch.loss for epoch in Trainer(document).epochs()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_epoch_has_the_losses_of_the_script(name: str) -> None:
    made, ran = opened(SCRIPTS[name])
    plan = made.document.training
    assert made.left_out == () and not ran.problems
    wanted = np.array(losses_of(SCRIPTS[name])).reshape(plan.epochs, -1)
    np.testing.assert_allclose(means(made.document), wanted.mean(1), rtol=1e-4)
    rows = {len(ran.values[b.id]) for b in made.document.blocks.values() if b.name in ("xb", "yb")}
    assert rows <= {22, 20}  # of all steps, not of one
    assert plan.batch in (4, 5, 11)


@pytest.mark.parametrize("name", OTHERWISE)
def test_rows_that_are_drawn_come_as_in_the_first_epoch_and_that_is_told(name: str) -> None:
    text, told = OTHERWISE[name]
    made, ran = opened(text)
    assert made.left_out == (told,) and not ran.problems
    steps = np.array(losses_of(text)).reshape(made.document.training.epochs, -1)
    assert means(made.document)[0] == pytest.approx(steps[0].mean(), rel=1e-4)
    assert not {"p", "k"} & {b.name for b in made.document.blocks.values()}  # which rows there are says nothing any more
    code = to_code(made.document, ran.loss, train=True).text
    assert f"[start : start + {made.document.training.batch}]" in code


BROKEN = {
    "what is no row": LOADER.replace("model(xb)", "model(xb) * xb.mean()"),
    "a number beside": HEAD
    + "for epoch in range(2):\n    for i in range(0, 20, 5):\n        xb, yb = x[i:i + 5] * x[i, 0], y[i:i + 5]\n"
    + STEP,
}


@pytest.mark.parametrize("name", BROKEN)
def test_where_they_cannot_be_put_together_the_first_batch_stands_for_them_or_all_is_right(name: str) -> None:
    made, _ = opened(BROKEN[name])
    wanted = losses_of(BROKEN[name])
    if any("here those of the first" in words for words in made.left_out):
        assert means(made.document)[0] == pytest.approx(wanted[0], rel=1e-4)
    else:
        assert made.left_out == ()
        steps = np.array(wanted).reshape(made.document.training.epochs, -1)
        np.testing.assert_allclose(means(made.document), steps.mean(1), rtol=1e-4)


@pytest.mark.parametrize("broken", [0, 2])
def test_a_loop_that_is_left_early_has_the_batches_of_its_longest_epoch(broken: int) -> None:
    text = LOADER.replace("        loss =", f"        if epoch == {broken} and len(xb) < 5:\n            break\n        loss =", 1)
    made, ran = opened(text)
    assert made.left_out == ("every epoch here goes through all batches, which 1 of the script's 3 epochs did not",)
    whole, _ = opened(LOADER)
    assert means(made.document) == means(whole.document) and not ran.problems


def test_what_only_made_the_rows_of_a_loader_stands_on_no_canvas() -> None:
    begin = "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\ntorch.manual_seed(0)\n"
    data = "x = torch.linspace(-1, 1, 20).unsqueeze(1)\ny = 3 * x + 1 + 0.1 * torch.randn(x.size())\nbeside = x.exp()\n"
    loop = "model = nn.Linear(1, 1)\nopt = torch.optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(3):\n"
    batches = "    for xb, yb in DataLoader(TensorDataset(x, y), 8, shuffle=True):\n"
    step = "        loss = ((model(xb) - yb) ** 2).mean()\n        opt.zero_grad()\n        loss.backward()\n        opt.step()\n"
    made, ran = opened(begin + data + loop + batches + step)
    names = {b.name for b in made.document.blocks.values()}
    assert {"xb", "yb", "x", "beside"} <= names  # of `beside` nobody knows what it is for
    assert not {"y", "add", "mul", "mul2"} & names and not ran.problems

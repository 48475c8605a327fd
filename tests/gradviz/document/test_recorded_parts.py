"""Recorded scripts with several losses and optimizers, with noise, and with writes through .data: as graphs they train to the same numbers,
and what a graph has otherwise is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradviz.document.run.training import Trainer
from tests.gradviz.document.test_edit_as_graph import of_engine, opened

GAN = """import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
real = torch.randn(16, 2) + 2
ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
z = torch.randn(16, 2)
told = []
for step in range(6):
    fake = G(z)
    d_loss = bce(D(real), ones) + bce(D(fake.detach()), zeros)
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    g_loss = bce(D(fake), ones)
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    told.append([d_loss.item(), g_loss.item()])
"""
NOISY = GAN.replace("z = torch.randn(16, 2)\ntold", "told").replace("    fake = G(z)", "    z = torch.randn(16, 2)\n    fake = G(z)")
DROPS = """import torch
torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8, 1)
w = torch.randn(3, 1, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
drop = torch.nn.Dropout(0.25)
for k in range(5):
    h = drop(x)
    loss = ((h @ w + 0.1 * torch.rand(8, 1) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
BEGIN = "import torch\nx = torch.tensor([1.0, 2.0, 3.0])\ny = torch.tensor([2.0, 4.0, 6.0])\nw = torch.tensor([0.5, 0.2, 3.0], requires_grad=True)\n"
LOSS = "    loss = ((w * x - y) ** 2).mean()\n    loss.backward()\n"


def test_a_gan_is_two_losses_with_an_optimizer_each() -> None:
    made, _ = opened(GAN)
    assert made.left_out == ()
    names = {b.id: b.name for b in made.document.blocks.values()}
    plan = made.document.training
    assert [names[p.loss] for p in plan.parts] == ["d_loss", "g_loss"]
    options = [{"lr": 2e-3, "betas": (0.5, 0.999)}, {"lr": 1e-3}]
    assert [(p.optimizer, dict(p.options)) for p in plan.parts] == [("Adam", some) for some in options]
    assert {names[b][0] for b in plan.moves} == {"D"} and {names[b][0] for b in plan.others[0].moves} == {"G"}
    epochs = list(Trainer(made.document).epochs())
    told: Any = of_engine(GAN)["told"]
    np.testing.assert_allclose([[e.loss, *e.others.values()] for e in epochs], told, rtol=1e-5)


def test_noise_of_each_step_is_drawn_in_each_step() -> None:
    made, _ = opened(NOISY)
    z = next(b for b in made.document.blocks.values() if b.name == "z")
    assert z.value is not None
    assert (z.value.source, z.value.shape, z.value.anew) == ("randn", (16, 2), True)
    assert made.left_out[0] == "z: drawn anew in each step, as in the script, but other numbers" and z.told == made.left_out[0]
    losses = [e.loss for e in Trainer(made.document).epochs()]
    assert len(set(losses)) == 6


def test_a_mask_of_dropout_is_dropout() -> None:
    made, ran = opened(DROPS)
    assert not ran.problems
    h = next(b for b in made.document.blocks.values() if b.name == "h")
    assert (h.op, dict(h.params)) == ("F.dropout", {"p": 0.25})
    drawn = [b.value for b in made.document.blocks.values() if b.value is not None and b.value.anew]
    assert [(v.source, v.shape) for v in drawn] == [("rand", (8, 1))]
    assert len({e.loss for e in Trainer(made.document).epochs()}) == 5


def test_a_line_that_clips_a_parameter_after_its_step_is_told() -> None:
    made, _ = opened(
        BEGIN
        + "opt = torch.optim.SGD([w], 0.1)\nfor k in range(3):\n"
        + LOSS
        + "    opt.step()\n    opt.zero_grad()\n    w.data.clamp_(-1, 1)\n"
    )
    sentence = "line 11 writes into w beside the optimizer's steps: a training here does not"
    assert made.left_out == (sentence,)
    assert [b.told for b in made.document.blocks.values() if b.name == "w"] == [sentence]
    assert not any(b.op in ("torch.detach", "torch.clamp") for b in made.document.blocks.values())


@pytest.mark.parametrize("write", ["w.data.fill_(0.3)", "w.data[1] = 2.0", "w.data.mul_(2).add_(1)", "w.data.copy_(x)"])
def test_what_is_written_before_anything_reads_is_there_from_the_beginning(write: str) -> None:
    text = BEGIN + write + "\nloss = ((w * x - y) ** 2).mean()\nloss.backward()\n"
    made, ran = opened(text)
    assert made.left_out == ()
    kept: Any = of_engine(text)["w"]
    w = next(b for b in made.document.blocks.values() if b.name == "w")
    np.testing.assert_array_equal(ran.values[w.id], kept._data)
    np.testing.assert_allclose(ran.grads[w.id], kept.grad._data, rtol=1e-6)
    assert len(made.document.blocks) == 7


def test_steps_by_hand_have_a_rate_though_their_last_numbers_are_coarse() -> None:
    steps = "    w.data -= 0.1 * w.grad\n    w.grad.zero_()\n"
    made, _ = opened(
        "import torch\nx = torch.tensor([1.0, 2.0, 3.0])\ny = 2 * x\nw = torch.tensor(0.5, requires_grad=True)\nfor k in range(6):\n"
        + LOSS
        + steps
    )
    assert made.left_out == ()
    assert (made.document.training.optimizer, dict(made.document.training.options)) == ("SGD", {"lr": 0.1})
    made, _ = opened(BEGIN + "for k in range(4):\n" + LOSS + "    w.data -= 0.1 / (k + 1) * w.grad\n    w.grad.zero_()\n")
    assert made.left_out == ("the steps of the parameters: they are no gradient descent with one rate",)


def test_gradients_that_are_clipped_by_their_length_are_clipped_here() -> None:
    text = BEGIN + "opt = torch.optim.SGD([w], 0.1)\nlong = 1.5\nfor k in range(5):\n" + LOSS
    text += "    torch.nn.utils.clip_grad_norm_([w], max_norm=long)\n    opt.step()\n    opt.zero_grad()\n"
    made, _ = opened(text)
    assert made.left_out == ()
    assert made.document.training.clip == 1.5
    trained = Trainer(made.document)
    list(trained.epochs())
    leaf: Any = of_engine(text)["w"]
    w = next(b.id for b in made.document.blocks.values() if b.name == "w")
    np.testing.assert_allclose(trained.run.leaves[w]._data, leaf._data, rtol=1e-6)


OFTEN = """import torch
from torch import nn
torch.manual_seed(0)
G, D = nn.Linear(2, 2), nn.Linear(2, 1)
og, od = torch.optim.RMSprop(G.parameters(), lr=1e-3), torch.optim.RMSprop(D.parameters(), lr=1e-3)
real = torch.randn(8, 2)
for step in range(4):
    for _ in range(3):
        z = torch.randn(8, 2)
        d = -D(real).mean() + D(G(z).detach()).mean()
        od.zero_grad(); d.backward(); od.step()
    other = torch.randn(8, 2)
    g = -D(G(other)).mean()
    og.zero_grad(); g.backward(); og.step()
"""


def test_a_loss_that_goes_backward_more_often_is_told_and_all_noise_is_new() -> None:
    made, _ = opened(OFTEN)
    assert "d went backward more often than the other losses: here each goes once a step" in made.left_out
    anew = {b.name for b in made.document.blocks.values() if b.value is not None and b.value.anew}
    assert anew == {"z", "other"}
    assert made.document.training.epochs == 4


def test_the_usual_loop_of_a_gan_by_batches_is_the_same_training() -> None:
    """The discriminator's two losses go backward one after the other, and then its optimizer steps; the rows come from a DataLoader."""
    text = GAN.replace("real = torch.randn(16, 2) + 2\n", "data = torch.utils.data.DataLoader(torch.randn(16, 2) + 2, batch_size=8)\n")
    head, _, _ = text.partition("ones, zeros")
    body = """ones, zeros = torch.ones(8, 1), torch.zeros(8, 1)
z = torch.randn(8, 2)
told = []
for epoch in range(3):
    rows = []
    for real in data:
        opt_d.zero_grad()
        d_real = bce(D(real), ones)
        d_real.backward()
        fake = G(z)
        d_fake = bce(D(fake.detach()), zeros)
        d_fake.backward()
        opt_d.step()
        opt_g.zero_grad()
        g_loss = bce(D(fake), ones)
        g_loss.backward()
        opt_g.step()
        rows.append([d_real.item(), d_fake.item(), g_loss.item()])
    told.append([sum(column) / 2 for column in zip(*rows)])
"""
    made, _ = opened(head + body)
    assert made.left_out == ()
    names = {b.id: b.name for b in made.document.blocks.values()}
    assert [(names.get(p.loss, ""), p.optimizer) for p in made.document.training.parts] == [
        ("d_real", ""),
        ("d_fake", "Adam"),
        ("g_loss", "Adam"),
    ]
    told: Any = of_engine(head + body)["told"]
    epochs = [[e.loss, *e.others.values()] for e in Trainer(made.document).epochs()]
    np.testing.assert_allclose(epochs, told, rtol=1e-5)

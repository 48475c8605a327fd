"""Layers that are called more than once: one set of parameters, whatever is done to one of the nodes that have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.file.text import read, write
from gradviz.document.model import Document, Training, Value
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code
from gradviz.document.sharing import family, share
from gradviz.document.unrolling import next_step

TWINS = """torch.manual_seed(1)
x = torch.randn(8, 3)
torch.manual_seed(2)
y = torch.randn(8, 3)
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
a = net(x)
b = net(y)
loss = (a - b - 1).square().mean()
"""
GAN = """torch.manual_seed(1)
real = torch.randn(16, 2)
torch.manual_seed(2)
z = torch.randn(16, 2)
G = nn.Linear(2, 2)
D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
fake = G(z)
d_loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
g_loss = F.softplus(-D(fake)).mean()
opt_d = torch.optim.Adam(D.parameters(), lr=0.01)
opt_g = torch.optim.Adam(G.parameters(), lr=0.02)
for epoch in range(8):
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
"""
PLANS = (Training("", "SGD", {"lr": 0.1}, 4), Training("", "", {}, 3), Training("", "LBFGS", {"lr": 0.1}, 3))


def ids(document: Document) -> dict[str, str]:
    return {b.name: b.id for b in document.blocks.values()}


def twins() -> tuple[Document, dict[str, str]]:
    document, _ = read_expression(Document(), TWINS)
    return document, ids(document)


def test_a_layer_that_a_program_calls_twice_is_one() -> None:
    document, names = twins()
    assert [document.blocks[names[n]].layer for n in ("linear", "linear2", "a", "b")] == ["", names["linear"], "", names["a"]]
    assert len(Trainer(document).run.parameters()) == 4
    twice = edits.set_value(document, names["y"], document.blocks[names["x"]].value or Value())
    ran = evaluate(twice)
    np.testing.assert_array_equal(ran.values[names["linear"]], ran.values[names["linear2"]])
    kept = read(write(document).encode())
    assert kept.document == document and not kept.left_out


def test_what_is_set_at_one_is_set_at_all_and_what_goes_leaves_an_heir() -> None:
    document, names = twins()
    wider = edits.set_param(document, names["linear2"], "out_features", 5)
    assert [wider.blocks[names[n]].params["out_features"] for n in ("linear", "linear2")] == [5, 5]
    document, third = edits.add(document, "nn.Linear", 0, 0)
    document = share(document, third, names["linear2"])
    assert family(document, third) == (names["linear"], names["linear2"], third)
    left = edits.remove(document, [names["linear"]])
    assert [left.blocks[b].layer for b in (names["linear2"], third)] == ["", names["linear2"]]
    trained = Trainer(document).trained()
    assert trained.blocks[names["linear"]].state and not trained.blocks[names["linear2"]].state
    assert edits.remove(trained, [names["linear"]]).blocks[names["linear2"]].state == trained.blocks[names["linear"]].state
    alone = share(document, third, "")
    assert family(alone, third) == (third,)
    with pytest.raises(DocumentProblem, match="are no layers of one kind"):
        share(document, third, names["a"])


def test_copies_share_among_themselves_as_what_they_were_copied_from() -> None:
    document, names = twins()
    piece = edits.part(document, [names["linear"], names["linear2"]])
    pasted, new = edits.paste(document, piece, 10, 10)
    assert [pasted.blocks[b].layer for b in new] == ["", new[0]]
    one, (copy,) = edits.paste(document, edits.part(document, [names["linear2"]]), 10, 10)
    assert one.blocks[copy].layer == names["linear"]
    elsewhere, (alone,) = edits.paste(Document(), edits.part(document, [names["linear2"]]), 0, 0)
    assert elsewhere.blocks[alone].layer == ""


def test_the_next_step_of_a_recurrence_has_the_same_cell() -> None:
    document, _ = read_expression(Document(), "h0 = torch.zeros(1, 4)\nx1 = torch.randn(1, 3)\nh1 = nn.RNNCell(3, 4)(x1, h0)")
    made, _, name = next_step(document, [ids(document)["h1"]])
    assert name == "h2"
    assert made.blocks[ids(made)["h2"]].layer == ids(made)["h1"]


def test_a_file_that_shares_what_cannot_be_shared_is_opened_without() -> None:
    document, names = twins()
    text = write(document).replace(f'"layer": "{names["linear"]}"', f'"layer": "{names["x"]}"')
    opened = read(text.encode())
    assert opened.left_out == (f"block linear2: {names['x']} is no layer that it could call again; it has its own",)
    assert opened.document.blocks[names["linear2"]].layer == ""


@pytest.mark.parametrize("plan", PLANS)
def test_its_program_calls_the_layer_again(plan: Training) -> None:
    document, _ = twins()
    document = edits.set_training(document, plan)
    code = to_code(document, Trainer(document).loss, train=True).text
    assert code.count("nn.Linear(") == code.count("nn.BatchNorm1d(") == 1
    again, _ = read_expression(Document(), code)
    assert [e.loss for e in Trainer(again).epochs()] == [e.loss for e in Trainer(document).epochs()]


def test_a_muted_first_one_lends_its_weights_all_the_same() -> None:
    document, names = twins()
    document = edits.toggle(document, [names["a"]], "muted")
    code = to_code(document, Trainer(document).loss).text
    assert code.count("a_layer = nn.BatchNorm1d(") == 1 and "b = a_layer(linear2)" in code


@pytest.mark.torch
def test_a_gan_as_it_is_written_gives_the_same_under_pytorch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    document, _ = read_expression(Document(), GAN)
    trainer = Trainer(document)
    script = tmp_path / "gan.py"
    script.write_text(to_code(document, trainer.loss, train=True).text)
    real = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True).stdout
    epochs = [[e.loss, *e.others.values()] for e in trainer.epochs()]
    assert len(epochs) == 8
    assert [[float(n) for n in row.split()[1:]] for row in real.splitlines()] == [pytest.approx(row, rel=1e-4) for row in epochs]

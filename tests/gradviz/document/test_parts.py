"""Trainings with several losses or optimizers, with an optimizer that calls its loss itself, and with numbers that each step draws anew:
the program that is written of them gives the same numbers under PyTorch, and is read back as the same training."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.file.text import read, write
from gradviz.document.model import Document, Part, Training
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.training import Epoch, Trainer
from gradviz.document.script.code import to_code

GAN = """x = torch.randn(16, 2)
torch.manual_seed(5)
z = torch.randn(16, 2)
g = torch.randn(2, 2, requires_grad=True)
torch.manual_seed(6)
d = torch.randn(2, 1, requires_grad=True)
fake = z @ g
fake_score = fake.detach() @ d
d_loss = F.softplus(-(x @ d)).mean() + F.softplus(fake_score).mean()
g_loss = F.softplus(-(fake @ d)).mean()
"""
SHARED = """x = torch.randn(8, 3)
w = torch.randn(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
h = torch.tanh(x @ w + b)
one = (h - 1).square().mean()
two = h.abs().mean()
"""
DROPS = """x = torch.randn(8, 3)
h = F.dropout(nn.ReLU()(nn.Linear(3, 4)(x)), 0.4)
one = nn.Linear(4, 1)(h).square().mean()
"""
VAE = """x = torch.rand(16, 4)
torch.manual_seed(2)
a = torch.randn(4, 2, requires_grad=True)
b = torch.randn(4, 2, requires_grad=True)
c = torch.randn(2, 4, requires_grad=True)
mu = x @ a
logvar = x @ b
z = mu + exp(0.5 * logvar) * randn_like(mu)
loss = mse_loss(z @ c, x) - 0.05 * mean(1 + logvar - mu**2 - exp(logvar))
"""
SGD, ADAM = ("SGD", {"lr": 0.1}), ("Adam", {"lr": 0.05})
Names = Callable[[str], str]
CASES: dict[str, tuple[str, Callable[[Names], Training], tuple[str, ...]]] = {
    "a GAN": (GAN, lambda b: Training(b("d_loss"), *ADAM, 8, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)), ()),
    "a GAN with new noise": (GAN, lambda b: Training(b("d_loss"), *ADAM, 8, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)), ("z",)),
    "the generator first": (GAN, lambda b: Training(b("g_loss"), *ADAM, 8, moves=(b("g"),), others=(Part(b("d_loss"), *SGD),)), ()),
    "never cleared": (GAN, lambda b: Training(b("d_loss"), *ADAM, 8, "never", moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)), ()),
    "cleared every third step": (
        GAN,
        lambda b: Training(b("d_loss"), *ADAM, 8, "every", 3, False, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)),
        (),
    ),
    "steps that wait": (
        GAN,
        lambda b: Training(b("d_loss"), *ADAM, 8, "accumulate", 3, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)),
        (),
    ),
    "noise as large as what it is added to, and a rate that falls where the loss does not": (
        VAE,
        lambda b: Training(b("loss"), "SGD", {"lr": 2.0}, 9, scheduler="ReduceLROnPlateau", scheduler_options={"patience": 0}, clip=1.0),
        (),
    ),
    "noise beside the rows of each batch": (VAE, lambda b: Training(b("loss"), *ADAM, 4, batch=6), ()),
    "a GAN in batches": (
        GAN,
        lambda b: Training(b("d_loss"), *ADAM, 4, batch=6, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),)),
        ("z",),
    ),
    "with a scheduler": (
        GAN,
        lambda b: Training(
            b("d_loss"),
            *ADAM,
            8,
            scheduler="StepLR",
            scheduler_options={"step_size": 2, "gamma": 0.5},
            moves=(b("d"),),
            others=(Part(b("g_loss"), *SGD),),
        ),
        (),
    ),
    "two optimizers of one loss": (
        SHARED,
        lambda b: Training(b("one"), *SGD, 5, moves=(b("w"),), others=(Part("", *ADAM, (b("b"),)),)),
        (),
    ),
    "two losses of one optimizer": (SHARED, lambda b: Training(b("one"), "", {}, 5, others=(Part(b("two"), *ADAM),)), ()),
    "two losses that only go backward": (SHARED, lambda b: Training(b("one"), "", {}, 5, others=(Part(b("two")),)), ()),
    "two losses with an optimizer each": (
        SHARED,
        lambda b: Training(b("one"), *SGD, 5, moves=(b("w"),), others=(Part(b("two"), *ADAM, (b("b"),)),)),
        (),
    ),
    "clipped": (SHARED, lambda b: Training(b("one"), *ADAM, 5, clip=0.05), ()),
    "clipped every second step": (SHARED, lambda b: Training(b("one"), *SGD, 6, "accumulate", 2, clip=0.25), ()),
    "a GAN that is clipped": (
        GAN,
        lambda b: Training(b("d_loss"), *SGD, 8, moves=(b("d"),), others=(Part(b("g_loss"), *SGD),), clip=0.1),
        (),
    ),
    "LBFGS": (SHARED, lambda b: Training(b("one"), "LBFGS", {"lr": 0.5, "max_iter": 3, "line_search_fn": "strong_wolfe"}, 4), ()),
    "noise": (SHARED, lambda b: Training(b("one"), *SGD, 30), ("x",)),
    "dropout": (DROPS, lambda b: Training(b("one"), *ADAM, 30), ()),
}


def built(case: str) -> Document:
    text, training, anew = CASES[case]
    document, _ = read_expression(Document(), text)
    names = {b.name: b.id for b in document.blocks.values()}
    for name in anew:
        value = document.blocks[names[name]].value
        assert value is not None
        document = edits.set_value(document, names[name], replace(value, anew=True))
    return edits.set_training(document, training(names.__getitem__))


def told(epochs: list[Epoch]) -> list[list[float]]:
    """The losses of each epoch as a program prints them."""
    return [[float(f"{v:.6g}") for v in (e.loss, *e.others.values())] for e in epochs]


@pytest.mark.parametrize("case", CASES)
def test_its_program_is_read_back_as_the_same_training(case: str) -> None:
    document = built(case)
    trainer = Trainer(document)
    epochs = list(trainer.epochs())
    assert len({str(e) for e in told(epochs)}) > 1 or not trainer.optimizer  # it moves
    again, _ = read_expression(Document(), to_code(document, trainer.loss, train=True).text)
    assert told(list(Trainer(again).epochs())) == told(epochs)
    kept = read(write(document).encode())
    assert kept.document == document
    assert not kept.left_out


@pytest.mark.torch
def test_their_programs_give_the_same_under_pytorch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    files = {case: tmp_path / f"{k}.py" for k, case in enumerate(CASES)}
    for case, file in files.items():
        document = built(case)
        file.write_text(to_code(document, Trainer(document).loss, train=True).text)
    run = "import runpy, sys\nfor file in sys.argv[1:]:\n    print('program', file)\n    runpy.run_path(file)\n"
    real = subprocess.run([sys.executable, "-c", run, *map(str, files.values())], capture_output=True, text=True, timeout=300, check=True)
    printed = dict(zip(files, real.stdout.split("program ")[1:], strict=True))
    for case, text in printed.items():
        epochs: dict[str, list[list[float]]] = {}
        for number, row in re.findall(r"^(\d+) ([^t\n]*)", text, re.MULTILINE):  # in batches each step has a row
            epochs.setdefault(number, []).append([float(n) for n in row.split()])
        rows = [[sum(column) / len(steps) for column in zip(*steps, strict=True)] for steps in epochs.values()]
        assert rows == [pytest.approx(row, rel=2e-3, abs=1e-7) for row in told(list(Trainer(built(case)).epochs()))], case


def test_each_step_draws_its_own_noise_and_the_canvas_shows_the_first() -> None:
    document = built("noise")
    trainer = Trainer(document)
    x = next(b for b in document.blocks.values() if b.name == "x")
    first = trainer.run.drawn_anew()[x.id]._data
    assert (first == evaluate(document).values[x.id]).all()
    assert not (trainer.run.drawn_anew()[x.id]._data == first).all()
    assert trainer.trained().blocks[x.id] is x  # what is drawn is nothing to learn


def test_a_training_goes_on_with_its_own_numbers_whatever_runs_meanwhile() -> None:
    document = built("dropout")
    alone = told(list(Trainer(document).epochs()))
    beside = []
    for epoch in Trainer(document).epochs():
        beside.append(epoch)
        evaluate(document)  # the canvas, which draws from a seed of its own
    assert told(beside) == alone


@pytest.mark.parametrize(
    ("case", "change", "words"),
    [
        ("a GAN", lambda t: replace(t, moves=()), "two optimizers move g: say at each of them what it moves"),
        ("two optimizers of one loss", lambda t: replace(t, moves=(*t.moves, *t.others[0].moves)), "two optimizers move b"),
        ("LBFGS", lambda t: replace(t, others=(Part("", *SGD),)), "LBFGS calls its loss itself, several times a step"),
        ("a GAN", lambda t: replace(t, others=(*t.others, Part("", *SGD, t.moves[:0]))), "two optimizers move g"),
    ],
)
def test_what_does_not_go_together_is_said(case: str, change: Callable[[Training], Training], words: str) -> None:
    document = built(case)
    with pytest.raises(DocumentProblem, match=re.escape(words)):
        Trainer(edits.set_training(document, change(document.training)))


def test_what_no_loss_reads_is_computed_when_what_it_reads_is_there() -> None:
    text = "x = torch.randn(4, 2)\nw = torch.randn(2, 1, requires_grad=True)\nv = torch.randn(2, 1, requires_grad=True)\n"
    text += "a = x @ w\nb = x @ v\nbeside = b.sum() + a.sum()\none = a.mean()\ntwo = b.mean()\n"
    document, _ = read_expression(Document(), text)
    names = {b.name: b.id for b in document.blocks.values()}
    plan = Training(
        names["one"], "SGD", {"lr": 0.1}, 1, moves=(names["w"],), others=(Part(names["two"], "SGD", {"lr": 0.1}, (names["v"],)),)
    )
    lines = [
        line.split(" = ")[0].strip() for line in to_code(edits.set_training(document, plan), names["one"], train=True).text.splitlines()
    ]
    assert lines.index("b") < lines.index("beside") and lines.count("beside") == 1


def test_a_loss_that_is_removed_takes_its_optimizer_with_it() -> None:
    document = built("a GAN")
    names = {b.name: b.id for b in document.blocks.values()}
    without = edits.remove(document, [names["g_loss"]])
    assert without.training == replace(document.training, others=())
    assert edits.remove(document, [names["d"]]).training.moves == ()

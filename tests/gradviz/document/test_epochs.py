"""What a training tells of its epochs: the rate of the scheduler, and how long the gradients of the layers are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Training
from gradviz.document.run.training import TOLD, Trainer


def network(**plan: object) -> Document:
    document, _ = read_expression(Document(), "x = randn(8, 3)")
    document, _ = read_expression(document, "loss = mean(nn.Linear(4, 1)(relu(nn.Linear(3, 4)(x)))**2)")
    return edits.set_training(document, replace(Training(options={"lr": 0.1}), **plan))  # type: ignore[arg-type]


def parameters(document: Document, block: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate([np.array(value.data) for value in document.blocks[block].state.values()])


@pytest.mark.parametrize("epochs", [2, 40])  # step by step, and replayed
def test_the_length_of_a_layers_gradient_is_what_gradient_descent_moves_it_by(epochs: int) -> None:
    document = network(epochs=1)
    layers = [b for b, block in document.blocks.items() if block.op == "nn.Linear"]
    trainer = Trainer(document)
    list(trainer.epochs())
    once = trainer.trained()
    trainer = Trainer(edits.set_training(document, replace(document.training, epochs=2)))
    list(trainer.epochs())
    twice = trainer.trained()
    trainer = Trainer(edits.set_training(document, replace(document.training, epochs=epochs)))
    told = list(trainer.epochs())
    assert (trainer.replayed > 0) == (epochs > 2)
    for layer in layers:
        moved = float(np.linalg.norm(parameters(twice, layer) - parameters(once, layer)))
        assert told[1].norms[layer] * 0.1 == pytest.approx(moved, rel=1e-3)
    assert all(set(epoch.norms) == set(layers) for epoch in told)
    assert all(epoch.rate is None for epoch in told)
    assert told[-1].norms != told[-2].norms


def test_they_are_told_of_the_first_epochs_only() -> None:
    told = list(Trainer(network(epochs=TOLD + 3)).epochs())
    assert [bool(epoch.norms) for epoch in told] == [True] * TOLD + [False] * 3


def test_the_rate_is_the_one_that_the_step_was_made_with() -> None:
    told = list(Trainer(network(epochs=6, scheduler="StepLR", scheduler_options={"step_size": 2, "gamma": 0.5})).epochs())
    assert [epoch.rate for epoch in told] == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]

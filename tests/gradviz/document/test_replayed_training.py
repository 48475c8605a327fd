"""Long trainings are replayed by a plan where each epoch does the same: what comes out is what the engine computes, bit by bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Training, Value
from gradviz.document.run.training import Epoch, Trainer

EPOCHS = 60


def document(training: Training, expression: str = "loss = mean((tanh(w*x + b) - y)**2)") -> Document:
    made, _ = read_expression(Document(), expression)
    for block in list(made.blocks.values()):
        numbers = {"x": (1.0, 2.0, 3.0), "y": (0.3, 0.5, 0.7)}.get(block.name)
        if numbers:
            made = edits.set_value(made, block.id, Value((3,), numbers))
    return replace(made, training=training)


def bits(epochs: list[Epoch], trainer: Trainer) -> list[Any]:
    """All that a training gave."""
    ends = [leaf._data.tobytes() for leaf in trainer.run.leaves.values()]
    return [*((e.number, e.loss, {b: g.tobytes() for b, g in e.grads.items()}) for e in epochs), ends]


def by_the_engine(made: Document) -> list[Any]:
    """The same training one short one after the other: too short for a plan."""
    trainer = Trainer(made)
    steps = [trainer._step(number, {}) for number in range(1, made.training.epochs + 1)]
    epochs = [Epoch(number, step.loss, step.grads) for number, step in enumerate(steps, 1)]
    return bits(epochs, trainer)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "RMSprop", ""])
@pytest.mark.parametrize(("policy", "to_none"), [("each", True), ("each", False), ("never", True)])
def test_a_replayed_training_is_the_engines(optimizer: str, policy: str, to_none: bool) -> None:
    made = document(
        Training(epochs=EPOCHS, optimizer=optimizer, options={"lr": 0.01} if optimizer else {}, zero_grad=policy, to_none=to_none)
    )
    trainer = Trainer(made)
    epochs = list(trainer.epochs())
    assert [e.number for e in epochs] == list(range(1, EPOCHS + 1))
    assert bits(epochs, trainer) == by_the_engine(made)
    if optimizer == "SGD" and (to_none or policy == "never"):
        assert trainer.replayed == EPOCHS - 3


@pytest.mark.parametrize(
    "training",
    [
        Training(epochs=EPOCHS, zero_grad="every", every=3),
        Training(epochs=EPOCHS, scheduler="StepLR", scheduler_options={"step_size": 10, "gamma": 0.5}),
        Training(epochs=EPOCHS, batch=2),
        Training(epochs=5),
    ],
    ids=["not each step is the same", "the rate changes", "batches", "few epochs"],
)
def test_other_trainings_go_step_by_step(training: Training) -> None:
    trainer = Trainer(document(training))
    assert len(list(trainer.epochs())) == training.epochs
    assert trainer.replayed == 0


def test_random_numbers_are_drawn_each_time() -> None:
    trainer = Trainer(document(Training(epochs=EPOCHS), "loss = mean((F.dropout(w*x) - y)**2)"))
    assert len(list(trainer.epochs())) == EPOCHS
    assert trainer.replayed == 0

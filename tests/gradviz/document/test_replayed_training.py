"""Long trainings are replayed by a plan where each epoch does the same: what comes out is what the engine computes, bit by bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Training, Value
from gradviz.document.run import training
from gradviz.document.run.training import Epoch, Trainer

EPOCHS = 60


def document(plan: Training, expression: str = "loss = mean((tanh(w*x + b) - y)**2)") -> Document:
    made, _ = read_expression(Document(), expression)
    for block in list(made.blocks.values()):
        numbers = {"x": (1.0, 2.0, 3.0), "y": (0.3, 0.5, 0.7)}.get(block.name)
        if numbers:
            made = edits.set_value(made, block.id, Value((3,), numbers))
    return replace(made, training=plan)


def bits(epochs: list[Epoch], trainer: Trainer) -> list[Any]:
    """All that a training gave."""
    ends = [leaf._data.tobytes() for leaf in trainer.run.leaves.values()]
    ends += [t._data.tobytes() for _, layer in trainer.run.own_layers() for t in layer.state_dict().values()]
    return [*((e.number, e.loss, {b: g.tobytes() for b, g in e.grads.items()}, e.norms, e.rate) for e in epochs), ends]


def by_the_engine(made: Document, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The same training, each step computed by the engine."""
    monkeypatch.setattr(training, "_WORTH_A_PLAN", made.training.epochs)
    trainer = Trainer(made)
    epochs = list(trainer.epochs())
    assert trainer.replayed == 0
    return bits(epochs, trainer)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "RMSprop", ""])
@pytest.mark.parametrize(("policy", "to_none"), [("each", True), ("each", False), ("never", True)])
def test_a_replayed_training_is_the_engines(optimizer: str, policy: str, to_none: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = document(
        Training(epochs=EPOCHS, optimizer=optimizer, options={"lr": 0.01} if optimizer else {}, zero_grad=policy, to_none=to_none)
    )
    trainer = Trainer(made)
    epochs = list(trainer.epochs())
    assert [e.number for e in epochs] == list(range(1, EPOCHS + 1))
    assert trainer.replayed == EPOCHS - 3
    assert bits(epochs, trainer) == by_the_engine(made, monkeypatch)


_NETWORK = "loss = mean((nn.Linear(4, 1)({norm}(nn.Linear(1, 4)(reshape(x, (3, 1))))) - y)**2)"


@pytest.mark.parametrize(
    ("plan", "expression"),
    [
        (Training(clip=0.05), ""),
        (Training(clip=0.05, zero_grad="never"), ""),
        (Training(scheduler="StepLR", scheduler_options={"step_size": 10, "gamma": 0.5}), ""),
        (Training(scheduler="ReduceLROnPlateau", scheduler_options={"patience": 2}, optimizer="Adam", options={"lr": 0.5}), ""),
        (Training(clip=0.2, to_none=False), _NETWORK.format(norm="nn.BatchNorm1d(4)")),
        (Training(optimizer="Adam", options={"lr": 0.01}), _NETWORK.format(norm="nn.BatchNorm1d(4, momentum=None)")),
        (Training(clip=0.2), _NETWORK.format(norm="nn.Dropout(0.3)")),
        (Training(), "loss = mean((F.dropout(w*x) - y)**2)"),
    ],
    ids=[
        "clipped",
        "clipped and kept",
        "a rate that changes",
        "a rate that waits for losses",
        "batch norm",
        "an average",
        "dropout",
        "F.dropout",
    ],
)
def test_what_a_training_does_besides_is_replayed(plan: Training, expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = plan.options or {"lr": 0.05}
    made = document(replace(plan, epochs=EPOCHS, options=options), *([expression] if expression else []))
    trainer = Trainer(made)
    epochs = list(trainer.epochs())
    assert trainer.replayed == EPOCHS - 3
    assert bits(epochs, trainer) == by_the_engine(made, monkeypatch)


@pytest.mark.parametrize(
    "plan",
    [Training(epochs=EPOCHS, zero_grad="every", every=3), Training(epochs=EPOCHS, batch=2), Training(epochs=5)],
    ids=["not each step is the same", "batches", "few epochs"],
)
def test_other_trainings_go_step_by_step(plan: Training) -> None:
    trainer = Trainer(document(plan))
    assert len(list(trainer.epochs())) == plan.epochs
    assert trainer.replayed == 0

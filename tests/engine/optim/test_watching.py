"""What a watcher is told of optimizer steps, and that being watched changes no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import events

from . import trajectories


class Notes:
    """A watcher that writes down what concerns parameters."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def note(*args: Any) -> None:
            if name == "optimizer_step":
                optimizer, param, grad, after, skipped = args
                kept = (param, None if grad is None else grad.copy(), after.copy(), skipped)
                self.rows.append(("step", type(optimizer).__name__, *kept))
            elif name == "before_write":
                self.rows.append(("before write", args[0], args[0]._data.copy()))
            elif name == "inplace_write":
                self.rows.append(("write", args[1], args[3]))
            elif name == "zero_grad":
                self.rows.append(("zero grad", args[0], args[1]))

        return note


def watched(run: Any) -> list[tuple[Any, ...]]:
    """What is told while `run()` runs."""
    notes = Notes()
    with events.watch(notes):  # type: ignore[arg-type]
        run()
    return notes.rows


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"])
def test_each_parameter_is_told_before_and_after(torch: Any, kind: str) -> None:
    x, idle = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor([3.0], requires_grad=True)
    x.grad = torch.tensor([0.5, -0.25])
    optimizer = getattr(torch.optim, kind)([x, idle], lr=0.1)
    told = watched(optimizer.step)
    rows = [row for row in told if row[0] != "before write" or row[1] is x or row[1] is idle]
    assert [row[0] for row in rows] == ["before write", "step", "step"]
    assert rows[0][1] is x
    assert rows[0][2].tolist() == [1, -2]
    _, name, param, grad, after, skipped = rows[1]
    assert (name, param is x, grad.tolist(), skipped) == (kind, True, [0.5, -0.25], False)
    assert after.tolist() == x.tolist() != [1, -2]
    _, _, param, grad, after, skipped = rows[2]
    assert (param is idle, grad, after.tolist(), skipped) == (True, None, [3], True)


@pytest.mark.parametrize("kind", ["Adam", "RMSprop", "Adagrad", "Rprop"])
def test_what_an_optimizer_keeps_is_announced_before_it_is_written_and_gets_a_new_version(torch: Any, kind: str) -> None:
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = getattr(torch.optim, kind)([x], lr=0.1)
    x.grad = torch.tensor([0.5, -0.25])
    optimizer.step()
    kept = [value for value in optimizer.state[x].values() if isinstance(value, torch.Tensor)]
    versions = [value._version for value in kept]
    announced = [row[1] for row in watched(optimizer.step) if row[0] == "before write"]
    assert kept
    assert all(any(value is one for one in announced) for value in kept)
    assert all(value._version > before for value, before in zip(kept, versions, strict=True))


def test_lbfgs_tells_moves_as_steps_and_trials_as_writes(torch: Any) -> None:
    x = torch.tensor([3.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([x], max_iter=1, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (x**2).sum()
        loss.backward()
        return loss

    rows = watched(lambda: optimizer.step(closure))
    steps = [row for row in rows if row[0] == "step"]
    trials = [row for row in rows if row[0] == "write"]
    assert len(steps) == 1
    assert steps[0][4].tolist() == x.tolist() != [3]
    assert trials
    assert all(row[1] is x and row[2] == "optimizer" for row in trials)


def test_zero_grad_is_told_with_what_becomes_of_the_gradient(torch: Any) -> None:
    x = torch.tensor([1.0], requires_grad=True)
    x.grad = torch.tensor([7.0])
    optimizer = torch.optim.SGD([x], lr=0.1)
    rows = watched(lambda: (optimizer.zero_grad(set_to_none=False), optimizer.zero_grad()))
    told = [row for row in rows if row[0] == "zero grad"]
    assert [(row[1] is x, row[2]) for row in told] == [(True, False), (True, True)]


@pytest.mark.parametrize("name", ["sgd all", "adam amsgrad", "rmsprop all", "nadam all"])
def test_being_watched_changes_nothing(torch: Any, name: str) -> None:
    alone = trajectories.run(torch, name)
    with events.watch(Notes()):  # type: ignore[arg-type]
        seen = trajectories.run(torch, name)
    np.testing.assert_equal(seen, alone)

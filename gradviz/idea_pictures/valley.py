"""The loss over one number of the parameters, and the way that training took along it: what a learning rate does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .losses import loss_before, training_losses
from .program import Program
from .surface import Coordinate, Evaluator, around, coordinates, path_of

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

POINTS = 201


@dataclass(frozen=True, slots=True)
class Valley:
    """The picture.

    Attributes:
        xs, loss: the curve.
        path: (n, 2): the number and the recorded loss at each step.
        slope: the slope of the curve at the point of the moment: the gradient of the number.
        exact: whether the path lies on the curve: nothing else changed.
    """

    x: Coordinate
    xs: Array
    loss: Array
    path: Array
    events: tuple[int, ...]
    now: int
    slope: float
    exact: bool


def fits(session: Session) -> bool:
    """Whether there is a loop with at least two losses, and a number to draw them over."""
    return len(training_losses(session)) >= 2 and bool(coordinates(session))


def valley(session: Session, position: int, x: Coordinate, points: int = POINTS) -> Valley | None:
    """The loss along one number with all others as they are at the moment; None where it cannot be computed again."""
    at = loss_before(session, position)
    program = Program.of(session, at) if at is not None else None
    path, events = path_of(session, position, x)
    if program is None or not len(path):
        return None
    evaluate = Evaluator(program, x)
    xs = around(path[:, 0], points)
    loss = np.array([evaluate(float(a)) for a in xs])
    now = sum(event <= position for event in events) - 1
    here = float(path[max(now, 0), 0])
    step = max(1e-3, 1e-3 * abs(here))  # the numbers are float32
    slope = (evaluate(here + step) - evaluate(here - step)) / (2 * step)
    on_path = np.array([evaluate(a) for a in path[:, 0].tolist()])
    exact = bool(np.allclose(on_path, path[:, 1], rtol=1e-3, atol=1e-5))
    return Valley(x, xs, loss, path, events, now, slope, exact)

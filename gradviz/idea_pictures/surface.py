"""The loss over two numbers of the parameters, and the path that training took on it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.scene import NodeKind
from .losses import loss_before, training_losses
from .program import Program

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

POINTS = 33  # along each side
MARGIN = 0.35  # of the path's extent, on each side
LEAST = 0.5  # extent of the picture where the path stands still
CHOICES = 64  # entries of parameters to choose from


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One number of a parameter: entry `index` of its flat array."""

    leaf: int  # node id
    tensor: int
    index: int
    name: str  # "w" or "weight[3]"


@dataclass(frozen=True, slots=True)
class Surface:
    """The picture.

    Attributes:
        xs, ys: values of the two numbers along the sides.
        loss: (len(ys), len(xs)), nan where it cannot be computed.
        path: (n, 3): the two numbers and the recorded loss at each step.
        events: for each point of the path the event of its loss.
        now: the point of the path that stands at the moment, -1 before the first.
        exact: whether the surface passes through the path: no other parameter moved, and the data stayed the same.
    """

    x: Coordinate
    y: Coordinate
    xs: Array
    ys: Array
    loss: Array
    path: Array
    events: tuple[int, ...]
    now: int
    exact: bool


def coordinates(session: Session) -> tuple[Coordinate, ...]:
    """The numbers that can be chosen: those of the parameters that the training loss reads."""
    events = training_losses(session)
    program = Program.of(session, events[0]) if events else None
    if program is None:
        return ()
    found: list[Coordinate] = []
    tensors = set(program.leaves.values())
    for node in session.graph().nodes:
        if node.kind != NodeKind.PARAMETER or not node.dtype.startswith("float"):
            continue
        tensor = next((t for t in tensors if session.trace.site_of_tensor(t) == node.id), None)
        if tensor is None:
            continue
        size = int(np.prod(node.shape, dtype=np.int64))
        for k in range(min(size, CHOICES - len(found))):
            place = ", ".join(map(str, np.unravel_index(k, node.shape))) if node.shape else ""
            found.append(Coordinate(node.id, tensor, k, f"{node.title}[{place}]" if place else node.title))
    return tuple(found)


def fits(session: Session) -> bool:
    """Whether there is a loop with at least two losses, and two numbers to draw them over."""
    return len(training_losses(session)) >= 2 and len(coordinates(session)) >= 2


def path_of(session: Session, x: Coordinate, y: Coordinate) -> tuple[Array, tuple[int, ...]]:
    """The two numbers and the loss at each step, as recorded."""
    trace, rows, events = session.trace, [], []
    for event in training_losses(session):
        loss = trace.picture(trace.event(event).writes[0].value)
        pair = []
        for one in (x, y):
            value = trace.picture(trace.value_at(trace.location("val", one.tensor), event))
            if value is not None and value.array is not None:
                pair.append(float(value.array.reshape(-1)[one.index]))
        if len(pair) == 2 and loss is not None and loss.array is not None:
            rows.append((*pair, float(loss.array.reshape(-1)[0])))
            events.append(event)
    return np.array(rows, np.float64).reshape(-1, 3), tuple(events)


def surface(session: Session, position: int, x: Coordinate, y: Coordinate, points: int = POINTS) -> Surface | None:
    """The loss around the path, with all other numbers as they are at the moment; None where it cannot be computed again."""
    at = loss_before(session, position)
    program = Program.of(session, at) if at is not None else None
    path, events = path_of(session, x, y)
    if program is None or not len(path):
        return None
    xs, ys = (_around(path[:, k], points) for k in (0, 1))
    evaluate = Evaluator(program, x, y)
    loss = np.array([[evaluate(a, b) for a in xs] for b in ys])
    on_path = np.array([evaluate(a, b) for a, b in path[:, :2].tolist()])
    exact = bool(np.allclose(on_path, path[:, 2], rtol=1e-3, atol=1e-5))
    now = sum(event <= position for event in events) - 1
    return Surface(x, y, xs, ys, loss, path, events, now, exact)


class Evaluator:
    """The loss as a function of two numbers."""

    def __init__(self, program: Program, x: Coordinate, y: Coordinate) -> None:
        self._program = program
        self._places = [(program.place_of(one.tensor), one.index) for one in (x, y)]
        self._plan = program.dependents({place for place, _ in self._places})

    def __call__(self, x: float, y: float) -> float:
        changed: dict[int, Array] = {}
        for (place, index), value in zip(self._places, (x, y), strict=True):
            if place < 0:
                return float("nan")
            if place not in changed:
                changed[place] = self._program.values[place].copy()
            changed[place].reshape(-1)[index] = value
        found = self._program.run(changed, self._plan)
        return float(found.reshape(-1)[0]) if found is not None else float("nan")


def _around(values: Array, points: int) -> Array:
    low, high = float(values.min()), float(values.max())
    extent = max(high - low, LEAST * max(1.0, 0.2 * abs(low)))
    middle = (low + high) / 2
    reach = extent * (0.5 + MARGIN)
    return np.linspace(middle - reach, middle + reach, points)


def is_downhill(surface_: Surface) -> bool:
    """Whether each step of the path lowered the loss."""
    return all(b <= a for a, b in pairwise(surface_.path[:, 2].tolist()))

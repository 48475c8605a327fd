"""The loss over two numbers of the parameters, and the path that training took on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .losses import loss_before, training_losses
from .program import Program

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

POINTS = 33  # along each side
MARGIN = 0.35  # of the path's extent, on each side
LEAST = 0.5  # extent of the picture where the path stands still
MOST_STEPS = 400  # of the path
CHOICES = 64  # entries of parameters to choose from


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One number of a parameter: entry `index` of its flat array."""

    leaf: int  # node id
    tensor: int
    index: int
    name: str  # "w" or "weight[3]"


@dataclass(frozen=True, slots=True)
class Beside:
    """The path of the same two entries of another parameter that began at the same place: what another optimizer did.

    Attributes:
        path: (n, 2), step by step beside the path of the picture.
    """

    name: str
    path: Array


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
        beside: paths of other parameters that began at the same place.
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
    beside: tuple[Beside, ...] = ()


def coordinates(session: Session, position: int | None = None) -> tuple[Coordinate, ...]:
    """The numbers that can be chosen: those of the parameters that the training loss (around a moment) reads."""
    events = training_losses(session, position)
    program = Program.of(session, events[0]) if events else None
    if program is None:
        return ()
    found: list[Coordinate] = []
    for place in sorted(program.trained):
        tensor, values = program.leaves[place], program.values[place]
        leaf = session.trace.site_of_tensor(tensor)
        node = session.graph().node(leaf)
        title = node.title if node is not None else f"tensor {tensor}"
        for k in range(min(values.size, CHOICES - len(found))):
            at = ", ".join(map(str, np.unravel_index(k, values.shape))) if values.shape else ""
            found.append(Coordinate(leaf, tensor, k, f"{title}[{at}]" if at and values.size > 1 else title))
    return tuple(found)


def fits(session: Session) -> bool:
    """Whether there is a loop with at least two losses, and two numbers to draw them over."""
    return len(training_losses(session)) >= 2 and len(coordinates(session)) >= 2


def path_of(session: Session, position: int, *coordinates_: Coordinate) -> tuple[Array, tuple[int, ...]]:
    """The numbers and the loss at each step, as recorded: (n, numbers + 1), and the events of the losses."""
    trace, rows, events = session.trace, [], []
    for event in thinned(training_losses(session, position), position):
        loss = trace.picture(trace.event(event).writes[0].value)
        row = []
        for one in coordinates_:
            value = trace.picture(trace.value_at(trace.location("val", one.tensor), event))
            if value is not None and value.array is not None:
                row.append(float(value.array.reshape(-1)[one.index]))
        if len(row) == len(coordinates_) and loss is not None and loss.array is not None:
            rows.append((*row, float(loss.array.reshape(-1)[0])))
            events.append(event)
    return np.array(rows, np.float64).reshape(-1, len(coordinates_) + 1), tuple(events)


def surface(session: Session, position: int, x: Coordinate, y: Coordinate, points: int = POINTS) -> Surface | None:
    """The loss around the path, with all other numbers as they are at the moment; None where it cannot be computed again."""
    at = loss_before(session, position)
    program = Program.of(session, at) if at is not None else None
    path, events = path_of(session, position, x, y)
    if program is None or not len(path):
        return None
    beside = _beside(session, position, x, y, path)
    xs, ys = (around(np.concatenate([path[:, k], *(other.path[:, k] for other in beside)]), points) for k in (0, 1))
    evaluate = Evaluator(program, x, y)
    loss = np.array([[evaluate(a, b) for a in xs] for b in ys])
    on_path = np.array([evaluate(a, b) for a, b in path[:, :2].tolist()])
    exact = bool(np.allclose(on_path, path[:, 2], rtol=1e-3, atol=1e-5))
    now = sum(event <= position for event in events) - 1
    return Surface(x, y, xs, ys, loss, path, events, now, exact, beside)


def _beside(session: Session, position: int, x: Coordinate, y: Coordinate, path: Array) -> tuple[Beside, ...]:
    """The paths of the same entries of other parameters, where they began at the same place."""
    if x.tensor != y.tensor:
        return ()
    every = {(one.tensor, one.index): one for one in coordinates(session, position)}
    made = []
    for tensor in dict.fromkeys(tensor for tensor, _ in every if tensor != x.tensor):
        first, second = every.get((tensor, x.index)), every.get((tensor, y.index))
        if first is None or second is None:
            continue
        other, _ = path_of(session, position, first, second)
        if len(other) == len(path) and np.allclose(other[0, :2], path[0, :2], rtol=1e-6):
            made.append(Beside(first.name.partition("[")[0], other[:, :2]))
    return tuple(made)


class Evaluator:
    """The loss as a function of some numbers."""

    def __init__(self, program: Program, *coordinates_: Coordinate) -> None:
        self._program = program
        self._places = [(program.place_of(one.tensor), one.index) for one in coordinates_]
        self._plan = program.dependents({place for place, _ in self._places})

    def __call__(self, *values: float) -> float:
        changed: dict[int, Array] = {}
        for (place, index), value in zip(self._places, values, strict=True):
            if place < 0:
                return float("nan")
            if place not in changed:
                changed[place] = self._program.values[place].copy()
            changed[place].reshape(-1)[index] = value
        found = self._program.run(changed, self._plan)
        return float(found.reshape(-1)[0]) if found is not None else float("nan")


def thinned(events: tuple[int, ...], position: int) -> list[int]:
    """At most so many steps of a long training, with the first, the last, and the one of the moment."""
    if len(events) <= MOST_STEPS:
        return list(events)
    kept = {events[round(k)] for k in np.linspace(0, len(events) - 1, MOST_STEPS)}
    behind = [event for event in events if event <= position]
    return sorted(kept | set(behind[-1:]))


def around(values: Array, points: int) -> Array:
    """Places that span the path with a margin."""
    low, high = float(values.min()), float(values.max())
    extent = max(high - low, LEAST * max(1.0, 0.2 * abs(low)))
    middle = (low + high) / 2
    reach = extent * (0.5 + MARGIN)
    return np.linspace(middle - reach, middle + reach, points)

"""Where a classifier is undecided: its output over the plane of two features, with the data on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .losses import loss_before, training_losses
from .program import Instruction, Program

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

POINTS = 48  # along each side
MARGIN = 0.3
MOST_CLASSES = 10
LOGIT_LOSSES = ("binary_cross_entropy_with_logits",)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The picture.

    Attributes:
        xs, ys: the two features along the sides.
        score: (len(ys), len(xs)): for two classes the output; for more, the class with the largest one.
        level: where two classes meet in `score`; nan for more than two.
        leads: one grid a boundary, which runs where it is 0: how far the output is above the level; for more than two
            classes, of each class how far it is above the best of the others.
        data, labels: the points, and the class of each.
        right: how many points stand on their side.
        output: node id of the output that is drawn.
    """

    xs: Array
    ys: Array
    score: Array
    level: float
    leads: tuple[Array, ...]
    data: Array
    labels: Array
    right: int
    output: int
    event: int


@dataclass(frozen=True, slots=True)
class _Parts:
    """What of a program is data, target and output."""

    program: Program
    data: int  # place
    target: int  # place
    output: int  # place
    site: int
    loss: str  # the op that compares


def fits(session: Session) -> bool:
    """Whether the training loss compares labels with an output that is computed from points of a plane."""
    events = training_losses(session)
    return bool(events) and _parts(session, events[0]) is not None


def boundary(session: Session, position: int, points: int = POINTS) -> Boundary | None:
    """The picture with the parameters as they are at the moment."""
    at = loss_before(session, position)
    parts = _parts(session, at) if at is not None else None
    if at is None or parts is None:
        return None
    program = parts.program
    data = program.values[parts.data].astype(np.float64)
    labels = _labels(program.values[parts.target], len(data))
    xs, ys = (_around(data[:, k], points) for k in (0, 1))
    grid = np.stack([a.reshape(-1) for a in np.meshgrid(xs, ys)], axis=1).astype(program.values[parts.data].dtype)
    changed = _parameters_now(session, program, position)
    out = program.run({**changed, parts.data: grid}, result=parts.output)
    here = program.run(changed, result=parts.output) if changed else program.values[parts.output]
    if out is None or here is None or len(out) != len(grid):
        return None
    level = _level(parts, program)
    score, mine = _score(out), _score(here)
    sides = mine if score_is_class(out) else mine > level
    two = np.unique(labels)
    wanted = labels if score_is_class(out) else labels == two[-1]
    right = int(np.count_nonzero(sides == wanted))
    shape = (len(ys), len(xs))
    drawn = float("nan") if score_is_class(out) else level
    score = score.reshape(shape).astype(np.float64)
    leads = _leads(out.astype(np.float64), shape) if score_is_class(out) else (score - level,)
    return Boundary(xs, ys, score, drawn, leads, data, labels, right, parts.site, at)


def score_is_class(out: Array) -> bool:
    """Whether an output has a column a class, more than two."""
    return out.ndim == 2 and out.shape[1] > 2


def _score(out: Array) -> Array:
    """One number a point: the output itself, the difference of two columns, or the number of the largest column."""
    flat = out.reshape(len(out), -1)
    if flat.shape[1] == 1:
        return flat[:, 0]
    if flat.shape[1] == 2:
        return np.asarray(flat[:, 1] - flat[:, 0])
    return np.asarray(flat.argmax(axis=1))


def _leads(out: Array, shape: tuple[int, int]) -> tuple[Array, ...]:
    """Of each class how far it is above the best of the others."""
    others = [np.delete(out, k, axis=1).max(axis=1) for k in range(out.shape[1])]
    return tuple((out[:, k] - best).reshape(shape) for k, best in enumerate(others))


def _level(parts: _Parts, program: Program) -> float:
    """The output at which two classes meet: 0 for logits, else the middle of the two targets."""
    out = program.values[parts.output]
    if parts.loss in LOGIT_LOSSES or (out.ndim == 2 and out.shape[1] == 2):
        return 0.0
    targets = program.values[parts.target].astype(np.float64)
    return float((targets.min() + targets.max()) / 2)


def _labels(target: Array, count: int) -> Array:
    """The class of each point; of targets with a column a class the largest column."""
    flat = target.reshape(count, -1)
    return flat[:, 0].astype(np.float64) if flat.shape[1] == 1 else flat.argmax(axis=1).astype(np.float64)


def _parameters_now(session: Session, program: Program, position: int) -> dict[int, Array]:
    """The leaves as they are at the moment, where they differ from what the loss read."""
    trace, found = session.trace, {}
    for place, tensor in program.leaves.items():
        now = trace.picture(trace.value_at(trace.location("val", tensor), position))
        if now is not None and now.array is not None and now.array.shape == program.values[place].shape:
            found[place] = now.array
    return found


def _parts(session: Session, event: int) -> _Parts | None:
    """Finds data (N, 2), target (N labels) and the last value of N rows that knows the data and not the target."""
    program = Program.of(session, event)
    if program is None:
        return None
    for data in program.leaves:
        points = program.values[data]
        if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind != "f" or len(points) < 2:
            continue
        if session.trace.requires_grad(session.trace.location("val", program.leaves[data]), event):
            continue
        for target in program.leaves:
            if target == data or not _is_target(program.values[target], len(points)):
                continue
            found = _output(program, data, target, len(points))
            if found is not None:
                return _Parts(program, data, target, found[0].output, found[0].site, found[1])
    return None


def _is_target(values: Array, count: int) -> bool:
    """Whether these may be labels: as many as points, of few different values."""
    if values.ndim == 0 or values.shape[0] != count or values.size == 0:
        return False
    if values.size not in (count, count * values.shape[-1]) or values.dtype.kind not in "fiub":
        return False
    return 2 <= len(np.unique(values)) <= MOST_CLASSES


def _output(program: Program, data: int, target: int, count: int) -> tuple[Instruction, str] | None:
    """The last instruction that knows the data and not the target, and the op that brings both together."""
    after_data = {i.event for i in program.dependents({data})}
    after_target = {i.event for i in program.dependents({target})}
    makers = {i.output: i for i in program.instructions}
    for instruction in program.instructions:
        if instruction.event not in after_data or instruction.event not in after_target:
            continue
        for place, _ in instruction.inputs:
            maker = makers.get(place)
            if maker is None or maker.event not in after_data or maker.event in after_target:
                continue
            out = program.values[place]
            if out.shape[:1] == (count,) and out.size // count <= MOST_CLASSES:
                return maker, instruction.row.name
    return None


def _around(values: Array, points: int) -> Array:
    low, high = float(values.min()), float(values.max())
    reach = max(high - low, 1e-6) * MARGIN
    return np.linspace(low - reach, high + reach, points)

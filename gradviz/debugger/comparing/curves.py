"""The curves of one parameter in two runs, and of their difference, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..float64 import widened

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from .comparison import RunComparison

_POINTS = 2000  # steps of a curve; of a longer run as many, evenly spaced
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Curves:
    """A parameter's value or `.grad` at the end of each step: the number itself where it is one, else the norm; nan for None.

    Attributes:
        events: the event of A that wrote it, -1 where A did not: where a click goes.
        difference: the norm of A - B.
    """

    name: str
    quantity: str  # "grad" or "value"
    scalar: bool
    steps: Floats
    a: Floats
    b: Floats
    difference: Floats
    events: tuple[int, ...]


def parameters(comparison: RunComparison) -> tuple[tuple[int, str], ...]:
    """The leaves that both runs have and one of them trains, as (site of A, name)."""
    back, sites = comparison.alignment.sites_back, comparison.a.recording.sites
    trained_b = set(comparison.b.leaves())
    trained = [n.id for n in comparison.a.graph().nodes if n.is_leaf and (n.requires_grad or back.get(n.id) in trained_b)]
    return tuple((leaf, sites[leaf].name or f"line {sites[leaf].line}") for leaf in trained if leaf in back and sites[leaf].role == "leaf")


def curves_of(comparison: RunComparison, leaf: int, quantity: str = "grad") -> Curves:
    """Both runs of one leaf (a site of A)."""
    other = comparison.alignment.sites_back[leaf]
    wrote_a, wrote_b = _last_of_steps(comparison.a, leaf, quantity), _last_of_steps(comparison.b, other, quantity)
    steps = sorted(set(wrote_a) | set(wrote_b))
    if len(steps) > _POINTS:
        steps = [steps[k] for k in np.linspace(0, len(steps) - 1, _POINTS).astype(int)]
    values_a = [wrote_a.get(step, (-1, -1)) for step in steps]
    values_b = [wrote_b.get(step, (-1, -1)) for step in steps]
    scalar = all(_size(s, v) in (1, None) for s, pairs in ((comparison.a, values_a), (comparison.b, values_b)) for _, v in pairs)
    differences = [_difference(comparison, a, b) for (_, a), (_, b) in zip(values_a, values_b, strict=True)]
    return Curves(
        name=comparison.a.recording.sites[leaf].name or comparison.a.recording.sites[leaf].op,
        quantity=quantity,
        scalar=scalar,
        steps=np.array(steps, np.float64),
        a=np.array([_height(comparison.a, v, scalar) for _, v in values_a], np.float64),
        b=np.array([_height(comparison.b, v, scalar) for _, v in values_b], np.float64),
        difference=np.array(differences, np.float64),
        events=tuple(event for event, _ in values_a),
    )


def _last_of_steps(run: RecordedRun, leaf: int, quantity: str) -> dict[int, tuple[int, int]]:
    """Step -> (event, value) of the last write in it; a zero_grad at the end of a step does not hide what was there."""
    trace, columns = run.trace, run.columns
    if quantity == "grad":
        rows = [row for row in trace.grad_writes(leaf) if columns.kind[row] == int(Kind.ACCUMULATE)]
    else:
        found: set[int] = set()
        for row in trace.made[leaf]:
            writes = trace.event(int(row)).writes
            if writes:
                found.update(trace.writes(writes[0].location))
        rows = sorted(found)
    values = run.recording.first_written(np.array(rows, np.int64)).tolist() if rows else []
    return {int(columns.step[row]): (int(row), int(value)) for row, value in zip(rows, values, strict=True)}


def _size(run: RecordedRun, value: int) -> int | None:
    return int(np.prod(run.recording.form(value)[0])) if value >= 0 else None


def _height(run: RecordedRun, value: int, scalar: bool) -> float:
    if value < 0:
        return float("nan")
    stats = run.recording.stats(value)
    return stats.mean if scalar else stats.norm


def _difference(comparison: RunComparison, a: int, b: int) -> float:
    if a < 0 or b < 0:
        return float("nan")
    left, right = comparison.a.recording.array(a), comparison.b.recording.array(b)
    if left is not None and right is not None and left.shape == right.shape:
        return float(np.linalg.norm((widened(left) - widened(right)).ravel()))
    return abs(comparison.a.recording.stats(a).norm - comparison.b.recording.stats(b).norm)

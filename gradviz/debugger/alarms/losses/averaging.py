"""A mean over the samples that is divided by their number once more, or bent by a function that was meant for the loss of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...diagnosis.finding import source_line
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_MEANS = frozenset({
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "nll_loss", "nll_loss_nd", "nll_loss2d", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "mean", "kl_div", "soft_margin_loss", "hinge_embedding_loss", "cosine_embedding_loss",
})  # fmt: skip
_CALLED = {"nll_loss": "cross_entropy", "nll_loss_nd": "cross_entropy", "nll_loss2d": "cross_entropy"}
_MEANT = re.compile(
    r"accum|micro|steps?\b|tasks?\b|temperature|chunks|n_?views|world_size|ensemble|scal", re.IGNORECASE
)  # that it is divided by
_LOOKED_AT = 40  # passes, from the start
_ALIKE = 1e-3
_STEPS = 8  # from a mean to the factor that is made of it


def divided_again(run: RecordedRun) -> Iterator[Alarm]:
    """`loss / len(batch)` of a loss that is a mean already, in each of at least two passes with a step of its own; one alarm."""
    trace, columns = run.trace, run.columns
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT]
    if not len(begins):
        return
    moves = np.isin(columns.kind, (int(Kind.OPTIMIZER_STEP), int(Kind.INPLACE_WRITE))) & (columns.phase == int(Phase.UPDATE))
    between = np.diff(np.searchsorted(np.flatnonzero(moves), begins))
    if len(begins) > 1 and not (between > 0).all():
        return  # passes that one step adds up: what is divided by may be their number
    cleared = np.flatnonzero(np.isin(columns.kind, (int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD))))
    if len(cleared) and len(begins) > 1 and not (np.diff(np.searchsorted(cleared, begins)) > 0).all():
        return  # .grad adds up several passes, whether or not each has its step
    found: list[tuple[Event, Event, int]] = []
    for begin in map(trace.event, begins.tolist()):
        root = maker(run, begin.reads[0], begin.index) if begin.reads else None
        factor = _divided_by(root) if root is not None else 0.0
        mean = behind(run, root.reads[0], root.index) if root is not None and factor > 1 else None
        count = _averaged(run, mean) if mean is not None else 0
        if root is None or mean is None or count < 2 or abs(factor - count) > _ALIKE * count or _MEANT.search(source_line(run, root.line)):
            return
        found.append((root, mean, count))
    root, mean, count = found[0]
    op = _CALLED.get(str(mean.detail.get("op")), str(mean.detail.get("op")))
    yield Alarm(
        "divided again", Severity.WARNING, "a mean is divided again",
        f"{op} (line {mean.line}) is the mean over {count} samples already, and line {root.line} divides it by {count} once more: each gradient is {count} times too small, as if the learning rate were.",
        'Leave the division away; or ask for the sum, and divide that: reduction="sum".', root.index, tuple(s for s in (root.site, mean.site) if s >= 0), len(found), root.line,
    )  # fmt: skip


def _divided_by(event: Event) -> float:
    """The number that a result is divided by, also as a product with its reciprocal; 0 for another op."""
    numbers = [number for number in (event.detail.get("numbers") or {}).values() if isinstance(number, int | float)]
    if len(numbers) != 1 or len(event.reads) != 1 or not numbers[0]:
        return 0.0
    op = event.detail.get("op")
    if op == "div" and 1 in event.detail["numbers"]:
        return float(numbers[0])
    return 1 / float(numbers[0]) if op == "mul" else 0.0


def _averaged(run: RecordedRun, event: Event) -> int:
    """Over how many samples an op takes the mean; 0 where it takes none."""
    params = event.detail.get("params") or {}
    if event.detail.get("op") not in _MEANS or not event.reads or event.reads[0].value < 0 or params.get("reduction", "mean") != "mean":
        return 0
    shape = run.recording.form(event.reads[0].value)[0]
    if event.detail.get("op") == "mean" and params.get("dim") not in (None, 0, [0]):
        return 0
    return int(shape[0]) if len(shape) else 0


def bent_after_the_mean(run: RecordedRun) -> Iterator[Alarm]:
    """(1 - exp(-loss)) ** gamma * loss of a loss that is a mean already, as focal loss by hand often is: no sample weighs more than another; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"mul"})):
        if site.index not in trace.fired or len(event.reads) != 2 or min(ref.value for ref in event.reads) < 0:
            continue
        if any(run.recording.form(ref.value)[0] for ref in event.reads):
            continue
        for factor, loss in (event.reads, event.reads[::-1]):
            mean = behind(run, loss, event.index, through=_scaled)
            count = _averaged(run, mean) if mean is not None else 0
            bent = _exponential_of(run, factor, event, mean) if mean is not None and count > 1 else None
            if mean is None or bent is None:
                continue
            op = _CALLED.get(str(mean.detail.get("op")), str(mean.detail.get("op")))
            yield Alarm(
                "weights after the mean", Severity.WARNING, "one weight for all samples",
                f"{op} in line {mean.line} is the mean over {count} samples already. Line {bent.line} makes a probability of that mean, and line {site.line} weighs it by itself: all samples get one weight, the hard ones no more than "
                "the easy ones.",
                'Keep one loss for each sample (reduction="none"), weigh each by itself, and take the mean then.', event.index, (mean.site, site.index), len(trace.made[site.index]), mean.line,
            )  # fmt: skip
            return


def _scaled(event: Event) -> bool:
    """Whether an event gives one number on, with another sign or scale."""
    return event.detail.get("op") in ("neg", "mul", "div") and len(event.reads) == 1


def _exponential_of(run: RecordedRun, factor: Ref, at: Event, mean: Event) -> Event | None:
    """The exp() in a factor that was made of one number, the mean, and of nothing else."""
    event, found = maker(run, factor, at.index), None
    for _ in range(_STEPS):
        if event is None or event.index == mean.index or len(event.reads) != 1:
            break
        found = event if event.detail.get("op") == "exp" else found
        event = maker(run, event.reads[0], event.index)
    return found if event is not None and event.index == mean.index else None

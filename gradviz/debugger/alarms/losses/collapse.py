"""A loss that only pulls two outputs of one network together: one output for all samples makes it smallest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ..alarm import Alarm, Severity
from ..origin import maker

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_REDUCING = frozenset({"mean", "sum", "neg", "view", "squeeze", "sqrt", "pow", "abs", "linalg_vector_norm", "clone", "_to_copy"})
_SCALED = frozenset({"mul", "div", "add", "sub", "rsub"})  # of a number
_DISTANCES = frozenset({"mse_loss", "smooth_l1_loss", "huber_loss", "l1_loss"})
_MOST = 40  # ops between the loss and what it compares
_FAR = 300  # tensors back from there to the data
_PASSES = 2


def both_sides_pulled(run: RecordedRun) -> Iterator[Alarm]:
    """Nothing but distances (or minus likenesses) between what one network makes of two views, with a gradient on both sides; one alarm."""
    trace, columns = run.trace, run.columns
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    if len(begins) < _PASSES or not (columns.kind == int(Kind.OPTIMIZER_STEP)).any():
        return
    begin = trace.event(int(begins[0]))
    root = maker(run, begin.reads[0], begin.index) if begin.reads else None
    pairs = _compared(run, root) if root is not None else []
    if not pairs:
        return
    for event in pairs:
        one, other = (_behind(run, ref, event.index) for ref in event.reads[:2])
        if one is None or other is None or not one[0] & other[0] or one[1] == other[1]:
            return
    event = pairs[0]
    yield Alarm(
        "both sides pulled", Severity.WARNING, "nothing keeps the samples apart",
        f"The loss is made of nothing but line {event.line}, which brings two outputs of one network together, and both sides of it learn: one output for all samples makes it as small as it can "
        "be, and that is what the network learns.",
        "Take one side as given: z.detach() (SimSiam), or what a slow copy of the network gives under no_grad (BYOL); or add what keeps the samples apart, such as pairs that do not belong together.",
        event.index, (event.site,) if event.site >= 0 else (), len(begins), event.line,
    )  # fmt: skip


def _compared(run: RecordedRun, root: Event) -> list[Event]:
    """What a loss compares, where it is a sum of comparisons that grow with it; [] where it is anything else."""
    trace, found, waiting, seen = run.trace, list[Event](), [(root, 1)], 0
    while waiting:
        event, sign = waiting.pop()
        seen += 1
        op, numbers = str(event.detail.get("op")), [n for n in (event.detail.get("numbers") or {}).values() if isinstance(n, int | float)]
        tracked = [ref for ref in event.reads if trace.requires_grad(ref.location, event.index)]
        if seen > _MOST or event.kind not in (Kind.OP, Kind.VIEW) or not event.detail.get("grad_fn") or len(tracked) != len(event.reads):
            return []
        if (
            len(tracked) == 2
            and op in ("mul", "sub", *_DISTANCES)
            and _rows(run, tracked[0])
            and _rows(run, tracked[0]) == _rows(run, tracked[1])
        ):
            if (op == "mul") == (sign > 0):
                return []  # the likeness is made small, or the distance large
            found.append(event)
            continue
        if len(tracked) == 2 and op == "add":
            signs = [sign, sign]
        elif len(tracked) == 1 and (op in _REDUCING or (op in _SCALED and len(numbers) == 1)):
            flips = op in ("neg", "rsub") or (op in ("mul", "div") and numbers[0] < 0)
            signs = [-sign if flips else sign]
        else:
            return []
        for ref, side in zip(tracked, signs, strict=True):
            made = maker(run, ref, event.index)
            if made is None:
                return []
            waiting.append((made, side))
    return found


def _rows(run: RecordedRun, ref: Ref) -> tuple[int, ...]:
    """The shape of a row of features for each sample; () for anything else."""
    shape = tuple(run.recording.form(ref.value)[0]) if ref.value >= 0 else ()
    return shape if len(shape) == 2 and min(shape) >= 2 else ()


def _behind(run: RecordedRun, ref: Ref, before: int) -> tuple[frozenset[int], frozenset[int]] | None:
    """The parameters and the data that something was computed from, as tensors; None where that is too far to see."""
    trace, parameters, data = run.trace, set[int](), set[int]()
    waiting, seen = [(ref.location, before)], {ref.location}
    for location, row in waiting:
        at = trace.last_write(location, row - 1)
        event = trace.event(at) if at is not None else None
        if len(waiting) > _FAR:
            return None
        if event is None or event.kind not in (Kind.OP, Kind.VIEW) or not event.reads:
            (parameters if trace.requires_grad(location, row) else data).add(trace.tensor_of(location))
            continue
        if not event.detail.get("grad_fn"):
            data.add(trace.tensor_of(location))
            continue
        fresh = [each.location for each in event.reads if each.location not in seen]
        seen.update(fresh)
        waiting += [(each, event.index) for each in fresh]
    return frozenset(parameters), frozenset(data)

"""Updates that are lost in rounding: a parameter of few digits that is too coarse for what a step would add to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ...words.names import node_title
from ..alarm import Alarm, Severity
from .diverging import rate
from .optimizing import moved_by

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_STEPS = 64  # of single parameters, from the start
_COARSE = {"float16": 1e-3, "bfloat16": 8e-3}  # the distance of neighbouring numbers, as a share of them
_MOST = 0.5


def lost(run: RecordedRun) -> Iterator[Alarm]:
    """Steps that leave most elements of parameters in half precision exactly as they were, though each has a gradient; one alarm."""
    trace, recording = run.trace, run.recording
    rows = np.flatnonzero(run.columns.kind == int(Kind.OPTIMIZER_STEP))[:_STEPS].tolist()
    same = moved = 0
    first, dtype = -1, ""
    for event in map(trace.event, rows):
        if event.detail.get("skipped") or not event.writes or not event.reads or min(event.writes[0].value, event.reads[0].value) < 0:
            continue
        kind = recording.form(event.writes[0].value)[1]
        before = trace.value_at(event.writes[0].location, event.index - 1)
        if kind not in _COARSE or before < 0 or recording.stats(event.reads[0].value).nans:
            continue
        old, new, gradient = (recording.array(value) for value in (before, event.writes[0].value, event.reads[0].value))
        if old is None or new is None or gradient is None or not old.shape == new.shape == gradient.shape:
            continue
        still = (old == new) & (gradient != 0)
        first, dtype = (event.index, kind) if first < 0 and still.any() else (first, dtype)
        same, moved = same + int(still.sum()), moved + int(((old != new) & (gradient != 0)).sum())
    if first < 0 or same <= _MOST * (same + moved):
        return
    event = trace.event(first)
    line, leaf = rate(run, event)[0], trace.site_of_tensor(moved_by(run, event))
    yield Alarm(
        "lost in rounding", Severity.WARNING, "updates are lost in rounding",
        f"The parameters are {dtype}, whose neighbouring numbers are about {_COARSE[dtype]:.1g} of their size apart, and step() in line {event.line} adds less than half of that: {same / (same + moved):.0%} of the "
        f"elements that have a gradient are exactly what they were, {node_title(trace, recording.sites[leaf])} among them.",
        "Keep the parameters in float32 (autocast computes in half precision all the same), or raise the learning rate.", first, (leaf,), len(rows), line,
    )  # fmt: skip

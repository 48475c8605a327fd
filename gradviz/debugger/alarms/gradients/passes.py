"""Passes that are made twice: backward() of one loss, again before anything was stepped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TURNS = 2
_LOOKED_AT = 2000


def of_one_loss_twice(run: RecordedRun) -> Iterator[Alarm]:
    """Two passes of the same loss in a turn, both added up before the step: every gradient is doubled; one alarm."""
    trace, columns = run.trace, run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT]
    writes = np.flatnonzero(np.isin(columns.kind, (int(Kind.OPTIMIZER_STEP), int(Kind.ZERO_GRAD), int(Kind.ASSIGN_GRAD))))
    accumulated = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    events = [trace.event(row) for row in rows.tolist()]
    found = [
        (one, two) for one, two in pairwise(events)
        if one.reads and two.reads and one.reads[0] == two.reads[0] and len(one.reads) == len(two.reads) == 1
        and not ((writes > one.index) & (writes < two.index)).any() and _adds(accumulated, one.index, two.index, run.length)
    ]  # fmt: skip
    stepped = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    if len({one.step for one, _ in found}) < _TURNS or not len(stepped) or not (stepped > found[0][1].index).any():
        return
    one, two = found[0]
    where = f"lines {one.line} and {two.line}" if one.line != two.line else f"line {one.line}"
    yield Alarm(
        "two passes", Severity.WARNING, "one loss is propagated back twice",
        f"backward() of {where} goes twice through the same loss before step() uses what it brings: each gradient is in the sum twice, {len(found)} times in this run.",
        "Call backward() once for each loss; retain_graph=True only hides that the second call is one too many.", two.index, (), len(found), two.line,
    )  # fmt: skip


def _adds(accumulated: np.ndarray, first: int, second: int, end: int) -> bool:
    """Whether both passes brought gradients to leaves."""
    return bool(((accumulated > first) & (accumulated < second)).any() and ((accumulated > second) & (accumulated < end)).any())

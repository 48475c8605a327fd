"""Functions of the script whose backward is not the slope of their forward, where the run was checked by numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...check import WRONG, checks_of
from ...diagnosis.python.definitions import returned
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def wrong(run: RecordedRun) -> Iterator[Alarm]:
    """One alarm a Function.

    Not told are stand-ins that are meant so: a slope for what has none (round, sign: the numeric slope is 0), and a forward that
    hands its input on unchanged (a reversal or clipping of the gradient).
    """
    told: set[str] = set()
    for check in checks_of(run.recording):
        site = run.recording.sites[check.site] if 0 <= check.site < len(run.recording.sites) else None
        if check.verdict != WRONG or site is None or check.op in told:
            continue
        name = re.sub(r"Backward\d*$", "", site.grad_fn or check.op)
        line = returned(run.recording.source, name, "backward")
        if not line or _stands_in(run, check.site, check.numeric):
            continue
        told.add(check.op)
        made = run.trace.made[check.site]
        yield Alarm(
            "wrong backward", Severity.ERROR, "backward is not the slope",
            f"backward() of {name} is not the slope of its forward: {node_title(run.trace, site)} (line {site.line}): {check.words}.",
            "Compare with the formula by hand, or with torch.autograd.gradcheck in float64.", int(made[0]) if len(made) else -1, (check.site,), 1, line,
        )  # fmt: skip


def _stands_in(run: RecordedRun, site: int, numeric: float) -> bool:
    if abs(numeric) < 1e-9:
        return True
    made = run.trace.made[site]
    event = run.trace.event(int(made[0])) if len(made) else None
    if event is None or not event.reads or not event.writes:
        return False
    before, after = (run.recording.array(ref.value) if ref.value >= 0 else None for ref in (event.reads[0], event.writes[0]))
    return before is not None and after is not None and before.shape == after.shape and bool(np.array_equal(before, after))

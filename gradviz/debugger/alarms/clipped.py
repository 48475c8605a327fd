"""Parameters that are held within bounds after the step of another network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind, Phase
from ..graph import node_title
from .alarm import Alarm, Severity

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_LOOKED_AT = 2000
_TIMES = 2


def what_did_not_move(run: RecordedRun) -> Iterator[Alarm]:
    """clamp_ of parameters, again and again, which no step has moved since the last time, while those of another network move before each; one alarm."""
    trace, columns = run.trace, run.columns
    writes = (columns.kind == int(Kind.INPLACE_WRITE)) & (columns.phase == int(Phase.UPDATE))
    rows = np.flatnonzero((columns.kind == int(Kind.OPTIMIZER_STEP)) | writes)[:_LOOKED_AT]
    moved: dict[int, int] = {}  # tensor: how often a step has moved it
    clipped: dict[int, list[int]] = {}  # tensor: how often it had been moved when it was clipped
    first: dict[int, int] = {}
    for row in rows.tolist():
        event = trace.event(row)
        if not event.writes:
            continue
        tensor = trace.tensor_of(event.writes[0].location)
        if event.kind == Kind.OPTIMIZER_STEP:
            moved[tensor] = moved.get(tensor, 0) + 1
        elif event.detail.get("op") == "clamp":
            clipped.setdefault(tensor, []).append(moved.get(tensor, 0))
            first.setdefault(tensor, row)
    if not clipped or not set(clipped) <= set(moved) or set(clipped) == set(moved):
        return
    idle = sum(a == b for counts in clipped.values() for a, b in pairwise(counts))
    others = [count for tensor, count in moved.items() if tensor not in clipped]
    if idle < _TIMES * len(clipped) or not others or min(others) <= max(moved[tensor] for tensor in clipped):
        return
    row = min(first.values())
    site = trace.site_of_tensor(trace.tensor_of(trace.event(row).writes[0].location))
    name = node_title(trace, run.recording.sites[site]) if site >= 0 else "a parameter"
    yield Alarm(
        "clipped the other", Severity.WARNING, "the other network is clipped",
        f"Line {trace.event(row).line} holds {name} and {len(clipped) - 1} more within bounds after steps that have not moved them: what moved before it, the other network, is clipped nowhere.",
        "Clip the parameters of the network whose optimizer was stepped: for p in critic.parameters().", row, (site,) if site >= 0 else (), len(clipped), trace.event(row).line,
    )  # fmt: skip

"""What is clipped in the wrong place: the parameters of another network, and a sum of gradients that is not complete."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind, Phase
from ...diagnosis.finding import source_line
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LOOKED_AT = 2000
_TIMES = 2
_SMALLER = 0.99  # what clipping leaves of a norm where it does something


def part_by_part(run: RecordedRun) -> Iterator[Alarm]:
    """clip_grad_norm_ after each of several passes that one step adds up: it shrinks the sum so far again and again; one alarm."""
    trace, columns = run.trace, run.columns
    clips = (columns.kind == int(Kind.INPLACE_WRITE)) & (columns.phase == int(Phase.UPDATE))
    kinds = (int(Kind.ACCUMULATE), int(Kind.OPTIMIZER_STEP), int(Kind.ZERO_GRAD))
    rows = np.flatnonzero(np.isin(columns.kind, kinds) | clips)[:_LOOKED_AT]
    if not clips[rows].any():
        return
    trace.open(rows)
    # tensor: whether a clip took something off since its last step and pass, and after how many such clips more was added
    state: dict[int, list[int]] = {}
    turns: dict[int, int] = {}
    where: dict[int, int] = {}
    for row in rows.tolist():
        event = trace.event(row)
        if not event.writes:
            continue
        location = event.writes[-1].location if event.kind != Kind.OPTIMIZER_STEP else event.writes[0].location
        tensor = trace.tensor_of(location)
        if event.kind == Kind.OPTIMIZER_STEP:
            turns[tensor] = turns.get(tensor, 0) + (state.pop(tensor, [0, 0])[1] > 0)
        elif event.kind == Kind.ZERO_GRAD:
            state.pop(tensor, None)  # what was clipped is thrown away
        elif event.kind == Kind.ACCUMULATE:
            if tensor in state and state[tensor][0]:
                state[tensor] = [0, state[tensor][1] + 1]
        elif (
            location == trace.location("grad", tensor)
            and "clip_grad" in source_line(run, event.line)
            and trace.norm(event.writes[-1].value) < _SMALLER * trace.norm(trace.value_at(location, row - 1))
        ):
            state[tensor] = [1, state.get(tensor, [0, 0])[1]]
            where.setdefault(tensor, row)
    found = [tensor for tensor, count in turns.items() if count >= _TIMES and tensor in where]
    if not found:
        return
    row = min(where[tensor] for tensor in found)
    event = trace.event(row)
    site = trace.site_of_tensor(found[0])
    yield Alarm(
        "clipped in parts", Severity.WARNING, "a sum is clipped before it is complete",
        f"Line {event.line} clips after each backward(), while one step adds up several: what the first passes brought is shrunk again with each one that follows, and the last counts most.",
        "Clip once, right before step().", row, (site,) if site >= 0 else (), len(found), event.line,
    )  # fmt: skip


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

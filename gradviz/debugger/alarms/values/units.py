"""Units that no longer learn: dead ReLUs, saturated tanh and sigmoid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind, Phase
from ...float64 import widened
from ...words.names import node_title
from ..alarm import Alarm, Severity, Thresholds
from ..training.diverging import rate

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LOOKED_AT = 8  # of a site's latest outputs
_CERTAIN = 0.999
_ROWS = 4  # of a softmax, before anything is said of it
_BATCH = 2  # samples that make a batch
_FOLLOWED = 64  # outputs, from the start, in which units die
_HALF = 0.5


def asleep(run: RecordedRun, thresholds: Thresholds) -> Iterator[Alarm]:
    """Dead units of ReLUs and saturation of tanh and sigmoid, one alarm a place."""
    trace, recording = run.trace, run.recording
    steps = np.flatnonzero(run.columns.kind == int(Kind.OPTIMIZER_STEP))
    first_step = int(steps[0]) if len(steps) else -1
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op == "softmax" and len(made):
            yield from _certain(run, site.index, first_step, thresholds)
        if site.op not in ("relu", "tanh", "sigmoid") or not len(made):
            continue
        events = [trace.event(int(row)) for row in made[-max(_LOOKED_AT, thresholds.dead_steps) :]]
        arrays = [recording.array(event.writes[0].value) for event in events if event.writes]
        known = [a for a in arrays if a is not None and a.ndim == 2 and a.shape[0] >= _BATCH]
        if not known:
            continue
        name = node_title(trace, site)
        if site.op == "relu":
            for alarm in _dead(site.index, name, site.line, known, events[-1].index, thresholds):
                yield _killed(run, [int(row) for row in made[:_FOLLOWED]], alarm) or alarm
        else:
            low = 0.03 if site.op == "sigmoid" else -0.97
            if site.index not in trace.fired or 0 <= first_step < int(made[0]):
                continue  # looked at, and not learned with
            share = float(np.mean([((a < low) | (a > 0.97)).mean() for a in known]))
            begun = [recording.array(e.writes[0].value) for e in (trace.event(int(row)) for row in made[:2]) if e.writes]
            if all(a is None or ((a < low) | (a > 0.97)).mean() <= thresholds.saturated for a in begun):
                continue  # it has learned to be sure: a training that is over
            if share > thresholds.saturated:
                yield Alarm(
                    "saturation", Severity.HINT, f"{site.op} saturates",
                    f"{share:.0%} of the outputs of {name} (line {site.line}) stand within 3 % of the ends of {site.op}: its slope is nearly 0 there.",
                    "Make the weights before it smaller, normalise its input, or use another activation.", events[-1].index, (site.index,), len(known),
                )  # fmt: skip


def _certain(run: RecordedRun, index: int, first_step: int, thresholds: Thresholds) -> Iterator[Alarm]:
    """A softmax on the way of a gradient whose rows are all but one-hot from the start: its slope is nearly 0 there."""
    trace, recording = run.trace, run.recording
    site, first = recording.sites[index], int(trace.made[index][0])
    event = trace.event(first)
    value = recording.array(event.writes[0].value) if event.writes and event.writes[0].value >= 0 else None
    dim = event.detail.get("params", {}).get("dim")
    if index not in trace.fired or 0 <= first_step < first or value is None or value.ndim < 2 or not isinstance(dim, int):
        return
    tops = value.max(axis=dim)
    share = float((tops > _CERTAIN).mean()) if tops.size >= _ROWS else 0.0
    if share > thresholds.saturated:
        yield Alarm(
            "saturation", Severity.HINT, "softmax saturates",
            f"{share:.0%} of the rows of {node_title(trace, site)} (line {site.line}) give more than {_CERTAIN:g} to one place from the start: the slope of softmax is "
            "nearly 0 there.",
            "Make its input smaller: scores / sqrt(d) in attention, smaller weights before it, or a temperature.", first, (index,), len(trace.made[index]),
        )  # fmt: skip


def _dead(node: int, name: str, line: int, arrays: list[np.ndarray], event: int, thresholds: Thresholds) -> Iterator[Alarm]:
    latest = arrays[-thresholds.dead_steps :]
    if len(latest) < thresholds.dead_steps or len({a.shape[1] for a in latest}) > 1:
        return
    dead = np.all([(a == 0).all(axis=0) for a in latest], axis=0)
    if dead.any():
        count, units = int(dead.sum()), len(dead)
        yield Alarm(
            "dead units", Severity.WARNING, "dead ReLU units",
            f"{count} of {units} units of {name} (line {line}) were 0 for every sample in the last {len(latest)} steps: no gradient passes them.",
            "Lower the learning rate, make the bias before it larger, or use leaky_relu.", event, (node,), count,
            share=count / units,
        )  # fmt: skip


def _killed(run: RecordedRun, rows: list[int], alarm: Alarm) -> Alarm | None:
    """The same units, where most of them lived at the start and one update, as large as what it moved, put them to sleep for good."""
    trace, recording = run.trace, run.recording
    outputs = [recording.array(trace.event(row).writes[0].value) if trace.event(row).writes else None for row in rows]
    if any(array is None or array.ndim != 2 for array in outputs) or len({array.shape[1] for array in outputs if array is not None}) != 1:
        return None
    alive = np.array([(array != 0).any(axis=0) for array in outputs if array is not None])
    last = len(alive) - 1 - alive[::-1].argmax(axis=0)  # the last output in which a unit was not 0
    killed = alive.any(axis=0) & (last < len(alive) - 1)
    if killed.sum() * 2 <= alarm.count or not len(rows):
        return None
    after = int(np.bincount(last[killed]).argmax())
    if killed.sum() and (last[killed] == after).mean() < _HALF:
        return None
    for row in range(rows[after], rows[after + 1]):
        if int(run.columns.kind[row]) not in (int(Kind.OPTIMIZER_STEP), int(Kind.INPLACE_WRITE)) or int(run.columns.phase[row]) != int(
            Phase.UPDATE
        ):
            continue
        event = trace.event(row)
        values = (trace.value_at(event.writes[0].location, row - 1), event.writes[0].value) if event.writes else (-1, -1)
        old, new = (recording.array(value) if value >= 0 else None for value in values)
        if old is None or new is None or old.shape != new.shape or old.ndim < 2 or not np.linalg.norm(old):
            continue
        share = float(np.linalg.norm(widened(new) - old) / np.linalg.norm(old))
        if share >= 1:
            leaf = trace.site_of_tensor(trace.tensor_of(event.writes[0].location))
            what = node_title(trace, recording.sites[leaf]) if leaf >= 0 else "a parameter"
            line, how = rate(run, event, of_group=True)
            return replace(
                alarm, kind="diverging", title="a step kills the units", line=line,
                sentence=f"{alarm.sentence} {int((last[killed] == after).sum())} of them lived until one update moved {what} by {share:.3g} times its size: {how}.",
                advice="Lower the learning rate, by powers of 10.",
            )  # fmt: skip
    return None

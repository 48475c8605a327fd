"""Which alarms say something of a run that the user did not mean so: the window shows all, an explanation only these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..alarms import Alarm
from .missed import tensors_read

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_FEW = 3  # passes of a script that is about its gradients, and trains nothing
_TINY = 1e-6  # an update's share of its parameter; about 1e-3 is usual
_HALF = 0.5
_STEPS = 4000  # steps of single parameters that are looked at


def matters(run: RecordedRun, alarm: Alarm) -> bool:
    """Whether an alarm is worth a word outside of the window."""
    judge = {
        "unreached": _wanted,
        "zero gradient": _asked_for,
        "kink": _about_gradients,
        "update ratio": _extreme,
        "dead units": _many,
        "loss at start": _never,
        "nan": _spoils,
        "inf": _spoils,
    }.get(alarm.kind)
    return judge is None or judge(run, alarm)


def unused(alarm: Alarm) -> bool:
    """Whether a leaf gets no gradient because nothing at all is computed from it."""
    return alarm.kind == "unreached" and "nothing is computed from it" in alarm.sentence


def _wanted(run: RecordedRun, alarm: Alarm) -> bool:
    """A leaf without gradient: whether an optimizer holds it, or its `.grad` is read."""
    trace = run.trace
    leaf = run.recording.sites[alarm.nodes[0]]
    tensors = {trace.tensor_of(trace.event(int(row)).writes[0].location) for row in trace.made[leaf.index] if trace.event(int(row)).writes}
    used = not unused(alarm)  # else nothing is computed from it: an optimizer that moves nothing at all is there for show
    events = [trace.event(row) for row in np.flatnonzero(run.columns.kind == int(Kind.OPTIMIZER_STEP))[:_STEPS].tolist()]
    moving = {(event.line, event.step, event.epoch) for event in events if not event.detail.get("skipped")}
    stepped = {
        trace.tensor_of(ref.location)
        for event in events
        if used or (event.line, event.step, event.epoch) in moving
        for ref in (*event.writes, *event.reads)
    }
    return bool(tensors & stepped) or bool(tensors & set(tensors_read(run)))


def _asked_for(run: RecordedRun, alarm: Alarm) -> bool:
    """A leaf whose gradient is 0, in a run that trains others: whether an optimizer holds it, or its `.grad` is read."""
    return not _trains(run) or alarm.subject >= 0 or not alarm.nodes or _wanted(run, alarm)


def _trains(run: RecordedRun) -> bool:
    return bool((run.columns.kind == int(Kind.OPTIMIZER_STEP)).any())


def _about_gradients(run: RecordedRun, _alarm: Alarm) -> bool:
    return not _trains(run) and int((run.columns.kind == int(Kind.BACKWARD_BEGIN)).sum()) <= _FEW


def _extreme(_run: RecordedRun, alarm: Alarm) -> bool:
    """Steps that are far too small; those that are too large are told where they diverge."""
    return alarm.share < _TINY


def _spoils(run: RecordedRun, _alarm: Alarm) -> bool:
    """Whether a nan or inf got into a loss, a gradient or a parameter, or the run is about no gradient at all."""
    columns, stats = run.columns, run.recording.stats
    if not (columns.kind == int(Kind.BACKWARD_BEGIN)).any():
        return True
    rows = np.flatnonzero(np.isin(columns.kind, [int(kind) for kind in (Kind.BACKWARD_BEGIN, Kind.ACCUMULATE, Kind.OPTIMIZER_STEP)]))
    events = (run.trace.event(row) for row in rows.tolist())
    return any(
        ref.value >= 0 and (stats(ref.value).nans or stats(ref.value).infs) for event in events for ref in (*event.reads, *event.writes)
    )


def _many(_run: RecordedRun, alarm: Alarm) -> bool:
    return alarm.share > _HALF


def _never(_run: RecordedRun, _alarm: Alarm) -> bool:
    return False

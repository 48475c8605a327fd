"""Layers that act otherwise while training, met where nothing is trained: dropout and batch statistics in an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from .alarm import Alarm, Severity

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_LOOKED_AT = 4000  # events of an op, from the end


def training_layers(run: RecordedRun) -> Iterator[Alarm]:
    """Dropout or batch_norm in training mode under no_grad, or in a run in which no gradient ever passes it; one alarm a kind."""
    trace, columns, recording = run.trace, run.columns, run.recording
    ops = {site.index: site.op for site in recording.sites if site.op in ("mul", "batch_norm")}
    if not ops:
        return
    rows = np.flatnonzero(np.isin(columns.site, list(ops)) & (columns.kind == int(Kind.OP)))[-_LOOKED_AT:]
    none_back = not (columns.kind == int(Kind.BACKWARD_BEGIN)).any() and recording.meta.get("error") is None
    told: set[str] = set()
    for row in rows.tolist():
        event = trace.event(row)
        if event.grad_mode and not none_back:
            continue
        layer = "dropout" if ops[event.site] == "mul" and _drops(run, event) else "batch_norm" if _of_this_batch(event) else ""
        if not layer or layer in told or (event.grad_mode and not event.detail.get("grad_fn")):
            continue
        told.add(layer)
        does = "draws another mask at each call" if layer == "dropout" else "uses the mean of this batch, and moves its running mean"
        where = "under no_grad" if not event.grad_mode else "and no gradient is ever asked for"
        yield Alarm(
            "evaluation", Severity.WARNING, f"{layer} is on in an evaluation",
            f"Line {event.line} runs {layer} in training mode {where}: it {does}.",
            "Call model.eval() before evaluating, and model.train() before training goes on.", row, (event.site,),
        )  # fmt: skip


def _of_this_batch(event: Event) -> bool:
    """Whether a batch_norm takes the mean of what it is given: then it says along which axes; in evaluation it reads its running mean."""
    return event.detail.get("op") == "batch_norm" and "dim" in event.detail.get("params", {})


def _drops(run: RecordedRun, event: Event) -> bool:
    """Whether a product is a dropout: its second factor is a leaf of the same line that holds zeros and one number above 1."""
    trace, recording = run.trace, run.recording
    if len(event.reads) != 2 or event.reads[1].value < 0:
        return False
    tensor = trace.tensor_of(event.reads[1].location)
    site = trace.site_of_tensor(tensor)
    born = trace.latest_made(site, event.index) if site >= 0 else None
    if born is None or trace.event(born).kind != Kind.CREATE_LEAF or trace.event(born).line != event.line:
        return False
    mask = recording.array(event.reads[1].value)
    if mask is None or mask.dtype.kind != "f" or not mask.size:
        return False
    kept = mask[mask != 0]
    return bool(kept.size and kept.size < mask.size and (kept == kept[0]).all() and kept[0] > 1)

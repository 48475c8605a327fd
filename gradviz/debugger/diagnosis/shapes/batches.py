"""A loss of predictions and targets in different numbers: which line changed the number of samples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ..finding import Diagnosis

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_BACK = 300  # ops between the loss and what changed its batch


def two_sizes(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Back from the predictions to the op that made their number of what was the number of the targets."""
    found = re.search(r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", text)
    if found is None:
        return None
    many, wanted = int(found[1]), int(found[2])
    changed = _changed(run, many, wanted)
    if changed is None:
        return None
    event, before = changed
    op = str(event.detail.get("op"))
    said = f"The loss in line {line} is given {many} predictions and {wanted} targets: "
    if op in ("cat", "concat") and len(before) > 1:
        parts = " and ".join(str(size) for size in before)
        return Diagnosis(
            "batches of two sizes", f"{said}cat in line {event.line} joins {parts} samples along dimension 0, the batch, to {many}.", event.index, (event.site,),
            advice="Join the features of each sample: torch.cat(..., dim=1).", line=event.line,
        )  # fmt: skip
    return Diagnosis(
        "batches of two sizes", f"{said}{op} in line {event.line} makes {many} samples of {wanted}.", event.index, (event.site,),
        advice="Keep the batch: x.flatten(1), or x.view(len(x), -1).", line=event.line,
    )  # fmt: skip


def _changed(run: RecordedRun, many: int, wanted: int) -> tuple[Event, list[int]] | None:
    """The op that gave the predictions their first size, and the first sizes of what it was given."""
    trace = run.trace
    rows = np.flatnonzero(np.isin(run.columns.kind, (int(Kind.OP), int(Kind.VIEW))))[-_BACK:][::-1].tolist()
    event = next((event for row in rows if (event := trace.event(row)).writes and _first(run, event.writes[0].value) == many), None)
    for _ in range(_BACK):
        if event is None:
            return None
        sizes = [_first(run, ref.value) for ref in event.reads]
        same = next((ref for ref, size in zip(event.reads, sizes, strict=True) if size == many), None)
        if same is None:
            return (event, sizes) if wanted in sizes else None
        row = trace.last_write(same.location, event.index - 1)
        event = trace.event(row) if row is not None and trace.event(row).kind in (Kind.OP, Kind.VIEW) else None
    return None


def _first(run: RecordedRun, value: int) -> int:
    """The first size of a value, 0 where it is not known or has none."""
    shape = run.recording.form(value)[0] if value >= 0 else ()
    return int(shape[0]) if shape else 0

"""The lanes of the timeline and the marks above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..answers import Marks, Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...recording.recording import Recording
    from ..trace.columns import Columns, Ints

_OF_KIND = {
    "backward": Kind.BACKWARD_BEGIN,
    "zero_grad": Kind.ZERO_GRAD,
    "optimizer": Kind.OPTIMIZER_STEP,
    "error": Kind.ERROR,
    "print": Kind.PRINT,
}


def build_timeline(recording: Recording, columns: Columns, hits: Sequence[int] | Ints = ()) -> Timeline:
    """Phase and pass of every event, and the marks."""

    def label(kind: str, event: int) -> str:
        if kind in ("epoch", "step"):
            return f"{kind} {int((columns.epoch if kind == 'epoch' else columns.step)[event])}"
        if kind == "backward":
            return f"backward {int(columns.pass_[event])}"
        return _label(recording, kind, event)

    at = {"epoch": columns.epoch_begins, "step": columns.step_begins, "breakpoint": np.asarray(hits, np.int64)}
    for name, kind in _OF_KIND.items():
        rows = recording.events_of_kind(kind)
        if kind in (Kind.ZERO_GRAD, Kind.OPTIMIZER_STEP) and len(rows):  # one mark for all parameters of one call
            rows = rows[np.concatenate(([True], np.diff(rows) > 1))]
        at[name] = rows
    return Timeline(columns.lane, columns.pass_, Marks(at, label))


def _label(recording: Recording, kind: str, event: int) -> str:
    row = recording.event(event)
    if kind == "error":
        return str(row.detail.get("text", "error"))
    if kind == "print":
        return str(row.detail.get("text", "")).rstrip("\n")[:80]
    if kind == "optimizer":
        return f"{row.detail.get('optimizer', 'optimizer')}.step"
    return kind

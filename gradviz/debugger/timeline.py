"""The lanes of the timeline and the marks above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..recording.event import Kind
from .answers import Timeline, TimelineMark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..recording.recording import Recording
    from .columns import Columns

_MOST = 1000  # marks of one kind: more cannot be told apart on any screen, so evenly spaced ones stand for them
_OF_KIND = {
    Kind.BACKWARD_BEGIN: "backward",
    Kind.ZERO_GRAD: "zero_grad",
    Kind.OPTIMIZER_STEP: "optimizer",
    Kind.ERROR: "error",
    Kind.PRINT: "print",
}


def build_timeline(recording: Recording, columns: Columns, hits: Sequence[int] = ()) -> Timeline:
    """Phase and pass of every event, and the marks in the order of events."""
    marks = [*_numbered(columns), *_by_kind(recording, columns), *(TimelineMark(hit, "breakpoint", "breakpoint") for hit in _thinned(hits))]
    return Timeline(
        columns.phase.astype(np.uint8),
        columns.pass_,
        tuple(sorted(marks, key=lambda mark: (mark.event, mark.kind))),
    )


def _numbered(columns: Columns) -> Iterator[TimelineMark]:
    """Where epochs and steps begin."""
    if not columns.length:
        return
    for kind, values in (("epoch", columns.epoch), ("step", columns.step)):
        changes = np.flatnonzero(np.diff(values)) + 1
        if kind == "epoch":
            changes = changes[values[changes] >= 0]
        for event in _thinned(changes):
            yield TimelineMark(event, kind, f"{kind} {int(values[event])}")


def _by_kind(recording: Recording, columns: Columns) -> Iterator[TimelineMark]:
    for kind, name in _OF_KIND.items():
        rows = np.flatnonzero(columns.kind == int(kind))
        if kind in (Kind.ZERO_GRAD, Kind.OPTIMIZER_STEP) and len(rows):  # one mark for all parameters of one call
            rows = rows[np.concatenate(([True], np.diff(rows) > 1))]
        same: dict[int, str] = {}  # site -> label, where all events of a site read alike
        for event in _thinned(rows):
            if kind == Kind.BACKWARD_BEGIN:
                label = f"backward {int(columns.pass_[event])}"
            elif kind in (Kind.ERROR, Kind.PRINT):
                label = _label(recording, kind, event)
            else:
                site = int(columns.site[event])
                label = same.get(site) or same.setdefault(site, _label(recording, kind, event))
            yield TimelineMark(event, name, label)


def _label(recording: Recording, kind: Kind, event: int) -> str:
    row = recording.event(event)
    if kind == Kind.ERROR:
        return str(row.detail.get("text", "error"))
    if kind == Kind.PRINT:
        return str(row.detail.get("text", "")).rstrip("\n")[:80]
    if kind == Kind.OPTIMIZER_STEP:
        return f"{row.detail.get('optimizer', 'optimizer')}.step"
    return "zero_grad"


def _thinned(rows: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    """At most `_MOST` of the rows, evenly spaced, the first and the last among them."""
    array = np.asarray(rows, np.int64)
    if len(array) > _MOST:
        array = array[np.linspace(0, len(array) - 1, _MOST).astype(np.int64)]
    return [int(row) for row in array]

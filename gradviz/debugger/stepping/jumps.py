"""Where a node's forward, vjp and `.grad` write are, and who writes its locations next: the targets of jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..trace.optimizer_slots import slots_at

if TYPE_CHECKING:
    from ..breakpoints.places import Places
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints


def event_at(run: RecordedRun, places: Places, position: int, node: int, what: str, backwards: bool = False) -> int | None:
    """The next (or previous) event at a node from a position, None where there is none.

    Args:
        what: "any" (it runs, fires, or its `.grad` is written), "vjp" (it fires), or "grad" (its leaf's `.grad` is written).
    """
    if what == "any":
        return places.before(position, (), {node}) if backwards else places.after(position, (), {node})
    if what == "grad":
        return write_of(run, position, node, "grad", backwards)
    rows = run.recording.events_of_site(node)
    return _beside(rows[run.columns.kind[rows] == int(Kind.VJP)], position, backwards)


def write_of(run: RecordedRun, position: int, node: int, what: str, backwards: bool = True) -> int | None:
    """The last event before a position (or the next one after it) that wrote something of a node; None for none.

    A place that makes its tensor anew in each step has many tensors, and their writes are one history.

    Args:
        what: "val", "grad", "flag", or what an optimizer keeps for it ("opt").
    """
    trace, recording = run.trace, run.recording
    node = trace.leaf_of.get(node, node)
    if not 0 <= node < len(trace.made):
        return None
    if what == "opt":
        latest = trace.latest_made(node, position)
        made = trace.event(latest if latest is not None else trace.made[node][0]) if trace.made[node] else None
        slots = slots_at(trace, trace.tensor_of(made.writes[0].location), position) if made is not None and made.writes else ()
        tensors, kind = np.array([slot.tensor for slot in slots], np.int64), "val"
    else:
        tensors, kind = recording.first_owners(np.array(trace.made[node], np.int64)), what
    events = recording.writes_among(tensors[tensors >= 0], kind, stop=run.length)[1]
    return _beside(events, position, backwards)


def _beside(rows: Ints, position: int, backwards: bool) -> int | None:
    """The nearest of the rows before or after a position."""
    if backwards:
        number = int(np.searchsorted(rows, position, side="left")) - 1
        return int(rows[number]) if number >= 0 else None
    number = int(np.searchsorted(rows, position, side="right"))
    return int(rows[number]) if number < len(rows) else None

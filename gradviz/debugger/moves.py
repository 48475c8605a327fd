"""Where a node's forward, vjp and `.grad` write are, and who writes its locations next: the targets of jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..recording.event import Kind
from .optimizer_slots import slots_at

if TYPE_CHECKING:
    from .breakpoints.places import Places
    from .columns import Ints
    from .session import Session


def event_at(session: Session, places: Places, node: int, what: str, backwards: bool = False) -> int | None:
    """The next (or previous) event at a node from the cursor, None where there is none.

    Args:
        what: "any" (it runs, fires, or its `.grad` is written), "vjp" (it fires), or "grad" (its leaf's `.grad` is written).
    """
    if what == "any":
        return places.before(session.position, (), {node}) if backwards else places.after(session.position, (), {node})
    if what == "grad":
        return write_of(session, node, "grad", backwards)
    rows = session.recording.events_of_site(node)
    return _beside(rows[session.columns.kind[rows] == int(Kind.VJP)], session.position, backwards)


def write_of(session: Session, node: int, what: str, backwards: bool = True) -> int | None:
    """The last (or next) event that wrote a node's "val", "grad", "flag", or what an optimizer keeps for it ("opt"); None for none.

    A place that makes its tensor anew in each step has many tensors, and their writes are one history.
    """
    trace, recording = session.trace, session.recording
    node = trace.leaf_of.get(node, node)
    if not 0 <= node < len(trace.made):
        return None
    if what == "opt":
        run = trace.latest_made(node, session.position)
        made = trace.event(run if run is not None else trace.made[node][0]) if trace.made[node] else None
        slots = slots_at(trace, trace.tensor_of(made.writes[0].location), session.position) if made is not None and made.writes else ()
        tensors, kind = np.array([slot.tensor for slot in slots], np.int64), "val"
    else:
        tensors, kind = recording.first_owners(np.array(trace.made[node], np.int64)), what
    events = recording.writes_among(tensors[tensors >= 0], kind, stop=session.length)[1]
    return _beside(events, session.position, backwards)


def _beside(rows: Ints, position: int, backwards: bool) -> int | None:
    """The nearest of the rows before or after a position."""
    if backwards:
        number = int(np.searchsorted(rows, position, side="left")) - 1
        return int(rows[number]) if number >= 0 else None
    number = int(np.searchsorted(rows, position, side="right"))
    return int(rows[number]) if number < len(rows) else None

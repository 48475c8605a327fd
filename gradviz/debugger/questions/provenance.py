"""A gradient split into what its consumers delivered, and further into the paths that it came by.

A vjp is linear in its upstream gradient, so a part of the upstream gradient has a part of the result: the parts of a
node sum to its gradient, whatever the functions on the way are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from ..derivation.derivation import call_at
from ..graph.state_reader import StateReader
from ..words.names import name_of
from .answer import Array, Part

if TYPE_CHECKING:
    from ..session import Session

MOST_PATHS = 64
STOOD = "stood in .grad before"
_LET_GO = "the numbers on the way were not kept"


def arrivals_of(session: Session, node: int) -> tuple[list[Event], Event | None]:
    """What arrived at a node in its latest backward pass up to the cursor: (SEED, DELIVER and HOOK events, ACCUMULATE of a leaf)."""
    trace, position = session.trace, session.position
    graph_node = session.graph().node(node)
    if graph_node is None or position < 0:
        return [], None
    leaf = trace.leaf_of.get(node, node)
    bucket = trace.bucket_of.get(leaf)
    if bucket is not None:
        rows = [row for row in trace.grad_writes(leaf) if row <= position]
        if not rows or session.columns.kind[rows[-1]] != int(Kind.ACCUMULATE):
            return [], None  # None, or emptied
        written = trace.event(rows[-1])
        return _in_pass(session, written.call, written.pass_), written
    row = StateReader(trace).current_run(node, position)
    if row is None or trace.event(row).call < 0:
        return [], None
    rows = [row_ for row_ in trace.rows_of_call(trace.event(row).call).arrivals if row_ <= position]
    if not rows:
        return [], None
    arrived = _in_pass(session, trace.event(row).call, int(session.columns.pass_[rows[-1]]))
    shown = min(
        _slot(session, event) for event in arrived
    )  # of several outputs, such as the parts of a split: as the card shows it the first
    return [event for event in arrived if _slot(session, event) == shown], None


def _in_pass(session: Session, call: int, pass_: int) -> list[Event]:
    trace = session.trace
    rows = trace.rows_of_call(call).arrivals
    return [trace.event(row) for row in rows if row <= session.position and int(session.columns.pass_[row]) == pass_]


def _slot(session: Session, event: Event) -> int:
    """At which output of a node something arrives."""
    return int(session.recording.locations[event.writes[0].location].slot) if event.writes else 0


def by_consumer(session: Session, node: int) -> tuple[Part, ...]:
    """What each consumer delivered, for a leaf after what stood in `.grad` before; () where no gradient is there or was kept."""
    arrived, written = arrivals_of(session, node)
    parts = _stood(session, node, written)
    twice: dict[int, int] = {}
    for event in arrived:
        twice[event.site] = twice.get(event.site, 0) + 1
    for event in arrived:
        made = _part(session, event, node, twice[event.site] > 1)
        if made is None:
            return ()
        parts.append(made)
    return tuple(parts)


def _stood(session: Session, node: int, written: Event | None) -> list[Part]:
    """What stood in a leaf's `.grad` before its last accumulation, [] where nothing did."""
    if written is None:
        return []
    location = written.writes[0].location
    before = session.trace.value_at(location, written.index - 1)
    held = session.recording.array(before) if before >= 0 else None
    if held is None:
        return []
    last = session.trace.last_write(location, written.index - 1)
    return [Part(STOOD, held, (node,), last if last is not None else written.index)]


def _part(session: Session, event: Event, node: int, several: bool) -> Part | None:
    trace, recording = session.trace, session.recording
    if event.kind == Kind.HOOK:
        before, after = (recording.array(ref.value) if ref.value >= 0 else None for ref in (event.reads[0], event.writes[0]))
        return None if before is None or after is None else Part("changed by a hook", after - before, (node,), event.index)
    if event.kind == Kind.SEED:
        array = recording.array(event.writes[0].value)
        return None if array is None else Part("the start of backward", array, (node,), event.index)
    array = recording.array(event.reads[0].value)
    if array is None:
        return None
    name = name_of(trace, event.site, event.index)
    number = f", input {int(event.detail['input_nr']) + 1}" if several else ""
    return Part(f"through {name} (line {recording.sites[event.site].line}{number})", array, (event.site, node), event.index)


def by_path(session: Session, node: int) -> tuple[tuple[Part, ...], str]:
    """The gradient split by paths from the start of backward, for a leaf after what stood in `.grad` before.

    Where it cannot be split (), and why.
    """
    arrived, written = arrivals_of(session, node)
    try:
        found = _paths(session, arrived, (node,))
    except _Unknown as why:
        return (), str(why)
    return ((*_stood(session, node, written), *found), "") if found else ((), "nothing has arrived yet")


class _Unknown(Exception):  # noqa: N818 - it never leaves this module
    """Why the paths cannot be told apart, in words."""


def _paths(session: Session, arrived: list[Event], way: tuple[int, ...]) -> list[Part]:
    found: list[Part] = []
    for event in arrived:
        if event.kind == Kind.HOOK:
            raise _Unknown(f"a hook of line {event.line} changed it on the way")
        array = session.recording.array(event.writes[0].value if event.kind == Kind.SEED else event.reads[0].value)
        if array is None:
            raise _Unknown(_LET_GO)
        if event.kind == Kind.SEED:
            found.append(Part(_named(session, way), array, way, event.index))
        else:
            found += _through(session, event, array, way)
        if len(found) > MOST_PATHS:
            raise _Unknown(f"more than {MOST_PATHS} paths lead here")
    return found


def _through(session: Session, event: Event, delivered: Array, way: tuple[int, ...]) -> list[Part]:
    """The parts of what one consumer delivered: its own parts, each through its vjp."""
    trace = session.trace
    rows = [row for row in trace.rows_of_call(event.call).fires if row <= event.index and session.columns.pass_[row] == event.pass_]
    before = [found for found in _in_pass(session, event.call, event.pass_) if found.index < event.index]
    slots = sorted({_slot(session, found) for found in before})
    upstream = [
        (slot, part)
        for slot in slots
        for part in _paths(session, [found for found in before if _slot(session, found) == slot], (event.site, *way))
    ]
    if len(upstream) > MOST_PATHS:
        raise _Unknown(f"more than {MOST_PATHS} paths lead here")
    if len(upstream) == 1:
        return [Part(upstream[0][1].label, delivered, upstream[0][1].nodes, event.index)]
    known = call_at(session.recording, trace, rows[-1]) if rows else None
    if known is None:
        site = session.recording.sites[event.site]
        own = bool(site.grad_fn) and not site.grad_fn[-1].isdigit()  # PyTorch's own nodes have a number behind Backward
        raise _Unknown(f"the rule of {site.grad_fn} (line {site.line}) is the script's own" if own else _LET_GO)
    parts = []
    outputs = len(trace.event(trace.rows_of_call(event.call).made[0]).writes)
    for slot, part in upstream:
        share = known[0].vjp(int(event.detail["input_nr"]), known[0].given(part.array, slot, outputs))
        if share is None:
            raise _Unknown(_LET_GO)
        parts.append(Part(part.label, _reduced(share, delivered.shape), part.nodes, event.index))
    return parts


def _reduced(array: Array, shape: tuple[int, ...]) -> Array:
    """Summed over the axes that were broadcast."""
    extra = array.ndim - len(shape)
    summed = array.sum(axis=tuple(range(extra))) if extra > 0 else array
    kept = tuple(k for k, n in enumerate(shape) if n == 1 and summed.shape[k] != 1)
    return np.asarray(summed.sum(axis=kept, keepdims=True) if kept else summed).reshape(shape)


def _named(session: Session, way: tuple[int, ...]) -> str:
    nodes = {node.id: node.title for node in session.graph().nodes}
    return " → ".join(nodes.get(node, "?") for node in way)

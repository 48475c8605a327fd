"""Moments and nodes of a recording found by their names."""

from __future__ import annotations

import numpy as np

from ..debugger.scene import GraphNode
from ..debugger.session import Session
from ..recording.event import Event, Kind
from .lesson import MomentName, NodeName
from .problem import LessonProblem

_BY_LOCATION = (Kind.ZERO_GRAD, Kind.ASSIGN_GRAD, Kind.OPTIMIZER_STEP, Kind.SET_REQUIRES_GRAD, Kind.INPLACE_WRITE)
_FOLLOWS = (int(Kind.SAVE), int(Kind.BIND_NAME))


def find_moments(session: Session, name: MomentName) -> list[int]:
    """All events that fit a name, ascending; with `nth` that one alone."""
    if name.kind == "start":
        return [-1]
    if name.kind == "end":
        return [session.length - 1]
    rows = np.asarray(session.recording.events_of_kind(Kind[name.kind.upper()]))
    columns = session.columns
    wanted = ((columns.line, name.line), (columns.step, name.step), (columns.epoch, name.epoch), (columns.pass_, name.pass_))
    for column, number in wanted:
        if number is not None:
            rows = rows[column[rows] == number]
    found: list[int] = rows.tolist()
    if name.name or name.to or name.op or name.grad_fn or name.mode or name.contains:
        found = [row for row in found if _fits(session, session.trace.event(row), name)]
    if name.nth is not None:
        return found[name.nth : name.nth + 1 or None]
    return found


def find_moment(session: Session, name: MomentName) -> int:
    """The first event that fits.

    Raises:
        LessonProblem: none does.
    """
    found = find_moments(session, name)
    if not found:
        raise LessonProblem(f"the recording has no moment “{name.text}”.", name.place)
    return found[0]


def settled(session: Session, row: int) -> int:
    """The last event of what belongs to an operation: its result has its name, and what it saves is saved."""
    kinds, lines = session.columns.kind, session.columns.line
    making = (int(Kind.OP), int(Kind.VIEW), int(Kind.CREATE_LEAF), int(Kind.DETACH), int(Kind.INPLACE_WRITE))
    if row < 0 or kinds[row] not in making:
        return row
    at = row
    while at + 1 < session.length and kinds[at + 1] in _FOLLOWS and lines[at + 1] == lines[row]:
        at += 1
    return at


def _fits(session: Session, event: Event, name: MomentName) -> bool:
    sites = session.recording.sites
    detail = event.detail
    number = site_of(session, event)
    site = sites[number] if number >= 0 else None
    if event.kind == Kind.BIND_NAME:
        called = name.name in ("", detail.get("name"))
    else:
        called = not name.name or (site is not None and name.name in (site.name, site.op if not site.name else ""))
    if not called:
        return False
    if name.to:
        target = session.trace.site_of_call(int(detail["target"])) if "target" in detail else -1
        if target < 0 or name.to not in (sites[target].name, sites[target].op):
            return False
    if name.op and (site is None or site.op != name.op):
        return False
    if name.grad_fn and (site is None or site.grad_fn != name.grad_fn):
        return False
    if name.mode and detail.get("mode") != name.mode:
        return False
    return not name.contains or name.contains in str(detail.get("text", ""))


def site_of(session: Session, event: Event) -> int:
    """The node at which an event happens, -1 for none."""
    if event.site < 0 and event.kind in _BY_LOCATION and event.writes:
        return session.trace.site_of_tensor(session.trace.tensor_of(event.writes[0].location))
    return event.site


def nodes_at(session: Session, name: MomentName) -> set[int]:
    """The nodes at which what fits a name happens: for `.grad` of a leaf the leaf and its bucket."""
    trace = session.trace
    found: set[int] = set()
    for row in find_moments(session, name):
        if row < 0:
            continue
        site = site_of(session, trace.event(row))
        found |= {site, trace.leaf_of.get(site, site)}
    found.discard(-1)
    return found


def find_node(session: Session, name: NodeName) -> GraphNode:
    """The node of the canvas with a name.

    Raises:
        LessonProblem: there is none.
    """

    def fits(node: GraphNode) -> bool:
        called = name.name in (node.title, node.op, node.grad_fn) or (name.kind == "bucket" and node.title == f"{name.name}.grad")
        return (
            called
            and name.op in ("", node.op)
            and name.grad_fn in ("", node.grad_fn)
            and name.kind in ("", node.kind.name.lower())
            and name.line in (None, node.line)
        )

    found = [node for node in session.graph().nodes if fits(node)]
    exact = [node for node in found if node.title == name.name] or found
    if not exact or not -len(exact) <= name.nth < len(exact):
        raise LessonProblem(f"the canvas has no node “{name.text}”.", name.place)
    return exact[name.nth]

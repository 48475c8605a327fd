"""How a breakpoint is called in the list, and what its form offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradviz.debugger.breakpoints import EVENTS, PHASES, TROUBLES, Breakpoint
from gradviz.debugger.watch import Names

if TYPE_CHECKING:
    from gradviz.debugger.session import Session

_LONGEST = 48  # characters of a script line


def told(session: Session, source: str) -> str:
    """What the cursor stopped at, which hit of how many it is; "" where it stopped at no breakpoint."""
    said = []
    for found in session.breakpoints:
        hits = session.hits(found)
        place = int(np.searchsorted(hits, session.position))
        if found.enabled and not found.log and place < len(hits) and int(hits[place]) == session.position:
            said.append(f"{label(found, session, source)} (hit {place + 1} of {len(hits)})")
    return "Stopped: " + "; ".join(said) if said else ""


def label(found: Breakpoint, session: Session, source: str) -> str:
    """Where it stops, in a few words."""
    phase = "" if found.phase == "both" else f", {PHASES[found.phase]}"
    if found.kind == "line":
        lines = source.splitlines()
        number = int(found.what)
        text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        return f"line {number}: {text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}" if text else f"line {number}"
    if found.kind == "node":
        titles = {node.id: node.title for node in session.graph().nodes}
        return f"node {titles.get(int(found.what), found.what)}{phase}"
    if found.kind == "op":
        return f"every {found.what}{phase}"
    if found.kind in ("write", "read"):
        return f"{found.kind} of {found.what}"
    if found.kind == "event":
        return EVENTS[found.what]
    return {"when": f"when {found.what}", "change": f"when {found.what} changes", "error": f"every {TROUBLES.get(found.what, found.what)}"}[
        found.kind
    ]


def offers(kind: str, session: Session) -> list[tuple[str, str]]:
    """What can be chosen for a kind: (shown, meant)."""
    if kind == "node":
        return [(f"{node.title}  (line {node.line})", str(node.id)) for node in session.graph().nodes]
    if kind == "op":
        return [(op, op) for op in sorted({site.op for site in session.recording.sites if site.role not in ("leaf", "bucket")})]
    if kind == "event":
        return [(text, name) for name, text in EVENTS.items()]
    if kind == "error":
        return [(text, name) for name, text in TROUBLES.items()]
    names = sorted(Names(session).known)
    leaves = {session.recording.sites[leaf].name for leaf in session.leaves()}
    if kind == "when":
        return [(text, text) for name in names if name in leaves for text in (f"isnan({name}.grad)", f"norm({name}.grad) < 1e-7")]
    places = [place for name in names for place in ((name, f"{name}.grad") if name in leaves else (name,))]
    return [(place, place) for place in places]

"""Why a breakpoint is never hit in this recording, in words."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from ..watch import Names, WatchProblem, parse
from .breakpoint import waits_for

if TYPE_CHECKING:
    from ..session import Session
    from .breakpoint import Breakpoint

_ENDINGS = (".grad", ".requires_grad", ".version", ".data")


def trouble(session: Session, found: Breakpoint) -> str:
    """A sentence, "" for one that is hit, or of which nothing more can be said."""
    if len(session.hits(found)):
        return ""
    if found.after:
        chain = waits_for(session.breakpoints, found)
        if chain is None:
            return "The breakpoint that it waits for is not there any more."
        if not len(session.hits(chain[0])):
            return "What it waits for never happens in this run."
    names = Names(session)
    unknown = _unknown(names, found)
    if unknown:
        return unknown
    if found.condition and len(session.hits(replace(found, condition="", count=""))):
        return "Its condition is never true where it would stop."
    if found.kind == "line":
        return f"Nothing that is recorded happens in line {found.what}."
    if found.kind == "op":
        ops = {site.op for site in session.recording.sites if site.role not in ("leaf", "bucket")}
        near = difflib.get_close_matches(found.what.strip(), ops, 1)
        return f"This run has no {found.what.strip()}." + (f" Did you mean {near[0]}?" if near else "")
    if found.kind == "when":
        return "It never becomes true in this run."
    return ""


def _unknown(names: Names, found: Breakpoint) -> str:
    """Which name of it stands for no tensor."""
    wanted: list[str] = []
    if found.kind in ("read", "write"):
        what = found.what.strip()
        wanted.append(next((what.removesuffix(ending) for ending in _ENDINGS if what.endswith(ending)), what))
    try:
        if found.kind in ("when", "change"):
            wanted += sorted(parse(found.what).names)
        if found.condition:
            wanted += sorted(parse(found.condition).names)
    except WatchProblem as problem:
        return str(problem)
    return next((said for said in map(names.trouble, wanted) if said), "")

"""Lists and averages that keep what was computed with its graph, where nothing of them is ever propagated back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...recording.event import Kind
from ..diagnosis.finding import bound
from ..script.syntax import syntax_tree, walk
from .explanation import Explanation

if TYPE_CHECKING:
    from ...recording.event import Event
    from ..recorded_run import RecordedRun

_LINKS = 3  # turns that hang together
_BEHIND = 12  # events between one and that of the turn before


def graphs_kept(run: RecordedRun) -> Iterator[Explanation]:
    """`losses.append(loss)` in a loop, of a tensor with a history, into a list that is only looked at; one for each list."""
    tree = syntax_tree(run.recording.source)
    parent = {child: node for node in walk(tree) for child in ast.iter_child_nodes(node)}
    told: set[str] = set()
    for loop in (node for node in walk(tree) if isinstance(node, ast.For | ast.While)):
        for call in (node for stmt in loop.body for node in walk(stmt) if isinstance(node, ast.Call)):
            owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "append" else None
            if not isinstance(owner, ast.Name) or owner.id in told or len(call.args) != 1 or not isinstance(call.args[0], ast.Name):
                continue
            name = call.args[0].id
            event = bound(run, name)
            if event is None or not event.reads or not _only_looked_at(tree, parent, owner.id):
                continue
            if _has_history(run, event.reads[0].location):
                told.add(owner.id)
                yield Explanation(
                    "graph-kept", call.lineno, event.index, name, f"{name} is kept with its graph: the list {owner.id} keeps the graphs of all turns in memory.",
                    f"Keep the number: {name}.item(), or {name}.detach().",
                )  # fmt: skip


def graphs_grown(run: RecordedRun) -> Iterator[Explanation]:
    """An average that each step computes from that of the step before, with its graph, and from which nothing is ever propagated back; one."""
    trace = run.trace
    for site in run.recording.sites:
        made = trace.made[site.index]
        if site.role != "op" or site.index in trace.fired or len(made) < _LINKS:
            continue
        event, links = trace.event(int(made[-1])), 0
        while links < _LINKS and (before := _earlier_of_the_same(run, event)) is not None:
            event, links = before, links + 1
        if links < _LINKS:
            continue
        name = site.name or "an average"
        yield Explanation(
            "graph-kept", site.line, int(made[0]), site.name or None,
            f"Line {site.line} computes {name} anew in each turn from that of the turn before, with its graph: the graphs of all turns stay in memory, and nothing is ever propagated "
            "back through them.",
            "Compute it under torch.no_grad(), or from p.detach().",
        )  # fmt: skip
        return


def _earlier_of_the_same(run: RecordedRun, event: Event) -> Event | None:
    """The event of the same place in an earlier step from which one was computed, with history all the way."""
    trace = run.trace
    waiting, seen = [(ref.location, event.index) for ref in event.reads], set[int]()
    for location, before in waiting:
        row = trace.last_write(location, before - 1)
        if row is None or row in seen or len(seen) > _BEHIND:
            continue
        seen.add(row)
        source = trace.event(row)
        if source.kind not in (Kind.OP, Kind.VIEW) or not trace.has_history(source):
            continue
        if source.site == event.site and source.step < event.step:
            return source
        waiting += [(ref.location, row) for ref in source.reads]
    return None


def _has_history(run: RecordedRun, location: int) -> bool:
    """Whether a tensor was computed of parameters outside of no_grad."""
    trace = run.trace
    site = trace.site_of_tensor(trace.tensor_of(location))
    made = trace.latest_made(site, run.length) if site >= 0 else None
    return made is not None and trace.has_history(trace.event(made))


def _only_looked_at(tree: ast.Module, parent: dict[ast.AST, ast.AST], name: str) -> bool:
    """Whether a list is only appended to, measured, indexed for printing or drawn, and goes into no other call of torch or sum."""
    for node in walk(tree):
        if not (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)):
            continue
        above = parent.get(node)
        if isinstance(above, ast.Attribute) and above.attr == "append":
            continue
        if isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id in ("len", "print"):
            continue
        return False
    return True

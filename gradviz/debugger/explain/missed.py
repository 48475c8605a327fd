"""Leaves whose `.grad` the script reads, and that never got one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..script.syntax import syntax_tree, walk
from .explanation import Explanation

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun


def names_read(source: str) -> dict[str, int]:
    """Names whose `.grad` is used, with the line of the first use; asking whether it is None is no use."""
    tree = syntax_tree(source)
    asked = {
        id(side)
        for node in walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops)
        for side in (node.left, *node.comparators)
    }
    found: dict[str, int] = {}
    for node in walk(tree):
        used = isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.ctx, ast.Load) and id(node) not in asked
        if used and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found[node.value.id] = min(node.lineno, found.get(node.value.id, node.lineno))
    return found


def only_shown(source: str) -> set[str]:
    """Names whose `.grad` is only printed: where others are printed that have one, None is likely to be seen on purpose."""
    tree = syntax_tree(source)
    printed = {
        id(inner)
        for node in walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        for inner in walk(node)
    }
    used = {node.value.id for node in _reads(tree) if id(node) not in printed and isinstance(node.value, ast.Name)}
    return {node.value.id for node in _reads(tree) if isinstance(node.value, ast.Name)} - used


def _reads(tree: ast.Module) -> list[ast.Attribute]:
    return [node for node in walk(tree) if isinstance(node, ast.Attribute) and node.attr == "grad" and isinstance(node.ctx, ast.Load)]


def tensors_read(run: RecordedRun) -> dict[int, tuple[str, int]]:
    """The tensors whose `.grad` the script uses, with their name and the line; only names that ever stood for one tensor are certain."""
    trace = run.trace
    bound: dict[str, set[int]] = {}
    for row in np.flatnonzero(run.columns.kind == int(Kind.BIND_NAME)).tolist():
        event = trace.event(row)
        if event.reads:
            bound.setdefault(str(event.detail.get("name", "")), set()).add(trace.tensor_of(event.reads[0].location))
    names = names_read(run.recording.source)
    return {next(iter(bound[name])): (name, line) for name, line in names.items() if len(bound.get(name, ())) == 1}


def missed_gradients(run: RecordedRun) -> Iterator[Explanation]:
    """Leaves whose `.grad` is read and was None all through the run, though something was propagated back after they were made."""
    trace, columns = run.trace, run.columns
    passes = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    shown = only_shown(run.recording.source)
    read = tensors_read(run)
    filled = any(trace.writes(trace.location("grad", tensor)) for tensor in read)
    for tensor, (name, line) in read.items():
        site = trace.site_of_tensor(tensor)
        if site < 0 or not len(passes) or not trace.made[site] or trace.writes(trace.location("grad", tensor)):
            continue
        made = trace.event(int(trace.made[site][-1]))
        if made.kind != Kind.CREATE_LEAF or made.index > passes[-1] or trace.tensor_of(made.writes[0].location) != tensor:
            continue
        why = run.why_not(site)
        if why.reason in ("reached", "no backward") or (why.reason == "flag" and name in shown and filled):
            continue
        cut = trace.latest_made(why.node, run.length)
        where = why.line or run.recording.sites[why.node].line or line
        node = run.recording.sites[site].name or None
        yield Explanation(
            "no-gradient", where, made.index if cut is None else cut, node, f"{name}.grad is None in line {line}. {why.sentence.replace(f'{node} gets', f'{name} gets', 1)}",
            "Set requires_grad=True where it is made." if why.reason == "flag" else "Connect it to the loss with operations that are recorded.",
        )  # fmt: skip

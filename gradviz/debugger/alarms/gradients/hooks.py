"""Hooks that pile up: each turn registers another one on a tensor that lives on."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ...script.syntax import syntax_tree, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TURNS = 3
_LOOKED_AT = 2000


def piling_up(run: RecordedRun) -> Iterator[Alarm]:
    """A gradient that goes through one hook in the first pass, two in the second, three in the third; one alarm."""
    trace, columns = run.trace, run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.HOOK))[:_LOOKED_AT]
    counts = Counter(zip(columns.site[rows].tolist(), columns.pass_[rows].tolist(), strict=True))
    for site in sorted({site for site, _ in counts if site >= 0}):
        passes = sorted(number for at, number in counts if at == site)
        sizes = [counts[site, number] for number in passes]
        growing = [later - earlier for earlier, later in pairwise(sizes)]
        if len(sizes) < _TURNS or len(set(growing)) != 1 or growing[0] < 1:
            continue
        leaf = trace.leaf_of.get(site, site)
        line = _registering(run.recording.source)
        where = f"line {line} registers" if line else "each turn registers"
        yield Alarm(
            "hooks", Severity.WARNING, "hooks pile up",
            f"The gradient of {node_title(trace, run.recording.sites[leaf])} goes through {sizes[0]} hook{'s' * (sizes[0] > 1)} in the first pass, {sizes[1]} in the second and "
            f"{sizes[-1]} in the last: {where} another one in each turn, and those before stay. What one does is done {sizes[-1]} times.",
            "Register it once, before the loop, or call remove() of the handle that register_hook gives.", int(rows[columns.site[rows] == site][1]), (leaf,), len(sizes), line,
        )  # fmt: skip
        return


def one_sided(run: RecordedRun) -> Iterator[Alarm]:
    """A gradient of both signs of which a hook or a write into .grad leaves one sign, in each pass: what was to grow can only shrink; one alarm."""
    trace, columns, recording = run.trace, run.columns, run.recording
    changes = np.flatnonzero(np.isin(columns.kind, (int(Kind.HOOK), int(Kind.ASSIGN_GRAD))))[:_LOOKED_AT]
    found: dict[tuple[int, int], list[bool]] = {}
    for row in changes.tolist():
        event = trace.event(row)
        ref = event.writes[0] if event.writes else None
        before = recording.array(trace.value_at(ref.location, row - 1)) if ref is not None else None
        after = recording.array(ref.value) if ref is not None and ref.value >= 0 else None
        if before is None or after is None or before.shape != after.shape or before.ndim < 2 or not (before.min() < 0 < before.max()):
            continue
        found.setdefault((event.site, event.line if event.kind == Kind.ASSIGN_GRAD else 0), []).append(
            bool(after.min() >= 0 or after.max() <= 0) and bool(after.any())
        )
    trained = bool((columns.kind == int(Kind.OPTIMIZER_STEP)).any())
    for (site, line), seen in found.items():
        if len(seen) < _TURNS or not all(seen) or not trained or site not in trace.leaf_of:
            continue  # what passes a hidden layer may be looked at so
        leaf = trace.leaf_of.get(site, site)
        lines = [k for k, text in enumerate(recording.source.splitlines(), 1) if "register_hook(" in text]
        place = line or (lines[0] if len(lines) == 1 else 0)
        yield Alarm(
            "one-sided", Severity.WARNING, "one sign of the gradient is left",
            f"The gradient of {node_title(trace, recording.sites[leaf])} has both signs when it arrives, and {f'line {place}' if place else 'a hook'} leaves one of them, in each of {len(seen)} "
            "passes: its elements can be moved in one direction only.", "Clip to both sides, clamp(-1, 1), or scale by the norm (clip_grad_norm_).",
            int(changes[0]), (leaf,), len(seen), place,
        )  # fmt: skip
        return


def _registering(source: str) -> int:
    """The line that registers a hook in a loop or in a function, 0 where there is none."""
    tree = syntax_tree(source)
    found = [
        node.lineno
        for holder in walk(tree)
        if isinstance(holder, ast.For | ast.While | ast.FunctionDef)
        for node in walk(holder)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "register_hook"
    ]
    return min(found, default=0)

"""Names that are no leaf: `w = torch.randn(3, requires_grad=True) * 0.1`, `w = w - lr * w.grad`."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ...script.syntax import syntax_tree
from ...script.wanted_gradients import taken_for_leaf
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LOOKED_AT = 20_000  # bindings, from the start
_OF_A_LINE = 100  # of them: what a line does to a leaf it does in its first turns
_ONE_INPUT = 4  # ops between the leaf and the name: `(randn(3) * 2 - 1).reshape(...)` are three


def lost_leaves(run: RecordedRun) -> Iterator[Alarm]:
    """Names that stand for a result where the user believes to have the leaf, one alarm a line."""
    trace, columns = run.trace, run.columns
    leaf_named: dict[str, int] = {}  # name -> the tensor of the leaf that it stood for
    told: set[int] = set()
    bindings = [trace.event(row) for row in bound(run).tolist()]
    named = {trace.tensor_of(event.reads[0].location) for event in bindings if event.reads}
    lines = set(columns.line[columns.kind == int(Kind.CREATE_LEAF)].tolist())
    for event in bindings:
        if not event.reads:
            continue
        name, tensor = str(event.detail.get("name", "")), trace.tensor_of(event.reads[0].location)
        site = trace.site_of_tensor(tensor)
        if site < 0 or not (run.recording.sites[site].role == "leaf" or name in leaf_named or event.line in lines):
            continue  # a result under a name that never was a leaf's: most of a long script
        made = _made(run, event)
        if made is None:
            continue
        if made.kind == Kind.CREATE_LEAF:
            if made.detail.get("requires_grad"):
                leaf_named[name] = tensor
            else:
                leaf_named.pop(name, None)
            continue
        if event.line in told or not made.detail.get("grad_fn"):
            continue
        leaf = _unnamed_leaf(run, made, named) if made.line in lines else None
        if leaf is not None and taken_for_leaf(syntax_tree(run.recording.source), name):
            told.add(event.line)
            yield _scaled(name, made, leaf, event)
            continue
        was = leaf_named.pop(name, None)
        if was is not None and _updates(run, made, was):
            told.add(event.line)
            yield Alarm(
                "lost leaf", Severity.WARNING, "the update made a new tensor",
                f"Line {event.line} computes a new tensor and gives it the name {name}. The leaf that was {name} keeps the .grad; the new one is a result, "
                "and its .grad stays None.",
                f"Write into the leaf: with torch.no_grad(): {name} -= ..., and clear {name}.grad.", event.index,
                tuple(dict.fromkeys((made.site, trace.site_of_tensor(was)))),
            )  # fmt: skip


def bound(run: RecordedRun) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The events that are looked at: the first bindings of each line, in their order."""
    columns = run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.BIND_NAME)).astype(np.int64)
    lines = columns.line[rows]
    order = np.argsort(lines, kind="stable")
    begins = np.flatnonzero(np.diff(lines[order], prepend=-1))
    turn = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))  # how many bindings of its line came before
    return np.sort(rows[order[turn < _OF_A_LINE]])[:_LOOKED_AT]


def _scaled(name: str, made: Event, leaf: Event, event: Event) -> Alarm:
    return Alarm(
        "lost leaf", Severity.WARNING, f"{name} is no leaf",
        f"{name} (line {event.line}) is the result of {made.detail.get('op')}: the leaf that requires grad is the tensor before it, which has no name. "
        f"The gradient goes there, and {name}.grad stays None.",
        f"Ask for grad last: compute the start value first, then {name}.requires_grad_().", event.index,
        tuple(dict.fromkeys((made.site, leaf.site))),
    )  # fmt: skip


def _made(run: RecordedRun, binding: Event) -> Event | None:
    trace = run.trace
    site = trace.site_of_tensor(trace.tensor_of(binding.reads[0].location))
    if site < 0:
        return None
    row = trace.latest_made(site, binding.index)
    event = trace.event(row) if row is not None else None
    return event if event is not None and event.writes and event.writes[0].location == binding.reads[0].location else None


def _unnamed_leaf(run: RecordedRun, made: Event, named: set[int]) -> Event | None:
    """The leaf without a name that a result of the same line was computed from, by ops that read nothing else."""
    trace, event = run.trace, made
    for _ in range(_ONE_INPUT):
        if event.kind not in (Kind.OP, Kind.VIEW) or len(event.reads) != 1 or event.line != made.line:
            return None
        shape, result = (run.recording.form(ref.value)[0] if ref.value >= 0 else () for ref in (event.reads[0], event.writes[0]))
        if prod(shape) != prod(result):
            return None  # a sum, a mean: meant as a result
        tensor = trace.tensor_of(event.reads[0].location)
        row = trace.latest_made(trace.site_of_tensor(tensor), event.index) if trace.site_of_tensor(tensor) >= 0 else None
        if row is None or tensor in named:
            return None
        event = trace.event(row)
        if event.kind == Kind.CREATE_LEAF:
            return event if event.detail.get("requires_grad") and event.line == made.line else None
    return None


def _updates(run: RecordedRun, made: Event, leaf: int) -> bool:
    """Whether a result was computed from a leaf and from that leaf's `.grad`."""
    trace = run.trace
    location = trace.location("val", leaf)
    if made.kind != Kind.OP or not any(ref.location == location for ref in made.reads):
        return False
    held = {trace.event(row).writes[0].value for row in trace.writes(trace.location("grad", leaf)) if row < made.index}
    held.discard(-1)
    seen = list(made.reads)
    for _ in range(_ONE_INPUT):
        if any(ref.value in held for ref in seen):
            return True
        sources = [trace.last_write(ref.location, made.index) for ref in seen if ref.location != location]
        seen = [ref for row in sources if row is not None for ref in trace.event(row).reads]
    return False

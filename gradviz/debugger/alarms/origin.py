"""Where numbers come from: the event that made what another one reads, also behind views and conversions that keep the numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from ..diagnosis.finding import source_line
from ..script.syntax import syntax_tree, unparse, walk
from ..words.names import name_of

if TYPE_CHECKING:
    from ...recording.event import Ref, Site
    from ..recorded_run import RecordedRun

_KEPT = frozenset({"_to_copy", "clone", "contiguous", "detach", "_unsafe_view", "reshape"})
_FAR = 12
_NAMED = 400  # names that are looked through
_NAMED_AFTER = 20  # events after one in which a tensor may still be given its name
_MOST = 200  # sites that are looked at
_CLASSES = {
    "softmax": "Softmax", "log_softmax": "LogSoftmax", "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "relu6": "ReLU6", "softplus": "Softplus",
    "dropout": "Dropout", "leaky_relu": "LeakyReLU",
}  # fmt: skip


def first_calls(run: RecordedRun, ops: frozenset[str], *, most: int = _MOST) -> Iterator[tuple[Site, Event]]:
    """The sites of some ops with the first event of each, the first of them: a program that repeats a mistake made it at its start."""
    found = (site for site in run.recording.sites if site.op in ops and len(run.trace.made[site.index]))
    for site in islice(found, most):
        yield site, run.trace.event(int(run.trace.made[site.index][0]))


def maker(run: RecordedRun, ref: Ref, before: int) -> Event | None:
    """The event that wrote what is read, before another event."""
    row = run.trace.last_write(ref.location, before - 1)
    return run.trace.event(row) if row is not None else None


def same_numbers(event: Event) -> bool:
    """Whether an event gives the numbers on that it reads: a view, a copy, another dtype."""
    return bool(event.reads) and (event.kind in (Kind.VIEW, Kind.DETACH) or event.detail.get("op") in _KEPT)


def behind(run: RecordedRun, ref: Ref, before: int, *, through: Callable[[Event], bool] = same_numbers) -> Event | None:
    """The event that made what is read, behind those that give it on."""
    event = maker(run, ref, before)
    for _ in range(_FAR):
        if event is None or not through(event):
            break
        event = maker(run, event.reads[0], event.index)
    return event


def readers(run: RecordedRun, location: int, *, most: int = 64) -> list[Event]:
    """The events that read a location, the first ones."""
    return [run.trace.event(row) for row in run.recording.reads_of(location)[:most].tolist()]


def called(run: RecordedRun, ref: Ref, before: int) -> str:
    """What the script calls a tensor: a name of its own, as each part of a chunk has one, and else what its maker is called."""
    columns = run.columns
    rows = np.flatnonzero((columns.kind == int(Kind.BIND_NAME)) & (np.arange(len(columns.kind)) < before + _NAMED_AFTER))
    for row in rows[-_NAMED:][::-1].tolist():
        event = run.trace.event(row)
        if event.reads and event.reads[0].location == ref.location:
            return str(event.detail.get("name", ""))
    return name_of(run.trace, run.trace.producer(ref.location, before), before)


def written_at(run: RecordedRun, line: int, op: str) -> int:
    """The line that makes the layer of an op which a line runs without naming it, as that of a Sequential; the line itself where that is not sure."""
    if op in source_line(run, line) or op not in _CLASSES:
        return line
    tree = syntax_tree(run.recording.source)
    made = [node for node in walk(tree) if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] == _CLASSES[op]]
    lines = {node.lineno for node in made}
    if len(lines) == 1:
        return lines.pop()
    around = [node for node in walk(tree) if isinstance(node, ast.Call) and any(part in node.args for part in made)]
    return max(lines) if len(around) == 1 and len(made) == sum(part in around[0].args for part in made) else line

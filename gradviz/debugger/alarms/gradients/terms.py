"""Terms of a loss that are plain numbers: they change what is printed, and no gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LINEAR = ("add", "sub", "neg", "sum", "mean", "rsub")
_SCALED = ("mul", "div")
_OPERATORS = (*_LINEAR, *_SCALED, "pow", "mm", "matmul", "addmm", "copy")  # may be written as signs
_DEPTH = 40  # events looked through


def constant(run: RecordedRun) -> Iterator[Alarm]:
    """A term of the last loss that was computed from parameters and has no way back to them; one alarm."""
    trace, columns = run.trace, run.columns
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    begins = begins[begins < int(steps[-1])] if len(steps) else begins[:0]
    if not len(begins):
        return
    root = trace.event(int(begins[-1]))
    made = _maker(run, root.reads[0].location, root.index) if root.reads else None
    queue = [made] if made is not None else []
    for event in queue:
        for term in _terms(event):
            source = _maker(run, term, event.index)
            if source is None:
                continue
            if trace.requires_grad(term, event.index - 1):
                if len(queue) < _DEPTH:
                    queue.append(source)
                continue
            if _of_a_function(run, event, source):
                continue
            cut = _cut_from_parameters(run, source)
            if cut is not None:
                yield _alarm(run, event, source, cut)
                return


def _terms(event: Event) -> list[int]:
    """The locations that an event adds up, or scales by a plain number."""
    op = event.detail.get("op")
    if op in _LINEAR:
        return [ref.location for ref in event.reads]
    if op in _SCALED and len(event.reads) == 1:
        return [event.reads[0].location]
    return []


def _of_a_function(run: RecordedRun, where: Event, term: Event) -> bool:
    """Whether the script does not write the term itself: the entropy of the target inside of kl_div belongs to its formula."""
    op = str(term.detail.get("op", ""))
    lines = run.recording.source.splitlines()
    text = lines[term.line - 1] if 0 < term.line <= len(lines) else ""
    return op not in _OPERATORS and term.line == where.line and op not in text and "(" in text


def _maker(run: RecordedRun, location: int, before: int) -> Event | None:
    row = run.trace.last_write(location, before - 1)
    return run.trace.event(row) if row is not None else None


def _cut_from_parameters(run: RecordedRun, start: Event) -> Event | None:
    """The event on the way back from a plain number at which the history of something tracked was left behind."""
    trace, columns = run.trace, run.columns
    firsts = {
        ref.location for row in np.flatnonzero(columns.kind == int(Kind.BACKWARD_END))[-_DEPTH:].tolist() for ref in trace.event(row).writes
    }
    queue, seen = [start], {start.index}
    for event in queue:
        if len(queue) > _DEPTH:
            return None
        if event.kind not in (Kind.OP, Kind.VIEW, Kind.DETACH):
            continue
        for ref in event.reads:
            if trace.requires_grad(ref.location, event.index - 1):
                return event
            source = _maker(run, ref.location, event.index)
            if ref.location in firsts or (source is None and _is_gradient(run, ref.location, event.index)):
                return event
            if source is not None and source.index not in seen:
                seen.add(source.index)
                queue.append(source)
    return None


def _is_gradient(run: RecordedRun, location: int, before: int) -> bool:
    """Whether a tensor that no op made was bound to a name on a line with grad(): it is a first-order gradient."""
    trace, columns = run.trace, run.columns
    tensor = trace.tensor_of(location)
    for row in np.flatnonzero(columns.kind[:before] == int(Kind.BIND_NAME))[::-1][:_DEPTH].tolist():
        event = trace.event(row)
        if event.reads and trace.tensor_of(event.reads[0].location) == tensor:
            begun = np.flatnonzero((columns.kind[:row] == int(Kind.BACKWARD_BEGIN)) & (columns.line[:row] == event.line))
            return bool(len(begun)) and not trace.event(int(begun[-1])).detail.get("create_graph")
    return False


def _alarm(run: RecordedRun, where: Event, term: Event, cut: Event) -> Alarm:
    sites = run.recording.sites
    name = node_title(run.trace, sites[term.site]) if term.site >= 0 else "A term"
    gradient = next((ref.location for ref in cut.reads if _is_gradient(run, ref.location, cut.index)), None)
    line, why, advice = (
        cut.line,
        f"line {cut.line} leaves its history behind",
        "Compute it with recorded operations: without detach(), .data, no_grad or item().",
    )
    if gradient is not None:
        tensor = run.trace.tensor_of(gradient)
        rows = np.flatnonzero(run.columns.kind[: cut.index] == int(Kind.BIND_NAME))[::-1].tolist()
        bound = next((e for row in rows if (e := run.trace.event(row)).reads and run.trace.tensor_of(e.reads[0].location) == tensor), cut)
        line, advice = bound.line, "Give grad() create_graph=True: then the gradient can itself be differentiated."
        why = f"the gradient of line {line} was computed without create_graph=True, so it is a plain number"
    nodes = tuple(k for k in dict.fromkeys((term.site, where.site)) if k >= 0)
    return Alarm(
        "constant term", Severity.WARNING, "a constant term in the loss",
        f"{name} (line {term.line}) is a part of the loss in line {where.line} and has no history: it changes the loss and no gradient. In it {why}.",
        advice, term.index, nodes, 1, line,
    )  # fmt: skip

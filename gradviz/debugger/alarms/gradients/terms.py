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
_LOSSES = 8  # lines that call backward()
_COMPARING = ("sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div")


def constant(run: RecordedRun) -> Iterator[Alarm]:
    """A term of a loss, as it was computed last, that comes from parameters and has no way back to them; one alarm."""
    columns = run.columns
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    begins = begins[begins < int(steps[-1])] if len(steps) else begins[:0]
    last = dict(zip(columns.line[begins].tolist(), begins.tolist(), strict=True))  # a GAN has several losses
    for row in sorted(last.values(), reverse=True)[:_LOSSES]:
        found = _constant_in(run, run.trace.event(row))
        if found is not None:
            yield found
            return


def _constant_in(run: RecordedRun, root: Event) -> Alarm | None:
    trace = run.trace
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
                named = _unscaled(run, source)
                return _of_one_source(run, named, cut) or _alarm(run, event, named, cut)
    return None


def _unscaled(run: RecordedRun, term: Event) -> Event:
    """What a term is a multiple of: 10 * penalty is told of as the penalty."""
    for _ in range(_DEPTH):
        inner = (
            _maker(run, term.reads[0].location, term.index) if term.detail.get("op") in (*_SCALED, "neg") and len(term.reads) == 1 else None
        )
        if inner is None or inner.line == term.line == 0:
            break
        if inner.kind != Kind.OP or inner.line == term.line:
            break  # parts of one expression, which have no name of their own
        term = inner
    return term


def _of_one_source(run: RecordedRun, term: Event, cut: Event) -> Alarm | None:
    """A loss whose both sides were computed from one result, which has no history: nothing of what learns is in it."""
    trace = run.trace
    queue, seen = [term], {term.index}
    for event in queue:
        sides = [_sources(run, ref.location, event.index) for ref in event.reads[:2]] if event.detail.get("op") in _COMPARING else []
        if len(sides) == 2 and event.reads[0].location != event.reads[1].location and sides[0] == sides[1] == {cut.index}:
            both = node_title(trace, run.recording.sites[cut.site]) if cut.site >= 0 else "one result"
            name = node_title(trace, run.recording.sites[term.site]) if term.site >= 0 else "A term"
            return Alarm(
                "with itself", Severity.WARNING, "compared with itself",
                f"{name} (line {term.line}) compares {both} with itself: both sides come from line {cut.line}, which has no history, and nothing of the model that learns is in it.",
                f"Let one side be what the model in training gives, in the place of {both}.", term.index, (term.site,) if term.site >= 0 else (), 1, event.line,
            )  # fmt: skip
        for ref in event.reads:
            source = _maker(run, ref.location, event.index)
            if source is not None and source.kind in (Kind.OP, Kind.VIEW) and source.index not in seen and len(queue) < _DEPTH:
                seen.add(source.index)
                queue.append(source)
    return None


def _sources(run: RecordedRun, location: int, before: int) -> set[int]:
    """The events without history behind something that read what has one."""
    found, waiting, seen = set[int](), [(location, before)], set[int]()
    for at, end in waiting:
        made = _maker(run, at, end)
        if made is None or made.index in seen or len(seen) > _DEPTH:
            continue
        seen.add(made.index)
        if any(run.trace.requires_grad(ref.location, made.index - 1) for ref in made.reads):
            found.add(made.index)
        else:
            waiting += [(ref.location, made.index) for ref in made.reads]
    return found


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

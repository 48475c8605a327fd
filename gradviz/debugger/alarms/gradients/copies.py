"""Numbers of a result in a new tensor, or a result that was made a leaf: its history is left behind, and what stands before it learns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.graph.history import no_history
from ...scene import NodeKind
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LEAVES = 300  # new tensors that are looked at
_BACK = 600  # events before one in which the result may stand
_DISTINCT = 2


def left_behind(run: RecordedRun) -> Iterator[Alarm]:
    """A new tensor with the very numbers of a result, where parameters behind that result get no gradient in the whole run; one alarm."""
    trace, columns, recording = run.trace, run.columns, run.recording
    missed = _missed(run)
    if not missed:
        return
    behind = _behind(run, missed)
    rows = np.flatnonzero(columns.kind == int(Kind.CREATE_LEAF))
    first = min((int(trace.made[site][0]) for site in behind if len(trace.made[site])), default=len(columns.kind))
    for row in rows[rows > first][:_LEAVES].tolist():
        leaf = trace.event(row)
        array = recording.array(leaf.writes[0].value) if leaf.writes and leaf.writes[0].value >= 0 else None
        if array is None or array.dtype.kind != "f" or not array.size or not len(recording.reads_of(leaf.writes[0].location)):
            continue
        source = _same_numbers(run, array, row, behind, cut=bool(leaf.detail.get("requires_grad")) and array.size > 1)
        if source is None:
            continue
        lost = next((site for site in missed if source.site in _behind(run, [site])), missed[0])
        name, taken, parameter = (node_title(trace, recording.sites[site]) for site in (leaf.site, source.site, lost))
        yield Alarm(
            "left behind", Severity.WARNING, "numbers without their history",
            f"{name} (line {leaf.line}) is a new tensor with the numbers of {taken} (line {source.line}), and without their history: no gradient goes back there, and "
            f"{parameter} (line {recording.sites[lost].line}) gets none.",
            "Go on with the tensor itself; torch.stack makes one tensor of a list of them and keeps their histories.",
            row, (leaf.site, source.site), 1, leaf.line,
        )  # fmt: skip
        return


def starts_anew(run: RecordedRun) -> Iterator[Alarm]:
    """A loss from which the way back ends at a leaf that each turn makes, though the turn computes with the parameters as well: numbers went round by numpy; one alarm."""
    trace, columns, recording = run.trace, run.columns, run.recording
    passes = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    stepped = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    reached = {trace.leaf_of.get(site, site) for site in columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist()}
    parameters = _missed(run) if len(passes) >= _DISTINCT and len(stepped) else []
    if not parameters or any(recording.sites[site].role == "leaf" and len(trace.made[site]) == 1 for site in reached):
        return
    behind = _behind(run, parameters)
    for site in recording.sites:
        made = trace.made[site.index] if site.role == "leaf" else []
        leaf = trace.event(int(made[0])) if len(made) >= _DISTINCT else None
        if leaf is None or not leaf.detail.get("requires_grad") or not leaf.writes or not len(recording.reads_of(leaf.writes[0].location)):
            continue
        before = [number for number in behind if len(trace.made[number]) >= _DISTINCT and int(trace.made[number][0]) < leaf.index]
        if not before:
            continue
        last = trace.event(max(int(trace.made[number][0]) for number in before))
        name, parameter = node_title(trace, site), node_title(trace, recording.sites[parameters[0]])
        yield Alarm(
            "left behind", Severity.WARNING, "numbers without their history",
            f"The way back from the loss ends at {name}, a leaf that line {leaf.line} makes of plain numbers in each turn. What is computed before it (line {last.line}) has no part in the loss, and {parameter} "
            f"(line {recording.sites[parameters[0]].line}) gets no gradient.",
            "Stay with tensors and recorded operations from the parameters to the loss: requires_grad=True on a new tensor brings no history back.", leaf.index, (site.index, last.site), len(made), leaf.line,
        )  # fmt: skip
        return


def _missed(run: RecordedRun) -> list[int]:
    """The parameters from which something was computed, and which no pass ever reached."""
    trace, columns = run.trace, run.columns
    reached = {trace.leaf_of.get(site, site) for site in columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist()}
    used = {edge.source for edge in run.graph().edges}
    nodes = run.graph().nodes if (columns.kind == int(Kind.BACKWARD_BEGIN)).any() else ()
    return [node.id for node in nodes if node.kind == NodeKind.PARAMETER and node.id not in reached and node.id in used]


def _behind(run: RecordedRun, leaves: list[int]) -> set[int]:
    """All that is computed from some leaves."""
    after: dict[int, list[int]] = {}
    for edge in run.graph().edges:
        if edge.kind != "bucket":
            after.setdefault(edge.source, []).append(edge.target)
    found, waiting = set(leaves), list(leaves)
    while waiting:
        for target in after.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found - set(leaves)


def _same_numbers(run: RecordedRun, array: np.ndarray, row: int, behind: set[int], *, cut: bool) -> Event | None:
    """The result before a row that holds an array's numbers: all of them, or one entry each (a list of losses); with `cut` also one that has lost its history before."""
    trace, recording, columns = run.trace, run.recording, run.columns
    start = max(0, row - _BACK)
    making = np.isin(columns.kind[start:row], (int(Kind.OP), int(Kind.VIEW))) & np.isin(columns.site[start:row], list(behind))
    single: dict[float, Event] = {}
    for made in (np.flatnonzero(making) + start)[::-1].tolist():
        event = trace.event(made)
        value = recording.array(event.writes[0].value) if event.writes and event.writes[0].value >= 0 else None
        if value is None or value.dtype.kind != "f" or not ((cut and _of_whole_numbers(run, event)) or trace.has_history(event)):
            continue
        if value.size == 1:
            single.setdefault(float(value.reshape(-1)[0]), event)
        if value.size == array.size and np.array_equal(value.reshape(-1), array.reshape(-1)) and _telling(array):
            return event
    entries = array.reshape(-1).tolist()
    listed = len(entries) >= _DISTINCT and _telling(array) and all(entry in single for entry in entries)
    return single[entries[0]] if listed else None


def _of_whole_numbers(run: RecordedRun, event: Event) -> bool:
    """Whether an event turns whole numbers, or the outcome of a comparison, into others: they had lost their history before."""
    ref = event.reads[0] if event.detail.get("op") == "_to_copy" and event.reads else None
    return ref is not None and ref.value >= 0 and not run.recording.form(ref.value)[1].startswith("float")


def _telling(array: np.ndarray) -> bool:
    """Whether numbers are not the same by chance: zeros and ones are everywhere."""
    return len(np.unique(array)) >= _DISTINCT or (array.size == 1 and float(array.reshape(-1)[0]) not in (0.0, 1.0, -1.0))


def leaf_for_a_root(run: RecordedRun) -> Iterator[Alarm]:
    """backward() of a result without history that was made to require grad: it starts and ends there; one alarm."""
    trace, columns = run.trace, run.columns
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    for row in begins[run.recording.detail_of(begins, "calls") < 0].tolist():
        begin = trace.event(row)
        calls = begin.detail.get("calls") or ()
        if not begin.reads or any(call is not None for call in calls):
            continue
        location = begin.reads[0].location
        made = trace.last_write(location, row - 1)
        if made is None or trace.event(made).kind not in (Kind.OP, Kind.VIEW, Kind.DETACH, Kind.CREATE_LEAF):
            continue
        flags = np.flatnonzero(columns.kind[:row] == int(Kind.SET_REQUIRES_GRAD)).tolist()
        tensor = trace.tensor_of(location)
        flag = next((e for r in reversed(flags) if (e := trace.event(r)).writes and trace.tensor_of(e.writes[0].location) == tensor), None)
        source = trace.event(made)
        if source.kind == Kind.CREATE_LEAF and flag is None:
            if not _wrapped(run, source):
                continue
        elif flag is None:
            continue
        found = no_history(run, "", begin.line)
        if found is None:
            return
        where = flag.line if flag is not None else source.line
        yield Alarm(
            "leaf root", Severity.WARNING, "backward() ends where it starts",
            f"Line {where} makes a leaf of what has no history, so that backward() in line {begin.line} starts and ends there: no parameter gets a gradient. {found.sentence}",
            found.advice or "Stay with recorded operations from the parameters to the loss.", made, found.nodes[:2] or (source.site,), 1,
            found.line or (trace.event(found.event).line if found.event >= 0 else source.line),
        )  # fmt: skip
        return


def _wrapped(run: RecordedRun, leaf: Event) -> bool:
    """Whether a leaf that is propagated back from was made on the line of a call that wraps numbers up: torch.tensor(x, requires_grad=True)."""
    lines = run.recording.source.splitlines()
    text = lines[leaf.line - 1] if 0 < leaf.line <= len(lines) else ""
    return "requires_grad" in text and bool((run.columns.kind == int(Kind.OPTIMIZER_STEP)).any())

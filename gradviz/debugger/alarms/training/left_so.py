"""What a run shows of the state that its training is in: layers left in evaluation mode, optimizers without a past, gradients that nothing uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...script.syntax import syntax_tree, unparse, walk
from ...trace.optimizer_slots import slots_of
from ...words.names import node_title
from ..alarm import Alarm, Severity
from .diverging import rate
from .evaluation import dropped_share, of_this_batch

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TURNS = 2  # of a training in evaluation mode, or without any step
_LIVES = 4  # times that an optimizer begins anew: fewer may be the stages of a training
_LOOKED_AT = 4000  # events of a kind, from the start
_PARAMETERS = 8  # of an optimizer that are followed
_STEPS = 200  # of each
_LATEST = 20  # blocks under no_grad
_LAYERS = frozenset({"addmm", "mm", "convolution", "batch_norm", "embedding"})


def in_evaluation(run: RecordedRun) -> Iterator[Alarm]:
    """Layers that trained with dropout or batch statistics, were evaluated, and have trained without them ever since; one alarm."""
    trace, columns, recording = run.trace, run.columns, run.recording
    sites = [site for site in recording.sites if site.op in ("mul", "batch_norm") and len(trace.made[site.index])]
    modes = np.flatnonzero(columns.kind == int(Kind.MODE_ENTER))
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    if not (len(sites) and len(modes) and len(steps)):
        return
    for site in sites:
        if site.index not in trace.fired:
            continue
        rows = [int(row) for row in trace.made[site.index]][:_LOOKED_AT]
        if site.op == "batch_norm":
            on = [row for row in rows if of_this_batch(trace.event(row)) and trace.event(row).grad_mode]
            off = [row for row in rows if not of_this_batch(trace.event(row)) and trace.event(row).grad_mode]
            layer, without = "batch_norm", "with the statistics that it had then"
        else:
            if dropped_share(run, trace.event(rows[0])) <= 0:
                continue
            on, off = [row for row in rows if trace.event(row).grad_mode], _passes_beside(run, trace.event(rows[0]), rows[-1])
            layer, without = "dropout", "with nothing dropped"
        if not on or len(off) < _TURNS or min(off) < max(on):
            continue
        between = modes[(modes > max(on)) & (modes < min(off))]
        if _evaluated(run, modes[(modes > min(on)) & (modes < max(on))]):
            continue  # earlier evaluations were taken back: it is switched off on purpose now
        later = steps[steps > min(off)]
        if not len(between) or len({trace.event(int(row)).step for row in later[:_LOOKED_AT]}) < _TURNS:
            continue  # it was frozen on purpose, or nothing learns any more
        call = _eval_call(run, trace.event(int(between[0])))
        who = unparse(call.func.value) if call is not None and isinstance(call.func, ast.Attribute) else "the model"
        yield Alarm(
            "evaluation left on", Severity.WARNING, "training goes on in evaluation mode",
            f"{node_title(trace, site) if site.name else f'The {layer}'} (line {site.line}) trains until the evaluation{f' of line {call.lineno}' if call is not None else ''}, and from then on {without}: {who}.eval() is not taken back, and the "
            f"{layer} of {len(off)} later turns of training works as in an evaluation.",
            f"Call {who}.train() after the evaluation, or at the start of each turn.", off[0], (site.index,), len(off), call.lineno if call is not None else site.line,
        )  # fmt: skip
        return


def _evaluated(run: RecordedRun, modes: np.ndarray) -> bool:
    """Whether a layer was run after one of some modes was entered, and before it was left again."""
    columns = run.columns
    layers = np.array([site.index for site in run.recording.sites if site.op in _LAYERS], np.int64)
    for row in modes[-_LATEST:].tolist():
        left = np.flatnonzero(columns.kind[row:] == int(Kind.MODE_EXIT))
        end = row + int(left[0]) if len(left) else run.length
        if np.isin(columns.site[row:end], layers).any():
            return True
    return False


def _passes_beside(run: RecordedRun, dropped: Event, after: int) -> list[int]:
    """The later calls with a gradient of what reads the output of a dropout."""
    trace = run.trace
    readers = [trace.event(int(row)) for row in run.recording.reads_of(dropped.writes[0].location)[:_PARAMETERS]]
    sites = {reader.site for reader in readers if reader.site in trace.fired and reader.kind in (Kind.OP, Kind.VIEW)}
    last = trace.event(after).step  # whose own reader comes later
    calls = (trace.event(int(row)) for site in sites for row in trace.made[site][:_LOOKED_AT] if int(row) > after)
    return sorted(call.index for call in calls if call.step > last and call.grad_mode)


def _eval_call(run: RecordedRun, mode: Event) -> ast.Call | None:
    """The call of eval() that comes before a mode that was entered, as the text stands."""
    found = [
        node
        for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "eval" and not node.args
    ]
    above = [node for node in found if node.lineno <= mode.line]
    return max(above or found, key=lambda node: node.lineno, default=None)


def without_a_past(run: RecordedRun) -> Iterator[Alarm]:
    """An optimizer that remembers, made anew again and again for the same parameters: what it remembers is empty each time; one alarm."""
    trace, columns = run.trace, run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    owners = run.recording.first_owners(rows)
    for tensor in list(dict.fromkeys(owners.tolist()))[:_PARAMETERS]:
        events = [trace.event(int(row)) for row in rows[owners == tensor][:_STEPS]]
        events = [event for event in events if not event.detail.get("skipped") and event.detail.get("state")]
        if len(events) < _LIVES:
            continue
        anew = [two for one, two in pairwise(events) if not _kept(run, one, two)]
        lives = [events[0], *anew]
        if (
            len(lives) < _LIVES
            or len({(event.line, event.detail.get("optimizer")) for event in lives}) > 1
            or _set_back(run, tensor, lives)
        ):
            continue
        step, kind = events[0], str(events[0].detail.get("optimizer"))
        line = rate(run, step)[0]
        site = trace.site_of_tensor(tensor)
        name = node_title(trace, run.recording.sites[site]) if site >= 0 else "a parameter"
        every = "each" if len(lives) == len(events) else f"one in {round(len(events) / len(lives))}"
        yield Alarm(
            "optimizer anew", Severity.WARNING, "an optimizer that forgets",
            f"{kind} begins anew {len(lives)} times: in {every} of the {len(events)} steps of {name} it has no memory of the gradients before, because line {line} makes another one.",
            "Make the optimizer once, before the loop, and hand it in.", lives[1].index, (site,) if site >= 0 else (), len(lives), line,
        )  # fmt: skip
        return


def _kept(run: RecordedRun, one: Event, two: Event) -> bool:
    """Whether the second of two steps wrote what the first had kept."""
    return {slot.tensor for slot in slots_of(run.trace, one)} == {slot.tensor for slot in slots_of(run.trace, two)}


def _set_back(run: RecordedRun, tensor: int, lives: list[Event]) -> bool:
    """Whether something else than a step writes the parameter between the lives: each is a training of its own then."""
    trace = run.trace
    first = lives[0].index
    return any(row > first and run.columns.kind[row] != int(Kind.OPTIMIZER_STEP) for row in trace.writes(trace.location("val", tensor)))


def never_moved(run: RecordedRun) -> Iterator[Alarm]:
    """Gradients that are filled and cleared turn after turn, and no step: none of them is ever used; one alarm."""
    trace, columns = run.trace, run.columns
    if (columns.kind == int(Kind.OPTIMIZER_STEP)).any() or run.recording.meta.get("error"):
        return
    filled = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))[:_LOOKED_AT]
    cleared = np.flatnonzero(columns.kind == int(Kind.ZERO_GRAD))[:_LOOKED_AT]
    if not len(cleared) or len({trace.event(int(row)).step for row in filled.tolist()}) < 2 * _TURNS:
        return
    call = _step_call(run)
    if call is None:
        return  # a script that has no step() has said so
    leaves = set(run.recording.first_owners(cleared).tolist())
    read = set()
    values = set(leaves)  # and what has the same numbers: w.data
    kinds = (int(Kind.OP), int(Kind.INPLACE_WRITE), int(Kind.VIEW), int(Kind.DETACH))
    for row in np.flatnonzero(np.isin(columns.kind, kinds))[-_LOOKED_AT:].tolist():
        event = trace.event(row)
        if event.kind == Kind.DETACH:
            if event.writes and event.reads[0].location in {trace.location("val", leaf) for leaf in leaves}:
                values.add(trace.tensor_of(event.writes[0].location))
            continue
        if event.kind == Kind.INPLACE_WRITE and event.writes and trace.tensor_of(event.writes[0].location) in values:
            return  # the script moves them itself
        read |= {ref.location for ref in event.reads}
    if any(trace.location("grad", leaf) in read for leaf in leaves):
        return
    begin = trace.event(int(np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[0]))
    site = trace.site_of_tensor(min(leaves))
    yield Alarm(
        "never moved", Severity.ERROR, "no step is ever taken",
        f"backward() in line {begin.line} fills the gradients in each turn, and {unparse(call)} in line {call.lineno} is never reached: nothing moves, and nothing is learned.",
        f"Call {unparse(call)} in each turn, after backward(), whatever else is called there.", begin.index, (site,) if site >= 0 else (), 1, call.lineno,
    )  # fmt: skip


def _step_call(run: RecordedRun) -> ast.Call | None:
    """The call of an optimizer's step() that the text has and the run did not reach: a scheduler's, a closure's name is none."""
    found = [
        node
        for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and "sched" not in unparse(node.func.value).lower()
    ]
    return found[0] if found else None

"""Two optimizers that work against each other: a step on the sum of its own gradient and of that of the other one's loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker
from ..standing import standing_at
from .diverging import rate
from .optimizing import moved_by

if TYPE_CHECKING:
    from ....recording.event import Site
    from ...recorded_run import RecordedRun

_LOOKED_AT = 4000  # steps of single parameters, from the start
_CALLS = 200  # calls of step() that are looked at
_TURNS = 2
_JUDGING = frozenset({"binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss"})
_FAR = 120  # reads that are followed back


def gradient_of_the_other(run: RecordedRun) -> Iterator[Alarm]:
    """A step whose gradient still holds that of another loss, by which another optimizer has stepped since; one alarm.

    Two losses with a common part may be meant so (heads on one body, each with an optimizer); here the second loss also goes through
    what the other optimizer moves, as that of a generator goes through the discriminator.
    """
    trace, columns, recording = run.trace, run.columns, run.recording
    rows = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    trace.open(rows)
    events = [trace.event(row) for row in rows.tolist()]
    calls = [list(group) for _, group in groupby(events, key=lambda event: (event.line, event.step, event.epoch))][:_CALLS]
    if len({call[0].line for call in calls}) < 2:
        return
    passes_of = _passes_of_tensors(run)
    found: list[tuple[Event, Event, int, int]] = []
    for k, call in enumerate(calls[1:], 1):
        step, other = call[0], calls[k - 1][0]
        tensor, rival = moved_by(run, step), moved_by(run, other)
        leaf = trace.site_of_tensor(tensor) if tensor >= 0 else -1
        if leaf < 0 or rival < 0 or step.line == other.line or {moved_by(run, e) for e in call} & {moved_by(run, e) for e in calls[k - 1]}:
            continue
        standing = next((list(filled) for _, filled in standing_at(run, leaf, [step.index])), [])
        before = next((c[0].index for c in reversed(calls[:k]) if c[0].line == step.line), -1)
        theirs, own = ([row for row in standing if before < row < other.index], [row for row in standing if row > other.index])
        if not theirs or not own or any(row < before for row in standing):
            continue
        one, two = trace.event(theirs[-1]).pass_, trace.event(own[-1]).pass_
        if {one, two} <= passes_of.get(rival, set()):
            found.append((step, other, one, two))
    if len({step.index for step, *_ in found}) < _TURNS:
        return
    step, other, one, two = found[0]
    begun = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    begins = {pass_: trace.event(int(row)) for pass_ in (one, two) for row in begun[columns.pass_[begun] == pass_][:1]}
    if one not in begins or two not in begins:
        return
    leaf, rival = (trace.site_of_tensor(moved_by(run, event)) for event in (step, other))
    name, moved = (
        f"{_called(run, moved_by(run, event))} (line {recording.sites[site].line})" for event, site in ((step, leaf), (other, rival))
    )
    yield Alarm(
        "other loss", Severity.WARNING, "the gradient of the other loss is in the sum",
        f"step() in line {step.line} moves {name} by the sum of two gradients: that of its own loss (backward() in line {begins[two].line}), and that which backward() in line "
        f"{begins[one].line} left there on its way, though that loss is for {moved} and step() in line {other.line}.",
        "Keep the other loss from coming here (detach() what it is given), or clear between: zero_grad() right before its own backward().",
        begins[one].index, (leaf, rival), len(found), begins[one].line,
    )  # fmt: skip


def one_target_for_both(run: RecordedRun) -> Iterator[Alarm]:
    """A generator whose loss wants of the discriminator what the discriminator's own loss wants of the same samples; one alarm."""
    trace, judged = run.trace, _judged(run)
    for site, event, layers, cut, own in judged:
        if cut is not None:
            continue
        for other, _, theirs, made, asked in judged:
            if made is None or asked != own or not layers & theirs or not of_one_maker(run, event, made):
                continue
            yield Alarm(
                "one target", Severity.WARNING, "both want the same",
                f"Line {other.line} teaches to give {asked:g} for samples that are cut off there (detach), and line {site.line} asks the same {own:g} of such samples, with the gradient going "
                "on into what makes them: it learns to be recognized, and works for the other one, not against it.",
                f"Ask for the other label in line {site.line}: {1 - own:g}, that of the real samples.", event.index, (site.index, other.index), len(trace.made[site.index]), site.line,
            )  # fmt: skip
            return


def moved_by_the_other(run: RecordedRun) -> Iterator[Alarm]:
    """A discriminator that the step after the generator's loss moves as well: one optimizer holds both, and each undoes the other's work; one alarm."""
    trace, columns, judged = run.trace, run.columns, _judged(run)
    for site, event, _, cut, own in judged:
        for other, _, theirs, made, asked in judged if cut is None else ():
            if made is None or asked == own or not of_one_maker(run, event, made) or not theirs:
                continue
            begins = np.flatnonzero(columns.kind[event.index :] == int(Kind.BACKWARD_BEGIN))[:2] + event.index
            stop = int(begins[1]) if len(begins) > 1 else run.length
            steps = np.flatnonzero(columns.kind[event.index : stop] == int(Kind.OPTIMIZER_STEP)) + event.index
            moved = [
                step
                for step in map(trace.event, steps.tolist())
                if len(begins) and step.index > begins[0] and not step.detail.get("skipped")
            ]
            rival = next((step for step in moved if trace.site_of_tensor(moved_by(run, step)) in theirs), None)
            if rival is None:
                continue
            yield Alarm(
                "moved by the other", Severity.WARNING, "one step moves both players",
                f"The loss of line {site.line} is to fool what line {other.line} teaches; step() in line {rival.line} moves {_called(run, moved_by(run, rival))} by it as well: it is made to say "
                f"{own:g} of the samples of which it has just learned to say {asked:g}.",
                "Give each of the two an optimizer of its own, with its own parameters.", rival.index, (site.index, other.index), 1, rate(run, rival)[0],
            )  # fmt: skip
            return


def _judged(run: RecordedRun) -> list[tuple[Site, Event, set[int], Event | None, float]]:
    """Losses that ask for one number of all samples: each with what `way_in` says of it, and the number."""
    trace = run.trace
    found = []
    for site, event in first_calls(run, _JUDGING, most=_CALLS):
        wanted = run.recording.array(event.reads[1].value) if len(event.reads) > 1 and event.reads[1].value >= 0 else None
        if (
            site.index in trace.fired
            and wanted is not None
            and wanted.size
            and np.ptp(wanted) == 0
            and not trace.requires_grad(event.reads[1].location, event.index)
        ):
            found.append((site, event, *way_in(run, event), float(wanted.reshape(-1)[0])))
    return found


def way_in(run: RecordedRun, event: Event) -> tuple[set[int], Event | None]:
    """The parameters of the layers before a loss, and the cut (detach) at which the way to its input ends, None where there is none."""
    trace, layers = run.trace, set[int]()
    waiting, seen = [(event.reads[0], event)], 0
    for ref, at in waiting:
        made = maker(run, ref, at.index)
        seen += 1
        if made is None or seen > _FAR:
            continue
        if made.kind == Kind.DETACH:
            return layers, made
        if made.kind not in (Kind.OP, Kind.VIEW) or not made.reads:  # a leaf, or what a step has written into one
            if trace.requires_grad(ref.location, at.index):
                layers.add(trace.site_of_tensor(trace.tensor_of(ref.location)))
            continue
        waiting += [(each, made) for each in made.reads]
    return layers, None


def of_one_maker(run: RecordedRun, event: Event, cut: Event) -> bool:
    """Whether a loss that is not cut off goes back through what made the samples of the one that is."""
    source = maker(run, cut.reads[0], cut.index) if cut.reads else None
    if source is None:
        return False
    own = _parameters(run, source)
    return bool(own) and own <= way_in(run, event)[0]


def _parameters(run: RecordedRun, event: Event) -> set[int]:
    """The parameters that a result is computed from, as sites."""
    return way_in(run, replace(event, reads=event.writes[:1], index=event.index + 1))[0]


def _called(run: RecordedRun, tensor: int) -> str:
    """A parameter with the variable that holds its module: "G.0.weight"."""
    trace = run.trace
    for row in np.flatnonzero(run.columns.kind == int(Kind.BIND_NAME)).tolist():
        event = trace.event(row)
        if event.reads and trace.tensor_of(event.reads[0].location) == tensor and event.detail.get("owner"):
            return f"{event.detail['owner']}.{event.detail.get('name')}"
    return node_title(trace, run.recording.sites[trace.site_of_tensor(tensor)])


def _passes_of_tensors(run: RecordedRun) -> dict[int, set[int]]:
    """For each leaf the passes that brought it a gradient."""
    found: dict[int, set[int]] = {}
    rows = np.flatnonzero(run.columns.kind == int(Kind.ACCUMULATE))
    for tensor, pass_ in zip(run.recording.first_owners(rows).tolist(), run.columns.pass_[rows].tolist(), strict=True):
        found.setdefault(tensor, set()).add(pass_)
    return found

"""What a loss compares: prediction and target exchanged, one prediction for a whole batch, a loss that has no lowest point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls, readers

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_ONE_SIDED = frozenset(
    {"binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div", "nll_loss", "cross_entropy", "poisson_nll_loss"}
)
_DIFFERENCES = frozenset({"sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
_REDUCING = frozenset({"mean", "sum", "amax", "max", "min"})
_REARRANGED = frozenset({"index", "index_select", "gather", "cat", "stack", "clone"})  # the same numbers in another order
_BEHIND = 8  # ops between a reduction over the batch and the loss
_PASSES = 5
_LOOKED_AT = 2000  # passes, from the start
_LOWER = 10.0  # so many times the size of the first loss is no noise


def exchanged(run: RecordedRun) -> Iterator[Alarm]:
    """A loss whose target is computed from parameters, and whose prediction is data."""
    for site in run.recording.sites:
        event = _first(run, site.index) if site.op in _ONE_SIDED else None
        if event is None or len(event.reads) < 2:
            continue
        given, target = event.reads[0], event.reads[1]
        if run.trace.requires_grad(given.location, event.index) or not run.trace.requires_grad(target.location, event.index):
            continue
        names = [_name(run, ref, event) for ref in (given, target)]
        yield Alarm(
            "exchanged", Severity.WARNING, "prediction and target exchanged",
            f"{site.op} (line {site.line}) takes the prediction first and the target second: {names[0]} is data, and {names[1]} is computed from parameters. "
            "The formula is not symmetric: this is another function with another slope.",
            "Exchange the two arguments.", event.index, (site.index,), len(run.trace.made[site.index]), site.line,
        )  # fmt: skip


def one_for_all(run: RecordedRun) -> Iterator[Alarm]:
    """One prediction that is compared with the targets of a whole batch, because the batch was averaged away."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        event = _first(run, site.index) if site.op in _DIFFERENCES else None
        if event is None or len(event.reads) < 2 or min(event.reads[0].value, event.reads[1].value) < 0:
            continue
        for guess, target in (event.reads[:2], event.reads[1::-1]):
            targets = recording.form(target.value)[0]
            if not targets or targets[0] < 2 or trace.requires_grad(target.location, event.index):
                continue
            if not trace.requires_grad(guess.location, event.index):
                continue
            reduced = _averaged_away(run, event, guess, targets)
            if reduced is None:
                continue
            yield Alarm(
                "one for all", Severity.WARNING, "one prediction for the batch",
                f"{node_title(trace, recording.sites[reduced.site])} (line {reduced.line}) reduces over the {targets[0]} samples of the batch, so that line {site.line} compares "
                f"one prediction with {targets[0]} targets: it can only learn their mean.",
                "Reduce over another dimension (the batch is dimension 0).", reduced.index, (reduced.site, site.index), len(trace.made[site.index]), reduced.line,
            )  # fmt: skip
            break


def with_itself(run: RecordedRun) -> Iterator[Alarm]:
    """A difference of a tensor and itself, under whatever names: it is 0, and so is its slope; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, _DIFFERENCES):
        if len(event.reads) < 2 or site.index not in trace.fired:
            continue
        one, two = event.reads[:2]
        if one.location != two.location or not trace.requires_grad(one.location, event.index):
            continue
        names = _name(run, one, event)
        yield Alarm(
            "with itself", Severity.WARNING, "compared with itself",
            f"Line {site.line} compares {names} with itself: both sides are the one tensor of line {run.recording.sites[trace.producer(one.location, event.index)].line}, so the loss is 0 whatever "
            "the parameters are, and its gradient too.", "Compare with the targets.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def errors_that_cancel(run: RecordedRun) -> Iterator[Alarm]:
    """(prediction - target).mean() ** 2: errors of both signs cancel before they are squared; one alarm."""
    trace, recording = run.trace, run.recording
    roots = {
        event.reads[0].location
        for event in map(trace.event, np.flatnonzero(run.columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT].tolist())
        if event.reads
    }
    for site, event in first_calls(run, frozenset({"sub"})):
        if len(event.reads) < 2 or site.index not in trace.fired or not event.writes or event.writes[0].value < 0:
            continue
        tracked = [trace.requires_grad(ref.location, event.index) for ref in event.reads[:2]]
        count, sizes = (
            int(np.prod(recording.form(event.writes[0].value)[0])),
            {recording.form(ref.value)[0] for ref in event.reads[:2] if ref.value >= 0},
        )
        if sum(tracked) != 1 or count < _BEHIND // 2 or len(sizes) != 1:
            continue
        mean = next(
            (reader for reader in readers(run, event.writes[0].location) if reader.detail.get("op") in ("mean", "sum") and reader.writes),
            None,
        )
        if (
            mean is None
            or len(readers(run, event.writes[0].location)) > 2
            or mean.writes[0].value < 0
            or recording.form(mean.writes[0].value)[0]
        ):
            continue
        sized = next(
            (reader for reader in readers(run, mean.writes[0].location) if reader.detail.get("op") in ("pow", "square", "abs")), None
        )
        if sized is None or not sized.writes or not _ends_in(run, sized, roots):
            continue
        word = {"abs": "its absolute value is taken"}.get(str(sized.detail.get("op")), "it is squared")
        yield Alarm(
            "errors cancel", Severity.WARNING, "errors cancel",
            f"Line {mean.line} takes the {mean.detail.get('op')} of {count} differences before {word}: errors of both signs cancel, and the loss is 0 as soon as they are right on the average.",
            "First the square (or the absolute value) of each, then the mean: ((prediction - target) ** 2).mean().", mean.index, (mean.site, site.index), len(trace.made[site.index]), mean.line,
        )  # fmt: skip
        return


def _ends_in(run: RecordedRun, event: Event, roots: set[int]) -> bool:
    """Whether a number is the loss itself, but for a root that is taken or a factor."""
    location = event.writes[0].location
    for _ in range(3):
        if location in roots:
            return True
        onward = next(
            (
                reader
                for reader in readers(run, location)
                if reader.detail.get("op") in ("sqrt", "mul", "div") and len(reader.reads) == 1 and reader.writes
            ),
            None,
        )
        if onward is None:
            return False
        location = onward.writes[0].location
    return location in roots


def cut_targets(run: RecordedRun) -> Iterator[Alarm]:
    """Targets of a regression that were fractions before they were made whole numbers."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        event = _first(run, site.index) if site.op in _DIFFERENCES else None
        if event is None or len(event.reads) < 2 or site.index not in trace.fired:
            continue
        for guess, target in (event.reads[:2], event.reads[1::-1]):
            if trace.requires_grad(target.location, event.index) or not trace.requires_grad(guess.location, event.index):
                continue
            cut = _made_whole(run, target, event)
            before = recording.array(cut.reads[0].value) if cut is not None else None
            if cut is None or before is None:
                continue
            lost = int((before != np.round(before)).sum())
            yield Alarm(
                "cut target", Severity.WARNING, "the targets were cut to whole numbers",
                f"{node_title(trace, recording.sites[cut.site])} (line {cut.line}) makes whole numbers of {before.size} that are not: {lost} of them lose what stands behind "
                f"the point, and line {site.line} compares a prediction with what is left.",
                "Leave the targets of a regression as they are (float32); whole numbers are for classes.", cut.index, (cut.site, site.index), 1, cut.line,
            )  # fmt: skip
            return


def _made_whole(run: RecordedRun, ref: Ref, at: Event) -> Event | None:
    """The conversion to whole numbers behind a target, if there were fractions that it cut."""
    trace, recording = run.trace, run.recording
    for _ in range(_BEHIND):
        row = trace.last_write(ref.location, at.index - 1)
        if row is None or not trace.event(row).reads:
            return None
        at = trace.event(row)
        op, before = str(at.detail.get("op")), at.reads[0]
        if op == "_to_copy" and str((at.detail.get("params") or {}).get("dtype", "")).startswith("int"):
            array = recording.array(before.value) if before.value >= 0 else None
            fractions = array is not None and array.dtype.kind == "f" and bool((array != np.round(array)).any())
            return at if fractions else None
        if op != "_to_copy" and at.kind != Kind.VIEW and op not in _REARRANGED:
            return None
        ref = before
    return None


def _averaged_away(run: RecordedRun, event: Event, guess: Ref, targets: tuple[int, ...]) -> Event | None:
    """The reduction over dimension 0 on the way to a prediction that is broadcast over the batch."""
    trace, form = run.trace, run.recording.form
    ref, at = guess, event
    row = trace.last_write(ref.location, event.index - 1)
    made = trace.event(row) if row is not None else None
    if made is not None and made.detail.get("op") == "expand" and made.reads:  # a loss expands both to one shape first
        ref, at = made.reads[0], made
    shape = form(ref.value)[0] if ref.value >= 0 else ()
    if not shape or (len(shape) == len(targets) and shape[0] == targets[0]) or int(np.prod(shape)) >= int(np.prod(targets)):
        return None
    for _ in range(_BEHIND):
        row = trace.last_write(ref.location, at.index - 1)
        at = trace.event(row) if row is not None else at
        if row is None or not at.reads or at.reads[0].value < 0:
            return None
        moving = [
            each for each in at.reads if trace.requires_grad(each.location, at.index) and trace.producer(each.location, at.index) >= 0
        ]
        computed = [each for each in moving if run.recording.sites[trace.producer(each.location, at.index)].role != "leaf"]
        before = form(at.reads[0].value)[0]
        after = form(at.writes[0].value)[0] if at.writes and at.writes[0].value >= 0 else ()
        if (
            str(at.detail.get("op")) in _REDUCING
            and before[:1] == targets[:1]
            and len(before) > 1
            and (after == before[1:] or after == (1, *before[1:]))
        ):
            return at
        if not computed:
            return None
        ref = computed[0]
    return None


def falling(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that falls below zero further and further: something in it is subtracted that can grow for ever."""
    trace, columns, recording = run.trace, run.columns, run.recording
    by_site: dict[int, list[tuple[Event, float]]] = {}
    for row in np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT].tolist():
        event = trace.event(row)
        value = recording.array(event.reads[0].value) if event.reads and event.reads[0].value >= 0 else None
        if value is not None and value.size == 1 and np.isfinite(value).all():
            site = trace.site_of_tensor(trace.tensor_of(event.reads[0].location))
            by_site.setdefault(site, []).append((event, float(value.reshape(-1)[0])))
    for site, seen in by_site.items():
        losses = np.array([loss for _, loss in seen])
        if len(losses) < _PASSES or losses[-1] >= 0 or losses[-1] > losses.min() or -losses[-1] < _LOWER * max(abs(losses[0]), 1.0):
            continue
        steps = np.diff(losses[-_PASSES:])
        if (steps >= 0).any() or (np.diff(steps) > 0).any():
            continue  # it comes to rest: a likelihood has a lowest point below zero
        place = recording.sites[site]
        yield Alarm(
            "falling", Severity.WARNING, "the loss has no lowest point",
            f"{node_title(trace, place)} (line {place.line}) falls faster and faster, from {losses[0]:.3g} to {losses[-1]:.3g} in {len(seen)} passes: "
            "a term that can grow for ever is subtracted in it, and every step makes that term larger.",
            "A penalty is added to a loss, not subtracted; what is to become large needs a bound.", seen[-1][0].index, (site,), len(seen), place.line,
        )  # fmt: skip


def _first(run: RecordedRun, site: int) -> Event | None:
    made = run.trace.made[site]
    return run.trace.event(int(made[0])) if len(made) else None


def _name(run: RecordedRun, ref: Ref, event: Event) -> str:
    site = run.trace.producer(ref.location, event.index)
    return name_of(run.trace, site, event.index) if site >= 0 else "a tensor"

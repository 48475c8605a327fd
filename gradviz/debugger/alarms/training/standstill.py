"""What stays the same and should not, whatever the reason: predictions that are alike for all samples, a loss that no step changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_LOSSES = frozenset({
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "log_softmax", "binary_cross_entropy", "binary_cross_entropy_with_logits", "sub",
})  # fmt: skip
_SAMPLES = 4
_PASSES = 4
_FAR = 60  # ops that are followed back
_ALIKE = 1e-6  # of the largest number
_LOOKED_AT = 200


def alike(run: RecordedRun) -> Iterator[Alarm]:
    """Predictions that are the same for every sample of a batch, from the op on whose input still tells the samples apart; one alarm."""
    trace, recording = run.trace, run.recording
    for site, _ in first_calls(run, _LOSSES):
        made = trace.made[site.index]
        if site.index not in trace.fired:
            continue
        event = trace.event(int(made[-1]))
        for ref in event.reads[:2]:
            if not trace.requires_grad(ref.location, event.index) or not _rows_alike(run, ref):
                continue
            place = _where_it_becomes(run, ref, event)
            if place is None:
                continue
            what, samples = node_title(trace, recording.sites[place.site]), recording.form(ref.value)[0][0]
            first = trace.event(int(made[0])).reads
            learned = any(
                each.value >= 0 and recording.form(each.value) == recording.form(ref.value) and not _rows_alike(run, each) for each in first
            )
            when = f"gives the same numbers for each of the {samples} samples" + (" in the end, and did not at first" if learned else "")
            yield Alarm(
                "predictions alike", Severity.HINT, "all samples get one prediction",
                f"{what} (line {place.line}) {when}, though what goes into it differs from sample to sample: whatever comes in, line {site.line} compares one prediction with all targets.",
                "The steps have taken away what the prediction depends on: the model is too simple for these targets (a linear one for XOR), or the steps or the weight decay are too large."
                if learned else "Look at what this line does with dimension 0, the samples, and at what makes its input not count.",
                place.index, (place.site, site.index), len(made), place.line,
            )  # fmt: skip
            return


def _rows_alike(run: RecordedRun, ref: Ref, samples: int = 0) -> bool:
    """Whether a tensor has a row for each of several samples, and all rows are the same numbers."""
    array = run.recording.array(ref.value) if ref.value >= 0 else None
    if (
        array is None
        or not array.ndim
        or len(array) < _SAMPLES
        or (samples and len(array) != samples)
        or array.dtype.kind != "f"
        or not array.size
    ):
        return False
    if not np.isfinite(array).all():
        return False
    return bool(np.ptp(array, axis=0).max() <= _ALIKE * max(float(np.abs(array).max()), 1e-30))


def _where_it_becomes(run: RecordedRun, ref: Ref, at: Event) -> Event | None:
    """The op that is given different rows and makes one of them all, on the way back from a prediction."""
    samples = run.recording.form(ref.value)[0][0]
    for _ in range(_FAR):
        event = maker(run, ref, at.index)
        if event is None or not event.reads or event.site < 0:
            return None
        given = [each for each in event.reads if each.value >= 0 and run.recording.form(each.value)[0][:1] == (samples,)]
        if not given:
            return None
        different = [each for each in given if not _rows_alike(run, each, samples)]
        if different:
            return event if event.kind == Kind.OP else None
        ref, at = given[0], event
    return None


def unmoved(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that is the same number in each pass, though what it is computed from changes; one alarm."""
    trace, recording, columns = run.trace, run.recording, run.columns
    by_site: dict[int, list[Event]] = {}
    for row in np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT].tolist():
        event = trace.event(row)
        site = trace.site_of_tensor(trace.tensor_of(event.reads[0].location)) if event.reads else -1
        if site >= 0:
            by_site.setdefault(site, []).append(event)
    for site, begins in by_site.items():
        values = [recording.array(event.reads[0].value) for event in begins]
        first = values[0]
        if len(begins) < _PASSES or first is None or first.size != 1 or not np.isfinite(first).all():
            continue
        if any(value is None or not np.array_equal(value, first) for value in values) or len({event.step for event in begins}) < _PASSES:
            continue
        place = _where_it_stays(run, begins[0], begins[-1])
        if place is None:
            continue
        inputs = [each for each in place.reads if each.value >= 0 and _changed(run, place, each, begins[-1])]
        name = name_of(trace, trace.producer(inputs[0].location, place.index), place.index) if inputs else "its input"
        yield Alarm(
            "loss unmoved", Severity.HINT, "the loss never changes",
            f"The loss is {float(first.reshape(-1)[0]):.6g} in each of {len(begins)} passes: {node_title(trace, recording.sites[place.site])} (line {place.line}) gives the same whatever it is "
            f"given, and {name} does change.", "Nothing is to be learned by this loss: look at what this line makes of its input.",
            place.index, (place.site, site), len(begins), place.line,
        )  # fmt: skip
        return


def _changed(run: RecordedRun, event: Event, ref: Ref, end: Event) -> bool:
    """Whether what an op reads is another number in the last pass than in the first."""
    later = run.trace.latest_made(event.site, end.index)
    last = run.trace.event(later) if later is not None else None
    if last is None or len(last.reads) != len(event.reads) or last.index == event.index:
        return False
    other = last.reads[event.reads.index(ref)]
    arrays = run.recording.array(ref.value), run.recording.array(other.value)
    return arrays[0] is not None and arrays[1] is not None and not np.array_equal(arrays[0], arrays[1])


def _where_it_stays(run: RecordedRun, begin: Event, end: Event) -> Event | None:
    """The op of the first pass whose inputs change until the last one and whose result does not."""
    waiting, seen = [(begin.reads[0], begin)], set[int]()
    for ref, at in waiting:
        event = maker(run, ref, at.index)
        if event is None or event.index in seen or event.kind not in (Kind.OP, Kind.VIEW) or event.site < 0 or len(seen) > _FAR:
            continue
        seen.add(event.index)
        if any(each.value >= 0 and _changed(run, event, each, end) for each in event.reads):
            return event
        waiting += [(each, event) for each in event.reads]
    return None

"""What can be reached: a softmax of one entry, targets beyond the ends of an output, targets that a loss is not made for."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import written_at

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_ENDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0), "hardsigmoid": (0.0, 1.0), "relu6": (0.0, 6.0), "relu": (0.0, inf), "softplus": (0.0, inf), "exp": (0.0, inf)}  # fmt: skip
_DIFFERENCES = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
_SIZED = frozenset({"pow", "square", "abs"})  # what makes a loss of a difference
_FROM_0_TO_1 = frozenset({"binary_cross_entropy_with_logits", "binary_cross_entropy"})
_ON_THE_WAY = 6  # views, and products and sums with numbers, between an activation and the loss
_OUTSIDE = 0.2  # share of the targets that cannot be reached
_MARGIN = 0.05  # of the width of what can be reached
_LOOKED_AT = 50
_ROUNDED = 1e-3  # of a sum that is 1


def of_one(run: RecordedRun) -> Iterator[Alarm]:
    """softmax along a dimension that has one entry, each time that it ran, on the way of a gradient."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in ("softmax", "log_softmax") or not len(made) or site.index not in trace.fired:
            continue
        events = [trace.event(int(row)) for row in made[:_LOOKED_AT]]
        dim = (events[0].detail.get("params") or {}).get("dim")
        shapes = [recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else () for event in events]
        if not isinstance(dim, int) or any(not shape or shape[dim] != 1 for shape in shapes):
            continue
        always = "1" if site.op == "softmax" else "log(1) = 0"
        yield Alarm(
            "one entry", Severity.WARNING, f"{site.op} of one entry",
            f"{node_title(trace, site)} (line {site.line}) is a {site.op} over dimension {dim} of shape {tuple(shapes[0])}, which has one entry: it is {always} whatever "
            "goes in, and its slope is 0. Nothing before it learns.",
            "One output wants a sigmoid (binary_cross_entropy_with_logits); softmax and cross_entropy want an output for each class.",
            events[0].index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def beyond_the_ends(run: RecordedRun) -> Iterator[Alarm]:
    """An output that an activation keeps within bounds, and a regression on targets of which many lie outside of them."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in (*_DIFFERENCES, "sub") or not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        if len(event.reads) < 2 or (site.op == "sub" and not _sized(run, event)):
            continue
        for guess, target in (event.reads[:2], event.reads[1::-1]):
            if trace.requires_grad(target.location, event.index) or not trace.requires_grad(guess.location, event.index):
                continue
            found, wanted = _bounds(run, guess, event), recording.array(target.value) if target.value >= 0 else None
            if found is None or wanted is None or wanted.dtype.kind not in "fiu" or not wanted.size:
                continue
            activation, low, high = found
            line = written_at(run, activation.line, str(activation.detail.get("op")))
            width = high - low if np.isfinite(high - low) else float(np.abs(wanted).max())
            outside = float(((wanted < low - _MARGIN * width) | (wanted > high + _MARGIN * width)).mean())
            if outside < _OUTSIDE:
                continue
            reach = (
                f"between {low:g} and {high:g}"
                if np.isfinite(low) and np.isfinite(high)
                else f"above {low:g}"
                if np.isfinite(low)
                else f"below {high:g}"
            )
            yield Alarm(
                "out of reach", Severity.WARNING, "targets that the output cannot reach",
                f"{node_title(trace, recording.sites[activation.site])} (line {line}) ends in {activation.detail.get('op')}, so what line {site.line} compares with the "
                f"targets stays {reach}; {outside:.0%} of the targets lie outside (from {wanted.min():.3g} to {wanted.max():.3g}). The output is driven to its end, where the "
                "slope is 0.",
                "Leave the last activation away, or scale the targets to what it can reach.", activation.index, (activation.site, site.index), len(made), line,
            )  # fmt: skip
            return


def beyond_the_loss(run: RecordedRun) -> Iterator[Alarm]:
    """Targets of a binary cross-entropy that are no probabilities: -1 and 1, 1 and 2, 0 and 255."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op in _FROM_0_TO_1 and len(made) else None
        target = recording.array(event.reads[1].value) if event is not None and len(event.reads) > 1 and event.reads[1].value >= 0 else None
        if event is None or target is None or not target.size or (float(target.min()) >= 0 and float(target.max()) <= 1):
            continue
        source = trace.producer(event.reads[1].location, event.index)
        name = name_of(trace, source, event.index) if source >= 0 else "the target"
        yield Alarm(
            "no probability", Severity.WARNING, "targets that are no probabilities",
            f"{name} goes from {target.min():.3g} to {target.max():.3g}; {site.op} (line {site.line}) is made for targets from 0 to 1. With others it has no lowest point: "
            "it falls for ever as the logits grow.",
            "Write the classes as 0 and 1, such as (y + 1) / 2 for -1 and 1, or y - y.min().", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def no_distribution(run: RecordedRun) -> Iterator[Alarm]:
    """Targets of cross_entropy with a number for each class that do not sum to 1: several labels of one sample."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op == "mul" and len(made) and site.index in trace.fired else None
        if event is None or len(event.reads) != 2 or "log_softmax" in source_line(run, site.line):
            continue  # what the script does by hand may be another sum
        source = trace.producer(event.reads[0].location, event.index)
        before = recording.sites[source] if source >= 0 else None
        if before is None or before.op != "log_softmax" or (before.line, before.path) != (site.line, site.path):
            continue
        target = recording.array(event.reads[1].value) if event.reads[1].value >= 0 else None
        if target is None or target.dtype.kind != "f" or target.ndim < 2 or target.shape != recording.form(event.reads[0].value)[0]:
            continue
        sums = target.sum(axis=1)
        if float((np.abs(sums - 1) > _ROUNDED).mean()) < _OUTSIDE:
            continue
        labels = bool(np.isin(target, (0, 1)).all())
        source = trace.producer(event.reads[1].location, event.index)
        name = name_of(trace, source, event.index) if source >= 0 else "the target"
        several = (
            f"{name} has several ones in a row (from {sums.min():g} to {sums.max():g})"
            if labels
            else f"The rows of {name} sum to {sums.min():.3g} to {sums.max():.3g}"
        )
        yield Alarm(
            "no probability", Severity.WARNING, "targets that are no distribution",
            f"{several}; cross_entropy (line {site.line}) is made for one distribution over the classes, which sums to 1: it sets the classes of a sample against each other, and "
            "a row of several labels wants more than all of it.",
            "For several labels of a sample use binary_cross_entropy_with_logits (nn.BCEWithLogitsLoss): each class is a question of its own."
            if labels else "Divide the targets by their sum.", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _sized(run: RecordedRun, event: Event) -> bool:
    """Whether a difference is squared, or its absolute value taken."""
    readers = [run.trace.event(int(row)) for row in run.recording.reads_of(event.writes[0].location)] if event.writes else []
    squared = (reader for reader in readers if reader.detail.get("op") == "mul" and len({ref.location for ref in reader.reads}) == 1)
    return any(reader.detail.get("op") in _SIZED for reader in readers) or any(len(reader.reads) == 2 for reader in squared)


def _bounds(run: RecordedRun, ref: Ref, at: Event) -> tuple[Event, float, float] | None:
    """The activation that a tensor comes out of, and between which ends that keeps it; through views, and numbers that scale and shift."""
    trace, scale, shift = run.trace, 1.0, 0.0  # what reaches the loss is scale * activation + shift
    for _ in range(_ON_THE_WAY):
        row = trace.last_write(ref.location, at.index - 1)
        if row is None or not trace.event(row).reads:
            return None
        at = trace.event(row)
        op, numbers = str(at.detail.get("op")), list((at.detail.get("numbers") or {}).values())
        if op in _ENDS or op == "clamp":
            given = at.detail.get("params") or {}
            low, high = _ENDS.get(op) or (given.get("low"), given.get("high"))
            if not isinstance(low, int | float | None) or not isinstance(high, int | float | None):
                return None
            bounds = (-inf if low is None else low, inf if high is None else high)
            ends = sorted(scale * end + shift if np.isfinite(end) else end * np.sign(scale) for end in bounds)
            return at, float(ends[0]), float(ends[1])
        number = numbers[0] if len(numbers) == 1 and isinstance(numbers[0], int | float) else None
        if op == "neg":
            scale = -scale
        elif at.kind == Kind.VIEW:
            pass
        elif number is None or len(at.reads) != 1 or op not in ("mul", "div", "add", "sub") or (op in ("mul", "div") and not number):
            return None
        elif op in ("mul", "div"):
            scale *= number if op == "mul" else 1 / number
        else:
            if op == "sub" and 0 in {int(port) for port in at.detail.get("numbers") or {}}:
                return None  # a number minus it
            shift += scale * (number if op == "add" else -number)
        ref = at.reads[0]
    return None

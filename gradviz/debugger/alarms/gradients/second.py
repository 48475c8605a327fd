"""Derivatives of derivatives that are 0 because a function on the way consists of straight lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_STRAIGHT = {
    "threshold_backward": r"\b(?:ReLU|relu)\b",
    "leaky_relu_backward": r"\b(?:LeakyReLU|leaky_relu)\b",
    "hardtanh_backward": r"\b(?:Hardtanh|hardtanh|ReLU6)\b",
}
_PASSES = 50


def of_straight_lines(run: RecordedRun) -> Iterator[Alarm]:
    """A second derivative that is 0 in each pass, goes into the loss, and came back through a ReLU; one alarm."""
    trace, recording, columns = run.trace, run.recording, run.columns
    kinks = [site for site in recording.sites if site.op in _STRAIGHT and site.index in trace.fired]
    if not kinks:
        return
    for site in recording.sites:
        made = trace.made[site.index]
        if not len(made) or site.index not in trace.fired or columns.phase[int(made[0])] != int(Phase.FORWARD):
            continue
        event = trace.event(int(made[0]))
        for position, ref in enumerate(event.reads):
            source = _from_a_pass(run, ref.location, event)
            if source is None or not _kink_fired(run, source, {kink.index for kink in kinks}):
                continue
            values = [reads[position].value for row in made[:_PASSES] if len(reads := trace.event(int(row)).reads) > position]
            if any(value < 0 or trace.norm(value) > 0 for value in values) or not recording.form(ref.value)[0]:
                continue
            what, line = _activation(run, kinks[0].op)
            name = node_title(trace, recording.sites[source.site])
            yield Alarm(
                "straight lines", Severity.WARNING, "a second derivative is 0",
                f"{name}, a derivative of a derivative that line {event.line} uses, is exactly 0 each time: it goes through {what}{f' (line {line})' if line else ''}, which consists of straight "
                "lines, so that its second derivative is 0. What the loss asks of it teaches nothing.",
                "Use an activation that is curved: nn.Tanh(), nn.SiLU(), nn.Softplus(), torch.sin.", event.index, (source.site, site.index), len(values), line or event.line,
            )  # fmt: skip
            return


def _from_a_pass(run: RecordedRun, location: int, at: Event) -> Event | None:
    """The op of a backward pass that made a value, such as what autograd.grad gives."""
    row = run.trace.last_write(location, at.index - 1)
    event = run.trace.event(row) if row is not None else None
    if event is not None and event.kind == Kind.VIEW and event.phase == Phase.FORWARD and event.reads:
        return _from_a_pass(run, event.reads[0].location, event)  # one column of a gradient
    return event if event is not None and event.phase == Phase.BACKWARD and event.kind in (Kind.OP, Kind.VIEW) else None


def _kink_fired(run: RecordedRun, made: Event, kinks: set[int]) -> bool:
    """Whether the pass that made a value went through the gradient of a straight-lined function: then it was at least the second."""
    columns = run.columns
    rows = np.flatnonzero((columns.pass_ == made.pass_) & (columns.kind == int(Kind.VJP)))
    return bool(kinks & set(columns.site[rows].tolist()))


def _activation(run: RecordedRun, op: str) -> tuple[str, int]:
    """The word of the script for an activation, and the first line that has it."""
    pattern = re.compile(_STRAIGHT[op])
    for number, text in enumerate(run.recording.source.splitlines(), 1):
        found = pattern.search(text.split("#")[0])
        if found and not text.lstrip().startswith(("import ", "from ")):
            return found[0], number
    return {"threshold_backward": "relu"}.get(op, op.removesuffix("_backward")), 0

"""Gradients that are computed with: a second one that is added to the first, and one norm for those of all samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...diagnosis.finding import source_line
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker, readers

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_LOOKED_AT = 500
_PLAIN = frozenset(
    {"sum", "select", "index", "slice", "squeeze", "view", "reshape"}
)  # of a gradient, which leave its derivative what it is


def on_top_of_the_first(run: RecordedRun) -> Iterator[Alarm]:
    """x.grad.backward(): what arrives at x is added to the first derivative, which still stands in x.grad; one alarm."""
    trace, columns = run.trace, run.columns
    added = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    stepped = bool((columns.kind == int(Kind.OPTIMIZER_STEP)).any())
    for row in np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT].tolist():
        event = trace.event(row)
        first = _of_a_bucket(run, event.reads[0], event) if event.reads and not stepped else None
        if first is None:
            continue
        bucket = int(columns.site[first])
        again = [later for later in added[(added > row) & (columns.site[added] == bucket)].tolist() if columns.pass_[later] == event.pass_]
        if not again or trace.event(again[0]).detail.get("first", True):
            continue
        leaf = trace.leaf_of.get(bucket, bucket)
        name = node_title(trace, run.recording.sites[leaf])
        yield Alarm(
            "second on first", Severity.WARNING, "the second derivative is added to the first",
            f"backward() in line {event.line} goes back from {name}.grad, and adds what arrives to that very {name}.grad: afterwards it holds the first derivative plus the second.",
            f"Keep the first and clear it before: first = {name}.grad; {name}.grad = None; first.backward(). Or ask torch.autograd.grad, which adds to nothing.",
            again[0], (leaf, bucket), 1, event.line,
        )  # fmt: skip
        return


def _of_a_bucket(run: RecordedRun, ref: Ref, at: Event) -> int | None:
    """The ACCUMULATE that made the `.grad` which a value is, or is a plain part of."""
    made = maker(run, ref, at.index)
    while made is not None and made.phase == Phase.FORWARD and made.detail.get("op") in _PLAIN and made.reads:
        made = maker(run, made.reads[0], made.index)
    if made is None or made.phase != Phase.BACKWARD or made.detail.get("grad_fn") != "torch::autograd::CopyBackwards":
        return None
    return made.index + 1 if made.index + 1 < run.length and run.columns.kind[made.index + 1] == int(Kind.ACCUMULATE) else None


def one_norm_for_all(run: RecordedRun) -> Iterator[Alarm]:
    """(grad.norm() - 1) ** 2 of the gradients of a batch: one norm of all of them, where each sample has its own; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"linalg_vector_norm", "norm"})):
        shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        result = recording.form(event.writes[0].value)[0] if event.writes and event.writes[0].value >= 0 else (0,)
        source = maker(run, event.reads[0], event.index) if len(shape) > 1 and shape[0] > 1 and result == () else None
        if site.index not in trace.fired or source is None or source.phase != Phase.BACKWARD or not _of_data(run, source, shape):
            continue
        less = next(
            (
                each
                for each in readers(run, event.writes[0].location)
                if each.detail.get("op") == "sub" and 1 in (each.detail.get("numbers") or {}).values()
            ),
            None,
        )
        if less is None:
            continue
        yield Alarm(
            "one norm for all", Severity.WARNING, "one norm for the gradients of all samples",
            f"Line {site.line} takes one norm of a gradient of shape {tuple(shape)}, over all {shape[0]} samples together, and holds it to 1: each sample alone is held to about 1 / sqrt({shape[0]}).",
            f"Take a norm for each sample: grad.reshape({shape[0]}, -1).norm(2, dim=1), and the mean of their penalties.".replace(f"reshape({shape[0]}, ", "reshape(len(grad), "),
            event.index, (site.index,), len(trace.made[site.index]), less.line if "norm" in source_line(run, less.line) else site.line,
        )  # fmt: skip
        return


def _of_data(run: RecordedRun, source: Event, shape: tuple[int, ...]) -> bool:
    """Whether a gradient is that of what went into a layer, and not that of a weight: a row for each row that the layer gave."""
    begun = np.flatnonzero((run.columns.kind == int(Kind.BACKWARD_BEGIN)) & (run.columns.pass_ == source.pass_))
    roots = [ref for row in begun[:1].tolist() for ref in run.trace.event(row).reads]
    forms = [run.recording.form(ref.value)[0] for ref in roots if ref.value >= 0]
    scores = [form for form in forms if form and form[0] == shape[0]]
    if scores:
        return True
    made = [maker(run, ref, int(begun[0])) for ref in roots] if len(begun) else []
    before = [ref for event in made if event is not None and event.detail.get("op") == "sum" for ref in event.reads]
    return any(ref.value >= 0 and (form := run.recording.form(ref.value)[0]) and form[0] == shape[0] for ref in before)

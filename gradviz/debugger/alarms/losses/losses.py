"""What goes into a loss and how it goes on: softmax twice, a loss that grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...float64 import widened
from ...script.syntax import code
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import behind, written_at

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_WANTS_LOGITS = {
    "cross_entropy": ("softmax", "log_softmax", "sigmoid"),
    "log_softmax": ("softmax", "sigmoid"),
    "binary_cross_entropy_with_logits": ("sigmoid", "softmax"),
    # where the same logits are made logarithms of probabilities with it, as Categorical(logits=...) does
    "logsumexp": ("softmax", "sigmoid"),
}
_WANTS_LOGS = ("nll_loss", "nll_loss_nd")
_GROWN = 1.5  # so many times the first loss is more than noise
_RISING = 0.66  # share of the passes after which it is larger
_STEPS = 3
_OPTIMIZERS = re.compile(r"\boptim\.[A-Z]\w*\(")
_OF_ONE = 1e-3
_LOOKED_AT = 2000  # passes, from the start


def twice_squashed(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that takes logits and is given probabilities, or takes logarithms and is given probabilities."""
    trace, recording = run.trace, run.recording
    told: set[tuple[int, int]] = set()  # a loop runs the same lines as sites of their own
    for site in recording.sites:
        wrong = _WANTS_LOGITS.get(site.op, ("softmax", "sigmoid") if site.op in _WANTS_LOGS else ())
        made = trace.made[site.index]
        if not wrong or not len(made):
            continue
        event = trace.event(int(made[0]))
        source = trace.producer(event.reads[0].location, event.index) if event.reads else -1
        before = recording.sites[source] if source >= 0 else None
        if before is not None and before.op not in wrong:  # behind a view, or another dtype
            squashed = behind(run, event.reads[0], event.index)
            before = recording.sites[squashed.site] if squashed is not None and squashed.site >= 0 else None
        if before is None or before.op not in wrong or (site.op == "logsumexp" and not _normalised(run, event)):
            continue
        if (site.line, before.line) in told:
            continue
        told.add((site.line, before.line))
        line = written_at(run, before.line, before.op)
        wants = "logarithms of probabilities" if site.op in _WANTS_LOGS else "logits (any real numbers)"
        inner = "log_softmax" if site.op in _WANTS_LOGS else "nothing"
        what = "a distribution of logits" if site.op == "logsumexp" else site.op
        yield Alarm(
            "squashed twice", Severity.WARNING, f"{before.op} before {site.op}",
            f"{what} (line {site.line}) wants {wants} and applies the rest itself; {node_title(trace, before)} (line {line}) has gone through "
            f"{before.op} already. The gradient is squeezed twice, and learning is slow.",
            f"Put {inner} between the last layer and {site.op}." if site.op != "logsumexp" else "Give it as probs=..., or give the logits without softmax.", event.index, (site.index, before.index), len(made), line,
        )  # fmt: skip


def logarithms_for_probabilities(run: RecordedRun) -> Iterator[Alarm]:
    """kl_div with logarithms in the place of its target's probabilities, of which it takes the logarithm itself; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op == "xlogy" and len(made) else None
        target = recording.array(event.reads[0].value) if event is not None and event.reads and event.reads[0].value >= 0 else None
        if event is None or target is None or not target.ndim or not target.size or target.max() > 0 or not np.isfinite(target).all():
            continue
        if not np.allclose(np.exp(widened(target)).sum(axis=-1), 1, atol=_OF_ONE) and not np.allclose(
            np.exp(widened(target)).sum(axis=0), 1, atol=_OF_ONE
        ):
            continue
        source = trace.producer(event.reads[0].location, event.index)
        name, line = (
            (node_title(trace, recording.sites[source]), recording.sites[source].line) if source >= 0 else ("its target", site.line)
        )
        yield Alarm(
            "logarithms", Severity.WARNING, "logarithms in the place of probabilities",
            f"kl_div (line {site.line}) takes the logarithm of its target, and {name} (line {line}) holds logarithms already: of a negative number it is nan.",
            "Give it log_target=True, or probabilities: softmax in the place of log_softmax.", event.index, (site.index,), len(made), line,
        )  # fmt: skip
        return


def _normalised(run: RecordedRun, event: Event) -> bool:
    """Whether a logsumexp is subtracted from what it was taken of."""
    trace, given = run.trace, event.reads[0].location
    readers = (trace.event(int(row)) for row in run.recording.reads_of(event.writes[0].location)) if event.writes else ()
    return any(reader.detail.get("op") == "sub" and any(ref.location == given for ref in reader.reads) for reader in readers)


def growing(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that is larger at the end than at the start; and steps that go along the gradient where they should go against it."""
    if ".log_prob(" in code(run.recording.source) and ".sample(" in code(run.recording.source):
        return  # the number that a policy's gradient is computed with measures nothing: it follows the returns
    trace, columns, recording = run.trace, run.columns, run.recording
    rows = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:_LOOKED_AT]
    trace.open(rows)
    begins = [trace.event(row) for row in rows.tolist()]
    by_site: dict[int, list[tuple[Event, float]]] = {}
    for event in begins:
        value = recording.array(event.reads[0].value) if event.reads and event.reads[0].value >= 0 else None
        site = trace.site_of_tensor(trace.tensor_of(event.reads[0].location)) if event.reads else -1
        if value is not None and value.size == 1 and np.isfinite(value).all():
            by_site.setdefault(site, []).append((event, float(value.reshape(-1)[0])))
    for site, seen in by_site.items():
        losses = [loss for _, loss in seen]
        grown = _GROWN * (2 if _drawn_anew(run, [event.index for event, _ in seen]) else 1)
        if len(seen) < _STEPS or losses[0] <= 0 or losses[-1] <= grown * losses[0] or losses[-1] < max(losses):
            continue
        if not _trained(run, [event.index for event, _ in seen]) or float((np.diff(losses) > 0).mean()) < _RISING:
            continue
        first = next(event for (event, loss), (_, before) in zip(seen[1:], seen, strict=False) if loss > before)
        uphill = _uphill(run, seen[0][0].index, seen[-1][0].index)
        nodes = (site, uphill.site) if uphill is not None and uphill.site >= 0 else (site,)
        if uphill is None and len(by_site) > 1 and len(_OPTIMIZERS.findall(code(recording.source))) > 1:
            continue  # players, each with an optimizer: what one wins the other loses
        where = f" Line {uphill.line} moves the parameter along its gradient, which is uphill." if uphill is not None else ""
        advice = "Step against the gradient: w -= lr * w.grad." if uphill is not None else "Lower the learning rate."
        yield Alarm(
            "loss grows", Severity.WARNING, "the loss grows",
            f"{node_title(trace, recording.sites[site])} grew from {losses[0]:.3g} to {losses[-1]:.3g} in {len(seen)} passes.{where}",
            advice, uphill.index if uphill is not None else first.index, nodes, len(seen),
        )  # fmt: skip


def _drawn_anew(run: RecordedRun, passes: list[int]) -> bool:
    """Whether each pass has data of its own, so that a loss is also larger because it is one of other numbers."""
    leaves = (run.trace.made[site.index] for site in run.recording.sites if site.role == "leaf")
    return any(
        len(made) >= len(passes) and passes[0] < int(made[-1]) < passes[-1] and run.trace.event(int(made[-1])).writes for made in leaves
    )


def _trained(run: RecordedRun, passes: list[int]) -> bool:
    """Whether something moved a parameter after each pass but the last."""
    columns = run.columns
    moved = np.flatnonzero(
        np.isin(columns.kind, (int(Kind.OPTIMIZER_STEP), int(Kind.INPLACE_WRITE))) & (columns.phase == int(Phase.UPDATE))
    )
    return bool((np.diff(np.searchsorted(moved, passes)) > 0).all())


def _uphill(run: RecordedRun, start: int, stop: int) -> Event | None:
    """The first write into a leaf between two events that went along the leaf's `.grad`."""
    trace, recording, columns = run.trace, run.recording, run.columns
    writing = np.isin(columns.kind[start:stop], (int(Kind.INPLACE_WRITE), int(Kind.OPTIMIZER_STEP)))
    for row in (np.flatnonzero(writing) + start).tolist():
        event = trace.event(row)
        if not event.writes or event.writes[0].value < 0:
            continue
        tensor = trace.tensor_of(event.writes[0].location)
        held, old = (trace.value_at(trace.location(kind, tensor), row - 1) for kind in ("grad", "val"))
        arrays = [recording.array(value) if value >= 0 else None for value in (held, old, event.writes[0].value)]
        grad, before, after = arrays
        if grad is None or before is None or after is None or grad.shape != before.shape:
            continue
        with np.errstate(all="ignore"):  # inf - inf is nan, and no answer
            moved = float(((widened(after) - before) * np.conj(grad)).sum().real)
        if moved > 0:
            return event
        if moved < 0:
            return None
    return None

"""What logits are taken for: cut off below by ReLU, with their classes in another dimension, compared as if they were probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, readers, written_at

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_CUT = frozenset({"relu", "relu6", "softplus", "clamp_min"})
_BINARY = "binary_cross_entropy_with_logits"
_CLASSED = frozenset({"nll_loss", "nll_loss_nd", "nll_loss2d"})
_PRODUCTS = frozenset({"addmm", "mm", "matmul", "linear"})
_COMPARING = frozenset({"gt", "ge", "lt", "le", "round"})
_WITH_LOGITS = frozenset({"log_softmax", _BINARY})


def rectified(run: RecordedRun) -> Iterator[Alarm]:
    """Logits that went through ReLU before a loss with softmax or sigmoid: none can be negative, and those at 0 learn nothing; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _WITH_LOGITS):
        before = behind(run, event.reads[0], event.index) if event.reads and site.index in trace.fired else None
        if before is None or before.detail.get("op") not in _CUT or (site.op == "log_softmax" and not _is_loss(run, event)):
            continue
        op, loss = str(before.detail.get("op")), "cross_entropy" if site.op == "log_softmax" else site.op
        line = written_at(run, before.line, op)
        yield Alarm(
            "rectified", Severity.WARNING, f"{op} before the loss",
            f"{loss} (line {site.line}) wants logits, any real numbers; {node_title(trace, recording.sites[before.site])} (line {line}) has gone through {op} after the last layer: no "
            "logit can be below 0, and where it is 0 the last layer gets no gradient.",
            f"Leave the {op} behind the last layer away.", event.index, (before.site, site.index), len(trace.made[site.index]), line,
        )  # fmt: skip
        return


def bounded_otherwise(run: RecordedRun) -> Iterator[Alarm]:
    """binary_cross_entropy of what a tanh gives, from -1 to 1: it takes the logarithm of probabilities; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"binary_cross_entropy"})):
        before = behind(run, event.reads[0], event.index) if event.reads and site.index in trace.fired else None
        if before is None or before.detail.get("op") != "tanh":
            continue
        line = written_at(run, before.line, "tanh")
        yield Alarm(
            "no probabilities", Severity.WARNING, "tanh before the loss",
            f"binary_cross_entropy (line {site.line}) wants probabilities, from 0 to 1; {node_title(trace, recording.sites[before.site])} (line {line}) comes out of a tanh, which gives -1 to 1: below 0 "
            "the loss stops with an error, and 0 in the middle of the scale counts as impossible.",
            "Give logits to binary_cross_entropy_with_logits, without the tanh; or put a sigmoid in its place.", event.index, (before.site, site.index), len(trace.made[site.index]), line,
        )  # fmt: skip
        return


def _is_loss(run: RecordedRun, logs: Event) -> bool:
    following = readers(run, logs.writes[0].location) if logs.writes else []
    following += [
        reader for view in following if view.kind == Kind.VIEW and view.writes for reader in readers(run, view.writes[0].location)
    ]
    return any(reader.detail.get("op") in _CLASSED for reader in following)


def classes_last(run: RecordedRun) -> Iterator[Alarm]:
    """cross_entropy of (batch, time, classes), as a linear layer gives it: it takes the classes to stand in dimension 1; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"log_softmax"})):
        if site.index not in trace.fired or not event.reads or event.reads[0].value < 0 or not _is_loss(run, event):
            continue
        shape = recording.form(event.reads[0].value)[0]
        dim = (event.detail.get("params") or {}).get("dim")
        if len(shape) < 3 or dim != 1:
            continue
        layer = _layer(run, event)
        width = recording.form(layer.writes[0].value)[0][-1] if layer is not None and layer.writes and layer.writes[0].value >= 0 else 0
        if layer is None or width != shape[-1]:
            continue
        name = name_of(trace, trace.producer(event.reads[0].location, event.index), event.index)
        yield Alarm(
            "classes last", Severity.WARNING, "the classes stand in the last dimension",
            f"{name} has shape {tuple(shape)}, as the layer of line {layer.line} gives it: its {width} outputs, the classes, stand in the last dimension. cross_entropy (line {site.line}) takes "
            f"the classes from dimension 1, and sets the {shape[1]} places of it against each other.",
            "Exchange them for the loss: cross_entropy(logits.transpose(1, 2), targets), or logits.flatten(0, 1) and targets.flatten().",
            event.index, (site.index, layer.site), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _layer(run: RecordedRun, event: Event) -> Event | None:
    """The linear layer that gives a tensor, through views that leave its last dimension where it is."""
    recording, at = run.recording, event
    last = recording.form(event.reads[0].value)[0][-1]
    for _ in range(6):
        found = maker(run, at.reads[0], at.index)
        if found is None or not found.reads:
            return None
        if found.detail.get("op") in _PRODUCTS:
            return found
        shape = recording.form(found.writes[0].value)[0] if found.writes and found.writes[0].value >= 0 else ()
        plain = found.detail.get("op") in ("view", "reshape", "_unsafe_view", "add", "contiguous")
        if not plain or not shape or shape[-1] != last:
            return None
        at = found
    return None


def against_one_half(run: RecordedRun) -> Iterator[Alarm]:
    """Logits that are compared with 0.5 as if they were probabilities: the border between the classes is at 0; one alarm."""
    trace = run.trace
    losses = (behind(run, event.reads[0], event.index) for _, event in first_calls(run, frozenset({_BINARY})) if event.reads)
    layers = {weight for made in losses if made is not None and made.detail.get("op") in _PRODUCTS for weight in _weights(run, made)}
    for site, event in first_calls(run, _COMPARING) if layers else ():
        if (
            not event.reads
            or site.index in trace.fired
            or (site.op != "round" and list((event.detail.get("numbers") or {}).values()) != [0.5])
        ):
            continue
        before = behind(run, event.reads[0], event.index)
        if before is None or before.detail.get("op") not in _PRODUCTS or not layers & set(_weights(run, before)):
            continue
        name = name_of(trace, trace.producer(event.reads[0].location, event.index), event.index)
        does = "rounds" if site.op == "round" else "compares with 0.5"
        yield Alarm(
            "against one half", Severity.WARNING, "logits taken for probabilities",
            f"Line {site.line} {does} {name}, which holds logits: {_BINARY} applies the sigmoid itself, and the model gives what comes before. A probability of 0.5 is a logit of 0, so too few "
            "are counted as positive.", "Compare with 0, or take the sigmoid first: torch.sigmoid(logits) > 0.5.", event.index, (site.index, before.site), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def best_over_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """argmax of logits along the samples: for each class the sample that has most of it, and not the class of each sample; one alarm."""
    trace, recording = run.trace, run.recording
    losses = (
        behind(run, event.reads[0], event.index)
        for _, event in first_calls(run, frozenset({"log_softmax"}))
        if event.reads and _is_loss(run, event)
    )
    layers = {weight for made in losses if made is not None and made.detail.get("op") in _PRODUCTS for weight in _weights(run, made)}
    for site, event in first_calls(run, frozenset({"argmax", "max"})) if layers else ():
        before = behind(run, event.reads[0], event.index) if event.reads else None
        if before is not None and before.reads and before.detail.get("op") in ("softmax", "log_softmax"):
            before = behind(run, before.reads[0], before.index)  # it keeps their order
        if before is None or before.detail.get("op") not in _PRODUCTS or not layers & set(_weights(run, before)) or not event.writes:
            continue
        logits, found = (
            recording.array(event.reads[0].value),
            recording.array(event.writes[-1].value) if event.writes[-1].value >= 0 else None,
        )
        if logits is None or found is None or logits.ndim != 2 or found.dtype.kind != "i" or min(logits.shape) < 2:
            continue
        if not np.array_equal(found.reshape(-1), logits.argmax(0)) or np.array_equal(found.reshape(-1), logits.argmax(1)):
            continue
        yield Alarm(
            "best over the batch", Severity.WARNING, "argmax over the samples",
            f"Line {site.line} takes the argmax over dimension 0 of shape {logits.shape}: for each of {logits.shape[1]} classes the number of a sample, and not for each sample its class.",
            "Take it over the classes: logits.argmax(dim=1).", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _weights(run: RecordedRun, event: Event) -> list[int]:
    """The parameters of a layer as sites: what is the same wherever the layer is called."""
    found = []
    for ref in event.reads:
        made = behind(run, ref, event.index, through=lambda each: each.kind == Kind.VIEW)
        site = run.trace.site_of_tensor(run.trace.tensor_of(ref.location if made is None or not made.writes else made.writes[0].location))
        if site >= 0 and run.recording.sites[site].role == "leaf" and run.trace.requires_grad(ref.location, event.index):
            found.append(site)
    return found

"""Layers that act otherwise while training, met where nothing is trained: dropout and batch statistics in an evaluation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...script.syntax import code, syntax_tree, unparse, walk
from ..alarm import Alarm, Severity
from ..data.inputs import learned_from
from ..origin import behind, first_calls, maker, readers, written_at

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_KEEPING = frozenset({"print", "append", "extend", "add", "update", "insert"})  # which take what the model gives
_LOOKED_AT = 4000  # events of an op, from the end
_LAYERS = frozenset({"addmm", "mm", "linear", "convolution", "conv2d", "conv1d"})
_COMPARED = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "sub"})
_JUDGING = _COMPARED | {"log_softmax", "binary_cross_entropy_with_logits", "binary_cross_entropy"}
_USED = re.compile(r"load|argmax|topk|accura|\beval\b|\.max\(|loss", re.IGNORECASE)
_SAMPLES = 8
_FOLLOWED = 60  # tensors back from a layer
_APART = 10.0  # so many times the spread, or the distance of the means in spreads


def training_layers(run: RecordedRun) -> Iterator[Alarm]:
    """Dropout or batch_norm in training mode under no_grad, or in a run in which no gradient ever passes it; one alarm a kind."""
    trace, columns, recording = run.trace, run.columns, run.recording
    ops = {site.index: site.op for site in recording.sites if site.op in ("mul", "batch_norm")}
    if not ops:
        return
    rows = np.flatnonzero(np.isin(columns.site, list(ops)) & (columns.kind == int(Kind.OP)))
    none_back = not (columns.kind == int(Kind.BACKWARD_BEGIN)).any() and recording.meta.get("error") is None
    if not none_back:
        rows = rows[~recording.column("grad_mode")[rows].astype(bool)]
    rows = rows[-_LOOKED_AT:]
    told: set[str] = set()
    for row in rows.tolist():
        event = trace.event(row)
        if ops[event.site] == "mul":
            layer = "dropout" if _drops(run, event) else ""
        else:
            layer = "batch_norm" if of_this_batch(event) and _keeps_statistics(run, event) else ""
        if layer == "batch_norm" and none_back and not _USED.search(code(recording.source)):
            continue  # nothing learned, and nothing judges what comes out: a layer is shown
        if not event.grad_mode and "checkpoint" in source_line(run, event.line):
            continue  # it is computed again, with gradients
        if not layer or layer in told or (event.grad_mode and not event.detail.get("grad_fn")):
            continue
        if not event.grad_mode and learned_from(run, event) and _learns(run, event):
            continue  # a target that a network makes for itself
        if not event.grad_mode and layer == "batch_norm" and _called_alone(run, event) and _unread(run, event):
            continue  # it is run to move its statistics, and for nothing else
        told.add(layer)
        does = "draws another mask at each call" if layer == "dropout" else "uses the mean of this batch, and moves its running mean"
        where = "under no_grad" if not event.grad_mode else "and no gradient is ever asked for"
        yield Alarm(
            "evaluation", Severity.WARNING, f"{layer} is on in an evaluation",
            f"Line {event.line} runs {layer} in training mode {where}: it {does}.",
            "Call model.eval() before evaluating, and model.train() before training goes on.", row, (event.site,),
        )  # fmt: skip


def _called_alone(run: RecordedRun, event: Event) -> bool:
    """Whether a statement is nothing but the call of a model: `model(x)`."""
    lines = {event.line, *run.recording.sites[event.site].path}
    for node in walk(syntax_tree(run.recording.source)):
        call = node.value if isinstance(node, ast.Expr) and node.lineno in lines else None
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name | ast.Attribute)
            and call.args
            and unparse(call.func).split(".")[-1] not in _KEEPING
        ):
            return True
    return False


def _unread(run: RecordedRun, event: Event) -> bool:
    """Whether what is computed from an event under no_grad ends without anything that judges it, or that the script gives a name."""
    trace, waiting = run.trace, [event]
    for each in waiting:
        rows = run.recording.reads_of(each.writes[0].location).tolist() if each.writes else []
        for reader in map(trace.event, rows):
            if (
                reader.kind not in (Kind.OP, Kind.VIEW)
                or reader.grad_mode
                or reader.detail.get("op") in _JUDGING
                or len(waiting) > _FOLLOWED
            ):
                return False
            waiting.append(reader)
    return True


def _learns(run: RecordedRun, event: Event) -> bool:
    """Whether a parameter behind what is dropped gets gradients, or follows one that does (the key encoder of MoCo)."""
    trace, waiting = run.trace, [(ref.location, event.index) for ref in event.reads]
    for location, before in waiting:
        if trace.writes(trace.location("grad", trace.tensor_of(location))):
            return True
        if _follows(run, location, event.line):
            return True
        made = trace.last_write(location, before - 1)
        if made is not None and len(waiting) < _FOLLOWED:
            waiting += [(ref.location, made) for ref in trace.event(made).reads]
    return False


def _follows(run: RecordedRun, location: int, line: int) -> bool:
    """Whether a leaf is written by a line of its own, also through .data: running statistics are written by the layer's."""
    trace = run.trace
    site = trace.site_of_tensor(trace.tensor_of(location))
    if site < 0 or run.recording.sites[site].role != "leaf":
        return False
    aliases = [ref.location for reader in readers(run, location) if reader.kind == Kind.DETACH for ref in reader.writes]
    last = [rows[-1] for each in (location, *aliases) if (rows := trace.writes(each))]
    return any(run.columns.kind[row] == int(Kind.INPLACE_WRITE) and trace.event(row).line != line for row in last)


def dropped_outputs(run: RecordedRun) -> Iterator[Alarm]:
    """A dropout behind the last layer: what is compared with the targets is 0 here and there, and too large elsewhere; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, _JUDGING):
        for ref in event.reads[:2] if site.index in trace.fired else ():
            dropped = behind(run, ref, event.index)
            if site.op == "sub" and _centred(run, event):
                continue
            if dropped is None or dropped.detail.get("op") != "mul" or not _drops(run, dropped) or not dropped.writes:
                continue
            line = written_at(run, dropped.line, "dropout")
            yield Alarm(
                "dropped outputs", Severity.WARNING, "the outputs themselves are dropped",
                f"What line {site.line} compares with the targets comes out of a dropout (line {line}): each time other predictions are 0, and the rest are too large. The model is fitted to noise.",
                "Put dropout between layers, and none behind the last.", dropped.index, (dropped.site, site.index), len(trace.made[site.index]), line,
            )  # fmt: skip
            return


def _centred(run: RecordedRun, difference: Event) -> bool:
    """Whether a difference is one from a mean of the same, as a norm by hand takes it: nothing is compared."""
    made = [maker(run, ref, difference.index) for ref in difference.reads[:2]]
    return any(
        event is not None and any(ref.location == other.location for ref in event.reads)
        for event, other in zip(made, reversed(difference.reads[:2]), strict=False)
    )


def scaled_apart(run: RecordedRun) -> Iterator[Alarm]:
    """Inputs or targets of an evaluation on another scale than those of the training: one of them was normalized and the other was not; one alarm."""
    trace = run.trace
    trained: dict[frozenset[int], list[tuple[Event, Ref]]] = {}
    tried: dict[frozenset[int], list[tuple[Event, Ref]]] = {}
    for ops in (_LAYERS, _COMPARED):
        for site, event in first_calls(run, ops):
            data = [
                ref
                for ref in event.reads
                if ref.value >= 0 and not trace.requires_grad(ref.location, event.index) and behind(run, ref, event.index) is not None
            ]
            weights = frozenset(_parameters(run, event)) if ops is _LAYERS else frozenset(_judged(run, event))
            if not weights or len(data) < 1:
                continue
            ref = data[-1] if ops is _COMPARED else data[0]
            (trained if site.index in trace.fired else tried).setdefault(weights | {-len(ops)}, []).append((event, ref))
    for key, evaluated in tried.items():
        for event, ref in evaluated:
            for before, usual in trained.get(key, [])[:1]:
                words = _apart(run, usual, ref) if before.index < event.index and not event.grad_mode else ""
                if words:
                    what = "targets" if -len(_COMPARED) in key else "inputs"
                    yield Alarm(
                        "scaled apart", Severity.WARNING, f"other {what} than in the training",
                        f"The {what} of the evaluation in line {event.line} {words} (line {before.line}): one of the two was scaled, and the other was not.",
                        "Scale both with the mean and the spread of the training data, or bring the predictions back before they are compared.",
                        event.index, (event.site,), 1, event.line,
                    )  # fmt: skip
                    return


def _parameters(run: RecordedRun, layer: Event) -> set[int]:
    """The leaves that learn among what a layer reads, through views."""
    found = set()
    for ref in layer.reads:
        made = behind(run, ref, layer.index)
        location = made.writes[0].location if made is not None and made.writes else ref.location
        site = run.trace.site_of_tensor(run.trace.tensor_of(location))
        if site >= 0 and run.recording.sites[site].role == "leaf" and run.trace.requires_grad(location, layer.index):
            found.add(site)
    return found


def _judged(run: RecordedRun, loss: Event) -> set[int]:
    """The parameters of the layer whose output a loss is given."""
    made = behind(run, loss.reads[0], loss.index) if loss.reads else None
    return _parameters(run, made) if made is not None and made.detail.get("op") in _LAYERS else set()


def _apart(run: RecordedRun, usual: Ref, other: Ref) -> str:
    """How far the numbers of two tensors are apart; "" where they are of one kind."""
    one, two = run.recording.stats(usual.value), run.recording.stats(other.value)
    if (
        min(np.prod(one.shape), np.prod(two.shape)) < _SAMPLES
        or one.dtype != two.dtype
        or len(one.shape) != len(two.shape)
        or one.shape[1:] != two.shape[1:]
    ):
        return ""
    spreads = [float(np.sqrt(max(stats.norm**2 / np.prod(stats.shape) - stats.mean**2, 0))) for stats in (one, two)]
    if min(spreads) <= 0 or not all(np.isfinite(spreads)):
        return ""
    if spreads[1] < _APART * spreads[0] and not (abs(two.mean - one.mean) > _APART * spreads[0] and abs(two.mean) > abs(one.mean)):
        return ""  # smaller ones are also what a simulation or a part of the data gives
    return f"have mean {two.mean:.3g} and spread {spreads[1]:.3g}, those of the training mean {one.mean:.3g} and spread {spreads[0]:.3g}"


def of_this_batch(event: Event) -> bool:
    """Whether a batch_norm takes the mean of what it is given: then it says along which axes; in evaluation it reads its running mean."""
    return event.detail.get("op") == "batch_norm" and "dim" in event.detail.get("params", {})


def _keeps_statistics(run: RecordedRun, event: Event) -> bool:
    """Whether a batch_norm moves statistics, just before it computes: one that has none takes those of the batch in evaluation, too."""
    before = run.trace.event(event.index - 1) if event.index else event
    return before.kind == Kind.INPLACE_WRITE and before.line == event.line


def _drops(run: RecordedRun, event: Event) -> bool:
    """Whether a product is a dropout: its second factor is a leaf of the same line that holds zeros and one number above 1."""
    return dropped_share(run, event) > 0


def dropped_share(run: RecordedRun, event: Event) -> float:
    """Which share a dropout sets to 0, as it was given; 0 of a product that is none."""
    trace, recording = run.trace, run.recording
    if len(event.reads) != 2 or event.reads[1].value < 0:
        return 0.0
    tensor = trace.tensor_of(event.reads[1].location)
    site = trace.site_of_tensor(tensor)
    born = trace.latest_made(site, event.index) if site >= 0 else None
    if born is None or trace.event(born).kind != Kind.CREATE_LEAF or trace.event(born).line != event.line:
        return 0.0
    mask = recording.array(event.reads[1].value)
    if mask is None or mask.dtype.kind != "f" or not mask.size:
        return 0.0
    kept = mask[mask != 0]
    drops = kept.size and kept.size < mask.size and (kept == kept[0]).all() and kept[0] > 1
    return 1 - 1 / float(kept[0]) if drops else 0.0

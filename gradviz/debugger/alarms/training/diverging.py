"""Learning rates: updates that throw a parameter further each time, and schedules that stop all movement."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...float64 import widened
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_STEPS = 3
_LOOKED_AT = 200  # updates of a parameter, from the start
_PARAMETERS = 16
_GROWN = 1e3  # so many times the first update is the last one
_RISING = 0.66  # share of updates that are larger than the one before
_FADED = 1e-5
_AFTER, _PART = 2, 0.05  # steps, and share of all of them, that a rate which is gone has to last
_RAISED = 10.0
_STRONG = 0.1  # a weight decay
_LITTLE_LEFT = 0.05
_SCHEDULERS = frozenset({
    "LambdaLR", "MultiplicativeLR", "LinearLR", "ConstantLR", "CyclicLR", "OneCycleLR", "SequentialLR", "ChainedScheduler", "CosineAnnealingLR",
    "ExponentialLR", "StepLR", "MultiStepLR", "PolynomialLR", "CosineAnnealingWarmRestarts", "LRScheduler",
})  # fmt: skip
_GROWING = re.compile(r"acc|score|metric|f1|auc|precision|recall|reward|return", re.IGNORECASE)  # what is to grow
_PLAIN = 1e-4  # norm of a gradient that moves a parameter, where there is a learning rate
_ROUNDING = 1e-10  # norm of what rounding leaves of a gradient that is 0, as that of the bias of attention's keys
_SUMMED = 16  # elements of a sum that make its gradient large


def learning_rates(run: RecordedRun) -> Iterator[Alarm]:
    """At most one of each kind: what the loop does to one parameter it does to all."""
    told: set[str] = set()
    passes = np.flatnonzero(run.columns.kind == int(Kind.BACKWARD_BEGIN))
    for tensor, rows in _updates(run).items():
        if not ((passes > rows[0]) & (passes < rows[-1])).any():
            continue  # given one value after the other, and not trained
        events = [run.trace.event(row) for row in rows[:_LOOKED_AT]]
        moved, grads = _sizes(run, tensor, events)
        for alarm in (_diverging(run, tensor, events, moved, grads), _faded(run, tensor, events, moved, grads)):
            if alarm is not None and alarm.kind not in told:
                told.add(alarm.kind)
                yield alarm


def _updates(run: RecordedRun, least: int = _STEPS) -> dict[int, list[int]]:
    """For some parameters the events that moved them: steps of optimizers, and writes of updates by hand."""
    columns, trace = run.columns, run.trace
    stepped = columns.kind == int(Kind.OPTIMIZER_STEP)
    by_hand = (columns.kind == int(Kind.INPLACE_WRITE)) & (columns.phase == int(Phase.UPDATE))
    rows = np.flatnonzero(stepped | by_hand)[: _LOOKED_AT * _PARAMETERS]
    moved = np.where(run.recording.detail_of(rows, "skipped") != 1, run.recording.first_owners(rows), -1)
    found: dict[int, list[int]] = {}
    for row, tensor in zip(rows.tolist(), moved.tolist(), strict=True):
        if tensor >= 0 and (tensor in found or len(found) < _PARAMETERS) and trace.requires_grad(trace.location("val", tensor), row):
            found.setdefault(tensor, []).append(row)
    return {tensor: rows for tensor, rows in found.items() if len(rows) >= least}


def decayed(run: RecordedRun) -> Iterator[Alarm]:
    """Weights that a large weight decay takes down to nearly nothing, whatever the data say; one alarm."""
    trace, recording = run.trace, run.recording
    for call in _calls(recording.source):
        given = next((word.value for word in call.keywords if word.arg == "weight_decay"), None)
        if isinstance(given, ast.Constant) and isinstance(given.value, int | float) and given.value >= _STRONG:
            break
    else:
        return
    for tensor, rows in _updates(run).items():
        event = trace.event(rows[0])
        old, new = (
            recording.array(trace.value_at(event.writes[0].location, rows[0] - 1)),
            recording.array(trace.event(rows[-1]).writes[0].value),
        )
        if old is None or new is None or old.ndim < 2 or old.shape != new.shape or event.kind != Kind.OPTIMIZER_STEP:
            continue
        sizes = [float(np.linalg.norm(widened(array))) for array in (old, new)]
        if sizes[0] > 0 and sizes[1] < _LITTLE_LEFT * sizes[0]:
            name, site = _named(run, tensor)
            yield Alarm(
                "decayed", Severity.WARNING, "the weight decay leaves nothing",
                f"{name} shrinks from {sizes[0]:.3g} to {sizes[1]:.3g} (norm) in {len(rows)} steps: weight_decay={given.value:g} of line {call.lineno} pulls it to 0 more than the data pull it "
                "anywhere.", "Usual are 1e-4 to 1e-2.", event.index, (site,) if site >= 0 else (), len(rows), call.lineno,
            )  # fmt: skip
            return


def updates_by_hand(run: RecordedRun) -> dict[int, list[int]]:
    """For some parameters the writes that moved them without an optimizer."""
    kinds = run.columns.kind
    return {tensor: [row for row in rows if kinds[row] == int(Kind.INPLACE_WRITE)] for tensor, rows in _updates(run, 2).items()}


def _sizes(run: RecordedRun, tensor: int, events: list[Event]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """How far each update went, and how large the gradient was; nan where that was not kept, inf where it was not finite."""
    trace, recording = run.trace, run.recording
    moved, grads = [], []
    for event in events:
        values = (
            trace.value_at(event.writes[0].location, event.index - 1),
            event.writes[0].value,
            trace.value_at(trace.location("grad", tensor), event.index),
        )
        old, new, grad = (recording.array(value) if value >= 0 else None for value in values)
        with np.errstate(all="ignore"):
            size = float(np.linalg.norm(widened(new) - old)) if old is not None and new is not None and old.shape == new.shape else np.nan
            moved.append(np.inf if old is not None and np.isnan(size) else size)
            grads.append(float(np.linalg.norm(widened(grad))) if grad is not None else np.nan)
    return np.array(moved), np.array(grads)


def _diverging(
    run: RecordedRun, tensor: int, events: list[Event], moved: np.ndarray[Any, Any], grads: np.ndarray[Any, Any]
) -> Alarm | None:
    finite = moved[np.isfinite(moved) & (moved > 0)]
    ended = bool(np.isinf(moved).any())
    if len(finite) < _STEPS or finite[-1] < _GROWN * finite[0] or float((np.diff(finite) > 0).mean()) < _RISING:
        return None
    last = "until it was no number any more" if ended else f"from {finite[0]:.2g} to {finite[-1]:.2g}"
    name, site = _named(run, tensor)
    at = events[1] if len(events) > 1 else events[0]
    root = _summed(run, events[0].index)
    line, how = rate(run, events[0], of_group=True)
    raised = _raised(run, moved, grads)
    if raised is not None:
        line, how = raised
    sentence = f"Each update moves {name} further than the one before, {last}, in {len(events)} steps: {how}."
    advice = "Lower the learning rate, by powers of 10." if raised is None else "A factor below 1 lowers it, such as 0.95 ** epoch."
    if root is not None:
        count = int(np.prod(run.recording.form(root.reads[0].value)[0]))
        sentence += f" The loss of line {root.line} is the sum of {count} numbers, so its gradient is {count} times that of the mean."
        advice, line = "Take the mean in place of the sum, or lower the learning rate.", root.line
    return Alarm(
        "diverging", Severity.WARNING, "the updates grow", sentence, advice, at.index, (site,) if site >= 0 else (), len(events), line
    )


def _raised(run: RecordedRun, moved: np.ndarray[Any, Any], grads: np.ndarray[Any, Any]) -> tuple[int, str] | None:
    """(line, words) of the only scheduler, where the learning rate has become many times what it was; None where it has not."""
    known = np.isfinite(moved) & np.isfinite(grads) & (grads > 0) & (moved > 0)
    rates = moved[known] / grads[known]
    made = [call for call in _calls(run.recording.source) if unparse(call.func).split(".")[-1] in _SCHEDULERS]
    if len(rates) < _STEPS or rates[-1] < _RAISED * rates[0] or len(made) != 1:
        return None
    return (
        made[0].lineno,
        f"the schedule of line {made[0].lineno} makes the learning rate larger from step to step, {rates[-1] / rates[0]:.3g} times what it was at the start",
    )


def _faded(run: RecordedRun, tensor: int, events: list[Event], moved: np.ndarray[Any, Any], grads: np.ndarray[Any, Any]) -> Alarm | None:
    known = np.isfinite(moved) & np.isfinite(grads) & (grads > _ROUNDING)
    rates = moved[known] / grads[known]
    if len(rates) >= _STEPS and not moved[known].any() and grads[known].min() > _PLAIN:
        return _without_rate(run, tensor, events)
    line = _scheduler(run.recording.source)
    if not line:
        return None
    if len(rates) < _STEPS or rates[0] <= 0 or rates[-1] > _FADED * rates[0]:
        return None
    first = int(np.flatnonzero(rates <= _FADED * rates[0])[0])
    if len(events) - first < max(_AFTER, _PART * len(events)):
        return None  # a schedule that ends there
    name, site = _named(run, tensor)
    waiting = 0 if _GROWING.search(source_of_line(run, line)) else _plateau_of_growth(run.recording.source)
    if waiting:
        return Alarm(
            "schedule", Severity.WARNING, "the schedule stops training",
            f"After {first} of {len(events)} steps the learning rate is less than {_FADED:g} of what it was, and {name} hardly moves any more: "
            f'ReduceLROnPlateau of line {waiting} has mode="max", so it waits for what step() in line {line} tells it to grow, and takes a loss that falls for a standstill.',
            'A loss is to become small: mode="min".', events[first].index, (site,) if site >= 0 else (), len(events) - first, waiting,
        )  # fmt: skip
    return Alarm(
        "schedule", Severity.WARNING, "the schedule stops training",
        f"After {first} of {len(events)} steps the learning rate is less than {_FADED:g} of what it was, and {name} hardly moves any more: "
        f"the scheduler's step() in line {line} comes too often, or its gamma is too small.",
        "Schedulers that count epochs are stepped once an epoch, after the loop over batches.",
        events[first].index, (site,) if site >= 0 else (), len(events) - first, line,
    )  # fmt: skip


def _without_rate(run: RecordedRun, tensor: int, events: list[Event]) -> Alarm | None:
    """Steps with a gradient that move nothing at all, where the script says that the learning rate is 0."""
    name, site = _named(run, tensor)
    source, step = run.recording.source, events[0]
    if step.kind != Kind.OPTIMIZER_STEP:
        return None
    made = [call for call in _calls(source) if unparse(call.func).split(".")[-1] in _SCHEDULERS]
    waits = len(made) == 1 and not _scheduler(source)
    line = made[0].lineno if waits else rate(run, step)[0]
    given = [word.value for call in _calls(source) if call.lineno == line for word in call.keywords if word.arg == "lr"]
    if not waits and not any(isinstance(value, ast.Constant) and value.value == 0 for value in given):
        return None
    why = (
        f"the scheduler of line {line} sets it when it is made, and its step() is called nowhere"
        if waits
        else f"the optimizer of line {line} was given none"
    )
    return Alarm(
        "no rate", Severity.WARNING, "the learning rate is 0",
        f"{len(events)} steps with a gradient do not move {name} at all: the learning rate is 0; {why}.",
        "Call scheduler.step() after optimizer.step()." if waits else "Give the optimizer a learning rate, such as lr=0.01.",
        step.index, (site,) if site >= 0 else (), len(events), line,
    )  # fmt: skip


def source_of_line(run: RecordedRun, line: int) -> str:
    """A line of the script (1-based)."""
    lines = run.recording.source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _plateau_of_growth(source: str) -> int:
    """The line of a ReduceLROnPlateau that waits for growth, 0 for none."""
    for call in _calls(source):
        if unparse(call.func).split(".")[-1] == "ReduceLROnPlateau":
            given = [word.value for word in call.keywords if word.arg == "mode"] + call.args[1:2]
            if any(isinstance(value, ast.Constant) and value.value == "max" for value in given):
                return call.lineno
    return 0


def _named(run: RecordedRun, tensor: int) -> tuple[str, int]:
    site = run.trace.site_of_tensor(tensor)
    return (node_title(run.trace, run.recording.sites[site]), site) if site >= 0 else ("a parameter", -1)


def _summed(run: RecordedRun, before: int) -> Event | None:
    """The sum of many numbers that is the root of the first backward pass, None for another root."""
    trace, columns = run.trace, run.columns
    begins = np.flatnonzero(columns.kind[:before] == int(Kind.BACKWARD_BEGIN))
    event = trace.event(int(begins[-1])) if len(begins) else None
    site = trace.site_of_tensor(trace.tensor_of(event.reads[0].location)) if event is not None and event.reads else -1
    row = trace.latest_made(site, before) if site >= 0 else None
    made = trace.event(row) if row is not None else None
    if made is None or made.detail.get("op") != "sum" or not made.reads or made.reads[0].value < 0:
        return None
    return made if int(np.prod(run.recording.form(made.reads[0].value)[0])) >= _SUMMED else None


def rate(run: RecordedRun, step: Event, *, of_group: bool = False) -> tuple[int, str]:
    """(line, words) of the learning rate: where the only optimizer is made (or the group of what is stepped), else where the update stands."""
    if step.kind != Kind.OPTIMIZER_STEP:
        return step.line, f"the update of line {step.line} takes steps that are too large"
    calls = [call for call in _calls(run.recording.source) if unparse(call.func).split(".")[-1] == step.detail.get("optimizer")]
    if len(calls) != 1:
        return step.line, f"step() in line {step.line} takes steps that are too large"
    given = {word.arg: word.value for word in calls[0].keywords if word.arg in ("lr", "weight_decay", "momentum")}
    group = _group(run, calls[0], step) if of_group else None
    line = group.lineno if group is not None else calls[0].lineno
    for key, setting in zip(group.keys, group.values, strict=True) if group is not None else ():
        if isinstance(key, ast.Constant) and key.value in ("lr", "weight_decay", "momentum"):
            given[str(key.value)] = setting
    told = ", ".join(f"{name}={unparse(value)}" for name, value in given.items()) or "its default learning rate"
    numbers = [value.value for name in ("lr", "weight_decay") if isinstance(value := given.get(name), ast.Constant)]
    words = f"{step.detail.get('optimizer')} of line {line} ({told}) takes steps that are too large"
    if len(numbers) == 2 and isinstance(numbers[0], float | int) and isinstance(numbers[1], float | int) and numbers[0] * numbers[1] > 1:
        words += f"; the weight decay alone multiplies a parameter by 1 - lr * weight_decay = {1 - numbers[0] * numbers[1]:g} in each"
    return line, words


def _group(run: RecordedRun, made: ast.Call, step: Event) -> ast.Dict | None:
    """The group with a learning rate of its own in which an optimizer was given what a step moves, as the names of both tell."""
    refs = step.writes or step.reads
    parts = _named(run, run.trace.tensor_of(refs[0].location))[0].split(".") if refs else []
    groups = [
        node
        for node in walk(made)
        if isinstance(node, ast.Dict) and any(isinstance(key, ast.Constant) and key.value == "lr" for key in node.keys)
    ]
    found = [
        group for group in groups
        for key, value in zip(group.keys, group.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "params" and set(parts) & set(re.findall(r"[A-Za-z_]\w*|\d+", unparse(value)))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _calls(source: str) -> list[ast.Call]:
    return [node for node in walk(syntax_tree(source)) if isinstance(node, ast.Call)]


def _scheduler(source: str) -> int:
    """The line of the step() of a scheduler, 0 for none."""
    if "lr_scheduler" not in source:
        return 0
    found = [
        node.lineno
        for node in _calls(source)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "step" and "sched" in unparse(node.func).lower()
    ]
    return found[0] if found else 0

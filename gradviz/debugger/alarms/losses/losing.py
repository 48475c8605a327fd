"""Losses and layers that cannot do what they are for, whatever is learned: labels of another kind, similarities that stay small, dropout of nearly all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of
from ..alarm import Alarm, Severity
from ..origin import behind, called, first_calls, maker, written_at
from ..training.evaluation import dropped_share

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_LOOKED_AT = 20
_NEARLY_ALL = 0.88
_ONE = 1e-3
_SMALL = 0.6
_LEAST = 4
_LATEST = 40
_ROWS = 8
_HALF = 0.5
_BATCH = 16
_FLATTENING = frozenset({"view", "reshape", "_unsafe_view", "unsafe_view"})


def nearly_all_dropped(run: RecordedRun) -> Iterator[Alarm]:
    """A dropout that drops more than seven of eight: often the share that is to be kept was given; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"mul"})):
        share = dropped_share(run, event) if site.index in trace.fired else 0.0
        if share < _NEARLY_ALL:
            continue
        line = written_at(run, site.line, "dropout")
        yield Alarm(
            "nearly all dropped", Severity.WARNING, "dropout of nearly all",
            f"The dropout of line {line} sets {share:.0%} of the numbers to 0 while training, and multiplies the rest by {1 / (1 - share):.0f}: nearly nothing of a sample gets through.",
            "The number is the share that is dropped, not the one that is kept: 0.1 to 0.5 are usual.", event.index, (site.index,), len(trace.made[site.index]), line,
        )  # fmt: skip
        return


def exponential_twice(run: RecordedRun) -> Iterator[Alarm]:
    """exp of what is an exponential already, on the way of a gradient; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"exp"})):
        inner = behind(run, event.reads[0], event.index, through=lambda e: e.kind == Kind.VIEW) if event.reads else None
        if site.index not in trace.fired or inner is None or inner.detail.get("op") != "exp":
            continue
        same = inner.line == event.line
        who = f"Line {event.line} takes the exponential of what line {inner.line} has taken the exponential of already"
        yield Alarm(
            "exponential twice", Severity.WARNING, "an exponential of an exponential",
            f"{who}: exp(exp(x)) is 15 at x = 1, and 1.6e+03 at x = 2. A loss that is given logarithms (poisson_nll_loss, log_input=True) takes it itself.",
            "Give the loss the logarithm, without exp; or say log_input=False.", event.index, (site.index, inner.site), len(trace.made[site.index]), event.line if same else inner.line,
        )  # fmt: skip
        return


def hinge_of_zeros(run: RecordedRun) -> Iterator[Alarm]:
    """max(0, 1 - y * score) with labels 0 and 1: of those that are 0 the loss is 1 whatever the score; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"clamp", "relu", "clamp_min"})):
        inner = maker(run, event.reads[0], event.index) if event.reads and site.index in trace.fired else None
        if (
            inner is None
            or inner.detail.get("op") not in ("sub", "rsub", "add")
            or not (inner.detail.get("numbers") or {})
            or len(inner.reads) != 1
        ):
            continue
        product = maker(run, inner.reads[0], inner.index)
        if product is None or product.detail.get("op") != "mul" or len(product.reads) != 2:
            continue
        labels = next((ref for ref in product.reads if ref.value >= 0 and not trace.requires_grad(ref.location, product.index)), None)
        array = recording.array(labels.value) if labels is not None else None
        if labels is None or array is None or array.size < _LEAST or not _zeros_and_ones(array):
            continue
        name = name_of(trace, trace.producer(labels.location, product.index), product.index)
        yield Alarm(
            "hinge of zeros", Severity.WARNING, "labels 0 in a hinge loss",
            f"Line {site.line} is a hinge loss of {name}, which holds 0 and 1: where it is 0 the product with the score is 0, the loss is the margin whatever the model says, and no gradient comes from there.",
            "A hinge loss wants -1 and 1: labels * 2 - 1.", event.index, (site.index, product.site), len(trace.made[site.index]), product.line,
        )  # fmt: skip
        return


def _zeros_and_ones(array: np.ndarray[Any, Any]) -> bool:
    """Whether labels are 0 and 1, or 0 and -1 as a loss turns them round; both of them are there."""
    values = set(np.unique(array).tolist())
    return values in ({0.0, 1.0}, {0.0, -1.0})


def small_similarities(run: RecordedRun) -> Iterator[Alarm]:
    """Cosines that are multiplied by a temperature below 1, where they were to be divided by it: the softmax stays flat; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"log_softmax"})):
        scaled = behind(run, event.reads[0], event.index, through=_passed_on) if event.reads and site.index in trace.fired else None
        by = _factor(scaled) if scaled is not None else 0.0
        product = behind(run, scaled.reads[0], scaled.index, through=_passed_on) if scaled is not None and 0 < by < _SMALL else None
        if scaled is None or product is None or product.detail.get("op") not in ("mm", "matmul", "bmm") or len(product.reads) < 2:
            continue
        if not all(_of_length_one(run, ref) for ref in product.reads[:2]):
            continue
        count = run.recording.form(event.reads[0].value)[0][-1]
        best = np.log(1 + (count - 1) * np.exp(-2 * by))
        yield Alarm(
            "small similarities", Severity.WARNING, "similarities that stay small",
            f"Line {scaled.line} multiplies cosines, from -1 to 1, by {by:.3g}: what the cross-entropy of line {site.line} is given stays between {-by:.3g} and {by:.3g}, so its loss cannot fall "
            f"below {best:.3g} (that of guessing is {np.log(count):.3g}).",
            "Divide by the temperature: logits = a @ b.T / 0.07.", scaled.index, (scaled.site, site.index), len(trace.made[site.index]), scaled.line,
        )  # fmt: skip
        return


def _passed_on(event: Event) -> bool:
    return bool(event.reads) and event.kind == Kind.VIEW


def _factor(event: Event) -> float:
    """By which number an op multiplies, 0 for none."""
    numbers = [n for n in (event.detail.get("numbers") or {}).values() if isinstance(n, int | float)]
    if len(numbers) != 1 or len(event.reads) != 1 or not numbers[0]:
        return 0.0
    return float(numbers[0]) if event.detail.get("op") == "mul" else 1 / float(numbers[0]) if event.detail.get("op") == "div" else 0.0


def _of_length_one(run: RecordedRun, ref: Ref) -> bool:
    """Whether the rows or the columns of a matrix are of length 1."""
    array = run.recording.array(ref.value) if ref.value >= 0 else None
    if array is None or array.ndim < 2 or min(array.shape[-2:]) < 2:
        return False
    return any(bool(np.allclose(np.linalg.norm(array, axis=axis), 1, atol=_ONE)) for axis in (-1, -2))


def flattened_apart(run: RecordedRun) -> Iterator[Alarm]:
    """Logits of (time, batch, classes) and targets of (batch, time), both flattened: each target meets the logits of another place; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"nll_loss", "nll_loss_nd"})):
        target = _indices_before(run, event)
        logits = behind(run, event.reads[0], event.index, through=_softened) if event.reads and site.index in trace.fired else None
        if logits is None or target is None or logits.detail.get("op") not in _FLATTENING or not logits.reads or logits.reads[0].value < 0:
            continue
        before = run.recording.form(logits.reads[0].value)[0]
        if len(before) != 3 or before[:2] != target[::-1] or before[0] == before[1] or min(target) < 2:
            continue
        yield Alarm(
            "flattened apart", Severity.WARNING, "flattened in another order",
            f"Line {logits.line} flattens logits of shape {before} and the targets have shape {target}: one goes through the samples first, and the other through the places. Each target is compared with the "
            "logits of another sample and place.",
            "Bring both into one order first: logits.transpose(0, 1), or targets.t().", logits.index, (logits.site, site.index), len(trace.made[site.index]), logits.line,
        )  # fmt: skip
        return


def _softened(event: Event) -> bool:
    return bool(event.reads) and event.detail.get("op") == "log_softmax"


def _indices_before(run: RecordedRun, loss: Event) -> tuple[int, ...] | None:
    """The shape of the targets of a classification before they were flattened, None where it cannot be told: they are whole numbers, which the loss reads aside."""
    size = (
        run.recording.form(loss.reads[0].value)[0][0]
        if loss.reads and loss.reads[0].value >= 0 and run.recording.form(loss.reads[0].value)[0]
        else 0
    )
    for row in range(loss.index - 1, max(loss.index - 12, -1), -1):
        event = run.trace.event(row)
        flat = (
            event.detail.get("op") in _FLATTENING
            and event.line == loss.line
            and event.reads
            and event.writes
            and min(event.reads[0].value, event.writes[0].value) >= 0
        )
        if flat and run.recording.form(event.writes[0].value) == ((size,), "int64"):
            shape: tuple[int, ...] = run.recording.form(event.reads[0].value)[0]
            return shape if len(shape) == 2 else None
    return None


def sum_beside_a_mean(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that adds a mean over the samples and a sum over the same samples: the sum weighs as many times more; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"add"})):
        if (
            site.index not in trace.fired
            or len(event.reads) != 2
            or min(ref.value for ref in event.reads) < 0
            or recording.form(event.reads[0].value)[0]
        ):
            continue
        sides = [_reduction(run, ref, event) for ref in event.reads]
        mean = next((one for one in sides if one is not None and one[0] == "mean"), None)
        total = next((one for one in sides if one is not None and one[0] == "sum"), None)
        if mean is None or total is None or mean[2][0] != total[2][0] or total[2][0] < _BATCH or len(total[2]) != 2:
            continue
        size = total[2][0]
        yield Alarm(
            "sum beside a mean", Severity.WARNING, "a sum beside a mean",
            f"The loss of line {site.line} adds a mean over the {size} samples (line {mean[1].line}) and a sum over the same samples (line {total[1].line}), which weighs {size} times as much for each of them: the "
            "second term drowns the first.",
            f"Take both in one way: a sum of both, or the sum divided by the number of samples ({size}).", total[1].index, (total[1].site, site.index), len(trace.made[site.index]), total[1].line,
        )  # fmt: skip
        return


def _reduction(run: RecordedRun, ref: Ref, at: Event) -> tuple[str, Event, tuple[int, ...]] | None:
    """How one number came about, its event and the shape that was reduced; scaled by numbers from a tenth up at most."""
    event = maker(run, ref, at.index)
    for _ in range(3):
        if event is None or not event.reads or event.reads[0].value < 0:
            return None
        op, params = str(event.detail.get("op")), event.detail.get("params") or {}
        shape: tuple[Any, ...] = run.recording.form(event.reads[0].value)[0]
        if shape:
            how = op if op in ("mean", "sum") else str(params.get("reduction") or "")
            return (how, event, shape) if how in ("mean", "sum") and params.get("dim") in (None, []) else None
        if op != "neg" and (abs(_factor(event)) < 0.1 or len(event.reads) != 1):
            return None
        event = maker(run, event.reads[0], event.index)
    return None


def future_hidden(run: RecordedRun) -> Iterator[Alarm]:
    """A bootstrapped target whose future is multiplied by a flag that is 0 nearly always: `done` in the place of `1 - done`; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"mul"})):
        made = trace.made[site.index]
        if site.index in trace.fired or len(event.reads) != 2 or len(made) < _ROWS:
            continue
        kinds = [
            _flag_share(run, [trace.event(int(row)).reads[k] for row in made[-_LATEST:] if len(trace.event(int(row)).reads) > k])
            for k in (0, 1)
        ]
        flag = next((k for k, share in enumerate(kinds) if 0 < share < _HALF / 2), -1)
        if flag < 0 or not _future(run, event.reads[1 - flag], event):
            continue
        name = name_of(trace, trace.producer(event.reads[flag].location, event.index), event.index)
        added = [trace.event(int(row)) for row in recording.reads_of(event.writes[0].location)[:4]] if event.writes else []
        if not any(one.detail.get("op") == "add" for one in added):
            continue
        yield Alarm(
            "future hidden", Severity.WARNING, "the future does not count",
            f"Line {site.line} multiplies the value of what comes next by {name}, which is 1 in {kinds[flag]:.0%} of the samples and 0 in all others: only where it is 1, at the end, does the future count, and there is none.",
            f"Turn it round: (1 - {name}).", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _flag_share(run: RecordedRun, refs: list[Ref]) -> float:
    """Which share of flags are 1, over several batches; -1 where they are no flags."""
    arrays = [run.recording.array(ref.value) for ref in refs if ref.value >= 0]
    known = [array for array in arrays if array is not None and array.ndim >= 1]
    if not known or not all(np.isin(array, (0, 1)).all() for array in known):
        return -1.0
    return float(np.mean([array.mean() for array in known]))


def _future(run: RecordedRun, ref: Ref, at: Event) -> bool:
    """Whether a value is a maximum over actions, scaled by a number."""
    event = behind(run, ref, at.index)
    for _ in range(2):
        if event is not None and _factor(event):
            event = behind(run, event.reads[0], event.index)
    return event is not None and event.detail.get("op") in ("max", "amax", "gather")


def margin_taken_away(run: RecordedRun) -> Iterator[Alarm]:
    """relu(near - far - margin) of two distances: the margin was to be added, so that far has to be further than near by it; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"relu", "clamp"})):
        if site.index not in trace.fired or not event.reads or (event.detail.get("params") or {}).get("low", 0) != 0:
            continue
        less = maker(run, event.reads[0], event.index)
        numbers = (
            [each for each in (less.detail.get("numbers") or {}).values() if isinstance(each, int | float)] if less is not None else []
        )
        if less is None or less.detail.get("op") not in ("sub", "add") or len(less.reads) != 1 or len(numbers) != 1:
            continue
        margin = numbers[0] if less.detail.get("op") == "sub" else -numbers[0]
        apart = behind(run, less.reads[0], less.index) if margin > 0 else None
        if apart is None or apart.detail.get("op") != "sub" or len(apart.reads) != 2:
            continue
        if not all(_distance(run, ref, apart) and trace.requires_grad(ref.location, apart.index) for ref in apart.reads):
            continue
        near, far = (called(run, ref, apart.index) for ref in apart.reads)
        yield Alarm(
            "margin taken away", Severity.WARNING, "the margin is subtracted",
            f"Line {site.line} asks for {near} - {far} - {margin:g} below 0: that holds already where {far} is smaller than {near}, by up to {margin:g}, and the loss is 0 then. A margin asks that {far} be larger by at least that much.",
            f"Add it: relu({near} - {far} + {margin:g}).", event.index, (site.index,), len(trace.made[site.index]), less.line,
        )  # fmt: skip
        return


def _distance(run: RecordedRun, ref: Ref, at: Event) -> bool:
    """Whether numbers are distances: a norm, a root, or a sum of squares."""
    made = behind(run, ref, at.index)
    if made is None or made.detail.get("op") in ("linalg_vector_norm", "norm", "sqrt", "cdist", "pairwise_distance"):
        return made is not None
    squares = maker(run, made.reads[0], made.index) if made.detail.get("op") in ("sum", "mean") and made.reads else None
    two = squares is not None and (squares.detail.get("params") or {}).get("exponent") == 2
    return squares is not None and (squares.detail.get("op") == "square" or (squares.detail.get("op") == "pow" and two))

"""What belongs to each sample and is mixed up: weights that come after the mean, rows of a batch that are chosen by class numbers, vectors
that are compared with themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_REDUCING = frozenset({"mean", "sum"})
_MANY = 2048  # rows of a batch that are compared with each other
_TAKEN_OUT = -1e4  # a logarithm of a share below it: the diagonal was filled with -inf, or a number like it


def weights_after_the_mean(run: RecordedRun) -> Iterator[Alarm]:
    """A mean over the samples, multiplied by a weight for each of them: all samples get the mean of the weights; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op == "mul" and len(made) and site.index in trace.fired else None
        if event is None or len(event.reads) != 2:
            continue
        for mean, weights in (event.reads, event.reads[::-1]):
            size = _each_sample(run, mean, weights, event)
            reduced = _reduced_over(run, mean, event, size) if size > 1 else None
            if reduced is None or not _summed_up(run, event):
                continue
            name = name_of(trace, trace.producer(weights.location, event.index), event.index)
            yield Alarm(
                "weights after the mean", Severity.WARNING, "weights come after the mean",
                f"{reduced.detail.get('op')} in line {reduced.line} has made one number of all {size} samples already, and line {site.line} multiplies it by {name}, a number for each "
                "of them: every sample counts the same, and only the mean of the weights is left.",
                'Keep one loss for each sample (reduction="none"), multiply, and take the mean then.', event.index, (reduced.site, site.index), len(made), reduced.line,
            )  # fmt: skip
            return


def _each_sample(run: RecordedRun, mean: Ref, weights: Ref, event: Event) -> int:
    """How many samples have a weight, where one side is a single number with history and the other has one that varies for each; else 0."""
    trace, recording = run.trace, run.recording
    if mean.value < 0 or weights.value < 0 or recording.form(mean.value)[0] or not trace.requires_grad(mean.location, event.index):
        return 0
    array = recording.array(weights.value)
    if array is None or trace.requires_grad(weights.location, event.index) or not array.ndim:
        return 0
    if array.size != array.shape[0] and not (array.ndim == 2 and np.isin(array, (0, 1)).all()):
        return 0  # a mask of the places of each sample counts as well
    return array.shape[0] if np.ptp(array) > 0 else 0


def _reduced_over(run: RecordedRun, ref: Ref, at: Event, size: int) -> Event | None:
    """The op that made one number of that many samples."""
    row = run.trace.last_write(ref.location, at.index - 1)
    event = run.trace.event(row) if row is not None else None
    if event is None or event.kind != Kind.OP:
        return None
    for _ in range(3):  # a minus, or a number that it is scaled by
        if event.detail.get("op") in ("neg", "mul", "div", "add") and len(event.reads) == 1:
            row = run.trace.last_write(event.reads[0].location, event.index - 1)
            event = run.trace.event(row) if row is not None else event
    forms = [run.recording.form(each.value)[0] for each in event.reads if each.value >= 0]
    return event if any(shape and shape[0] == size for shape in forms) else None


def _summed_up(run: RecordedRun, event: Event) -> bool:
    """Whether one number is made of what an event gives, scaled or added to something before."""
    waiting = [event]
    for each in waiting:
        following = [run.trace.event(int(row)) for row in run.recording.reads_of(each.writes[0].location)] if each.writes else []
        if any(reader.detail.get("op") in _REDUCING for reader in following):
            return True
        waiting += [reader for reader in following if reader.detail.get("op") in ("mul", "add", "div")] if len(waiting) < 4 else []
    return False


def rows_for_columns(run: RecordedRun) -> Iterator[Alarm]:
    """`q[actions]`, where q has a row for each sample and actions a column number for each: rows of other samples are taken; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = (
            trace.event(int(made[0]))
            if site.op in ("index", "index_select", "gather") and len(made) and site.index in trace.fired
            else None
        )
        if site.op == "gather" and event is not None:
            found = _gathered_along_samples(run, event)
            if found is not None:
                yield found
                return
            continue
        if event is None or not event.reads or not event.writes or event.reads[0].value < 0 or event.writes[0].value < 0:
            continue
        source, taken = recording.array(event.reads[0].value), recording.array(event.writes[0].value)
        origin = trace.producer(event.reads[0].location, event.index)
        if source is None or taken is None or source.shape != taken.shape or source.ndim != 2 or origin < 0:
            continue
        rows, columns = source.shape
        if recording.sites[origin].role == "leaf" or rows < 2 * columns or columns < 2 or rows > _MANY:
            continue
        if len({bytes(row) for row in np.ascontiguousarray(taken)}) > columns or not _all_in(taken, source[:columns]):
            continue
        yield Alarm(
            "rows for columns", Severity.WARNING, "rows in the place of columns",
            f"{node_title(trace, recording.sites[origin])} (line {recording.sites[origin].line}) has a row for each of {rows} samples and {columns} columns; the index in line {site.line} "
            f"holds {rows} numbers below {columns}, and takes whole rows by them: those of the first {columns} samples, again and again.",
            "Take one column of each row: q.gather(1, actions.unsqueeze(1)).squeeze(1), or q[torch.arange(len(q)), actions].", event.index, (site.index, origin), len(made), site.line,
        )  # fmt: skip
        return


def _gathered_along_samples(run: RecordedRun, event: Event) -> Alarm | None:
    """`q.gather(0, actions)`: a number below the number of columns for each sample, looked up along the samples."""
    trace, recording = run.trace, run.recording
    if (
        (event.detail.get("params") or {}).get("dim") not in (0, -2)
        or not event.reads
        or not event.writes
        or min(event.reads[0].value, event.writes[0].value) < 0
    ):
        return None
    source, taken = recording.array(event.reads[0].value), recording.array(event.writes[0].value)
    origin = trace.producer(event.reads[0].location, event.index)
    if source is None or taken is None or source.ndim != 2 or taken.shape != (len(source), 1) or origin < 0 or len(source) > _MANY:
        return None
    rows, columns = source.shape
    if columns < 2 or rows < 2 * columns or not np.isin(taken[:, 0], source[:columns, 0]).all():
        return None
    return Alarm(
        "rows for columns", Severity.WARNING, "rows in the place of columns",
        f"{node_title(trace, recording.sites[origin])} (line {recording.sites[origin].line}) has a row for each of {rows} samples and {columns} columns; gather along dimension 0 in line {event.line} takes its numbers "
        f"from the first {columns} samples alone, for all of them.",
        "Gather along the columns: q.gather(1, actions).", event.index, (event.site, origin), len(trace.made[event.site]), event.line,
    )  # fmt: skip


def _all_in(taken: np.ndarray, first: np.ndarray) -> bool:
    """Whether each row is one of the first ones."""
    return bool((taken[:, None, :] == first[None]).all(axis=2).any(axis=1).all())


def compared_with_itself(run: RecordedRun) -> Iterator[Alarm]:
    """Similarities of a batch with itself that go into a cross-entropy with their diagonal: each vector is most similar to itself; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op in ("mm", "matmul") and len(made) and site.index in trace.fired else None
        if event is None or len(event.reads) != 2 or not event.writes:
            continue
        left, right = event.reads
        row = trace.last_write(right.location, event.index - 1)
        turned = trace.event(row) if row is not None else None
        own = turned is not None and turned.kind == Kind.VIEW and [ref.location for ref in turned.reads] == [left.location]
        loss = _classified(run, event) if own else None
        if loss is None or _diagonal_meant(run, loss):
            continue
        yield Alarm(
            "compared with itself", Severity.WARNING, "each vector is compared with itself",
            f"The product of line {site.line} holds the similarity of each vector with itself on its diagonal, the largest of its row, and the cross-entropy of line {loss.line} counts it among "
            "those that are to be small: the best that can be reached is far from 0, and the gradient pushes against what cannot change.",
            'Take the diagonal out: sim.fill_diagonal_(float("-inf")), or sim.masked_fill(torch.eye(len(sim), dtype=torch.bool), float("-inf")).',
            event.index, (site.index, loss.site), len(made), site.line,
        )  # fmt: skip
        return


def _classified(run: RecordedRun, event: Event) -> Event | None:
    """The log_softmax along the rows that a matrix goes into, scaled by numbers at most."""
    trace, location = run.trace, event.writes[0].location
    for _ in range(4):
        readers = [reader for row in run.recording.reads_of(location) if (reader := trace.event(int(row))).site in trace.fired]
        found = next((reader for reader in readers if reader.detail.get("op") == "log_softmax"), None)
        if found is not None:
            return found if (found.detail.get("params") or {}).get("dim") in (1, -1) else None
        scaled = next(
            (reader for reader in readers if reader.detail.get("op") in ("div", "mul") and len(reader.reads) == 1 and reader.writes), None
        )
        if scaled is None:
            return None
        location = scaled.writes[0].location
    return None


def _diagonal_meant(run: RecordedRun, logs: Event) -> bool:
    """Whether the loss is that of the diagonal itself, or takes no class of each row."""
    trace, recording = run.trace, run.recording
    readers = [trace.event(int(row)) for row in recording.reads_of(logs.writes[0].location)]
    loss = next((reader for reader in readers if reader.detail.get("op") in ("nll_loss", "nll_loss_nd") and reader.writes), None)
    array = recording.array(logs.writes[0].value) if logs.writes[0].value >= 0 else None
    if array is None or array.ndim != 2 or array.shape[0] != array.shape[1] or (np.diagonal(array) < _TAKEN_OUT).all():
        return True
    taken = next((reader for reader in readers if reader.detail.get("op") in ("index", "gather") and reader.writes), None)
    picked = recording.array(taken.writes[0].value) if taken is not None and taken.writes[0].value >= 0 else None
    if picked is not None:
        return picked.size != len(array) or bool(np.allclose(picked.reshape(-1), np.diagonal(array)))
    value = recording.array(loss.writes[0].value) if loss is not None and loss.writes[0].value >= 0 else None
    if value is None or value.size != 1:
        return True
    return bool(np.isclose(float(value.reshape(-1)[0]), -float(np.diagonal(array).mean()), rtol=1e-3))

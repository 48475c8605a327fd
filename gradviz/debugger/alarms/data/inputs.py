"""What a model is given: one sample in the place of a batch, the target among its inputs, targets that are all alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, readers
from .batches import targets_of

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_PIECES = 4
_TURNS = 3
_LOOKED_AT = 50
_LARGEST = 1 << 22  # numbers of an input that are compared with the targets
_DIFFERENCES = frozenset({"sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
_CLASSED = frozenset({"nll_loss", "nll_loss_nd"})
_WITH_TARGETS = _CLASSED | {"binary_cross_entropy_with_logits", "binary_cross_entropy"}
_JOINING = frozenset({"stack", "cat", "index", "index_select"})
_LAYERS = frozenset({"addmm", "mm", "matmul", "linear"})
_MADE_ALIKE = re.compile(r"zeros|ones|full|\.fill_|empty|eye|[Tt]ensor\(")
_BETWEEN = 400
_FAR = 6
_PICTURE = 16  # numbers at least
_FROM_ELSEWHERE = re.compile(r"load|read|values|iloc|csv")


def one_sample_again(run: RecordedRun) -> Iterator[Alarm]:
    """A batch that is stacked of pieces which are all the same numbers, in each turn another one; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _JOINING):
        made = trace.made[site.index]
        if len(made) < _TURNS or not _repeated(run, event):
            continue
        rows = [trace.event(int(row)) for row in made[:_LOOKED_AT]]
        if len({event.step for event in rows}) < _TURNS or not all(_repeated(run, event) for event in rows):
            continue
        first = [recording.array(event.writes[0].value) for event in rows]
        if len({found[0].tobytes() for found in first if found is not None}) < 2 or not learned_from(run, rows[0]):
            continue
        size = len(first[0]) if first[0] is not None else 0
        yield Alarm(
            "one sample again", Severity.WARNING, "a batch of one sample",
            f"{node_title(trace, site)} (line {site.line}) has {size} rows, and in each turn all of them are the same numbers: one sample, {size} times.",
            "Look at the index: that of an outer loop, in the place of the one that goes through the batch, gives one sample again and again.",
            rows[0].index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _repeated(run: RecordedRun, event: Event) -> bool:
    """Whether what an op made has rows that are all alike, of more than one number, and was read from more than one tensor where it joins."""
    if not event.writes or event.writes[0].value < 0 or run.trace.requires_grad(event.writes[0].location, event.index):
        return False
    if event.detail.get("op") in ("stack", "cat") and len({ref.location for ref in event.reads}) < _PIECES:
        return False
    array = run.recording.array(event.writes[0].value)
    if array is None or array.ndim < 2 or len(array) < _PIECES or array.dtype.kind != "f":
        return False
    return bool(np.ptp(array[0]) > 0 and (array == array[:1]).all())


def learned_from(run: RecordedRun, event: Event) -> bool:
    """Whether what an event made goes into something that a gradient passes."""
    waiting, seen = [event.writes[0].location], 0
    for location in waiting:
        for reader in readers(run, location, most=8):
            seen += 1
            if reader.site in run.trace.fired:
                return True
            if reader.kind in (Kind.OP, Kind.VIEW) and seen < _LOOKED_AT:
                waiting += [ref.location for ref in reader.writes]
    return False


def scaled_again(run: RecordedRun) -> Iterator[Alarm]:
    """Pictures from 0 to 1 that are divided by 255: they were scaled before; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"div", "mul"})):
        numbers = [number for number in (event.detail.get("numbers") or {}).values() if isinstance(number, int | float)]
        by = numbers[0] if len(numbers) == 1 and len(event.reads) == 1 else 0
        if not (254 < by < 257 if event.detail.get("op") == "div" else 254 < 1 / by < 257 if by else False):
            continue
        given = recording.stats(event.reads[0].value) if event.reads[0].value >= 0 else None
        if (
            given is None
            or given.maximum > 1
            or given.minimum < -1
            or np.prod(given.shape) < _PICTURE
            or site.index in trace.fired
            or "rand" in source_line(run, site.line)  # noise that is as small as a step of the pixels
            or not given.dtype.startswith("float")
        ):
            continue
        if not learned_from(run, event):
            continue
        yield Alarm(
            "scaled again", Severity.WARNING, "scaled twice",
            f"Line {site.line} divides by 255 what goes from {given.minimum:.3g} to {given.maximum:.3g} already: the inputs are {1 / 255:.1g} at most, and the model hardly sees a difference "
            "between them.", "Scale once: ToTensor() and a division in the dataset do it already.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def target_among_the_inputs(run: RecordedRun) -> Iterator[Alarm]:
    """Targets that are one of the columns of what the model is given: it has only to copy them; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _DIFFERENCES, most=_LOOKED_AT):
        if site.index not in trace.fired or len(event.reads) < 2:
            continue
        for guess, target in (event.reads[:2], event.reads[1::-1]):
            if trace.requires_grad(target.location, event.index) or not trace.requires_grad(guess.location, event.index):
                continue
            wanted = recording.array(target.value) if target.value >= 0 else None
            if (
                wanted is None
                or wanted.dtype.kind != "f"
                or wanted.size != len(wanted.reshape(-1, 1))
                or wanted.size < _PIECES
                or np.ptp(wanted) == 0
            ):
                continue
            if wanted.ndim > 2 or (wanted.ndim == 2 and wanted.shape[1] != 1):
                continue
            layer, column = _column(run, event, wanted.reshape(-1))
            if layer is None or not _of_a_table(run, target, event):
                continue
            source = behind(run, target, event.index)
            name = name_of(trace, trace.producer(target.location, event.index), event.index)
            given = _named_input(run, layer)
            yield Alarm(
                "target among inputs", Severity.WARNING, "the target is among the inputs",
                f"{name}, the target of line {site.line}, is column {column} of {given}, which goes into the model in line {layer.line}: it has only to copy it, and learns nothing of the others.",
                "Take it out of the inputs: x = data[:, :-1], y = data[:, -1:].", event.index, (site.index,), len(trace.made[site.index]), _cut_at(run, target, event) or (source.line if source is not None else 0) or site.line,
            )  # fmt: skip
            return


def _column(run: RecordedRun, event: Event, wanted: np.ndarray) -> tuple[Event | None, int]:
    """The first layer before a loss that is given data, and the column of the data in which the targets stand."""
    recording, trace = run.recording, run.trace
    for row in range(event.index - 1, max(-1, event.index - _BETWEEN), -1):
        if int(run.columns.kind[row]) != Kind.OP:
            continue
        layer = trace.event(row)
        if layer.detail.get("op") not in _LAYERS:
            continue
        for ref in layer.reads:
            array = recording.array(ref.value) if ref.value >= 0 and not trace.requires_grad(ref.location, row) else None
            if array is None or array.ndim != 2 or len(array) != len(wanted) or array.shape[1] < 2 or array.size > _LARGEST:
                continue
            same = np.flatnonzero((array == wanted[:, None]).all(axis=0))
            if len(same):
                return layer, int(same[0])
    return None, -1


def _of_a_table(run: RecordedRun, target: Ref, event: Event) -> bool:
    """Whether targets were cut out of data that came from elsewhere, or that have two names: `y = x[:, :1]` of random numbers is a task made up."""
    at, ref = event, target
    for _ in range(_FAR):
        made = maker(run, ref, at.index)
        if made is None or not made.reads:
            break
        at, ref = made, made.reads[0]
    bound = {str(reader.detail.get("name")) for reader in readers(run, ref.location) if reader.kind == Kind.BIND_NAME}
    return len(bound) > 1 or (at is not event and _FROM_ELSEWHERE.search(source_line(run, _line_of(run, ref))) is not None)


def _line_of(run: RecordedRun, ref: Ref) -> int:
    site = run.trace.site_of_tensor(run.trace.tensor_of(ref.location))
    return run.recording.sites[site].line if site >= 0 else 0


def _named_input(run: RecordedRun, layer: Event) -> str:
    data = next(ref for ref in layer.reads if not run.trace.requires_grad(ref.location, layer.index))
    return name_of(run.trace, run.trace.producer(data.location, layer.index), layer.index)


def _cut_at(run: RecordedRun, target: Ref, event: Event) -> int:
    """The line in which the targets were cut out of the data."""
    ref, at = target, event
    for _ in range(_FAR):
        made = maker(run, ref, at.index)
        if made is None or not made.reads:
            return 0
        if made.detail.get("op") in ("slice", "select"):
            return made.line
        ref, at = made.reads[0], made
    return 0


def of_one_kind(run: RecordedRun) -> Iterator[Alarm]:
    """Targets that are the same number for every sample of every batch, and were not made so on purpose; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _WITH_TARGETS):
        if site.index not in trace.fired:
            continue
        made = trace.made[site.index]
        found = [_given(run, trace.event(int(row))) for row in made[:_LOOKED_AT]]
        arrays = [array for array, _ in found if array is not None]
        if (
            len(arrays) < len(found)
            or sum(array.size for array in arrays) < 4 * _PIECES
            or len({value for array in arrays for value in np.unique(array).tolist()}) != 1
        ):
            continue
        line = found[0][1]
        shape = recording.form(event.reads[0].value)[0] if event.reads[0].value >= 0 else ()
        if not line or _MADE_ALIKE.search(source_line(run, line)) or (site.op in _CLASSED and (len(shape) < 2 or shape[1] < 2)):
            continue
        value = arrays[0].reshape(-1)[0]
        yield Alarm(
            "targets alike", Severity.WARNING, "all targets are the same",
            f"The targets of line {site.line} are {value:g} for every sample: the loss is made small by giving that back whatever goes in. They come from line {line}.",
            "randint(0, n) gives 0 to n - 1: for two classes randint(0, 2). A comparison that always holds gives one class, too.",
            event.index, (site.index,), len(made), line,
        )  # fmt: skip
        return


def _given(run: RecordedRun, event: Event) -> tuple[np.ndarray | None, int]:
    """The targets that a loss was given, and the line that made them."""
    if event.detail.get("op") in _CLASSED:
        found = targets_of(run, event.index, event.line)
        return found if found is not None else (None, 0)
    if len(event.reads) < 2 or run.trace.requires_grad(event.reads[1].location, event.index):
        return None, 0
    source = behind(run, event.reads[1], event.index)
    return run.recording.array(event.reads[1].value) if event.reads[1].value >= 0 else None, source.line if source is not None else 0

"""Along which dimension the samples of a batch stand, where another one is as long: what is reduced or stretched along the wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...words.names import name_of
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, same_numbers

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_REDUCING = frozenset({"mean", "sum", "amax", "max"})
_TURNING = frozenset({"t", "transpose", "permute", "movedim"})
_MATHS = frozenset(
    {"sqrt", "rsqrt", "exp", "log", "neg", "pow", "reciprocal", "add", "sub", "rsub", "mul", "div", "_to_copy", "clone", "detach"}
)
_BACK = 2000  # events from a layer to where its batch was taken
_FAR = 8
_SAID = re.compile(r"\.t\(|\.m?T\b|transpose|permute|movedim|swap|rearrange")  # what a layer exchanges inside it exchanges back


def samples_first(run: RecordedRun, sizes: tuple[int, ...], before: int) -> Event | None:
    """The event that took a batch of these first sizes along its first dimension, None where none did or the script has exchanged its dimensions since."""
    for row in range(before - 1, max(before - _BACK, -1), -1):
        event = run.trace.event(row)
        if not event.writes or event.writes[0].value < 0:
            continue
        form = run.recording.form(event.writes[0].value)[0]
        if event.detail.get("op") in _TURNING and _SAID.search(source_line(run, event.line)) and form[: len(sizes)] == sizes:
            return None
        if form[: len(sizes)] == sizes and _taken(run, event):
            return None if _turned(run, event) else event
    return None


def _turned(run: RecordedRun, taken: Event) -> bool:
    """Whether what is cut was turned as a whole before, as texts in columns are: then it is cut along time."""
    made = (
        behind(run, taken.reads[0], taken.index, through=lambda event: same_numbers(event) and event.detail.get("op") not in _TURNING)
        if taken.reads
        else None
    )
    return made is not None and made.detail.get("op") in _TURNING and _SAID.search(source_line(run, made.line)) is not None


def _taken(run: RecordedRun, event: Event) -> bool:
    """Whether an event cuts samples out along the first dimension: x[order], x[i : i + n], a batch of a loader."""
    if event.detail.get("op") in ("index", "index_select", "slice", "narrow", "split") and event.reads and event.reads[0].value >= 0:
        inner, outer = (run.recording.form(ref.value)[0] for ref in (event.writes[0], event.reads[0]))
        return len(inner) == len(outer) and inner[1:] == outer[1:] and inner[0] < outer[0]
    return event.kind == Kind.CREATE_LEAF and source_line(run, event.line).lstrip().startswith("for ")


def reduced_over_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """A mean over dimension 0 of (batch, words, features), where the batch has as many samples as a sentence words; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _REDUCING):
        dims = (event.detail.get("params") or {}).get("dim")
        shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        if site.index not in trace.fired or dims not in (0, [0]) or len(shape) < 3 or shape[0] != shape[1] or shape[0] < 3:
            continue
        taken = samples_first(run, shape[:2], event.index)
        if taken is None or not event.writes or recording.form(event.writes[0].value)[0][0] != shape[0]:
            continue
        yield Alarm(
            "reduced over the batch", Severity.WARNING, "the samples are taken together",
            f"{site.op} in line {site.line} goes over dimension 0 of shape {tuple(shape)}, and the samples stand there: line {taken.line} takes them along it. What is left has a row for each of the {shape[1]} places, and "
            "each is made of all samples; it fits only because the batch has as many samples as each has places.",
            "Reduce along dimension 1.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def along_the_features(run: RecordedRun) -> Iterator[Alarm]:
    """A number for each sample, table[t], that meets a square batch (N, N): it is laid along the features; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"mul", "div", "add", "sub"})):
        if len(event.reads) != 2 or min(ref.value for ref in event.reads) < 0:
            continue
        forms = [recording.form(ref.value)[0] for ref in event.reads]
        lone = next((k for k in (0, 1) if len(forms[k]) == 1 and forms[1 - k] == forms[k] * 2 and forms[k][0] > 2), -1)
        looked = _looked_up(run, event.reads[lone], event) if lone >= 0 else None
        if looked is None or not _anew(run, looked) or samples_first(run, forms[1 - lone], event.index) is None:
            continue
        name = name_of(trace, trace.producer(event.reads[lone].location, event.index), event.index)
        n = forms[lone][0]
        yield Alarm(
            "along the features", Severity.WARNING, "a number for each sample, along the features",
            f"{name} has a number for each of {n} samples (line {looked.line} looks them up), and line {site.line} combines it with shape ({n}, {n}): dimensions are matched from the last one on, so sample 3 does not get number "
            "3, but feature 3 of each sample does. It fits only because there are as many samples as features.",
            "Make it a column: a[t].unsqueeze(1), or .view(-1, 1).", event.index, (site.index, looked.site), len(trace.made[site.index]), looked.line,
        )  # fmt: skip
        return


def _anew(run: RecordedRun, looked: Event) -> bool:
    """Whether each turn looks up other numbers: those of features are the same each time."""
    values = [run.trace.event(int(row)).writes[0].value for row in run.trace.made[looked.site][:_FAR]]
    arrays = [array.tobytes() for value in values if value >= 0 and (array := run.recording.array(value)) is not None]
    return len(set(arrays)) > 1


def _looked_up(run: RecordedRun, ref: Ref, at: Event) -> Event | None:
    """The index into a table that gave a number for each sample, behind sums and functions that keep each where it is."""
    event = maker(run, ref, at.index)
    for _ in range(_FAR):
        if event is None or not event.reads:
            return None
        key = (event.detail.get("params") or {}).get("key")
        if event.detail.get("op") == "index" and isinstance(key, list) and len(key) == 1 and str(key[0]).startswith("array"):
            before = run.recording.form(event.reads[0].value)[0] if event.reads[0].value >= 0 else ()
            return event if len(before) == 1 else None
        if event.detail.get("op") not in _MATHS or len(event.reads) != 1:
            return None
        event = maker(run, event.reads[0], event.index)
    return None


def positions_along_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """x + pe[: x.size(0)] of (samples, places, features): the rows of a table of places, laid along the samples; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"add"})):
        if site.index not in trace.fired or len(event.reads) != 2 or min(ref.value for ref in event.reads) < 0:
            continue
        for x, rows in (event.reads, event.reads[::-1]):
            shape, laid = (recording.form(ref.value)[0] for ref in (x, rows))
            if len(shape) != 3 or laid != (shape[0], 1, shape[2]) or shape[0] < 3 or shape[1] < 2:
                continue
            first, table = _first_rows(run, rows, event)
            taken = samples_first(run, shape[:2], event.index) if first is not None else None
            if first is None or taken is None:
                continue
            yield Alarm(
                "positions of samples", Severity.WARNING, "the samples get positions, and the places none",
                f"Line {site.line} adds the first {shape[0]} rows of a table of {table} to shape {tuple(shape)}, along dimension 0, where the samples stand (line {taken.line} takes them so): sample number 3 gets row 3 at all of "
                f"its {shape[1]} places, and no place is told from another.",
                f"Take a row for each place, and lay them along dimension 1: table[: x.size(1)], of shape (1, {shape[1]}, {shape[2]}).", event.index, (site.index,), len(trace.made[site.index]), site.line,
            )  # fmt: skip
            return


def _first_rows(run: RecordedRun, ref: Ref, at: Event) -> tuple[Event | None, int]:
    """What took the first rows of a longer table, in each turn the same ones, and how many the table has."""
    event = maker(run, ref, at.index)
    for _ in range(_FAR):
        if event is None or event.detail.get("op") not in ("unsqueeze", "view", "transpose", "expand", "_to_copy", "dropout"):
            break
        event = maker(run, event.reads[0], event.index)
    if event is None or event.detail.get("op") not in ("slice", "index", "embedding") or not event.reads:
        return None, 0
    rows = 0
    for row in run.trace.made[event.site][:_FAR]:
        each = run.trace.event(int(row))
        table, taken = (run.recording.array(one.value) if one.value >= 0 else None for one in (each.reads[0], each.writes[0]))
        if table is None or taken is None or table.ndim != taken.ndim or len(taken) >= len(table) or (taken != table[: len(taken)]).any():
            return None, 0
        rows = len(table)
    return event, rows

"""Information that is lost before anything learns: data that a line makes all alike, comparisons that can never hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...script.syntax import syntax_tree, walk
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, readers
from .inputs import learned_from

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_MAPPING = frozenset({"div", "floor_divide", "_to_copy", "round", "floor", "trunc", "clamp", "remainder", "sub"})
_WHOLE = frozenset({"int8", "int16", "int32", "int64", "uint8"})
_LOOKED_AT = 40
_LEAST = 8  # elements
_TURNS = 3
_CLEARED = 400
_BATCH = re.compile(r"^\s*(?:async\s+)?for\b.*\bin\b")


def made_alike(run: RecordedRun) -> Iterator[Alarm]:
    """Data that vary and come out of a line as one and the same number: fractions that are cut to whole numbers, a division by itself; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, _MAPPING):
        made = trace.made[site.index]
        if site.index in trace.fired or not all(_all_one(run, trace.event(int(row))) for row in made[:_LOOKED_AT]):
            continue
        if site.op == "sub" and not learned_from(run, event):
            continue  # a difference that is looked at
        number = _number(run, event)
        given = name_of(trace, trace.producer(event.reads[0].location, event.index), event.index)
        why = (
            "all of them lie beyond its limits" if site.op == "clamp"
            else "whole numbers keep nothing of a fraction" if (event.detail.get("params") or {}).get("dtype") in _WHOLE or site.op not in ("div", "sub")
            else "each number is divided by itself, as a maximum or sum over a dimension of size 1 is" if site.op == "div"
            else "each number is taken from itself, as a mean over a dimension of size 1 is"
        )  # fmt: skip
        advice = "Look at what this line is to do: along which dimension it reduces, and whether it comes before or after the scaling."
        yield Alarm(
            "made alike", Severity.WARNING, "all the data become one number",
            f"{given} varies, and {site.op} in line {site.line} makes {number:g} of each of its {_size(run, event)} elements: {why}. Nothing of what they said is left.",
            "Look at the limits, and at the size of what goes in." if site.op == "clamp" else advice,
            event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _all_one(run: RecordedRun, event: Event) -> bool:
    """Whether numbers that differ went into an op of no gradient, element by element, and come out as one number."""
    if not event.reads or not event.writes or min(event.reads[0].value, event.writes[0].value) < 0:
        return False
    before, after = run.recording.stats(event.reads[0].value), run.recording.stats(event.writes[0].value)
    if after.dtype == "bool" or before.dtype == "bool" or before.shape != after.shape or int(np.prod(after.shape)) < _LEAST:
        return False
    if event.detail.get("op") == "_to_copy" and (after.dtype not in _WHOLE or not before.dtype.startswith("float")):
        return False
    if before.nans or after.nans or after.infs:
        return False
    return bool(before.maximum > before.minimum and after.maximum == after.minimum)


def _number(run: RecordedRun, event: Event) -> float:
    return float(run.recording.stats(event.writes[0].value).maximum)


def _size(run: RecordedRun, event: Event) -> int:
    return int(np.prod(run.recording.stats(event.writes[0].value).shape))


def empty_batches(run: RecordedRun) -> Iterator[Alarm]:
    """Batches of a loader that hold one and the same number in all their elements, in each turn; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.role != "leaf" or len(made) < _TURNS or not _BATCH.match(source_line(run, site.line)):
            continue
        stats = [recording.stats(ref.value) for row in made[:_LOOKED_AT] for ref in trace.event(int(row)).writes[:1] if ref.value >= 0]
        if len(stats) < _TURNS or any(
            len(one.shape) < 2 or np.prod(one.shape[1:]) < _LEAST or not one.dtype.startswith("float") for one in stats
        ):
            continue
        if len({(one.minimum, one.maximum) for one in stats}) > 1 or stats[0].minimum != stats[0].maximum:
            continue
        first = trace.event(int(made[0]))
        if not any(trace.event(int(row)).site in trace.fired for row in recording.reads_of(first.writes[0].location)[:_LOOKED_AT]):
            continue
        line = _whole_division(run)
        why = f" Line {line} divides whole numbers with //, and leaves no fraction." if line else ""
        yield Alarm(
            "made alike", Severity.WARNING, "all the data are one number",
            f"{node_title(trace, site)} (line {site.line}) holds {stats[0].minimum:g} in each of its {int(np.prod(stats[0].shape))} elements, in each of {len(made)} batches: the model is given nothing to tell "
            f"the samples apart.{why}",
            "Look at what the dataset does to its numbers: a division of whole numbers, a conversion, a scaling." if not line else "Convert first, and divide with /: image.float() / 255.",
            first.index, (site.index,), len(made), line or site.line,
        )  # fmt: skip
        return


def _whole_division(run: RecordedRun) -> int:
    """The only line that divides by a large number with //, 0 for none."""
    lines = {
        node.lineno for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) and isinstance(node.right, ast.Constant) and node.right.value in (127, 128, 255, 256)
    }  # fmt: skip
    return lines.pop() if len(lines) == 1 else 0


def never_equal(run: RecordedRun) -> Iterator[Alarm]:
    """Numbers with fractions that are asked whether they equal whole numbers, and never do: the largest value in the place of its index; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"eq"})):
        made = trace.made[site.index]
        sides = event.reads[:2]
        if len(sides) < 2 or min(ref.value for ref in sides) < 0:
            continue
        fraction = next((k for k, ref in enumerate(sides) if _fractions(run, ref)), -1)
        if fraction < 0 or not all(_apart(run, trace.event(int(row)), fraction) for row in made[:_LOOKED_AT]):
            continue
        source = behind(run, sides[fraction], event.index)
        taken = source is not None and source.detail.get("op") in ("max", "topk", "sort", "min") and source.line > 0
        names = [name_of(trace, trace.producer(ref.location, event.index), event.index) for ref in sides]
        line = source.line if source is not None and taken else site.line
        how = (
            f"line {line} gives the largest values first and their places second, and takes the values" if taken
            else f"they are outputs, and the other side holds whole numbers from {recording.stats(sides[1 - fraction].value).minimum:g} to {recording.stats(sides[1 - fraction].value).maximum:g}"
        )  # fmt: skip
        yield Alarm(
            "never equal", Severity.WARNING, "never equal",
            f"Line {site.line} asks whether {names[fraction]} equals {names[1 - fraction]}: one has fractions and the other is whole, so it never does ({len(made)} times out of {len(made)}). In fact {how}.",
            "Compare classes with classes: the second result of max(), or argmax(dim=1); of probabilities (p > 0.5).", event.index, (site.index,), len(made), line,
        )  # fmt: skip
        return


def _fractions(run: RecordedRun, ref: Ref) -> bool:
    array = run.recording.array(ref.value) if run.recording.form(ref.value)[1].startswith("float") else None
    return array is not None and array.size >= _LEAST and float((array != np.round(array)).mean()) > 0.9


def _apart(run: RecordedRun, event: Event, fraction: int) -> bool:
    if len(event.reads) < 2 or not event.writes or min(*(ref.value for ref in event.reads[:2]), event.writes[0].value) < 0:
        return False
    whole = run.recording.array(event.reads[1 - fraction].value)
    equal = run.recording.array(event.writes[0].value)
    one = run.recording.array(event.reads[fraction].value)
    return (
        whole is not None
        and equal is not None
        and one is not None
        and bool((whole == np.round(whole)).all() and float((one != np.round(one)).mean()) > 0.5 and not equal.any())
    )


def read_after_clearing(run: RecordedRun) -> Iterator[Alarm]:
    """An op that reads a `.grad` which was set to 0 since the last backward(): it computes with zeros; one alarm."""
    trace, recording = run.trace, run.recording
    for row in np.flatnonzero(run.columns.kind == int(Kind.ZERO_GRAD))[:_CLEARED].tolist():
        event = trace.event(row)
        for ref in event.writes:
            filled = trace.last_write(ref.location, row - 1)
            brought = trace.event(filled) if filled is not None else None
            if ref.value < 0 or brought is None or brought.kind != Kind.ACCUMULATE or not recording.stats(brought.writes[0].value).max_abs:
                continue
            reader = _next_reader(run, ref.value, row)
            if reader is None or not _used(run, reader):
                continue  # it is only looked at
            site = trace.site_of_tensor(trace.tensor_of(ref.location))
            name = node_title(trace, recording.sites[site]) if site >= 0 else "the tensor"
            yield Alarm(
                "read after clearing", Severity.WARNING, "a gradient that was cleared",
                f"Line {event.line} sets {name}.grad to 0, and line {reader.line} computes with it: what backward() in line {brought.line} brought is gone, and nothing but zeros is used.",
                "Clear it after it was used, before the next backward().", reader.index, (reader.site,) if reader.site >= 0 else (), 1, event.line,
            )  # fmt: skip
            return


def _used(run: RecordedRun, event: Event) -> bool:
    """Whether a result goes into a model, or changes something in place."""
    waiting = [ref.location for ref in event.writes]
    for location in waiting:
        for reader in readers(run, location, most=8):
            if reader.site in run.trace.fired or reader.kind == Kind.INPLACE_WRITE:
                return True
            if len(waiting) < _LOOKED_AT:
                waiting += [ref.location for ref in reader.writes]
    return False


def _next_reader(run: RecordedRun, value: int, row: int) -> Event | None:
    """The op that reads the numbers of a cleared gradient before the next backward()."""
    for later in range(row + 1, min(row + _LOOKED_AT, run.length)):
        event = run.trace.event(later)
        if event.kind in (Kind.BACKWARD_BEGIN, Kind.ACCUMULATE):
            return None
        if (
            event.kind == Kind.OP
            and event.site >= 0
            and any(ref.value == value and run.trace.last_write(ref.location, later - 1) is None for ref in event.reads)
        ):
            return event
    return None

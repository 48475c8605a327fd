"""Pairs whose sides are brought into two orders: one is repeated row by row, the other as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind
from ..alarm import Alarm, Severity
from ..origin import behind

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_NEAR = 400  # events from a repetition to where the two meet
_MEETING = frozenset({"sub", "add", "mul", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "nll_loss", "cat"})


def repeated_apart(run: RecordedRun) -> Iterator[Alarm]:
    """x.repeat_interleave(K, 0) meets y.repeat(K, 1), of as many rows: row k of one belongs to another row of the other; one alarm."""
    trace, recording = run.trace, run.recording
    whole: list[tuple[Event, int, int]] = []
    single: list[tuple[Event, int, int]] = []
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if len(made) else None
        if event is None or event.kind not in (Kind.OP, Kind.VIEW) or not event.reads or not event.writes:
            continue
        shape, before = _shape(run, event.writes[0].value), _shape(run, event.reads[0].value)
        if site.op == "repeat" and len(shape) == len(before) and shape and shape[1:] == before[1:] and shape[0] > before[0] > 1:
            whole.append((event, before[0], shape[0] // before[0]))
        elif (
            "view" in site.op
            and shape
            and len(before) == len(shape) + 1
            and before[2:] == shape[1:]
            and shape[0] == before[0] * before[1]
            and _stretched(run, event)
        ):
            single.append((event, before[0], before[1]))
    for one, rows, times in whole:
        for other, others, again in single:
            if (rows, times) != (others, again) or rows == times or times < 2:
                continue
            met = _meet(run, one, other, rows * times)
            if met is None:
                continue
            yield Alarm(
                "repeated apart", Severity.WARNING, "two sides of pairs in two orders",
                f"Line {one.line} repeats {rows} rows {times} times as a whole (0, 1, 2, ..., 0, 1, 2, ...), and line {other.line} each row by itself (0, 0, ..., 1, 1, ...): where they meet in line {met.line}, "
                "most rows belong to another one.", f"Repeat both alike: repeat_interleave({times}, dim=0) on both sides.", one.index, (one.site, other.site), 1, one.line,
            )  # fmt: skip
            return


def _stretched(run: RecordedRun, event: Event) -> bool:
    """Whether rows are laid out that expand() has made of one each."""
    made = behind(
        run, event.reads[0], event.index, through=lambda each: bool(each.reads) and each.detail.get("op") in ("clone", "contiguous")
    )
    if made is None or made.detail.get("op") != "expand" or not made.reads:
        return False
    before, after = _shape(run, made.reads[0].value), _shape(run, made.writes[0].value)
    return len(before) == len(after) > 1 and before[1] == 1 < after[1]


def _shape(run: RecordedRun, value: int) -> tuple[int, ...]:
    return tuple(run.recording.form(value)[0]) if value >= 0 else ()


def _meet(run: RecordedRun, one: Event, other: Event, rows: int) -> Event | None:
    """The first op that computes with a row of each of the two, and with each alone until then."""
    sides = {one.writes[0].location: {1}, other.writes[0].location: {2}}
    start = min(one.index, other.index)
    for row in range(start + 1, min(start + _NEAR, run.length)):
        event = run.trace.event(row)
        if event.kind not in (Kind.OP, Kind.VIEW) or not event.writes:
            continue
        found: set[int] = set().union(*(sides.get(ref.location, set()) for ref in event.reads))
        if found and event.detail.get("op") == "nll_loss" and _class_numbers(run, one, event, rows):
            found = found | {1}  # a loss takes class numbers as they are, and reads no location
        if found == {1, 2}:
            return event if event.detail.get("op") in _MEETING else None
        if found and _shape(run, event.writes[0].value)[:1] == (rows,):
            sides[event.writes[0].location] = found
    return None


def _class_numbers(run: RecordedRun, made: Event, loss: Event, rows: int) -> bool:
    """Whether what was repeated are whole numbers, and the last of that size before a loss."""
    for row in range(loss.index - 1, max(loss.index - _NEAR, -1), -1):
        event = run.trace.event(row)
        if (
            event.kind in (Kind.OP, Kind.VIEW, Kind.CREATE_LEAF)
            and event.writes
            and event.writes[0].value >= 0
            and run.recording.form(event.writes[0].value) == ((rows,), "int64")
        ):
            return event.index == made.index
    return False

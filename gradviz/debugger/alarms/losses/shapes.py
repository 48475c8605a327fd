"""Broadcasting that nobody meant: (N, 1) against (N) gives (N, N)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind, Ref
from ...diagnosis.finding import source_line
from ...words.names import name_of
from ..alarm import Alarm, Severity
from ..origin import called, first_calls, maker

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_ELEMENTWISE = frozenset({"sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "eq", "ne"})
_RESHAPING = frozenset({"view", "reshape", "unsafe_view", "_unsafe_view"})
_CHANNELS = frozenset({1, 3, 4})  # of a picture
_WRITTEN = re.compile(r"(view|reshape|unflatten|rearrange|resize)\w*\(")
_SHAPING = ("unsqueeze", "index", "reshape", "view", "getitem", "select")


def _before_expanding(run: RecordedRun, event: Event, ref: Ref) -> tuple[int, ...]:
    """The shape of an operand; losses expand both to one shape first."""
    row = run.trace.last_write(ref.location, event.index - 1)
    made = run.trace.event(row) if row is not None else None
    if made is not None and made.detail.get("op") == "expand" and made.line == event.line and made.reads and made.reads[0].value >= 0:
        return run.recording.form(made.reads[0].value)[0]
    return run.recording.form(ref.value)[0]


def _unexpanded(run: RecordedRun, event: Event, ref: Ref) -> Ref:
    """What the script gave, where a loss has expanded it first."""
    made = maker(run, ref, event.index)
    return made.reads[0] if made is not None and made.detail.get("op") == "expand" and made.line == event.line and made.reads else ref


def _made_a_column(run: RecordedRun, event: Event) -> bool:
    """Whether an operand was made a column in the same line: x[:, None] - x means each against each."""
    for ref in event.reads[:2]:
        row = run.trace.last_write(ref.location, event.index - 1)
        made = run.trace.event(row) if row is not None else None
        if made is not None and made.line == event.line and made.detail.get("op") in _SHAPING:
            return True
    return False


def broadcasts(run: RecordedRun) -> Iterator[Alarm]:
    """Differences and products that are larger than both operands."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in _ELEMENTWISE or not len(made):
            continue
        event = trace.event(int(made[0]))
        if event.kind != Kind.OP or len(event.reads) < 2 or any(ref.value < 0 for ref in event.reads[:2]):
            continue
        a, b = (_before_expanding(run, event, ref) for ref in event.reads[:2])
        if len(a) == len(b) or min(len(a), len(b)) == 0:
            continue
        column, row = (a, b) if len(a) > len(b) else (b, a)
        if len(column) == 2 and len(row) == 1 and column[1] == 1 and column[0] == row[0] and row[0] > 1:
            if _made_a_column(run, event):
                continue
            n = row[0]
            side, which = ("left", event.reads[0]) if column is a else ("right", event.reads[1])
            name = called(run, _unexpanded(run, event, which), event.index)
            yield Alarm(
                "broadcast", Severity.WARNING, "an accidental broadcast",
                f"{site.op} of shapes {a} and {b} in line {site.line} gives {n} x {n} numbers: every element of one meets every element of the other.",
                f"Bring both to one shape: take the column from the {side} one, {name if name.isidentifier() else 'x'}.squeeze(1).", event.index, (site.index,), len(made),
            )  # fmt: skip


def heads_by_a_view(run: RecordedRun) -> Iterator[Alarm]:
    """A view from (batch, places, heads * width) to (batch, heads, places, width): the last dimension is split there, and the places are mixed; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, _RESHAPING):
        if not event.reads or not event.writes or min(event.reads[0].value, event.writes[0].value) < 0 or site.index not in trace.fired:
            continue
        before, after = (tuple(recording.form(ref.value)[0]) for ref in (event.reads[0], event.writes[0]))
        if len(before) < 3 or len(after) != len(before) + 1 or after[:-3] != before[:-2]:
            continue
        heads, places, width = after[-3:]
        if places != before[-2] or heads * width != before[-1] or heads == places or min(heads, places, width) < 2:
            continue
        yield Alarm(
            "heads by a view", Severity.WARNING, "heads are made by a view",
            f"Line {site.line} turns shape {before} into {after} by a view or reshape: the numbers stay in the order in which they are, so a head does not get {width} of the {before[-1]} numbers "
            f"of each place, but those of {places} places mixed.",
            f"Split the last dimension first and exchange then: .view({', '.join(map(str, (*after[:-3], places, heads, width)))}).transpose({len(after) - 3}, {len(after) - 2}).",
            event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _other_order(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, ...]:
    """The order of dimensions that a view was to bring: (0, 3, 1, 2) from pictures with their channels last; () where it is none, or not sure.

    A view of (time, batch, features) as (batch, time * features) wants (1, 0, 2).
    """
    if (
        len(before) == 4
        and len(after) == 4
        and after == (before[0], before[3], before[1], before[2])
        and before[3] in _CHANNELS
        and before[1] not in _CHANNELS
    ):
        return 0, 3, 1, 2
    if (
        len(before) == 3
        and len(after) == 2
        and after == (before[1], before[0] * before[2])
        and before[0] != before[1]
        and before[2] > 1
        and min(before) > 1
    ):
        return 1, 0, 2
    return ()


def _far(before: tuple[int, ...], order: tuple[int, ...]) -> bool:
    """Whether another order of dimensions puts the numbers elsewhere."""
    return tuple(before[k] for k in order) != before


def reshaped_for_transposed(run: RecordedRun) -> Iterator[Alarm]:
    """A view or reshape that exchanges two sizes: the numbers stay in their order, and rows and columns are mixed."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in _RESHAPING or not len(made) or not _WRITTEN.search(source_line(run, site.line)):
            continue  # what a layer of PyTorch does inside is right
        event = trace.event(int(made[0]))
        if not event.reads or not event.writes or min(event.reads[0].value, event.writes[0].value) < 0:
            continue
        before, after = (tuple(recording.form(ref.value)[0]) for ref in (event.reads[0], event.writes[0]))
        order = _other_order(before, after)
        name = name_of(trace, event.site, event.index)
        if order and _far(before, order):
            yield Alarm(
                "reshape", Severity.WARNING, "reshaped, not permuted",
                f"{name} (line {site.line}) turns shape {before} into {after} by a view or reshape: the numbers stay in the order in which they are, and what belongs to one sample or "
                "channel is mixed with others.",
                f"To bring the dimensions into another order: .permute{order}{'' if len(after) == len(order) else f', and then .reshape{after}'}.", event.index, (site.index,), len(made), site.line,
            )  # fmt: skip
            continue
        places = [k for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b]
        if len(before) != len(after) or len(places) != 2 or places[1] != places[0] + 1:
            continue
        first, second = (before[k] for k in places)
        if min(first, second) < 2 or (after[places[0]], after[places[1]]) != (second, first):
            continue
        yield Alarm(
            "reshape", Severity.WARNING, "reshaped, not transposed",
            f"{name} (line {site.line}) turns shape {before} into {after} by a view or reshape: the numbers stay in the order in which they are, "
            "so element [0, 1] of the result is not element [1, 0] of what went in.",
            f"To exchange dimensions {places[0]} and {places[1]}: .transpose({places[0]}, {places[1]}).", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip

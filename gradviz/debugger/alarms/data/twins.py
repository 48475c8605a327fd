"""Two things that should differ and are the same: the sides of a comparison, the pieces of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import name_of
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_LOOKED_AT = 20
_CALLS = 3
_PIECES = 4
_WRITES = 4


def both_sides_alike(run: RecordedRun) -> Iterator[Alarm]:
    """A difference of a tensor and of rows that an index takes out of it, where the rows are those of the same places: always 0; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"sub", "mse_loss", "l1_loss"})):
        made = trace.made[site.index]
        if site.index not in trace.fired or len(made) < _CALLS or len(event.reads) < 2:
            continue
        sides = [behind(run, ref, event.index) for ref in event.reads[:2]]
        taken = next((one for one in sides if one is not None and one.detail.get("op") in ("index", "index_select")), None)
        if taken is None or not taken.reads or all(taken.reads[0].location != ref.location for ref in event.reads[:2]):
            continue
        if not all(_same(run, trace.event(int(row))) for row in made[:_LOOKED_AT]):
            continue
        name = name_of(trace, trace.producer(taken.reads[0].location, taken.index), taken.index)
        yield Alarm(
            "with itself", Severity.WARNING, "compared with itself",
            f"Line {site.line} subtracts from {name} rows that an index takes out of {name} (line {taken.line}), and in each of {len(made)} calls they are the same rows: the difference is 0, and so is its gradient. "
            "Each one has chosen itself: nothing is nearer to a vector than the vector itself.",
            "Take each one out of its own choice before the minimum: distances.fill_diagonal_(float('inf')).", event.index, (site.index, taken.site), len(made), taken.line,
        )  # fmt: skip
        return


def _same(run: RecordedRun, event: Event) -> bool:
    if len(event.reads) < 2 or min(ref.value for ref in event.reads[:2]) < 0:
        return False
    one, two = (run.recording.array(ref.value) for ref in event.reads[:2])
    return one is not None and two is not None and one.shape == two.shape and one.size > 1 and bool((one == two).all() and np.ptp(one) > 0)


def one_living_tensor(run: RecordedRun) -> Iterator[Alarm]:
    """A batch stacked of one tensor many times, which is changed in place all the while: a memory that keeps no copies; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"stack", "cat"})):
        made = trace.made[site.index]
        if len(event.reads) < _PIECES or len({ref.location for ref in event.reads}) > 1:
            continue
        writes = [row for row in trace.writes(event.reads[0].location) if row < event.index]
        changed = [row for row in writes if run.columns.kind[row] == int(Kind.INPLACE_WRITE)]
        if len(changed) < _WRITES or not _grows(run, event.reads[0], changed):
            continue
        line = trace.event(changed[-1]).line
        yield Alarm(
            "one living tensor", Severity.WARNING, "one tensor many times",
            f"Line {site.line} stacks {len(event.reads)} pieces, and all of them are one tensor, which line {line} has changed in place {len(changed)} times: what was kept of each turn is the "
            "latest state of all.",
            "Keep a copy of each: append(state.clone()), or compute a new tensor in the place of changing the old.", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _grows(run: RecordedRun, ref: Ref, changed: list[int]) -> bool:
    """Whether the changes were different numbers, and no gradient ever went into the tensor."""
    values = {run.trace.event(row).writes[0].value for row in changed if run.trace.event(row).writes}
    return len(values) > 1 and not run.trace.requires_grad(ref.location, changed[-1])

"""Two tensors where two were meant, and one memory: an average that is an alias of its parameter, weights that are tied by accident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LOOKED_AT = 20_000


def shared(run: RecordedRun) -> Iterator[Alarm]:
    """In-place writes of the script into an alias of what an optimizer moves, made long before; one alarm."""
    trace, columns = run.trace, run.columns
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    if not len(steps):
        return
    stepped = set(run.recording.first_owners(steps).tolist())
    aliases: dict[int, tuple[int, Event]] = {}
    for row in np.flatnonzero(columns.kind == int(Kind.DETACH))[:_LOOKED_AT].tolist():
        event = trace.event(row)
        if event.reads and event.writes and trace.tensor_of(event.reads[0].location) in stepped:
            aliases[trace.tensor_of(event.writes[0].location)] = trace.tensor_of(event.reads[0].location), event
    writes = np.flatnonzero(columns.kind == int(Kind.INPLACE_WRITE))[:_LOOKED_AT]
    writes = writes[
        np.isin(run.recording.first_owners(writes), list(aliases))
    ]  # opened one by one they take most of a second in a long run
    for row in writes.tolist():
        write = trace.event(row)
        known = aliases.get(trace.tensor_of(write.writes[0].location)) if write.writes else None
        if known is None or known[1].line == write.line or not ((known[1].index < steps) & (steps < row)).any():
            continue
        yield _alarm(run, *known, write)
        return


def tied(run: RecordedRun) -> Iterator[Alarm]:
    """A parameter that was made of another one's detached memory: an optimizer moves one memory by two gradients."""
    trace, columns = run.trace, run.columns
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    stepped = set(run.recording.first_owners(steps).tolist())
    for row in np.flatnonzero(columns.kind == int(Kind.DETACH))[:_LOOKED_AT].tolist():
        detach = trace.event(row)
        born = trace.event(row + 1) if row + 1 < run.length else None
        given = (
            born is not None and born.kind == Kind.INPLACE_WRITE and born.detail.get("op") == "data" and born.reads[:1] == detach.writes[:1]
        )
        if (
            born is None
            or (born.kind != Kind.CREATE_LEAF and not given)
            or born.line != detach.line
            or not (detach.reads and detach.writes and born.writes)
        ):
            continue
        one, other = trace.tensor_of(detach.reads[0].location), trace.tensor_of(born.writes[0].location)
        if one not in stepped or other not in stepped or detach.writes[0].value != born.writes[0].value or detach.writes[0].value < 0:
            continue
        if not _of_one_shape(run, one, other):
            continue
        name, twin = (_name(run, tensor) for tensor in (one, other))
        yield Alarm(
            "shared memory", Severity.WARNING, "two parameters, one memory",
            f"{twin} ({'given in' if given else ''}{' ' if given else ''}line {born.line}) is made of the memory of {name}: two leaves with a gradient each, and one set of numbers, which the optimizer moves "
            "twice in each step.",
            "To tie the weights, use one parameter in both places (b.weight = a.weight); to start from a copy, clone it: nn.Parameter(a.weight.detach().clone()).",
            born.index, tuple(k for k in (trace.site_of_tensor(other), trace.site_of_tensor(one)) if k >= 0), 1, born.line,
        )  # fmt: skip
        return


def one_grad(run: RecordedRun) -> Iterator[Alarm]:
    """One tensor that the script put into the `.grad` of two leaves, and a backward that then adds to it; one alarm."""
    trace, columns = run.trace, run.columns
    holders: dict[int, dict[int, Event]] = {}  # the tensor -> leaf -> where it was assigned
    holds: dict[int, int] = {}
    rows = np.flatnonzero(np.isin(columns.kind, (int(Kind.ASSIGN_GRAD), int(Kind.ZERO_GRAD), int(Kind.ACCUMULATE))))
    if not (columns.kind[rows] == int(Kind.ASSIGN_GRAD)).any():
        return
    for row in rows[:_LOOKED_AT].tolist():
        event = trace.event(row)
        leaf = trace.tensor_of(event.writes[0].location)
        if event.kind == Kind.ACCUMULATE and not event.detail.get("first"):
            sharing = holders.get(holds.get(leaf, -1), {})
            if len(sharing) > 1:
                yield _one_grad(run, list(sharing.items())[-2:], event)
                return
        elif event.kind == Kind.ASSIGN_GRAD:
            holders.get(holds.get(leaf, -1), {}).pop(leaf, None)
            holds[leaf] = trace.tensor_of(event.reads[0].location)
            holders.setdefault(holds[leaf], {})[leaf] = event
        elif event.detail.get("set_to_none") or event.kind == Kind.ACCUMULATE:
            holders.get(holds.pop(leaf, -1), {}).pop(leaf, None)


def _one_grad(run: RecordedRun, sharing: list[tuple[int, Event]], added: Event) -> Alarm:
    (one, _), (other, second) = sharing
    names = [_name(run, tensor) for tensor in (one, other)]
    return Alarm(
        "shared memory", Severity.WARNING, "two leaves, one .grad",
        f"Line {second.line} puts the same tensor into {names[1]}.grad as into {names[0]}.grad: what backward() in line {added.line} adds for one leaf stands "
        "in the .grad of the other, too.",
        "Give each leaf a tensor of its own: .clone(), or torch.zeros_like(leaf); or leave .grad None, and backward makes it.",
        second.index, tuple(k for k in map(run.trace.site_of_tensor, (other, one)) if k >= 0), 1, second.line,
    )  # fmt: skip


def _of_one_shape(run: RecordedRun, one: int, other: int) -> bool:
    trace, recording = run.trace, run.recording
    last = [trace.event(rows[-1]) for t in (one, other) if (rows := trace.writes(trace.location("val", t)))]
    arrays = [recording.array(event.writes[0].value) for event in last if event.writes[0].value >= 0]
    return len(arrays) == 2 and arrays[0] is not None and arrays[1] is not None and arrays[0].shape == arrays[1].shape


def _name(run: RecordedRun, tensor: int) -> str:
    site = run.trace.site_of_tensor(tensor)
    return node_title(run.trace, run.recording.sites[site]) if site >= 0 else "a parameter"


def _alarm(run: RecordedRun, tensor: int, alias: Event, write: Event) -> Alarm:
    name = _name(run, tensor)
    site = run.trace.site_of_tensor(tensor)
    return Alarm(
        "shared memory", Severity.WARNING, "a copy that is none",
        f"Line {alias.line} makes no copy of {name} but another name for its memory: the in-place {write.detail.get('op', 'write')} in line {write.line} "
        f"changes {name} itself, which the optimizer trains.",
        "Copy the numbers: .detach().clone() (or copy.deepcopy of the whole module).", write.index, (site,) if site >= 0 else (), 1, alias.line,
    )  # fmt: skip


def compared_with_its_alias(run: RecordedRun) -> Iterator[Alarm]:
    """The difference of a parameter and what was to be its copy from before, and is another name for its memory: it is 0; one alarm."""
    trace, columns = run.trace, run.columns
    steps = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    for site, _ in first_calls(run, frozenset({"sub", "mse_loss"})):
        made = trace.made[site.index]
        last = trace.event(int(made[-1]))
        for one, other in (last.reads[:2], last.reads[1::-1]) if len(last.reads) > 1 and site.index in trace.fired else ():
            row = trace.last_write(other.location, last.index - 1)
            alias = trace.event(row) if row is not None else None
            if alias is None or alias.kind != Kind.DETACH or alias.reads[0].location != one.location:
                continue
            between = steps[(steps > alias.index) & (steps < last.index)]
            name = _name(run, trace.tensor_of(one.location))
            if not len(between) or trace.site_of_tensor(trace.tensor_of(one.location)) < 0:
                continue
            yield Alarm(
                "shared memory", Severity.WARNING, "a copy that is none",
                f"Line {alias.line} makes no copy of {name} but another name for its memory: the steps change both, and what line {site.line} takes the difference of is the same number in every turn.",
                "Copy the numbers: .detach().clone() (or copy.deepcopy of the whole module).", last.index, (site.index,), len(made), alias.line,
            )  # fmt: skip
            return

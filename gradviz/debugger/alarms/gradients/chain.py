"""The way of a gradient from the start of backward to a leaf, and which layer on it makes it small or large."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind, Ref, Site
from ...words.layers import layer_words

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun
    from ...trace.trace import Trace

_LONGEST = 5_000  # nodes of a way that are looked at, from the leaf on
_SHARE = 0.5  # of the whole change that one layer must have made to be the cause alone
_BY_WHAT_GOES_IN = frozenset({"pow", "square", "mul", "mse_loss", "smooth_l1_loss", "exp", "prod"})  # the slope grows with the input
_PRODUCTS = frozenset({"mm", "addmm", "matmul", "bmm", "linear"})  # for the factor that is a parameter


@dataclass(frozen=True, slots=True)
class Fire:
    """A node of the way as it fired: the norm of the gradient that came in, and of the one that went on towards the leaf."""

    event: Event
    site: Site
    before: float
    after: float

    @property
    def change(self) -> float:
        """The change of the norm in powers of ten, negative where it shrinks."""
        return log10(self.after / self.before) if self.before > 0 and self.after > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """The layer that changes the gradient most.

    Attributes:
        fire: where it fired and changed most.
        sentence: what it does to the gradient, with its name and line.
    """

    fire: Fire
    sentence: str


def way_to(run: RecordedRun, arrival: int) -> list[Fire]:
    """The nodes that a leaf's gradient came through, the first to fire first; where several ways meet, the one that brought most."""
    trace, pass_ = run.trace, int(run.columns.pass_[arrival])
    call, before = trace.event(arrival).call, arrival
    found: list[Fire] = []
    while len(found) < _LONGEST:
        rows = [row for row in trace.rows_of_call(call).arrivals if row <= before and int(run.columns.pass_[row]) == pass_]
        brought = [event for event in map(trace.event, rows) if event.kind == Kind.DELIVER and event.site >= 0]
        if not brought:
            break
        most = max(brought, key=lambda event: trace.norm(event.reads[0].value))
        fires = [row for row in trace.rows_of_call(most.call).fires if row <= most.index]
        if not fires:
            break
        fired = trace.event(fires[-1])
        into = trace.norm(fired.reads[0].value) if fired.reads else 0.0
        found.append(Fire(fired, run.recording.sites[fired.site], into, trace.norm(most.reads[0].value)))
        call, before = most.call, fires[-1]
    return found[::-1]


def cause_of(run: RecordedRun, arrival: int, *, shrinks: bool) -> Cause | None:
    """The layer that makes the gradient of a leaf small (or large); None where nothing on its way changes it so.

    The same op in the same line is one layer or many of a kind (a loop, a Sequential): they are weighed together. A slope that is large
    because of what goes in (that of a square, of a product for its factor) has its cause in the forward, where that grew.
    """
    sign = -1 if shrinks else 1
    way = way_to(run, arrival)
    found = _heaviest(way, sign)
    if found is None:
        return None
    fires, weight, whole = found
    worst = max(fires, key=lambda fire: sign * fire.change)
    most = "" if weight >= _SHARE * whole else f" It {'shrinks' if shrinks else 'grows'} elsewhere too: this is the largest part."
    words = _told(run, fires, worst, "shrinks" if shrinks else "grows")
    at_leaf = worst is next((fire for fire in reversed(way) if fire.site.role != "view"), None)
    if not shrinks and (worst.site.op in _BY_WHAT_GOES_IN or (at_leaf and worst.site.op in _PRODUCTS)):
        grown = _heaviest(_forward_way(run, worst), 1)
        if grown is not None and grown[1] >= _SHARE * worst.change:
            layer = max(grown[0], key=lambda fire: fire.change)
            values = _told(run, grown[0], layer, "grows").removeprefix(" It grows")
            line = f" (line {worst.site.line})"
            return Cause(layer, f" The slope of {worst.site.op}{line} is large because its input is: the values grow{values}")
    return Cause(worst, f"{words}{most}")


def _heaviest(way: list[Fire], sign: int) -> tuple[list[Fire], float, float] | None:
    """The nodes of one line and op that change a norm most in a direction, by how much, and how much all do that change it so."""
    together: dict[tuple[int, str], list[Fire]] = {}
    for fire in way:
        together.setdefault((fire.site.line, fire.site.op), []).append(fire)
    weights = {key: sign * sum(fire.change for fire in fires) for key, fires in together.items()}
    if not weights or max(weights.values()) <= 0:
        return None
    key = max(weights, key=lambda each: weights[each])
    return together[key], weights[key], sum(weight for weight in weights.values() if weight > 0)


def _forward_way(run: RecordedRun, fire: Fire) -> list[Fire]:
    """The ops that the input of a node came through, the first to run first, with the norms of what went in and came out."""
    trace = run.trace
    row = trace.latest_made(fire.event.site, fire.event.index)
    found: list[Fire] = []
    event = trace.event(row) if row is not None else None
    while event is not None and len(found) < _LONGEST:
        computed = [(ref, made) for ref in event.reads if (made := _maker(trace, ref, event.index)) is not None]
        if not computed:
            break
        ref, event = max(computed, key=lambda pair: trace.norm(pair[0].value))
        inputs = [trace.norm(each.value) for each in event.reads if _maker(trace, each, event.index) is not None]
        inputs = inputs or [trace.norm(each.value) for each in event.reads[:1]]
        found.append(Fire(event, run.recording.sites[event.site], max(inputs, default=0.0), trace.norm(ref.value)))
    return found[::-1]


def _maker(trace: Trace, ref: Ref, at: int) -> Event | None:
    """The op that computed what was read; None for a leaf and for a view of one."""
    site = trace.producer(ref.location, at)
    row = trace.latest_made(site, at - 1) if site >= 0 else None
    event = trace.event(row) if row is not None else None
    if event is None or event.kind == Kind.CREATE_LEAF or not event.reads:
        return None
    if event.kind == Kind.VIEW:
        return event if _maker(trace, event.reads[0], event.index) is not None else None
    return event


def _told(run: RecordedRun, fires: list[Fire], worst: Fire, verb: str) -> str:
    line, name = worst.site.line, layer_words(run.trace, worst.event)
    if len(fires) == 1:
        return f" It {verb} in {name} (line {line}): from {worst.before:.2g} to {worst.after:.2g}."
    first, last = fires[0], fires[-1]
    return (
        f" It {verb} in the {len(fires)} {worst.site.op} of line {line}, from {first.before:.2g} before the first to {last.after:.2g} "
        f"behind the last; most in {name}, from {worst.before:.2g} to {worst.after:.2g}."
    )

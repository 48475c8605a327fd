"""All alarms of a recording, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..graph import node_title
from . import (
    adversaries,
    comparisons,
    copies,
    diverging,
    evaluation,
    flow,
    functions,
    hidden_writes,
    kinks,
    losses,
    lost_ways,
    memory,
    names,
    numbers,
    optimizing,
    policies,
    ranges,
    sequences,
    shapes,
    structure,
    terms,
    training,
    units,
)  # fmt: skip
from .alarm import Alarm, Thresholds

if TYPE_CHECKING:
    from ..session import Session

_ALONE = 2  # alarms of a kind that are told one by one
_NAMED = 4  # others that are named
_TURN = 512  # rows that are opened in one turn: some 5 ms


# What each family says, in the order in which they are asked.
_FAMILIES: tuple[Callable[[Session, Thresholds], Iterable[Alarm]], ...] = (
    lambda session, _: numbers.born(session),
    flow.sizes,
    lambda session, _: flow.unreached(session),
    training.steps,
    training.first_loss,
    lambda session, _: shapes.broadcasts(session),
    lambda session, _: shapes.reshaped_for_transposed(session),
    units.asleep,
    lambda session, _: names.lost_leaves(session),
    lambda session, _: hidden_writes.behind_autograd(session),
    lambda session, _: optimizing.given(session),
    lambda session, _: losses.twice_squashed(session),
    lambda session, _: losses.growing(session),
    lambda session, _: comparisons.exchanged(session),
    lambda session, _: comparisons.one_for_all(session),
    lambda session, _: comparisons.cut_targets(session),
    lambda session, _: comparisons.falling(session),
    lambda session, _: kinks.kinks(session),
    lambda session, _: evaluation.training_layers(session),
    lambda session, _: structure.alike(session),
    lambda session, _: structure.linear_on_linear(session),
    lambda session, _: structure.over_the_batch(session),
    lambda session, _: structure.mixed_by_columns(session),
    lambda session, _: structure.moving_targets(session),
    lambda session, _: policies.leaking_advantages(session),
    lambda session, _: lost_ways.drawn(session),
    lambda session, _: lost_ways.cut_states(session),
    lambda session, _: copies.left_behind(session),
    lambda session, _: copies.leaf_for_a_root(session),
    lambda session, _: ranges.of_one(session),
    lambda session, _: ranges.beyond_the_ends(session),
    lambda session, _: ranges.beyond_the_loss(session),
    lambda session, _: sequences.samples_as_time(session),
    lambda session, _: adversaries.gradient_of_the_other(session),
    lambda session, _: diverging.learning_rates(session),
    lambda session, _: memory.shared(session),
    lambda session, _: memory.tied(session),
    lambda session, _: memory.one_grad(session),
    lambda session, _: terms.constant(session),
    lambda session, _: functions.wrong(session),
)


def find_alarms(session: Session, thresholds: Thresholds | None = None) -> tuple[Alarm, ...]:
    """What looks wrong, the worst and then the earliest first."""
    search = searching(session, thresholds)
    while True:
        try:
            next(search)
        except StopIteration as done:
            found: tuple[Alarm, ...] = done.value
            return found


def searching(session: Session, thresholds: Thresholds | None = None) -> Generator[None, None, tuple[Alarm, ...]]:
    """As `find_alarms`, a family of alarms at a time: a window stays awake between them."""
    limits = thresholds or Thresholds()
    found: list[Alarm] = []
    bindings = np.flatnonzero(session.columns.kind == int(Kind.BIND_NAME))[: names.LOOKED_AT].astype(np.int64)
    for start in range(0, len(bindings), _TURN):  # opened at once they would hold up the window: a long loop has thousands
        session.trace.open(bindings[start : start + _TURN])
        yield
    for family in _FAMILIES if session.length else ():
        found += family(session, limits)
        yield
    return tuple(sorted(_together(session, found), key=lambda alarm: (-alarm.severity, alarm.event)))


def _together(session: Session, found: list[Alarm]) -> list[Alarm]:
    """Of many alarms of a kind (every parameter of a model) the first speaks, and names the others."""
    kinds: dict[str, list[Alarm]] = {}
    for alarm in found:
        kinds.setdefault(alarm.kind, []).append(alarm)
    merged = []
    for alarms in kinds.values():
        if len(alarms) <= _ALONE and len({alarm.event for alarm in alarms}) == len(alarms):
            merged += alarms
            continue
        first, *rest = sorted(alarms, key=lambda alarm: alarm.event)
        others = [alarm.subject if alarm.subject >= 0 else alarm.nodes[0] for alarm in rest if alarm.nodes]
        spoken = first.subject if first.subject >= 0 else (*first.nodes, -1)[0]
        names = _told_apart(session, [node for node in dict.fromkeys(others) if node != spoken], spoken)
        listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        nodes = tuple(dict.fromkeys(node for alarm in (first, *rest) for node in alarm.nodes))
        sentence = f"{first.sentence} The same goes for {listed}." if listed else first.sentence
        merged.append(replace(first, sentence=sentence, nodes=nodes, count=sum(alarm.count for alarm in alarms)))
    return merged


def _told_apart(session: Session, nodes: list[int], spoken: int) -> list[str]:
    """The names of nodes, with their lines where another of them, or the one that was spoken of, is called the same."""
    sites = session.recording.sites
    titles = {node: node_title(session.trace, sites[node]) for node in (*nodes, *((spoken,) if spoken >= 0 else ()))}
    same = Counter(titles.values())
    return list(dict.fromkeys(f"{titles[n]} (line {sites[n].line})" if same[titles[n]] > 1 and sites[n].line else titles[n] for n in nodes))

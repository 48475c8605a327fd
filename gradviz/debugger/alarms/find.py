"""All alarms of a recording, the worst first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..graph import node_title
from . import (
    diverging,
    evaluation,
    flow,
    functions,
    hidden_writes,
    kinks,
    losses,
    memory,
    names,
    numbers,
    optimizing,
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


def find_alarms(session: Session, thresholds: Thresholds | None = None) -> tuple[Alarm, ...]:
    """What looks wrong, the worst and then the earliest first."""
    limits = thresholds or Thresholds()
    if not session.length:
        return ()
    found = [
        *numbers.born(session),
        *flow.sizes(session, limits),
        *flow.unreached(session),
        *training.steps(session, limits),
        *training.first_loss(session, limits),
        *shapes.broadcasts(session),
        *units.asleep(session, limits),
        *names.lost_leaves(session),
        *hidden_writes.behind_autograd(session),
        *optimizing.given(session),
        *losses.twice_squashed(session),
        *losses.growing(session),
        *kinks.kinks(session),
        *evaluation.training_layers(session),
        *structure.alike(session),
        *structure.linear_on_linear(session),
        *structure.over_the_batch(session),
        *structure.moving_targets(session),
        *diverging.learning_rates(session),
        *memory.shared(session),
        *memory.tied(session),
        *terms.constant(session),
        *functions.wrong(session),
    ]
    return tuple(sorted(_together(session, found), key=lambda alarm: (-alarm.severity, alarm.event)))


def _together(session: Session, found: list[Alarm]) -> list[Alarm]:
    """Of many alarms of a kind (every parameter of a model) the first speaks, and names the others."""
    kinds: dict[str, list[Alarm]] = {}
    for alarm in found:
        kinds.setdefault(alarm.kind, []).append(alarm)
    merged = []
    for alarms in kinds.values():
        if len(alarms) <= _ALONE:
            merged += alarms
            continue
        first, *rest = sorted(alarms, key=lambda alarm: alarm.event)
        names = [node_title(session.trace, session.recording.sites[alarm.nodes[0]]) for alarm in rest if alarm.nodes]
        listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        nodes = tuple(dict.fromkeys(node for alarm in (first, *rest) for node in alarm.nodes))
        sentence = f"{first.sentence} The same goes for {listed}."
        merged.append(replace(first, sentence=sentence, nodes=nodes, count=sum(alarm.count for alarm in alarms)))
    return merged

"""Between two fires of backward nodes: which rule the node at the cursor will apply, and where a node fires next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from ..words.names import name_of

if TYPE_CHECKING:
    from ..session import Session


@dataclass(frozen=True, slots=True)
class Rule:
    """The gradient of one input as the node's row in the engine writes it, in LaTeX and in plain letters."""

    input_name: str
    formula: str
    plain: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is to be said where no backward node fires.

    Attributes:
        caption: what happened at the cursor.
        words: what it means for backward.
        rules: of the node that ran here; () where none did, or it has no history.
        fires: the event at which that node fires, -1 for none.
        before, after: the nearest fires of any node around the cursor, -1 for none.
    """

    caption: str
    words: str
    rules: tuple[Rule, ...]
    fires: int
    before: int
    after: int


def latest_fire(session: Session) -> int:
    """The node that fired last in the backward pass around the cursor, -1 outside of one."""
    position = session.position
    if position < 0 or not session.frames.in_backward(position):
        return -1
    fires = session.trace.fires
    number = int(np.searchsorted(fires, position, side="right"))
    same = number > 0 and session.columns.pass_[fires[number - 1]] == session.columns.pass_[position]
    return int(fires[number - 1]) if same else -1


def upcoming(session: Session) -> Upcoming:
    """What can be said at the cursor of the backward that is to come."""
    event, fires = session.event, session.trace.fires
    number = int(np.searchsorted(fires, session.position, side="right"))
    before = int(fires[number - 1]) if number else -1
    after = int(fires[number]) if number < len(fires) else -1
    if event is None:
        return Upcoming("Nothing has run yet.", "", (), -1, before, after)
    caption = session.moment().caption
    if event.call < 0 or event.kind not in (Kind.OP, Kind.VIEW, Kind.INPLACE_WRITE, Kind.SAVE, Kind.DETACH):
        return Upcoming(caption, "", (), -1, before, after)
    name, trace = name_of(session.trace, event.site, event.index), session.trace
    own = [row for row in trace.rows_of_call(event.call).fires if row > event.index]
    site = session.recording.sites[event.site]
    if not site.grad_fn or not trace.has_history(trace.event(trace.rows_of_call(event.call).made[0])):
        return Upcoming(caption, f"{name} has no history: backward does not come here.", (), -1, before, after)
    rules = _rules(session, event.site, event.call)
    words = f"{site.grad_fn} of {name} is never asked for a gradient" + ("; it would do this" if rules else ".")
    if own:
        words = (
            f"What {site.grad_fn} of {name} does when its turn comes" if rules else f"{site.grad_fn} of {name} runs when its turn comes."
        )
    return Upcoming(caption, words, rules, own[0] if own else -1, before, after)


def _rules(session: Session, site_number: int, call: int) -> tuple[Rule, ...]:
    from ..words.mathtext import plain_text
    from .engine_rows import row_of

    site, trace = session.recording.sites[site_number], session.trace
    made = trace.event(trace.rows_of_call(call).made[0])
    row = row_of(str(made.detail.get("op") or site.op), site.grad_fn)
    if row is None:
        return ()
    found: list[Rule] = []
    ports = made.detail.get("ports") or range(len(made.reads))
    for port, ref in zip(ports, made.reads, strict=False):
        if not row.formulas or not trace.requires_grad(ref.location, made.index):
            continue
        source = trace.producer(ref.location, made.index)
        formula = row.formulas[min(int(port), len(row.formulas) - 1)]
        title = name_of(trace, source, made.index) if source >= 0 else row.inputs[int(port)]
        if formula not in [rule.formula for rule in found]:
            found.append(Rule(title, formula, plain_text(formula)))
    return tuple(found)

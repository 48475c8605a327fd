"""Where a recording computes its loss: the events that backward passes began from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..recording.event import Kind

if TYPE_CHECKING:
    from ..debugger.session import Session


def loss_events(session: Session) -> tuple[int, ...]:
    """For each backward pass from a scalar, the event that computed the scalar."""
    trace, found = session.trace, []
    for row in session.recording.events_of_kind(Kind.BACKWARD_BEGIN).tolist():
        reads = trace.event(row).reads
        if len(reads) != 1:
            continue
        made = trace.last_write(reads[0].location, row)
        if made is None or reads[0].value < 0:
            continue
        shape, _ = session.recording.form(reads[0].value)
        if not any(n != 1 for n in shape):
            found.append(made)
    return tuple(found)


def training_losses(session: Session, position: int | None = None) -> tuple[int, ...]:
    """The losses of a training loop: of the one that a moment stands in, else of the place that computed most of them."""
    events = loss_events(session)
    sites = [session.trace.event(event).site for event in events]
    if not sites:
        return ()
    chosen = max(sites, key=sites.count)
    if position is not None:
        behind = [site for event, site in zip(events, sites, strict=True) if event <= position and sites.count(site) > 1]
        chosen = behind[-1] if behind else chosen
    return tuple(event for event, site in zip(events, sites, strict=True) if site == chosen)


def loss_before(session: Session, position: int) -> int | None:
    """The training loss that was computed last at a moment, else the first one of the loop; None where there is none."""
    events = training_losses(session, position)
    behind = [event for event in events if event <= position]
    return behind[-1] if behind else events[0] if events else None


def graded(session: Session) -> tuple[int, ...]:
    """The node ids of everything whose `.grad` is ever written, in order of creation."""
    return tuple(sorted(session.trace.bucket_of))

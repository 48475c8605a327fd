"""Where a recording computes its loss: the events that backward passes began from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ..recording.event import Kind
from ..recording.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..debugger.session import Session

_TURN = 32  # passes that are looked at in one go: some 5 ms


def loss_events(session: Session) -> tuple[int, ...]:
    """For each backward pass from a scalar, the event that computed the scalar.

    Hot path: asked several times for each picture; while a run grows only its new passes are looked at.
    """
    for _ in looking(session):
        pass
    return tuple(_known[session.recording][1])


def looking(session: Session) -> Iterator[None]:
    """Look for them a little at a time: of a long training there are thousands."""
    rows = session.recording.events_of_kind(Kind.BACKWARD_BEGIN)
    looked, found = _known.setdefault(session.recording, (0, []))
    while looked < len(rows):
        for row in rows[looked : looked + _TURN].tolist():
            made = _loss_of(session, row)
            if made is not None:
                found.append(made)
        looked = min(looked + _TURN, len(rows))
        _known[session.recording] = (looked, found)
        yield


_known: WeakKeyDictionary[Recording, tuple[int, list[int]]] = WeakKeyDictionary()  # passes looked at, and their losses


def _loss_of(session: Session, begin: int) -> int | None:
    """What computed the scalar that a pass begins from."""
    reads = session.trace.event(begin).reads
    if len(reads) != 1 or reads[0].value < 0:
        return None
    shape, _ = session.recording.form(reads[0].value)
    return session.trace.last_write(reads[0].location, begin) if all(n == 1 for n in shape) else None


def training_losses(session: Session, position: int | None = None) -> tuple[int, ...]:
    """The losses of a training loop: of the one that a moment stands in, else of the place that computed most of them."""
    events = np.array(loss_events(session), np.int64)
    if not len(events):
        return ()
    sites = session.columns.site[events]
    places, counts = np.unique(sites, return_counts=True)
    first = np.array([np.argmax(sites == place) for place in places])
    chosen = places[np.lexsort((first, -counts))[0]]
    if position is not None:
        behind = sites[(events <= position) & np.isin(sites, places[counts > 1])]
        chosen = behind[-1] if len(behind) else chosen
    return tuple(events[sites == chosen].tolist())


def loss_before(session: Session, position: int) -> int | None:
    """The training loss that was computed last at a moment, else the first one of the loop; None where there is none."""
    events = training_losses(session, position)
    behind = [event for event in events if event <= position]
    return behind[-1] if behind else events[0] if events else None


def graded(session: Session) -> tuple[int, ...]:
    """The node ids of everything whose `.grad` is ever written, in order of creation."""
    return tuple(sorted(session.trace.bucket_of))

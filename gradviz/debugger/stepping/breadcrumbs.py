"""The frames around the cursor in words, outermost first: epoch, step, phase, the calls that are running, the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...recording.event import Phase
from ..words.layers import layer_of
from ..words.names import name_of
from .frames import Frame, Level

if TYPE_CHECKING:
    from ..session import Session

_WORDS = {Phase.FORWARD: "forward", Phase.UPDATE: "update"}


@dataclass(frozen=True, slots=True)
class Place:
    """One frame around the cursor.

    Attributes:
        text: what it is called: "epoch 2", "backward 5", "Net.forward, line 13", "h".
        level: of the tree of frames; LINE for a call.
        depth: of a call, how many calls are around it; -1 for what is no call.
        line: of the script, 0 where it is none.
    """

    text: str
    level: Level
    depth: int = -1
    line: int = 0


def breadcrumbs(session: Session) -> tuple[Place, ...]:
    """The frames around the cursor; () before the first event.

    Hot path: at each move of the cursor; no frame is measured for it.
    """
    event, position = session.event, session.position
    if event is None:
        return ()
    found = []
    if event.epoch >= 0:
        found.append(Place(f"epoch {event.epoch}", Level.EPOCH))
        step, epoch = (session.frames.at(level, position) for level in (Level.STEP, Level.EPOCH))
        if (step.start, step.stop) != (epoch.start, epoch.stop):
            found.append(Place(f"step {event.step}", Level.STEP))
    found.append(Place(_WORDS.get(event.phase, f"backward {event.pass_}"), Level.PHASE))
    stack = session.calls.stack(position)
    for depth, line in enumerate(stack):
        function = session.calls.function_at(line)
        name = f"{function.name}, " if function is not None else ""
        found.append(Place(f"{name}line {line}", Level.LINE, depth, line))
    if event.site >= 0:
        name = name_of(session.trace, event.site, event.index)
        made = session.trace.latest_made(event.site, position)
        layer = layer_of(session.trace, session.trace.event(made)) if made is not None else ""
        if layer.startswith("layer "):
            found.append(Place(layer, Level.NODE))
        fires = session.frames.in_backward(position) and session.recording.sites[event.site].role != "bucket"
        found.append(Place(f"{name}: backward" if fires else name, Level.NODE))
    if session.substep:
        found.append(Place(f"derivation, {session.substep}", Level.NODE))
    return tuple(found)


def beginning(session: Session, place: Place) -> int:
    """The first event of a frame around the cursor that a step stops at."""
    frames, position = session.frames, session.position
    if place.depth >= 0 and not frames.in_backward(position):
        start = session.calls.start(position, place.depth)
        frame = Frame(Level.STATEMENT, start, position + 1)
    else:
        frame = frames.at(Level.STATEMENT if place.depth >= 0 else place.level, position)
    first = frames.first(frame)
    return first if first >= 0 else position

"""Jumps of the cursor: to what happens at a node, to the same moment of another epoch, and back to what was seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bridge import Bridge

REMEMBERED = 200  # states; further back nobody remembers what they saw
EVENTS = {"any": "nothing happens at {}", "vjp": "{} does not fire", "grad": "nothing is written to the .grad of {}"}
WRITES = {
    "val": "the value of {} is not written",
    "grad": "nothing is written to the .grad of {}",
    "flag": "requires_grad of {} is not changed",
    "opt": "no optimizer writes what it keeps for {}",
}


class Jumps(QObject):
    """Run to a node, its vjp or its `.grad` write; last and next write of what it has; other epochs; the last state seen."""

    stayed = Signal(str)  # there is nothing of the kind on that side of the cursor, in words

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._seen: list[tuple[int, int]] = []
        self._now = (-1, 0)
        self._returning = False
        bridge.session_changed.connect(self._forget)
        bridge.position_changed.connect(self._moved)

    def to_node(self, what: str, backwards: bool = False) -> None:
        """To the next (or previous) event of the selected node: "any", its "vjp", or its "grad" write."""
        session, chosen = self._bridge.session, self._bridge.selected
        if session is not None and chosen:
            told = EVENTS[what].format(self._name(chosen[0]))
            self._jump(lambda: session.run_to(chosen[0], backwards, what), told, backwards)

    def to_write(self, what: str, backwards: bool) -> None:
        """To the last or next write of the selected node's "val", "grad", "flag", or of what an optimizer keeps for it ("opt")."""
        session, chosen = self._bridge.session, self._bridge.selected
        if session is not None and chosen:
            told = WRITES[what].format(self._name(chosen[0]))
            self._jump(lambda: session.run_to_write(chosen[0], what, backwards), told, backwards)

    def through_node(self, node_id: int) -> None:
        """To the next event of a node; after its last one to the one before."""
        session = self._bridge.session
        if session is None:
            return
        before = session.position
        self._bridge.move(lambda: session.run_to(node_id))
        if session.position == before or session.position >= session.length - 1:
            self._bridge.move(lambda: session.run_to(node_id, True))

    def to_epoch(self, delta: int) -> None:
        """The same moment in another epoch."""
        session = self._bridge.session
        if session is not None:
            self._jump(lambda: session.next_epoch(delta), "there is no other epoch", delta < 0)

    def to_same_event(self, delta: int) -> None:
        """The same event in another step."""
        session = self._bridge.session
        if session is not None:
            self._jump(lambda: session.same_event(delta), "no other step has this event", delta < 0)

    def to_last_seen(self) -> None:
        """The state that was on the screen before this one."""
        session = self._bridge.session
        if session is None or not self._seen:
            return
        position, substep = self._seen.pop()
        self._returning = True

        def go() -> None:
            session.seek(position)
            session.substep = substep

        self._bridge.move(go)
        self._returning = False

    def _jump(self, move: Callable[[], object], nothing: str, backwards: bool) -> None:
        """Go there; where there is no such place it is said, so that a key that moves nothing does not seem to be broken."""
        session = self._bridge.session
        before = session.position if session is not None else -1
        self._bridge.move(move)
        if session is not None and session.position == before:
            self.stayed.emit(f"{'Before' if backwards else 'After'} this moment {nothing}.")

    def _name(self, node: int) -> str:
        graph = self._bridge.graph()
        found = graph.node(node) if graph is not None else None
        return found.title if found is not None else "it"

    def _moved(self) -> None:
        session = self._bridge.session
        if session is None:
            return
        now = (session.position, session.substep)
        if not self._returning and now != self._now:
            self._seen = [*self._seen[1 - REMEMBERED :], self._now]
        self._now = now

    def _forget(self) -> None:
        session = self._bridge.session
        self._seen = []
        self._now = (session.position, session.substep) if session is not None else (-1, 0)

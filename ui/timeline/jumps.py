"""Jumps of the cursor: to what happens at a node, to the same moment of another epoch, and back to what was seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from ..bridge import Bridge

REMEMBERED = 200  # states; further back nobody remembers what they saw


class Jumps(QObject):
    """Run to a node, its vjp or its `.grad` write; last and next write of what it has; other epochs; the last state seen."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._seen: list[tuple[int, int]] = []
        self._now = (-1, 0)
        self._returning = False
        bridge.session_changed.connect(self._forget)
        bridge.position_changed.connect(self._moved)

    @property
    def can_return(self) -> bool:
        """Whether another state was seen before this one."""
        return bool(self._seen)

    def to_node(self, what: str, backwards: bool = False) -> None:
        """To the next (or previous) event of the selected node: "any", its "vjp", or its "grad" write."""
        session, chosen = self._bridge.session, self._bridge.selected
        if session is not None and chosen:
            self._bridge.move(lambda: session.run_to(chosen[0], backwards, what))

    def to_write(self, what: str, backwards: bool) -> None:
        """To the last or next write of the selected node's "val", "grad", "flag", or of what an optimizer keeps for it ("opt")."""
        session, chosen = self._bridge.session, self._bridge.selected
        if session is not None and chosen:
            self._bridge.move(lambda: session.run_to_write(chosen[0], what, backwards))

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
            self._bridge.move(lambda: session.next_epoch(delta))

    def to_same_event(self, delta: int) -> None:
        """The same event in another step."""
        session = self._bridge.session
        if session is not None:
            self._bridge.move(lambda: session.same_event(delta))

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

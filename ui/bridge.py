"""The one place where a change of the model becomes a Qt signal.

Panels take the bridge in their constructor, listen to its signals and call its methods; they never talk to
each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradviz.debugger.scene import Graph, Moment
    from gradviz.debugger.session import Session

    from .theme import Theme


class Bridge(QObject):
    """Holds the session; tells when it, its position, the selection or the theme changed."""

    session_changed = Signal()  # another recording (opened, run again); everything is stale
    recording_grew = Signal()  # the same recording has more events
    position_changed = Signal()  # session.position or session.substep
    selection_changed = Signal()  # self.selected
    run_changed = Signal()  # self.running
    source_changed = Signal()  # self.path or self.source
    breakpoints_changed = Signal()
    overrides_changed = Signal()
    theme_changed = Signal()
    output = Signal(str, str)  # text, stream ("stdout", "stderr", "gradviz")
    problem = Signal(str, str)  # short text, details
    help_wanted = Signal(str)  # a word of the glossary, or "node:<id>"

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.session: Session | None = None
        self.selected: tuple[int, ...] = ()  # node ids
        self.running = False
        self.path = ""
        self.source = ""

    def set_session(self, session: Session | None) -> None:
        """Show another recording."""
        self.session = session
        self.selected = ()
        self.session_changed.emit()
        self.position_changed.emit()

    def move(self, command: Callable[[], object]) -> None:
        """Run a command that moves the session's cursor, and tell when it did."""
        if self.session is None:
            return
        before = (self.session.position, self.session.substep)
        command()
        if before != (self.session.position, self.session.substep):
            self.position_changed.emit()

    def seek(self, position: int) -> None:
        """Put the cursor on an event."""
        session = self.session
        if session is not None:
            self.move(lambda: session.seek(position))

    def select(self, node_ids: tuple[int, ...]) -> None:
        """Select nodes of the canvas (empty: none)."""
        if node_ids != self.selected:
            self.selected = node_ids
            self.selection_changed.emit()

    def graph(self) -> Graph | None:
        """The graph of the session's recording, None without a session."""
        return self.session.graph() if self.session is not None else None

    def moment(self) -> Moment | None:
        """The state of the graph at the session's position, None without a session."""
        return self.session.moment() if self.session is not None else None

    def set_theme(self, theme: Theme) -> None:
        """Change the look."""
        if theme is not self.theme:
            self.theme = theme
            self.theme_changed.emit()

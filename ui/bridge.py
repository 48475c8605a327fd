"""The one place where a change of the model becomes a Qt signal.

Panels take the bridge in their constructor, listen to its signals and call its methods; they never talk to
each other.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradviz.debugger.lint import Finding
    from gradviz.debugger.scene import Graph, Moment
    from gradviz.debugger.session import Session
    from gradviz.recording.event import SiteKey

    from .style.theme import Theme


TURN_SECONDS = 0.01  # how long reading ahead may keep the event loop
REST_MS = 60  # without a move of the mouse that drags through time


class Bridge(QObject):
    """Holds the session; tells when it, its position, the selection or the theme changed."""

    session_changed = Signal()  # another recording (opened, run again); everything is stale
    recording_grew = Signal()  # the same recording has more events; who takes long to read it listens with `on_growth`
    position_changed = Signal()  # session.position or session.substep
    selection_changed = Signal()  # self.selected, self.port or self.result
    run_changed = Signal()  # self.running
    source_changed = Signal()  # self.path or self.source
    breakpoints_changed = Signal()
    findings_changed = Signal()  # self.findings
    overrides_changed = Signal()
    theme_changed = Signal()
    memory_changed = Signal()  # self.memory, or how much of it is used
    output = Signal(str, str)  # text, stream ("stdout", "stderr", "gradviz")
    problem = Signal(str, str)  # short text, details
    help_wanted = Signal(str)  # a word of the glossary, or "node:<id>"

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.session: Session | None = None
        self.selected: tuple[int, ...] = ()  # node ids
        self.port = -1  # the input of the selected node whose edge was chosen, -1: the node itself was
        self.result = -1  # the result of the selected node whose port was chosen, -1: the node itself was
        self._sought: tuple[SiteKey, ...] = ()  # nodes that were selected in the recording before, and are not in this one yet
        self.running = False
        self.still = False  # nothing moves by itself now
        self._pressed = False
        self.memory = 512  # megabytes that a recording may take
        self.path = ""
        self.source = ""
        self.findings: tuple[Finding, ...] = ()  # of the lint, in the text on the screen
        self._readers: list[Callable[[], None]] = []
        self._to_read: list[Callable[[], None]] = []
        self.reading_seconds = 0.0  # how long the panels took for the last growth
        self._in_turns = False
        self._ahead: Iterator[None] = iter(())
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._read_one)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._read_at_rest)
        self._at_rest: list[Callable[[], None]] = []
        self._resting: list[Callable[[], None]] = []  # those that have not read yet where the cursor rests
        self.position_changed.connect(self._moved)
        self.recording_grew.connect(self._read_all)
        self.recording_grew.connect(self._find_sought)

    # A recording that grows. A panel may take some 30 ms to read a long one again: all of them at once would be felt.

    def on_growth(self, read: Callable[[], None]) -> None:
        """`read` is called after the recording grew."""
        self._readers.append(read)

    def grow(self, then: Callable[[], None] | None = None) -> None:
        """The recording has more events: the panels read it one after the other, each in a turn of the event loop, then comes `then`."""
        self._to_read = [*self._readers, self._told, *([then] if then is not None else [])]
        self._ahead = self.session.read_ahead() if self.session is not None else iter(())
        self.reading_seconds = 0.0
        self._turn.start()

    def read_first(self, session: Session, then: Callable[[], None]) -> None:
        """Read the beginning of a recording that is not on the screen yet, in turns of the event loop; `then` shows it."""
        self._to_read = [then]
        self._ahead = session.read_ahead()
        self._turn.start()

    @property
    def growing(self) -> bool:
        """Whether some panels have yet to read what is new."""
        return bool(self._to_read)

    def _read_one(self) -> None:
        begun = perf_counter()
        if any(perf_counter() - begun > TURN_SECONDS for _ in self._ahead):
            pass  # more of it in the next turn
        elif self._to_read:
            self._to_read.pop(0)()
        if not self._to_read:
            self._turn.stop()
        self.reading_seconds += perf_counter() - begun

    def _told(self) -> None:
        """All that asked for a turn have had theirs: the rest is told."""
        self._in_turns = True
        self.recording_grew.emit()
        self._in_turns = False

    def _read_all(self) -> None:
        """Told at once, without turns."""
        if self._in_turns:
            return
        self._to_read = []
        self._turn.stop()
        begun = perf_counter()
        for read in self._readers:
            read()
        self.reading_seconds = perf_counter() - begun

    def set_session(self, session: Session | None) -> None:
        """Show another recording. What was selected stays so, where it is there again: the next key is for the same node."""
        from gradviz.recording.event import key_of

        before, old = self.selected, self.session
        if old is not None and before:
            sites = old.recording.sites
            self._sought = tuple(key_of(sites[node]) for node in before if node < len(sites))
        self.session = session
        self.selected = self._take_sought()
        self.session_changed.emit()
        if before or self.selected:
            self.selection_changed.emit()
        self.position_changed.emit()

    def _take_sought(self) -> tuple[int, ...]:
        """The nodes of the recording that are sought, once all of them are there."""
        if self.session is None or not self._sought:
            return ()
        from gradviz.recording.event import key_of

        there: dict[SiteKey, int] = {}
        for node, site in enumerate(self.session.recording.sites):
            there.setdefault(key_of(site), node)
        found = tuple(there[key] for key in self._sought if key in there)
        if len(found) < len(self._sought):
            return ()
        self._sought = ()
        return found

    def _find_sought(self) -> None:
        """A run goes on: it may have come to the nodes that were selected in the one before."""
        if found := self._take_sought():
            self.select(found, self.port)

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

    def scrub(self, position: int) -> None:
        """As `seek`, of many in a row: nobody waits for what would move by itself, the flow or the eye."""
        self.still = True
        try:
            self.seek(position)
        finally:
            self.still = False

    def press(self, position: int) -> None:
        """As `seek`, by a press that a drag may follow: what is read comes right after, a panel in each turn of the event loop."""
        self._pressed = True
        try:
            self.seek(position)
        finally:
            self._pressed = False

    def on_rest(self, read: Callable[[], None]) -> None:
        """`read` is called when the position changed, for what is read and not watched: of many moves in a row only at the last."""
        self._at_rest.append(read)

    def _moved(self) -> None:
        self._resting = list(self._at_rest)
        if self.still or self._pressed:
            self._rest.start(REST_MS if self.still else 0)
            return
        self._rest.stop()
        while self._resting:
            self._read_next()

    def _read_at_rest(self) -> None:
        if self._resting:
            self._read_next()
        if self._resting:
            self._rest.start(0)

    def _read_next(self) -> None:
        read = self._resting.pop(0)
        reader = getattr(read, "__self__", None)
        if not isinstance(reader, QObject) or isValid(reader):  # a window may close before its panels have read
            read()

    def select(self, node_ids: tuple[int, ...], port: int = -1, result: int = -1) -> None:
        """Select nodes (empty: none); with `port` the edge into that input of the one node, with `result` what leaves it at a port."""
        self._sought = ()
        if (node_ids, port, result) != (self.selected, self.port, self.result):
            self.selected, self.port, self.result = node_ids, port, result
            self.selection_changed.emit()

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """What the lint says of the text on the screen."""
        if findings != self.findings:
            self.findings = findings
            self.findings_changed.emit()

    def graph(self) -> Graph | None:
        """The graph of the session's recording, None without a session."""
        return self.session.graph() if self.session is not None else None

    def moment(self) -> Moment | None:
        """The state of the graph at the session's position, None without a session."""
        return self.session.moment() if self.session is not None else None

    def set_memory(self, megabytes: int) -> None:
        """Give recordings another budget; the one on the screen keeps to it at once."""
        self.memory = megabytes
        if self.session is not None:
            self.session.recording.budget = megabytes << 20
        self.memory_changed.emit()

    def numbers_came(self) -> None:
        """Numbers of the recording that were missing are there now: the panels look again."""
        self.memory_changed.emit()
        self.position_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Change the look."""
        if theme != self.theme:
            self.theme = theme
            self.theme_changed.emit()

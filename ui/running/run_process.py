"""The supervisor as a QObject: what the script's process says becomes signals of the GUI thread, a little at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.recording.numbers.tiers import BUDGET

if TYPE_CHECKING:
    from gradviz.recording.file.journal import Journal
    from gradviz.recording.recorder.again import Range
    from gradviz.running.overrides import Override
    from gradviz.running.process.limits import Limits
    from gradviz.running.process.protocol import Message
    from gradviz.running.process.supervisor import Ended, Supervisor

POLL_MS = 15
SLICE_SECONDS = 0.012  # how long one poll may keep the event loop


class RunProcess(QObject):
    """Runs one script at a time."""

    chunk = Signal(bytes)  # of a recording
    output = Signal(str, str)  # text, stream
    finished = Signal(object)  # Ended
    started = Signal()

    def __init__(self, parent: QObject | None = None, limits: Limits | None = None) -> None:
        super().__init__(parent)
        self._given = limits
        self.wait_while: Callable[[], bool] = lambda: False  # nothing is handed out meanwhile; then the child waits, too
        self._waiting: list[Message | Ended] = []
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @cached_property
    def _limits(self) -> Limits:
        """Within which a script runs."""
        from gradviz.running.process.limits import Limits

        return self._given or Limits()

    @cached_property
    def _supervisor(self) -> Supervisor:
        """Made for the first run, or when a child is kept warm: the first picture does not wait for what starts processes."""
        from gradviz.running.process.supervisor import Supervisor

        made = Supervisor(self._limits)
        self.destroyed.connect(made.close)
        return made

    @property
    def running(self) -> bool:
        """Whether a script runs, or what it said is still being handed out."""
        return self._timer.isActive()

    def warm_up(self) -> None:
        """Start a child ahead of the next run."""
        self._supervisor.warm_up()

    def limits(self) -> list[str]:
        """The limits in force, in words."""
        from gradviz.running.process.limits import in_force

        return in_force(self._limits)

    def start(
        self,
        path: str,
        source: str,
        overrides: Sequence[Override] = (),
        *,
        again: Sequence[Range] = (),
        events: int = 0,
        journal: Journal | None = None,
        memory: int = BUDGET,
        more: bool = False,
    ) -> None:
        """Run a script text; `path` names it. See `Supervisor.start`."""
        self._supervisor.start(path, source, overrides, again=again, events=events, journal=journal, memory=memory, more=more)
        self._timer.start()
        self.started.emit()

    def stop(self) -> None:
        """Stop the script."""
        if "_supervisor" in self.__dict__:
            self._supervisor.stop()

    def send_away(self) -> None:
        """End a child that waits for another run of what it has run."""
        if "_supervisor" in self.__dict__:
            self._supervisor.send_away()

    def close(self) -> None:
        """End every child; to be called before the application ends."""
        self._timer.stop()
        if "_supervisor" in self.__dict__:
            self._supervisor.close()

    def _poll(self) -> None:
        if self.wait_while():
            return
        from gradviz.running.process import protocol
        from gradviz.running.process.supervisor import Ended

        until = perf_counter() + SLICE_SECONDS
        if not self._waiting:
            self._waiting = self._supervisor.poll()
        while self._waiting and perf_counter() < until and not self.wait_while():
            said = self._waiting.pop(0)
            if isinstance(said, Ended):
                self._timer.stop()
                self.finished.emit(said)
            elif said.kind == protocol.CHUNK:
                self.chunk.emit(said.body)
            elif said.kind == protocol.OUTPUT:
                text, stream = said.data()
                self.output.emit(text, stream)

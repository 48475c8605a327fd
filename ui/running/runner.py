"""Runner: runs of the open file, one after the other. A live one is on the screen while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gradviz.debugger.session import Session
from gradviz.recording.problem import RecordingProblem
from gradviz.recording.recording import Recording

from ..bridge import Bridge
from ..settings import Settings
from .run_process import RunProcess

if TYPE_CHECKING:
    from gradviz.recording.file.journal import Journal
    from gradviz.running.overrides import Override
    from gradviz.running.process.supervisor import Ended

GROWTH_SECONDS = 0.2  # between two looks of the panels at a run that still goes on
GROWTH_SHARE = 8  # and this many times as long as a look takes
AT_ONCE = 4000  # new events that are looked at without turns


@dataclass(slots=True)
class Job:
    """A run that was asked for: with which overrides, and who gets the finished session."""

    overrides: tuple[Override, ...]
    deliver: Callable[[Session, Ended], None]
    live: bool  # shown while it runs
    more: bool = False  # others of the same script will follow soon


def _to_nobody(_session: Session, _ended: Ended) -> None:
    """Who waited for the run does so no more."""


class Runner(QObject):
    """Turns jobs into sessions; `show` puts a live one on the screen when it begins."""

    def __init__(self, bridge: Bridge, settings: Settings, show: Callable[[Session], None], parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._settings = settings
        self._show = show
        self.process = RunProcess(self)
        self.process.wait_while = lambda: bridge.growing  # the panels read one state of the recording, one after the other
        self.process.chunk.connect(self._chunk)
        self.process.finished.connect(self._finished)
        self.process.output.connect(bridge.output)
        self.broken = ""  # why the recording of the last run could not be read on
        self._jobs: list[Job] = []
        self._recording: Recording | None = None
        self._session: Session | None = None
        self._next_growth = 0.0
        self._journal: Journal | None = None  # of the run that goes on: it outlives this process
        self._read = 0  # how long the recording was when the panels were last told

    @property
    def running(self) -> bool:
        """Whether a script runs, or the panels still read what it did."""
        return self.process.running or self._recording is not None

    @property
    def stopping(self) -> bool:
        """Whether all that runs was dropped: it is gone in a moment, and another run may be asked for."""
        return self.running and [job.deliver for job in self._jobs] == [_to_nobody]

    def is_live(self, *sessions: Session) -> bool:
        """Whether one of them is the run that goes on."""
        return self._session is not None and self._session in sessions

    def add(self, *jobs: Job) -> None:
        """Run these, when those before them are over."""
        self._jobs += jobs
        self._next()

    def stop(self) -> None:
        """Stop the script that runs, and what waits behind it."""
        self._jobs = self._jobs[:1]
        self.process.stop()

    def drop(self, deliver: Callable[[Session, Ended], None] | None = None) -> None:
        """Nobody waits any more for the runs that were for `deliver` (None: for any): the one that goes on is stopped and shown no more."""
        self._jobs[1:] = [job for job in self._jobs[1:] if deliver not in (None, job.deliver)]
        if self._jobs and deliver in (None, self._jobs[0].deliver):
            self._jobs[0] = Job((), _to_nobody, live=False)
            self._session = None
            self.process.stop()

    def close(self) -> None:
        """The app ends."""
        self.process.close()
        self._end_journal()

    def _next(self) -> None:
        if self.running or not self._jobs:
            return
        from ..timeline.unfinished import begin_journal

        job, memory = self._jobs[0], self._bridge.memory << 20
        self._recording, self._session = Recording(memory), None
        self._journal = begin_journal(self._settings.folder, memory) if job.live else None
        path = self._bridge.path or str(Path.home() / "untitled.py")
        self.broken = ""
        self._bridge.running = True
        self._bridge.run_changed.emit()
        self.process.start(path, self._bridge.source, job.overrides, journal=self._journal, memory=memory, more=job.more)

    def _chunk(self, chunk: bytes) -> None:
        if self._recording is None or not chunk:
            return
        try:
            self._recording.append_chunk(chunk)
        except RecordingProblem as problem:
            self.broken = f"The recording of this run ends here. {problem}"
            self.process.stop()
            return
        if not self._jobs or not self._jobs[0].live:
            return
        if self._session is None:
            session = self._session = Session(self._recording)
            self._read = len(self._recording)
            self._bridge.read_first(session, lambda: self._show(session) if self._session is session else None)
        elif perf_counter() >= self._next_growth:
            self._bridge.grow()
            self._read = len(self._recording)
            self._next_growth = perf_counter() + max(GROWTH_SECONDS, GROWTH_SHARE * self._bridge.reading_seconds)

    def _finished(self, ended: Ended) -> None:
        """The process has ended: the panels read the whole recording, of a long one in turns, and then the run is over."""
        if self._session is None:
            self._over(ended)
        elif self._session.length - self._read <= AT_ONCE:
            self._bridge.recording_grew.emit()
            self._over(ended)
        else:
            self._bridge.grow(lambda: self._over(ended))

    def _over(self, ended: Ended) -> None:
        self._end_journal()
        self._bridge.running = False
        job = self._jobs.pop(0) if self._jobs else None
        recording, self._recording = self._recording, None
        session, self._session = self._session, None
        self._next_growth = 0.0
        if recording is not None and job is not None:
            job.deliver(session or Session(recording), ended)
        self._bridge.run_changed.emit()
        self._next()

    def _end_journal(self) -> None:
        """The run is over, and what it recorded is in the window."""
        if self._journal is not None:
            Thread(target=self._journal.close, kwargs={"remove": True}, name="gradviz journal").start()  # some 100 MB take a while
            self._journal = None

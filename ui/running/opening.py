"""Opening: reads large recordings beside the event loop; one of hundreds of megabytes takes a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject

from gradviz.debugger.session import Session
from gradviz.recording.file.gvrec import load
from gradviz.recording.problem import RecordingProblem

from ..qt.beside import Beside

AT_ONCE = 8 << 20  # bytes that are read within a frame or two
CARDS = 32  # whose states are found ahead


def read(path: str, budget: int) -> Session:
    """A recording, ready to be stepped through.

    Raises:
        RecordingProblem: one sentence on what is wrong with the file.
        OSError: it cannot be looked at.
    """
    return Session(load(path, budget))


def is_large(path: str) -> bool:
    """Whether reading a file would be felt."""
    try:
        return Path(path).stat().st_size > AT_ONCE
    except OSError:
        return False


def _look_ahead(session: Session) -> None:
    """Find what the window asks for first, and at the first key: the columns are sorted by then."""
    session.to_end()
    states = session.moment().states
    for node in session.graph().nodes[:CARDS]:
        states.get(node.id)
    session.to_start()


class _Reading:
    """One recording on its way. Its thread knows nothing of Qt: the window may go while it works."""

    def __init__(self, path: str, budget: int) -> None:
        self.session: Session | None = None
        self.problem: Exception = RecordingProblem(f"{Path(path).name} cannot be read.")
        self._thread = Thread(target=self._work, args=(path, budget), name="recording")
        self._thread.start()

    def _work(self, path: str, budget: int) -> None:
        try:
            session = read(path, budget)
            _look_ahead(session)
            self.session = session
        except (RecordingProblem, OSError) as problem:
            self.problem = problem

    @property
    def busy(self) -> bool:
        """Whether it has not come to its end."""
        return self._thread.is_alive()


class Opening(QObject):
    """One recording at a time; who asks for another does not get the one before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: _Reading | None = None
        self._take: Callable[[Session], None] = lambda _session: None
        self._fail: Callable[[Exception], None] = lambda _problem: None
        self._beside = Beside(self._arrived, self)

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a recording."""
        return self._reading is not None

    def begin(self, path: str, budget: int, take: Callable[[Session], None], fail: Callable[[Exception], None]) -> None:
        """Read a recording; `take` gets it, or `fail` what is wrong with it."""
        self.drop()
        self._take, self._fail = take, fail
        self._reading = _Reading(path, budget)
        self._beside.begin()

    def drop(self) -> None:
        """Nobody waits any more."""
        self._reading = None
        self._beside.end()

    def _arrived(self) -> None:
        reading = self._reading
        if reading is None or reading.busy:
            return
        self.drop()
        if reading.session is not None:
            self._take(reading.session)
        else:
            self._fail(reading.problem)

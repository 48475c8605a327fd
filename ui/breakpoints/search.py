"""Breakpoints whose hits are still looked for: each counts as soon as they are known, and the window stays awake until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import thread_time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .words import label

if TYPE_CHECKING:
    from gradviz.debugger.breakpoints import Breakpoint
    from gradviz.debugger.session import Session

    from ..bridge import Bridge

_AT_ONCE = 0.03  # seconds of work that are not felt: most are found by then
_TURN = 0.015  # seconds of work in each turn of the event loop


@dataclass(slots=True)
class _Job:
    found: Breakpoint
    session: Session
    search: Iterator[None]
    row: QWidget
    then: Callable[[], None]


class Searches(QWidget):
    """A line for each search, with a button that ends it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._jobs: list[_Job] = []
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)
        self.setVisible(False)
        bridge.session_changed.connect(self._follow)

    @property
    def waiting(self) -> int:
        """How many breakpoints have yet to be searched."""
        return len(self._jobs)

    def begin(self, found: Breakpoint, then: Callable[[], None]) -> None:
        """Look for the hits of a breakpoint; `then` takes it, at once where that is quick."""
        session = self._bridge.session
        if session is None:
            return
        search, begun = session.searching(found), thread_time()
        if not any(thread_time() - begun > _AT_ONCE for _ in search):
            then()
            return
        said = f"{label(found, session, self._bridge.source)}: still searching. It counts as soon as its hits are known."
        job = _Job(found, session, search, QWidget(self), then)
        row = QHBoxLayout(job.row)
        row.setContentsMargins(0, 0, 0, 0)
        words = QLabel(said, job.row)
        words.setWordWrap(True)
        cancel = QPushButton("Cancel", job.row)
        cancel.setAccessibleName("Cancel the search")
        cancel.clicked.connect(lambda: self._drop(job))
        row.addWidget(words, 1)
        row.addWidget(cancel)
        self._lines.addWidget(job.row)
        self._jobs.append(job)
        self.setVisible(True)
        self._turn.start()

    def _follow(self) -> None:
        """The next run of the script is searched in its place; in another script nothing is."""
        session = self._bridge.session
        for job in list(self._jobs):
            if session is None or session.recording.path != job.session.recording.path:
                self._drop(job)
            elif session is not job.session:
                job.session, job.search = session, session.searching(job.found)

    def _go_on(self) -> None:
        job, begun = self._jobs[0], thread_time()
        if any(thread_time() - begun > _TURN for _ in job.search):
            return
        self._drop(job)
        job.then()

    def _drop(self, job: _Job) -> None:
        self._jobs.remove(job)
        job.row.setVisible(False)
        job.row.deleteLater()
        if not self._jobs:
            self._turn.stop()
            self.setVisible(False)

"""Saves a recording in turns of the event loop: a long one has hundreds of megabytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.recording.file.gvrec import saving
from gradviz.recording.problem import RecordingProblem

if TYPE_CHECKING:
    from gradviz.recording.recording import Recording


class Saving(QObject):
    """At most one recording at a time; what has begun is brought to its end before another begins, or the window closes."""

    note = Signal(str, str, str)  # kind ("error", "good"), text, details

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: Iterator[None] = iter(())
        self._name = ""
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)

    @property
    def active(self) -> bool:
        """Whether a file is being written."""
        return self._turn.isActive()

    def begin(self, recording: Recording, path: str) -> None:
        """Write a recording that does not grow any more."""
        self.finish()
        self._name = Path(path).name
        self._turns = saving(recording, path)
        self.note.emit("good", f"Saving {self._name}…", "")
        self._turn.start()

    def finish(self) -> bool:
        """Write the rest at once; False where that failed."""
        while self.active:
            if not self._go_on():
                return False
        return True

    def _go_on(self) -> bool:
        try:
            next(self._turns)
        except StopIteration:
            self._turn.stop()
            self.note.emit("good", f"Saved {self._name}", "")
        except (OSError, RecordingProblem) as problem:
            self._turn.stop()
            self.note.emit("error", f"The recording was not saved: {problem}", "")
            return False
        return True

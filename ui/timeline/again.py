"""Numbers that the budget let go of: when the cursor comes to them they are computed again, in the script's process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QObject, QTimer, Signal

from ..running.run_process import RunProcess

if TYPE_CHECKING:
    from gradviz.recording.numbers.refill import Refill
    from gradviz.recording.recording import Recording
    from gradviz.running.process.supervisor import Ended

    from ..running.workbench import Workbench

REST_MS = 120  # the cursor must rest so long: nobody looks at numbers while scrubbing
MOST = 512  # values that are asked for at once
AROUND = 24  # steps after the cursor's, and before it, that come along


class Recomputing(QObject):
    """Watches for numbers that panels asked for in vain, and runs their steps again once the cursor rests.

    A recording whose second run is another one than the first keeps its statistics only, and the window says why.
    """

    working_changed = Signal(bool)
    said = Signal(str, str, str)  # kind, text, details, as the workbench's note

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._bridge = bridge = workbench.bridge
        self.process = RunProcess(self)
        self.process.chunk.connect(self._chunk)
        self.process.finished.connect(self._finished)
        self._recording: Recording | None = None  # that is run again
        self._refill: Refill | None = None
        self._drift = ""
        self._tried: set[int] = set()
        self._told: WeakSet[Recording] = WeakSet()  # of which the window has said that it cannot
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)
        bridge.position_changed.connect(self._rest.start)
        bridge.run_changed.connect(self._rest.start)
        bridge.selection_changed.connect(self._rest.start)
        bridge.session_changed.connect(self._forget)

    @property
    def working(self) -> bool:
        """Whether numbers are being computed again."""
        return self.process.running

    def _forget(self) -> None:
        """Another recording: what was on its way is not wanted any more."""
        self._tried.clear()
        if self.process.running:
            self._refill = None
            self.process.stop()
        else:
            self.process.send_away()  # with its checkpoints
        self._rest.start()

    def _look(self) -> None:
        session = self._bridge.session
        if session is None or self._bridge.running or self.process.running:
            return
        recording = session.recording
        missed = [value for value in recording.tiers.missed if value not in self._tried][-MOST:]
        if not missed or recording in self._told:
            return
        if not self._workbench.may_run():
            self._told.add(recording)
            self.said.emit("info", "Some numbers were not kept, only their statistics: run the script (F5) to see them.", "")
            return
        import tempfile

        from gradviz.recording.numbers.refill import Refill, ranges_of  # with the recorder: only for numbers that were let go of
        from gradviz.running.overrides import from_json

        self._tried.update(missed)
        self._recording, self._refill, self._drift = recording, Refill(recording), ""
        path = Path(recording.path or "script.py")
        if not path.is_absolute() or not path.parent.is_dir():  # recorded on another machine
            beside = Path(self._bridge.path).parent if self._bridge.path else Path(tempfile.gettempdir())
            path = beside / path.name
        ranges = ranges_of(recording, missed, session.position, AROUND)
        overrides = from_json(recording.meta.get("overrides", []))
        self.process.start(str(path), recording.source, overrides, again=ranges, events=len(recording))
        self.working_changed.emit(True)

    def _chunk(self, data: bytes) -> None:
        if self._refill is None or self._drift:
            return
        from gradviz.recording.numbers.refill import Drift

        try:
            self._refill.take(data)
        except Drift as drift:
            self._drift = str(drift)
            self.process.stop()

    def _finished(self, ended: Ended) -> None:
        refill, recording = self._refill, self._recording
        self._refill = self._recording = None
        self.working_changed.emit(False)
        if refill is None or recording is None:
            self._rest.start()
            return
        session = self._bridge.session
        if self._drift or not refill.fill(session.position if session is not None else -1):
            self._told.add(recording)
            why = self._drift or ended.reason or "the events are not reached the second time"
            text = f"Only the statistics of these numbers are known: the script cannot be repeated, {why}. A larger budget keeps more."
            self.said.emit("info", text, "")
            return
        if session is not None and session.recording is recording:
            self._bridge.numbers_came()

    def close(self) -> None:
        """The app ends."""
        self._rest.stop()
        self.process.close()

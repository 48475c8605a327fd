"""The runs of this window: the shown one, the ones before, branches, recordings opened beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gradviz.recording.file.gvrec import load, save
from gradviz.recording.problem import RecordingProblem

if TYPE_CHECKING:
    from gradviz.debugger.session import Session
    from gradviz.running.overrides import Override

    from ..running.workbench import Workbench

MOST = 12  # runs kept; the oldest that nobody named goes first
AS_WRITTEN = "the script as it is"


@dataclass(eq=False, slots=True)
class Run:
    """One run, kept until the window closes."""

    name: str
    session: Session
    overrides: tuple[Override, ...] = ()
    changed: str = AS_WRITTEN
    verdict: str = ""  # of the last comparison
    named: bool = False  # by the user: it is kept
    at: int = -1  # the moment at which a branch leaves its parent
    problems: tuple[str, ...] = field(default=())


class RunList(QObject):
    """All runs, the newest last. The session on the screen is always among them."""

    changed = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self.runs: list[Run] = []
        self._count = 0
        workbench.bridge.session_changed.connect(self._shown)

    @property
    def current(self) -> Run | None:
        """The run on the screen."""
        return self.of(self._workbench.bridge.session)

    def of(self, session: Session | None) -> Run | None:
        """The run of a session."""
        return next((run for run in self.runs if run.session is session), None)

    def add(self, session: Session, overrides: tuple[Override, ...] = (), name: str = "", at: int = -1) -> Run:
        """Keep a run."""
        self._count += 1
        told, label = session.recording.meta.get("branch_problems"), self._workbench.what_if.label_of
        run = Run(
            name or self._default(), session, overrides, "; ".join(map(label, overrides)) or self._text_of(session),
            named=bool(name), at=at, problems=tuple(map(str, told)) if isinstance(told, list) else (),
        )  # fmt: skip
        self.runs.append(run)
        self._make_room(run)
        self.changed.emit()
        return run

    def _text_of(self, session: Session) -> str:
        """How its text differs from the first one of the same file."""
        recording = session.recording
        same = (run.session.recording for run in self.runs if run.session.recording.path == recording.path)
        first = next(same, None)
        if first is None:
            return AS_WRITTEN
        from gradviz.debugger.comparing import change_of_text  # for the second run on: the first picture has one

        return change_of_text(first.source, recording.source) or AS_WRITTEN

    def _make_room(self, newest: Run) -> None:
        """Let go of old runs that nobody named: of those beyond a dozen, and while all together take more memory than one may."""
        spare = [run for run in self.runs if not run.named and run is not self.current and run is not newest]
        allowed = self._workbench.bridge.memory << 20
        while spare and (len(self.runs) > MOST or sum(run.session.recording.value_bytes for run in self.runs) > allowed):
            self.runs.remove(spare.pop(0))

    def _default(self) -> str:
        """A name for a run that nobody named: of its script, with a number where that is taken."""
        stem = Path(self._workbench.bridge.path).stem or "untitled"
        taken = {run.name for run in self.runs}
        return stem if stem not in taken else f"{stem} {self._count}"

    def _shown(self) -> None:
        session = self._workbench.bridge.session
        if session is not None and self.of(session) is None:
            path = Path(self._workbench.bridge.path)
            self.add(session, self._workbench.what_if.overrides, path.stem if path.suffix == ".gvrec" else "")
        else:
            self.changed.emit()

    def rename(self, run: Run, name: str) -> None:
        """Give a run a name, which keeps it."""
        if name.strip() and name.strip() != run.name:
            run.name, run.named = name.strip(), True
            self.changed.emit()

    def remove(self, run: Run) -> bool:
        """Forget a run that is not on the screen."""
        if run is self.current or run not in self.runs:
            return False
        self.runs.remove(run)
        self.changed.emit()
        return True

    def open(self, path: str) -> Run | str:
        """Put a recording beside the others; a sentence where it cannot be read."""
        from gradviz.debugger.session import Session

        try:
            recording = load(path)
        except (RecordingProblem, OSError) as problem:
            return str(problem)
        return self.add(Session(recording), name=Path(path).stem)

    def save(self, run: Run, path: str) -> str:
        """Write a run to a file; a sentence where that fails, else nothing."""
        try:
            save(run.session.recording, path)
        except (RecordingProblem, OSError) as problem:
            return str(problem)
        run.named = True
        return ""

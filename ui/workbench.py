"""What the window works on: the open file, its run, its what-if overrides. Every user action ends here or in the bridge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import perf_counter

from PySide6.QtCore import QObject, Signal

from gradviz.debugger.compare import Comparison
from gradviz.debugger.diagnosis import diagnose
from gradviz.debugger.scene import NodeKind
from gradviz.debugger.session import Session
from gradviz.lessons import first
from gradviz.loading.kind import DOCUMENT, LESSON, RECORDING, kind_of
from gradviz.loading.script import ScriptProblem, load_script
from gradviz.recording.file import load, save
from gradviz.recording.journal import Journal
from gradviz.recording.problem import RecordingProblem
from gradviz.recording.program import key_of
from gradviz.recording.recording import Recording
from gradviz.running.branch import SetElement, SetFlag
from gradviz.running.overrides import Detach, NoGrad, Override, RequiresGrad, ZeroGrad
from gradviz.running.parsing import SyntaxProblem, parse
from gradviz.running.supervisor import Ended

from .bridge import Bridge
from .run_process import RunProcess
from .settings import Settings
from .timeline.unfinished import begin_journal

GROWTH_SECONDS = 0.2  # between two looks of the panels at a run that still goes on
GROWTH_SHARE = 8  # and this many times as long as a look takes
AT_ONCE = 4000  # new events that are looked at without turns


@dataclass(slots=True)
class Job:
    """A run that was asked for: with which overrides, and who gets the finished session."""

    overrides: tuple[Override, ...]
    deliver: Callable[[Session, Ended], None]
    live: bool  # shown while it runs


class Workbench(QObject):
    """Opens, runs, toggles. Holds no widget."""

    note = Signal(str, str, str)  # kind ("error", "info", "good"), text, details
    source_problem = Signal(int, int, str)  # line, column, text; line 0: none
    trust_wanted = Signal(str)  # folder of a script that has never run
    diagnosed = Signal(str, object)  # how a run failed, Diagnosis
    compared = Signal(object)  # Comparison of the last what-if run, or None
    zero_grad_compared = Signal(int, object, object)  # leaf, Series with, Series without

    def __init__(self, bridge: Bridge, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.settings = settings
        self.process = RunProcess(self)
        self.process.wait_while = lambda: bridge.growing  # the panels read one state of the recording, one after the other
        self.process.chunk.connect(self._chunk)
        self.process.finished.connect(self._finished)
        self.process.output.connect(bridge.output)
        self.open_document: Callable[[str], bool] = lambda _path: False  # what opens a .gradviz file: the editor
        self.open_lesson_file: Callable[[str], bool] = lambda _path: False  # what opens a lesson (.toml)
        self.read_text: Callable[[], str] = lambda: bridge.source  # the text on the screen
        self.overrides: tuple[Override, ...] = ()
        self._past: list[tuple[Override, ...]] = []
        self._future: list[tuple[Override, ...]] = []
        self._plain: Session | None = None  # the run without overrides
        self._jobs: list[Job] = []
        self._unallowed: Job | None = None  # waits for the user's word
        self._recording: Recording | None = None
        self._session: Session | None = None
        self._next_growth = 0.0
        self._broken = ""  # why a recording could not be read on
        self._journal: Journal | None = None  # of the run that goes on: it outlives this process
        self._read = 0  # how long the recording was when the panels were last told

    # -- files --------------------------------------------------------------------------------------------

    def open_lesson(self) -> None:
        """The first lesson with its recording, ready to step."""
        self._show_source(str(first.SCRIPT), first.SCRIPT.read_text(encoding="utf-8"))
        self._show(Session(load(str(first.RECORDING))))

    def show_recorded(self, path: str, source: str, session: Session | None) -> None:
        """Show a program with a recording of it that is there already (None: it has not run yet)."""
        self._show_source(path, source)
        self._show(session)

    def open(self, path: str) -> bool:
        """Open a script, a recording, a graph or a lesson; nothing is run. What cannot be opened leaves everything as it is."""
        kind = kind_of(path)
        if kind == DOCUMENT:
            return self.open_document(path)
        if kind == LESSON:
            return self.open_lesson_file(path)
        try:
            if kind == RECORDING:
                recording = load(path, self.bridge.memory << 20)
                self._show_source(path, recording.source)
                self._show(Session(recording))
            else:
                source = load_script(path)
                self._show_source(path, source)
                self._show(None)
                self.check_syntax(source)
        except (ScriptProblem, RecordingProblem) as problem:
            self.note.emit("error", str(problem), "")
            return False
        except OSError as problem:
            self.note.emit("error", f"{Path(path).name} cannot be read: {problem.strerror or problem}", "")
            return False
        self.settings.add_recent(str(Path(path).resolve()))
        return True

    def open_left_behind(self, path: str) -> bool:
        """Show the recording of a run that was cut off, with its script; both are wherever they were."""
        try:
            recording = load(path, self.bridge.memory << 20)
        except (OSError, RecordingProblem) as problem:
            self.note.emit("error", str(problem), "")
            return False
        self._show_source(recording.path, recording.source)
        self._show(Session(recording))
        return True

    def show_code(self, source: str) -> None:
        """Show a program without a file."""
        self._show_source("", source)
        self._show(None)

    def check_syntax(self, source: str) -> bool:
        """Underline a syntax error; True where there is none."""
        try:
            parse(source)
        except SyntaxProblem as problem:
            self.source_problem.emit(problem.line, problem.column, problem.message)
            self.note.emit("error", f"{problem.message}" + (f" (line {problem.line})" if problem.line else ""), "")
            return False
        self.source_problem.emit(0, 0, "")
        return True

    def save_recording(self, path: str) -> bool:
        """Write the recording on the screen to a file."""
        session = self.bridge.session
        if session is None:
            return False
        try:
            save(session.recording, path)
        except (OSError, RecordingProblem) as problem:
            self.note.emit("error", f"The recording was not saved: {problem}", "")
            return False
        self.note.emit("good", f"Saved {Path(path).name}", "")
        return True

    def save_script(self, path: str) -> bool:
        """Write the text on the screen to a file: beside it first, then in its place, so that a full disk loses nothing."""
        target = Path(path)
        beside = target.with_name(f".{target.name}.new")
        try:
            beside.write_text(self.read_text(), encoding="utf-8")
            beside.replace(target)
        except OSError as problem:
            beside.unlink(missing_ok=True)
            self.note.emit("error", f"{target.name} was not saved: {problem.strerror}", "")
            return False
        self.bridge.path, self.bridge.source = str(target), self.read_text()
        self.settings.add_recent(str(target.resolve()))
        self.note.emit("good", f"Saved {target.name}", "")
        return True

    def _show_source(self, path: str, source: str) -> None:
        self.bridge.path, self.bridge.source = path, source
        self.bridge.source_changed.emit()
        self._forget_overrides()

    def _forget_overrides(self) -> None:
        self.overrides, self._past, self._future, self._plain = (), [], [], None
        self._unallowed = None
        self.compared.emit(None)
        self.bridge.overrides_changed.emit()

    def _show(self, session: Session | None) -> None:
        if session is not None and not self.overrides:
            self._plain = session
        self.bridge.set_session(session)

    # -- running ------------------------------------------------------------------------------------------

    @property
    def is_lesson(self) -> bool:
        """Whether the script of a built-in lesson is open."""
        return first.ours(self.bridge.path)

    def may_run(self) -> bool:
        """Whether the user has allowed programs of this folder (the lesson is ours)."""
        return self.is_lesson or not self.bridge.path or self.settings.trusted(self.bridge.path)

    def trust_and_run(self) -> None:
        """The user allows this folder, from now on."""
        if self.bridge.path:
            self.settings.trust(self.bridge.path)
        self.run(allowed=True)

    def run(self, allowed: bool = False) -> None:
        """Run the text on the screen; where a run apart was waiting for the user's word, that one."""
        if self.process.running:
            return
        waiting, self._unallowed = self._unallowed, None
        if allowed and waiting is not None:
            self._jobs.append(waiting)
            self._next_job()
            return
        source = self.read_text()
        if not source.strip():
            self.note.emit("info", "There is nothing to run yet: open a script (Ctrl+O) or type one.", "")
            return
        if not (allowed or self.may_run()):
            self.trust_wanted.emit(str(Path(self.bridge.path).resolve().parent))
            return
        if not self.check_syntax(source):
            return
        if source != self.bridge.source:
            self.bridge.source = source
            self._forget_overrides()
        self._jobs.append(Job(self.overrides, self._ran, live=not self.overrides))
        self._next_job()

    def run_apart(self, overrides: tuple[Override, ...], deliver: Callable[[Session, Ended], None]) -> bool:
        """Run the text of the shown run with other overrides, and hand the run over; the one on the screen stays. False: not now.

        A script that was never allowed is asked for first, and then runs so.
        """
        if self.process.running or not self.bridge.source.strip():
            return False
        job = Job(overrides, deliver, live=False)
        if not self.may_run():
            self._unallowed = job
            self.trust_wanted.emit(str(Path(self.bridge.path).resolve().parent))
            return True
        self._jobs.append(job)
        self._next_job()
        return True

    def is_live(self, *sessions: Session) -> bool:
        """Whether one of them is the run that goes on."""
        return self._session is not None and self._session in sessions

    def show_run(self, session: Session, overrides: tuple[Override, ...]) -> None:
        """Show another run of the same text, with the overrides that it had."""
        if overrides != self.overrides:
            self._past.append(self.overrides)
            self._future.clear()
            self.overrides = overrides
            self.bridge.overrides_changed.emit()
            self.compared.emit(None)
        self._show(session)

    def stop(self) -> None:
        """Stop the script that runs."""
        self._jobs = self._jobs[:1]
        self.process.stop()

    def _next_job(self) -> None:
        if self.process.running or not self._jobs:
            return
        job = self._jobs[0]
        self._recording, self._session = Recording(self.bridge.memory << 20), None
        self._journal = begin_journal(self.settings.folder, self.bridge.memory << 20) if job.live else None
        path = self.bridge.path or str(Path.home() / "untitled.py")
        self._broken = ""
        self.bridge.running = True
        self.bridge.run_changed.emit()
        self.process.start(path, self.bridge.source, job.overrides, journal=self._journal, memory=self.bridge.memory << 20)

    def _chunk(self, chunk: bytes) -> None:
        if self._recording is None or not chunk:
            return
        try:
            self._recording.append_chunk(chunk)
        except RecordingProblem as problem:
            self._broken = f"The recording of this run ends here. {problem}"
            self.process.stop()
            return
        if not self._jobs or not self._jobs[0].live:
            return
        if self._session is None:
            self._session = Session(self._recording)
            self._read = len(self._recording)
            self._show(self._session)
        elif perf_counter() >= self._next_growth:
            self.bridge.grow()
            self._read = len(self._recording)
            self._next_growth = perf_counter() + max(GROWTH_SECONDS, GROWTH_SHARE * self.bridge.reading_seconds)

    def _finished(self, ended: Ended) -> None:
        """The process has ended: the panels read the whole recording, of a long one in turns, and then the run is over."""
        if self._session is None:
            self._over(ended)
        elif self._session.length - self._read <= AT_ONCE:
            self.bridge.recording_grew.emit()
            self._over(ended)
        else:
            self.bridge.grow(lambda: self._over(ended))

    def _over(self, ended: Ended) -> None:
        self._end_journal()
        self.bridge.running = False
        job = self._jobs.pop(0) if self._jobs else None
        recording, self._recording = self._recording, None
        session, self._session = self._session, None
        self._next_growth = 0.0
        if recording is not None and job is not None:
            job.deliver(session or Session(recording), ended)
        self.bridge.run_changed.emit()
        self._next_job()

    def _end_journal(self) -> None:
        """The run is over, and what it recorded is in the window."""
        if self._journal is not None:
            Thread(target=self._journal.close, kwargs={"remove": True}, name="gradviz journal").start()  # some 100 MB take a while
            self._journal = None

    def _ran(self, session: Session, ended: Ended) -> None:
        """A run is over: show it, and against the run before where something was toggled."""
        if self.bridge.session is not session:
            before = self.bridge.session
            self._show(session)
            if before is not None:
                session.breakpoints = list(before.breakpoints)
                self.bridge.breakpoints_changed.emit()
            self.bridge.move(session.to_end)
        elif ended.error_type:
            self.bridge.move(session.to_end)  # where it failed
        self.tell_ending(session, ended)

    def tell_ending(self, session: Session, ended: Ended) -> None:
        """Say how a run that is shown ended, and what changed where something was toggled."""
        self.source_problem.emit(ended.line if ended.error_type else 0, 0, ended.error_text)
        if self.overrides and self._plain is not None:
            comparison: Comparison = self._plain.compare(session)
            self.compared.emit(comparison)
        else:
            self.compared.emit(None)
        if self._broken:
            self.note.emit("error", self._broken, "")
        elif ended.stopped:
            self.note.emit("info", "Stopped. What was recorded so far can be stepped through.", "")
        elif self.overrides and self._plain is not None:
            return  # the comparison has told how it ended
        elif ended.error_type and (found := diagnose(session, ended.error_text, ended.line)) is not None:
            self.diagnosed.emit(ended.reason, found)
        elif ended.reason:
            self.note.emit("error", ended.reason, "")
        elif not self.overrides:
            count = f"{session.length:,} event{'' if session.length == 1 else 's'}"
            self.note.emit("good", f"Ran to the end: {count}. Step (F11) or play (P) to watch.", "")

    # -- what-if -------------------------------------------------------------------------------------------

    def set_overrides(self, overrides: tuple[Override, ...]) -> None:
        """Run again with other overrides; undo brings the ones before back."""
        if overrides == self.overrides:
            return
        self._past.append(self.overrides)
        self._future.clear()
        self._apply(overrides)

    def _apply(self, overrides: tuple[Override, ...]) -> None:
        self.overrides = overrides
        self.bridge.overrides_changed.emit()
        if not overrides and self._plain is not None:
            self.compared.emit(None)
            self._show(self._plain)
            return
        self.run()

    @property
    def can_undo(self) -> bool:
        """Whether there are older overrides."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return bool(self._future)

    def undo(self) -> None:
        """The overrides before."""
        if self._past:
            self._future.append(self.overrides)
            self._apply(self._past.pop())

    def redo(self) -> None:
        """The overrides that undo took away."""
        if self._future:
            self._past.append(self.overrides)
            self._apply(self._future.pop())

    def remove_override(self, index: int) -> None:
        """Take one override away."""
        self.set_overrides(self.overrides[:index] + self.overrides[index + 1 :])

    def _toggled(self, override: Override, same: Callable[[Override], bool]) -> None:
        rest = tuple(o for o in self.overrides if not same(o))
        self.set_overrides(rest if len(rest) < len(self.overrides) else (*self.overrides, override))

    def toggle_requires_grad(self, node_id: int) -> None:
        """Turn the flag of a leaf, and run again."""
        session = self.bridge.session
        node = session.graph().node(node_id) if session is not None else None
        if session is None or node is None or not node.is_leaf or node.kind == NodeKind.BUCKET:
            self.note.emit("info", "requires_grad can be turned on leaves: select a leaf first.", "")
            return
        key = key_of(session.recording.sites[node_id])
        override = RequiresGrad(key, not node.requires_grad)
        self._toggled(override, lambda o: isinstance(o, RequiresGrad) and o.key == key)

    def toggle_no_grad(self, node_ids: tuple[int, ...]) -> None:
        """Put no_grad around nodes, or take it away, and run again."""
        session = self.bridge.session
        if session is None:
            return
        nodes = [session.graph().node(i) for i in node_ids]
        keys = tuple(key_of(session.recording.sites[n.id]) for n in nodes if n is not None and not n.is_leaf and n.kind != NodeKind.BUCKET)
        if not keys:
            self.note.emit("info", "no_grad goes around operations: select some first.", "")
            return
        self._toggled(NoGrad(keys), lambda o: isinstance(o, NoGrad) and o.keys == keys)

    def toggle_detach(self, source: int, target: int, port: int) -> None:
        """Detach an edge, or join it again, and run again."""
        session = self.bridge.session
        if session is None or not 0 <= target < len(session.recording.sites):
            return
        del source
        key = key_of(session.recording.sites[target])
        self._toggled(Detach(key, port), lambda o: isinstance(o, Detach) and o.key == key and o.port == port)

    def label_of(self, override: Override) -> str:
        """An override in words, with the names of its nodes."""
        session = self._plain or self.bridge.session
        names = {}
        if session is not None:
            names = {key_of(session.recording.sites[n.id]): n.title for n in session.graph().nodes if n.kind != NodeKind.BUCKET}
        if isinstance(override, NoGrad):
            return override.label(", ".join(names.get(k, k[2]) for k in override.keys))
        key = getattr(override, "key", None)
        if isinstance(override, (SetElement, SetFlag)):
            return override.label(names.get(override.key, override.key[2]))
        return override.label(f"{names.get(key, key[2])} (line {key[1]})" if key is not None else "")

    def compare_zero_grad(self, leaf: int) -> None:
        """Run the script with and without emptying `.grad`, and hand both curves of a leaf to the plot."""
        session = self.bridge.session
        if session is None or self.process.running or not self.may_run():
            if session is not None and not self.may_run():
                self.trust_wanted.emit(str(Path(self.bridge.path).resolve().parent))
            return
        key = key_of(session.recording.sites[leaf])
        found: list[object] = []

        def take(made: Session, _: Ended) -> None:
            there = next((n for n in made.leaves() if key_of(made.recording.sites[n]) == key), None)
            found.append(made.series(there) if there is not None else None)
            if len(found) == 2 and all(found):
                self.zero_grad_compared.emit(leaf, found[0], found[1])

        kept = tuple(o for o in self.overrides if not isinstance(o, ZeroGrad))
        self._jobs += [Job((*kept, ZeroGrad("each")), take, False), Job((*kept, ZeroGrad("never")), take, False)]
        self._next_job()

    def close(self) -> None:
        """The app ends."""
        self.process.close()
        self._end_journal()

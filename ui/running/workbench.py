"""What the window works on: the open file, and which runs of it are made and shown. Every user action ends here or in the bridge."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gradviz.debugger.session import Session
from gradviz.lessons import first
from gradviz.loading.kind import DOCUMENT, LESSON, RECORDING, kind_of
from gradviz.loading.script import ScriptProblem, load_script
from gradviz.recording.event import key_of
from gradviz.recording.file.gvrec import load
from gradviz.recording.problem import RecordingProblem

from ..bridge import Bridge
from ..settings import Settings
from .opening import Opening, is_large, read
from .runner import Job, Runner
from .what_if import WhatIf

if TYPE_CHECKING:
    from gradviz.debugger.comparing.what_changed import Comparison
    from gradviz.running.overrides import Override
    from gradviz.running.process.supervisor import Ended

    from .saving import Saving


CROWDED = 60  # cards from which a network is easier to see folded


class Workbench(QObject):
    """Opens, saves, and asks the runner for runs. Holds no widget."""

    note = Signal(str, str, str)  # kind ("error", "info", "good"), text, details
    source_problem = Signal(int, int, str)  # line, column, text; line 0: none
    trust_wanted = Signal(str)  # folder of a script that has never run
    diagnosed = Signal(str, object)  # how a run failed, Diagnosis
    went_through = Signal()  # a run without changes came to its end without an error
    compared = Signal(object)  # Comparison of the last what-if run, or None
    zero_grad_compared = Signal(int, object, object)  # leaf, Series with, Series without

    def __init__(self, bridge: Bridge, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.settings = settings
        self.runner: Runner = Runner(bridge, settings, self._show, self)
        self.opening: Opening = Opening(self)
        self.what_if: WhatIf = WhatIf(bridge, self._overridden, lambda text: self.note.emit("info", text, ""))
        self.open_document: Callable[[str], bool] = lambda _path: False  # what opens a .gradviz file: the editor
        self.open_lesson_file: Callable[[str], bool] = lambda _path: False  # what opens a lesson (.toml)
        self.read_text: Callable[[], str] = lambda: bridge.source  # the text on the screen
        self._unallowed: Job | None = None  # waits for the user's word
        self._allowed = ("", "")  # path and text that the user said may run, though their folder is not trusted

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
        """Open a script, a recording, a graph or a lesson; nothing is run. What cannot be opened leaves everything as it is.

        A large recording comes later: `opening.busy` until then.
        """
        kind = kind_of(path)
        if kind == DOCUMENT:
            return self.open_document(path)
        if kind == LESSON:
            return self.open_lesson_file(path)
        if kind == RECORDING:
            return self._open_recording(path)
        try:
            source = load_script(path)
        except (ScriptProblem, OSError) as problem:
            self._cannot_open(path, problem)
            return False
        self._show_source(path, source)
        self._show(None)
        self.check_syntax(source)
        self.settings.add_recent(str(Path(path).resolve()))
        return True

    def _cannot_open(self, path: str, problem: Exception) -> None:
        told = f"{Path(path).name} cannot be read: {problem.strerror or problem}" if isinstance(problem, OSError) else str(problem)
        self.note.emit("error", told, "")

    def _open_recording(self, path: str) -> bool:
        def take(session: Session) -> None:
            self._show_source(path, session.recording.source)
            self._show(session)
            self.settings.add_recent(str(Path(path).resolve()))

        return self._read(path, take)

    def open_left_behind(self, path: str, then: Callable[[], None]) -> None:
        """Show the recording of a run that was cut off, with its script, both wherever they were; `then` comes when it is there."""

        def take(session: Session) -> None:
            self._show_source(session.recording.path, session.recording.source)
            self._show(session)
            then()

        self._read(path, take)

    def _read(self, path: str, take: Callable[[Session], None]) -> bool:
        """Read a recording and hand it over, a large one later; False where it is known by now that it cannot be read."""
        self.opening.drop()
        if not is_large(path):
            try:
                session = read(path, self.bridge.memory << 20)
            except (RecordingProblem, OSError) as problem:
                self._cannot_open(path, problem)
                return False
            take(session)
            return True
        text = self.read_text()

        def arrived(session: Session) -> None:
            if self.read_text() == text:
                take(session)
                self.note.emit("good", f"{Path(path).name}: {session.length:,} events", "")
            else:
                self.note.emit("info", f"The script was changed while {Path(path).name} was read: open it again to see it.", "")

        self.opening.begin(path, self.bridge.memory << 20, arrived, lambda problem: self._cannot_open(path, problem))
        self.note.emit("good", f"Reading {Path(path).name}…", "")
        return True

    def show_code(self, source: str) -> None:
        """Show a program without a file."""
        self._show_source("", source)
        self._show(None)

    def check_syntax(self, source: str) -> bool:
        """Underline a syntax error; True where there is none."""
        from gradviz.running.parsing import SyntaxProblem, parse

        try:
            parse(source)
        except SyntaxProblem as problem:
            self.source_problem.emit(problem.line, problem.column, problem.message)
            self.note.emit("error", f"{problem.message}" + (f" (line {problem.line})" if problem.line else ""), "")
            return False
        self.source_problem.emit(0, 0, "")
        return True

    @cached_property
    def saving(self) -> Saving:
        """What writes a recording in turns."""
        from .saving import Saving

        made = Saving(self)
        made.note.connect(self.note)
        return made

    def save_recording(self, path: str) -> bool:
        """Write the recording on the screen to a file, at once; False where that failed."""
        return self.begin_saving(path) and self.saving.finish()

    def begin_saving(self, path: str) -> bool:
        """Write the recording on the screen to a file in turns of the event loop; one that still grows is written at once."""
        session = self.bridge.session
        if session is None:
            return False
        self.saving.begin(session.recording, path)
        return not self.bridge.running or self.saving.finish()

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
        self.opening.drop()
        self.runner.drop()  # what runs is another text
        self.bridge.select(())  # lines and nodes of another text
        self.bridge.path, self.bridge.source = path, source
        self.bridge.source_changed.emit()
        self._forget_overrides()

    def _forget_overrides(self) -> None:
        self.what_if.forget()
        self._unallowed = None
        self.compared.emit(None)
        self.bridge.overrides_changed.emit()

    def _show(self, session: Session | None) -> None:
        if session is not None and not self.what_if.overrides:
            self.what_if.plain = session
        self.bridge.set_session(session)

    # -- running ------------------------------------------------------------------------------------------

    @property
    def is_lesson(self) -> bool:
        """Whether the script of a built-in lesson is open."""
        return first.ours(self.bridge.path)

    def may_run(self, source: str | None = None) -> bool:
        """Whether the user has allowed programs of this folder (the lesson is ours), or this very text; None: that of the shown run."""
        path, text = self.bridge.path, self.bridge.source if source is None else source
        return self.is_lesson or not path or self._allowed == (path, text) or self.settings.trusted(path)

    def trust_and_run(self) -> None:
        """The user allows this folder, from now on."""
        if self.bridge.path:
            self.settings.trust(self.bridge.path)
        self.run(allowed=True)

    def run(self, allowed: bool = False) -> None:
        """Run the text on the screen; where a run apart was waiting for the user's word, that one."""
        if not self.runner.running or self.runner.stopping:
            self._begin(allowed)

    def _begin(self, allowed: bool = False) -> None:
        """Run the text on the screen, behind what runs already."""
        waiting, self._unallowed = self._unallowed, None
        if allowed and waiting is not None:
            self._allowed = self.bridge.path, self.bridge.source
            self.runner.add(waiting)
            return
        source = self.read_text()
        if not source.strip():
            self.note.emit("info", "There is nothing to run yet: open a script (Ctrl+O) or type one.", "")
            return
        if not self.check_syntax(source):
            return  # nobody is asked whether what cannot run may run
        if not (allowed or self.may_run(source)):
            self.trust_wanted.emit(str(Path(self.bridge.path).resolve().parent))
            return
        if allowed:
            self._allowed = self.bridge.path, source
        if source != self.bridge.source:
            self.runner.drop()
            self.bridge.source = source
            self._forget_overrides()
        overrides = self.what_if.overrides
        self.runner.add(Job(overrides, self._ran_changed if overrides else self._ran, live=not overrides))

    def run_apart(self, overrides: tuple[Override, ...], deliver: Callable[[Session, Ended], None], *, more: bool = False) -> bool:
        """Run the text of the shown run with other overrides, and hand the run over; the one on the screen stays. False: not now.

        A script that was never allowed is asked for first, and then runs so. `more`: others of it will follow soon.
        """
        if self.runner.running or not self.bridge.source.strip():
            return False
        job = Job(overrides, deliver, live=False, more=more)
        if not self.may_run():
            self._unallowed = job
            self.trust_wanted.emit(str(Path(self.bridge.path).resolve().parent))
            return True
        self.runner.add(job)
        return True

    def show_run(self, session: Session, overrides: tuple[Override, ...]) -> None:
        """Show another run of the same text, with the overrides that it had."""
        if overrides != self.what_if.overrides:
            self.what_if.adopt(overrides)
            self.compared.emit(None)
        self._show(session)

    def stop(self) -> None:
        """Stop the script that runs."""
        self.runner.stop()

    def _ran(self, session: Session, ended: Ended) -> None:
        """A run of the script as it is is over: what-ifs, also one that was asked for meanwhile, are shown against it."""
        self.what_if.plain = session
        self._ran_changed(session, ended)

    def _ran_changed(self, session: Session, ended: Ended) -> None:
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
        from gradviz.debugger.diagnosis import diagnose  # of runs: the first picture is none

        self.source_problem.emit(ended.line if ended.error_type else 0, 0, ended.error_text)
        overrides, plain = self.what_if.overrides, self.what_if.plain
        if overrides and plain is not None and plain is not session:
            comparison: Comparison = plain.compare(session)
            self.compared.emit(comparison)
        else:
            self.compared.emit(None)
        if self.runner.broken:
            self.note.emit("error", self.runner.broken, "")
        elif ended.stopped:
            self.note.emit("info", "Stopped. What was recorded so far can be stepped through.", "")
        elif overrides and plain is not None:
            return  # the comparison has told how it ended
        elif ended.error_type and (found := diagnose(session, ended.error_text, ended.line)) is not None:
            self.diagnosed.emit(ended.reason, found)
        elif ended.reason:
            self.note.emit("error", self._in_a_sentence(ended), "")
        elif not overrides:
            count = f"{session.length:,} event{'' if session.length == 1 else 's'}"
            large = len(session.graph().nodes) > CROWDED and any("." in node.title for node in session.graph().nodes if node.is_leaf)
            watch = "F11 steps, P plays, Ctrl+Shift+[ folds the layers." if large else "Step (F11) or play (P) to watch."
            self.note.emit("good", f"Ran to the end: {count}. {watch}", "")
            self.went_through.emit()

    def _in_a_sentence(self, ended: Ended) -> str:
        """How a run ended, and what is not allowed where that ended it."""
        reason = f"{ended.reason[0].upper()}{ended.reason[1:]}" if ended.reason.startswith("the ") else ended.reason
        if ended.error_type != "PermissionError":
            return reason
        return f"{reason}\nA recorded script has limits: {', '.join(self.runner.process.limits())}."

    # -- what-if -------------------------------------------------------------------------------------------

    def _overridden(self) -> None:
        """Other overrides: run with them, and not with those before; the run without any is there already."""
        self.runner.drop(self._ran_changed)
        plain = self.what_if.plain
        if not self.what_if.overrides and plain is not None:
            self.source_problem.emit(0, 0, "")  # where the run with the change failed
            self.compared.emit(None)
            self._show(plain)
        else:
            self._begin()

    def compare_zero_grad(self, leaf: int) -> None:
        """Run the script with and without emptying `.grad`, and hand both curves of a leaf to the plot."""
        session = self.bridge.session
        if session is None or self.runner.running or not self.may_run():
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

        from gradviz.running.overrides import ZeroGrad

        kept = tuple(o for o in self.what_if.overrides if not isinstance(o, ZeroGrad))
        self.runner.add(Job((*kept, ZeroGrad("each")), take, False), Job((*kept, ZeroGrad("never")), take, False))

    def close(self) -> None:
        """The app ends."""
        self.opening.drop()
        if "saving" in self.__dict__:
            self.saving.finish()
        self.runner.close()

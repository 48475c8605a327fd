"""LessonRoom: lessons as a part of the window. It opens them, moves the recording, points, and remembers what is done."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from gradviz.debugger.session import Session
from gradviz.lessons import shelf
from gradviz.lessons.lesson import Lesson, MomentName
from gradviz.lessons.problem import LessonProblem
from gradviz.lessons.reading import read_lesson
from gradviz.lessons.record import reseeded, source_of
from gradviz.lessons.walk import Walk

from .guide import Guide
from .panel import LessonPanel
from .trying import Trying

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow
    from .gallery import Gallery
    from .strip import LessonStrip

TITLE = "Lesson"
FILES = "Lessons (*.toml)"
WIDTH = 330


class LessonRoom(QObject):
    """The dock with the lesson, the gallery, and what points at places."""

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = window.bridge
        self.panel = LessonPanel(window.bridge)
        self.walk: Walk | None = None
        self.lesson: Lesson | None = None
        self._waiting = ""  # for the run of "lesson", "check"
        self._wanted = ""  # a lesson to open when the run that goes on has stopped
        self.source = ""  # the text of the lesson's script
        self.lesson_session: Session | None = None
        self._fresh_session: Session | None = None
        self._fresh_source = ""
        self._gallery: Gallery | None = None
        self.dock = window.docks[TITLE]
        self.dock.hold(self.panel)
        self.guide = Guide(window, self.dock)
        self.trying = Trying(self, window)
        self._wire()

    def _wire(self) -> None:
        panel, bridge = self.panel, self._bridge
        panel.answered.connect(self.answer)
        panel.next_wanted.connect(self.next)
        panel.back_wanted.connect(self.back)
        panel.gallery_wanted.connect(self.show_gallery)
        panel.why_wanted.connect(self.show_why)
        panel.try_wanted.connect(self.trying.try_it)
        panel.turned.connect(self.trying.turn)
        panel.again_wanted.connect(self.begin_check)
        panel.run_wanted.connect(self._run_lesson)
        panel.lesson_wanted.connect(self.open)
        bridge.run_changed.connect(self._run_changed)
        bridge.session_changed.connect(self._session_changed)

    # -- the gallery ------------------------------------------------------------------------------------------

    @property
    def gallery(self) -> Gallery:
        """The page with all lessons; made at the first call."""
        if self._gallery is None:
            from .gallery import Gallery

            self._gallery = Gallery(self._window)
            self._gallery.chosen.connect(self.open)
        return self._gallery

    @cached_property
    def strip(self) -> LessonStrip:
        """The row of lessons of the first start; made at the first call."""
        from .strip import LessonStrip

        made = LessonStrip(self._window)
        made.chosen.connect(self.open)
        made.all_wanted.connect(self.show_gallery)
        return made

    @property
    def gallery_shown(self) -> bool:
        """Whether the gallery covers the window."""
        return self._gallery is not None and self._gallery.isVisible()

    def show_gallery(self) -> None:
        """Cover the window with the gallery."""
        self.gallery.open()

    def show_first_time(self) -> None:
        """At the first start a row of lessons below the graph; the whole gallery where the user wants it at each start."""
        settings = self._window.settings
        if settings.gallery_wanted:
            self.show_gallery()
        elif settings.first_start:
            self.strip.open()

    # -- opening ------------------------------------------------------------------------------------------------

    def choose_file(self) -> None:
        """Ask for a lesson file and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open lesson", "", FILES)
        if path:
            self.open(path)

    def open(self, path: str) -> bool:
        """Open a lesson file. Its script runs only where it came with the app, or where the user trusts its folder."""
        try:
            lesson = read_lesson(Path(path).resolve())
            source = source_of(lesson.source)
        except LessonProblem as problem:
            self._window.tell("error", f"{Path(path).name}: {problem}")
            return False
        if not self._window.may_leave_script():
            return False
        if self._gallery is not None:
            self._gallery.hide()
            self._window.canvas.setFocus()  # else the tabs above it have it, and an arrow key leaves the recording
        self._window.stop_playing()
        if self._bridge.running:
            self._wanted, self._waiting = path, ""
            self._window.workbench.stop()
            return True
        if not shelf.ours(str(lesson.path)):
            self._window.settings.add_recent(str(lesson.path))
        self.source = source
        self.lesson, self.walk, self._fresh_session = lesson, None, None
        self.trying.forget()
        self._show_dock()
        self.guide.raise_panel("Derivation")
        found = shelf.stored(lesson)
        if found is not None:
            self._waiting = ""
            self._begin(Session(found))
            return True
        self._waiting = "lesson"
        self._window.workbench.show_recorded(str(lesson.source), source, None)
        self._run_lesson()
        return True

    def _run_lesson(self) -> None:
        """Run the script of the lesson; one that is not trusted is asked for."""
        if self.lesson is None:
            return
        trusted = self._window.workbench.may_run()
        text = "The lesson begins when its script has run." if trusted else "Its script is a program: the lesson begins when it may run."
        self.panel.show_waiting(self.lesson.title, text, run=not trusted)
        self._window.workbench.run()

    def _begin(self, session: Session) -> None:
        """The recording is there."""
        lesson = self.lesson
        if lesson is None:
            return
        self.lesson_session = session
        self.walk = Walk(lesson, session)
        self._show_page()
        self._window.refresh_title()

    def put_away(self) -> None:
        """Into the tabs of the inspector; shown only while a lesson is open."""
        window = self._window
        window.tabifyDockWidget(window.docks["Inspector"], self.dock)
        self.dock.setVisible(self.walk is not None)
        if self.walk is not None:
            self.dock.raise_()

    def _show_dock(self) -> None:
        window = self._window
        window.show_recording()
        if self.dock.isHidden() and not self.dock.isFloating():
            window.tabifyDockWidget(window.docks["Inspector"], self.dock)
        self.dock.show()
        self.dock.raise_()
        if self.dock.width() < WIDTH and not self.dock.isFloating():
            window.resizeDocks([self.dock], [WIDTH], Qt.Orientation.Horizontal)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)  # text needs height
        layout = window.layout()
        if layout is not None:
            layout.activate()  # so that the graph is fitted to the canvas that will be seen

    # -- runs -------------------------------------------------------------------------------------------------------

    def _run_changed(self) -> None:
        """A run has begun or ended."""
        if self._bridge.running:
            return
        if self.trying.over():
            return
        if self._wanted:
            path, self._wanted = self._wanted, ""
            self.open(path)
            return
        if self.lesson is None or not self._waiting:
            return
        waited, session = self._waiting, self._bridge.session
        self._waiting = ""
        if self._bridge.path != str(self.lesson.check_source if waited == "check" else self.lesson.source):
            return  # another program was opened meanwhile
        if session is None or not session.length:
            self._waiting = "lesson"
            self.walk = None
            self.panel.show_waiting(self.lesson.title, "The script recorded nothing. What went wrong stands above the canvas.", run=True)
            return
        try:
            if waited == "lesson":
                self._begin(session)
            elif self.walk is not None:
                self._fresh_session, self._fresh_source = session, self._bridge.source
                self.walk.begin_check(session)
                self._show_page()
        except LessonProblem as problem:
            self.broken(problem)

    def _session_changed(self) -> None:
        """Another recording is shown: what was pointed at is not there any more."""
        if self._bridge.session not in (self.lesson_session, self._fresh_session, self.trying.session):
            self.guide.point()

    def broken(self, problem: LessonProblem) -> None:
        """Say what the lesson names and its recording does not have."""
        name = self.lesson.path.name if self.lesson is not None else "The lesson"
        self._window.tell("error", f"{name}: {problem}")

    # -- pages --------------------------------------------------------------------------------------------------------

    def next(self) -> None:
        """On to the next page; from the last one back to the gallery."""
        walk = self.walk
        if walk is None:
            return
        if walk.page.kind == "end":
            self.show_gallery()
        elif walk.page.kind == "begin":
            self.begin_check()
        elif walk.next():
            self._show_page()
            if walk.page.kind == "end":
                self._finish(walk)

    def back(self) -> None:
        """Back to the page before."""
        if self.walk is not None and self.walk.back():
            self._show_page()

    def _finish(self, walk: Walk) -> None:
        if all(walk.results()):
            self._window.settings.mark_lesson(walk.lesson.id)

    def begin_check(self) -> None:
        """Run the script with a fresh seed, and ask."""
        walk = self.walk
        if walk is None or self._bridge.running:
            return
        try:
            source = reseeded(source_of(walk.lesson.check_source), random.randrange(1, 10_000))
        except LessonProblem as problem:
            self.broken(problem)
            return
        self._waiting = "check"
        self.trying.forget()
        self.panel.next.setEnabled(False)
        self._window.workbench.show_recorded(str(walk.lesson.check_source), source, None)
        self._window.workbench.run()

    def _show_page(self) -> None:
        """The page's recording, moment, pointers and text."""
        walk = self.walk
        if walk is None:
            return
        try:
            self.ensure_session(walk)
            step = walk.page.step
            if step is not None:
                verdict = walk.verdict()
                self._go(step.why.at if verdict is not None and step.why is not None else step.at)
                self.guide.look(walk.here.session, step.look)
            else:
                self.guide.point()
            self.guide.frame()
            self.panel.show_page(walk)
        except LessonProblem as problem:
            self.broken(problem)
        self._window.refresh_actions()

    def ensure_session(self, walk: Walk) -> None:
        """The recording that the page speaks of is on the screen, with its text."""
        fresh = walk.page.kind in ("question", "end") and self._fresh_session is not None
        wanted = self._fresh_session if fresh else self.lesson_session
        if wanted is None:
            return
        path = walk.lesson.check_source if fresh else walk.lesson.source
        source = self._fresh_source if fresh else self.source
        if self._bridge.session is not wanted or self._window.source.text != source:
            self._window.workbench.show_recorded(str(path), source, wanted)
            self._window.message.hide()
            self._window.canvas.fit()

    def _go(self, moment: MomentName) -> None:
        if self.walk is not None:
            self._window.stop_playing()
            self._bridge.seek(self.walk.row(moment))

    def show_why(self) -> None:
        """To the moment that shows why."""
        walk = self.walk
        if walk is not None and walk.page.step is not None and walk.page.step.why is not None:
            self.ensure_session(walk)
            self._go(walk.page.step.why.at)
            self.guide.frame()

    # -- questions ------------------------------------------------------------------------------------------------------

    def answer(self, given: Any) -> None:
        """An answer to the page's question: what is said, and the moment that shows why."""
        walk = self.walk
        if walk is None or walk.page.step is None or walk.index in walk.given:
            return
        try:
            verdict = walk.answer(given)
        except LessonProblem as problem:
            walk.given.pop(walk.index, None)
            self.broken(problem)
            return
        self._bridge.select(())
        self.guide.point()
        self.show_why()
        self.panel.show_verdict(walk, verdict)

    @property
    def title(self) -> str:
        """What the window's title says while a lesson's script is shown, "" for none."""
        lesson = self.lesson
        here = lesson is not None and self._bridge.path in (str(lesson.source), str(lesson.check_source))
        return f"Lesson: {lesson.title}" if here and lesson is not None else ""

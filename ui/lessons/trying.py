"""Trying: what a page of a lesson says to change, the run with it, and the moment at which that run is shown."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gradviz.lessons.check import edited
from gradviz.lessons.finding import find_moment, find_node
from gradviz.lessons.problem import LessonProblem

if TYPE_CHECKING:
    from gradviz.debugger.session import Session
    from gradviz.lessons.lesson import Try
    from gradviz.lessons.walk import Walk
    from gradviz.running.process.supervisor import Ended

    from ..window.panels import PanelledWindow
    from .guide import Guide


class OpenLesson(Protocol):
    """What trying needs to know of the lesson that is open."""

    walk: Walk | None
    source: str  # the text of its script
    lesson_session: Session | None
    guide: Guide

    def ensure_session(self, walk: Walk) -> None:
        """Have the lesson's own run on the screen."""

    def broken(self, problem: LessonProblem) -> None:
        """Tell that the lesson's file is wrong."""


class Trying:
    """Changes the script of a lesson or toggles its nodes.

    Attributes:
        session: the latest changed run, None before there is one.
    """

    def __init__(self, room: OpenLesson, window: PanelledWindow) -> None:
        self._room = room
        self._window = window
        self._bridge = window.bridge
        self.session: Session | None = None
        self._running: Try | None = None  # what the run that goes on tries
        self._turned: dict[str, str] = {}  # where the knobs were put while a run went on

    def forget(self) -> None:
        """What goes on now is not a run of this."""
        self._running, self._turned = None, {}

    @property
    def _here(self) -> Try | None:
        """What the page says to try."""
        walk = self._room.walk
        step = walk.page.step if walk is not None else None
        return step.try_ if step is not None else None

    def try_it(self) -> None:
        """Do what the page says to try."""
        walk, tried = self._room.walk, self._here
        if walk is None or tried is None or self._bridge.running:
            return
        try:
            self._try(walk, tried)
        except LessonProblem as problem:
            self._room.broken(problem)

    def _try(self, walk: Walk, tried: Try) -> None:
        if tried.control == "step":
            self._window.step("step_into")
            return
        self._room.ensure_session(walk)
        if tried.line:
            self._run_edited(edited(self._room.source, tried), tried)
        else:
            self._toggle(walk, tried)

    def _toggle(self, walk: Walk, tried: Try) -> None:
        work = self._window.workbench
        if tried.node is None:
            return
        node = find_node(walk.reader.session, tried.node).id
        self._running = tried
        if tried.control == "requires_grad":
            work.what_if.toggle_requires_grad(node)
        elif tried.control == "no_grad":
            work.what_if.toggle_no_grad((node,))
        else:
            graph = walk.reader.session.graph()
            edge = next((e for e in graph.edges if e.target == node and e.kind != "bucket"), None)
            if edge is not None:
                work.what_if.toggle_detach(edge.target, edge.port)
        if not self._bridge.running:
            self._running = None

    def turn(self, values: dict[str, str]) -> None:
        """Run the script with its knobs turned; while a run goes on, the latest turn waits for it."""
        walk, tried = self._room.walk, self._here
        if walk is None or tried is None or not tried.knobs:
            return
        if self._bridge.running:
            self._turned = values
            return
        if self._window.workbench.what_if.overrides or self._bridge.session not in (self._room.lesson_session, self.session):
            self._room.ensure_session(walk)
        try:
            self._run_edited(edited(self._room.source, tried, values), tried)
        except LessonProblem as problem:
            self._room.broken(problem)

    def _run_edited(self, after: str, tried: Try) -> None:
        """Run the lesson's script with a line changed; what is on the screen stays until the run is there."""
        window, editor = self._window, self._window.source
        old, new = (text.splitlines()[tried.line - 1] for text in (editor.text, after))
        if not editor.replace_line(tried.line, old, new):
            return
        editor.saved()  # the lesson's own text comes back with the next page
        self._bridge.source = editor.text
        window.message.hide()
        self._running = tried if window.workbench.run_apart((), self._take, more=bool(tried.knobs)) else None

    def _take(self, session: Session, ended: Ended) -> None:
        """The changed run is there; where the page was turned meanwhile, nobody waits for it."""
        if self._running is None or self._running is not self._here:
            return
        work = self._window.workbench
        if session.length:
            self.session = session
            work.show_run(session, ())
            self._bridge.move(session.to_end)
        work.tell_ending(session, ended)

    def over(self) -> bool:
        """A run has ended; True where it was one of this, which is then shown at the moment that its page speaks of."""
        tried, self._running = self._running, None
        turned, self._turned = self._turned, {}
        if tried is None:
            return False
        session, walk = self._bridge.session, self._room.walk
        if tried is not self._here or session is None or walk is None or walk.page.step is None:
            return True
        self.session = session
        self._window.statusBar().clearMessage()  # the page says what to look at
        if tried.shows is not None:
            with suppress(LessonProblem):  # it may not come to that: the end is shown
                self._bridge.seek(find_moment(session, tried.shows))
        with suppress(LessonProblem):  # what is not there any more is not pointed at
            self._room.guide.look(session, walk.page.step.look)
        self._room.guide.frame()
        if turned:
            self.turn(turned)
        return True

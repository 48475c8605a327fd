"""PresenterRoom: presenting as a part of the window. It makes the stage late, and gives the window back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..lessons.boxes import plain
from ..lessons.pointer import CanvasPointer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradviz.lessons.walk import Walk

    from ..lessons.room import LessonRoom
    from ..window.panels import PanelledWindow
    from .stage import Stage

LETTERS = "ABCDEF"
OF_A_RUN = ("surface", "valley", "boundary", "ridges")  # pictures in which a whole run is seen, so also what a change does to it


def _words_of(walk: Walk) -> str:
    """What a page says and asks, in one paragraph, and below it what there is to choose from, with letters that a class can call."""
    step = walk.page.step
    if step is None:
        return "The end of the lesson: its questions are in the window."
    said, below = [walk.text(step.text)], ""
    if step.ask is not None:
        said.append(walk.text(step.ask.prompt))
        given = [option.text for option in step.ask.options] or [item.text for item in step.ask.items]
        below = "    ".join(f"{letter}: {plain(walk.text(one))}" for letter, one in zip(LETTERS, given, strict=False))
    if step.try_ is not None:
        said.append(walk.text(step.try_.text))
    words = " ".join(plain(one).replace("\n", " ") for one in said if one)
    return f"{words}\n{below}" if below else words


def _answer_of(walk: Walk) -> str:
    """The answer of a page, and why."""
    step = walk.page.step
    if step is None or step.ask is None or step.why is None:
        return ""
    told = walk.here.told(step.ask)
    return f"{told}{'' if told.endswith('.') else '.'} {walk.text(step.why.text, step.why.at)}"


class PresenterRoom(QObject):
    """Holds the stage, and what must be as before when it is left."""

    def __init__(self, window: PanelledWindow, lesson: Callable[[], LessonRoom | None]) -> None:
        """Args:
        lesson: the room of the lesson that is open.
        """
        super().__init__(window)
        self._window, self._lesson = window, lesson
        self._stage: Stage | None = None
        self._speed_before = 1.0
        self._told: tuple[Walk, int] | None = None  # the page whose answer was shown
        self._before: dict[str, bool] = {}

    @property
    def stage(self) -> Stage:
        """The window that covers the screen; made at the first call."""
        if self._stage is None:
            from .picture import StagePicture
            from .stage import Stage

            window = self._window
            self._stage = stage = Stage(window.bridge)
            stage.canvas.pointed = self._pointed
            stage.left.connect(self._left)
            stage.theme_wanted.connect(window.turn_theme)
            stage.page_wanted.connect(self._turn_page)
            stage.hang(StagePicture(stage.canvas, window.pictures, stage))
        return self._stage

    @property
    def presenting(self) -> bool:
        """Whether the stage is up."""
        return self._stage is not None and self._stage.isVisible()

    def present(self) -> None:
        """Cover the screen with the recording at this moment."""
        window = self._window
        if self.presenting or window.bridge.session is None:
            return
        window.stop_playing()
        window.show_recording()
        self._speed_before = window.canvas.speed
        stage = self.stage
        stage.canvas.set_speed(self._speed_before)
        self._before = self._in_front()
        window.canvas.finish()
        window.canvas.set_speed(0.0)  # nobody sees it move
        stage.canvas.folding.take(window.canvas.folding)
        stage.present(window, window.canvas.direction)
        self._offer()
        lesson = self._lesson()
        if lesson is not None and lesson.walk is not None:
            self._picture(lesson.walk)

    def _pointed(self) -> tuple[int, ...]:
        """What an open lesson points at."""
        pointer = self._window.canvas.findChild(CanvasPointer)
        return pointer.nodes if isinstance(pointer, CanvasPointer) else ()

    def _turn_page(self, delta: int) -> None:
        """On or back in an open lesson: its moment, what it points at, and its words."""
        stage, lesson = self.stage, self._lesson()
        walk = lesson.walk if lesson is not None else None
        if lesson is None or walk is None:
            stage.say("No lesson is open: choose one in the window (Ctrl+Shift+H)")
            return
        step = walk.page.step
        if delta > 0 and step is not None and step.ask is not None and self._told != (walk, walk.index):
            self._told = (walk, walk.index)  # the class has answered aloud
            lesson.show_why()
            self._say(plain(_answer_of(walk)).replace("\n", " "))
            return
        if walk.page.kind in ("step", "question") or delta < 0:
            (lesson.next if delta > 0 else lesson.back)()
        self._told = None
        self._offer()
        self._say(_words_of(walk))
        self._picture(walk)

    def _offer(self) -> None:
        """What the open page has to try."""
        stage, lesson = self.stage, self._lesson()
        stage.bar.offer(lesson.panel if lesson is not None else None)
        rows = stage.layout()
        if rows is not None:
            rows.activate()

    def _picture(self, walk: Walk) -> None:
        """The picture of a page that points at nothing else, or where it shows what is tried; else a word that there is one."""
        stage, step = self.stage, walk.page.step
        look = step.look if step is not None else ()
        pictures = {pointer.panel for pointer in look if pointer.kind == "picture"}
        alone = not any(pointer.kind == "node" for pointer in look)
        tried = step is not None and step.try_ is not None and bool(pictures.intersection(OF_A_RUN))
        stage.show_picture(wanted=bool(pictures) and (alone or tried))
        if pictures:
            stage.hint("I: the next picture, or the graph" if stage.picture_shown else "I: the picture")

    def _say(self, words: str) -> None:
        self.stage.canvas.finish()
        self.stage.say(words)

    def _left(self) -> None:
        window = self._window
        window.canvas.set_speed(self._speed_before)
        self._restore()
        window.activateWindow()
        window.canvas.setFocus()

    def _in_front(self) -> dict[str, bool]:
        """The docks that are not hidden, and whether each is in front of its tabs."""
        return {title: not dock.visibleRegion().isEmpty() for title, dock in self._window.docks.items() if not dock.isHidden()}

    def _restore(self) -> None:
        """The docks as they were: a lesson's pages may have shown and raised some."""
        for title, dock in self._window.docks.items():
            if title not in self._before:
                dock.hide()
        now = self._in_front()
        for title, front in self._before.items():
            if front and not now.get(title, False):
                self._window.docks[title].raise_()

    def close(self) -> None:
        """The app ends."""
        if self._stage is not None:
            self._stage.leave()
            self._stage.deleteLater()
            self._stage = None

"""The way through a lesson: its pages, what was answered, how it went. No window in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..debugger.session import Session
from .answers import Reader
from .finding import find_moment
from .lesson import Lesson, MomentName, Step


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a step of the lesson, "begin" before the check, a question of it, and the end."""

    kind: str  # "step", "begin", "question", "end"
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said after an answer."""

    right: bool
    answer: str  # the right one, in words
    why: str


class Walk:
    """Where a learner is in a lesson.

    Attributes:
        reader: of the lesson's recording.
        fresh: of the recording with a fresh seed, None before the check begins.
        index: the page.
        given: the answer that was given on a page.
    """

    def __init__(self, lesson: Lesson, session: Session) -> None:
        self.lesson = lesson
        self.reader = Reader(session, lesson)
        self.fresh: Reader | None = None
        steps = [Page("step", step) for step in lesson.steps]
        questions = [Page("question", step) for step in lesson.check]
        self.pages = (*steps, Page("begin"), *questions, Page("end"))
        self.index = 0
        self.given: dict[int, Any] = {}

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.pages[self.index]

    @property
    def here(self) -> Reader:
        """The recording that the page speaks of."""
        return self.fresh if self.page.kind in ("question", "end") and self.fresh is not None else self.reader

    def next(self) -> bool:
        """To the next page; False where the check must be started first, or at the end."""
        if self.index + 1 >= len(self.pages) or (self.page.kind == "begin" and self.fresh is None):
            return False
        self.index += 1
        return True

    def back(self) -> bool:
        """To the page before."""
        if not self.index:
            return False
        self.index -= 1
        return True

    def begin_check(self, session: Session) -> None:
        """The run with fresh numbers is there: to its first question."""
        self.fresh = Reader(session, self.lesson)
        begin = next(k for k, page in enumerate(self.pages) if page.kind == "begin")
        self.given = {k: given for k, given in self.given.items() if k < begin}
        self.index = begin + 1

    def text(self, text: str, at: MomentName | None = None) -> str:
        """A text of this page with its numbers."""
        step = self.page.step
        moment = at or (step.at if step is not None else self.lesson.picture)
        return self.here.text(text, moment)

    def row(self, at: MomentName) -> int:
        """The event at which a moment is shown."""
        return find_moment(self.here.session, at)

    def answer(self, given: Any) -> Verdict:
        """Take an answer to this page's question; the first one counts."""
        self.given.setdefault(self.index, given)
        found = self.verdict()
        if found is None:
            raise ValueError("this page asks nothing")
        return found

    def verdict(self) -> Verdict | None:
        """How this page's question went, None where it was not answered."""
        step = self.page.step
        if step is None or step.ask is None or step.why is None or self.index not in self.given:
            return None
        reader = self.here
        return Verdict(reader.judge(step.ask, self.given[self.index]), reader.told(step.ask), reader.text(step.why.text, step.why.at))

    def results(self) -> list[bool | None]:
        """For each question of the check whether it was right, None where it was not answered."""
        out: list[bool | None] = []
        for k, page in enumerate(self.pages):
            if page.kind == "question" and page.step is not None and page.step.ask is not None:
                known = k in self.given and self.fresh is not None
                out.append(self.fresh.judge(page.step.ask, self.given[k]) if known and self.fresh is not None else None)
        return out

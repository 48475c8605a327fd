"""What can be wrong with a lesson, and where."""

from __future__ import annotations

from ..problem import Problem


class LessonProblem(Problem):
    """One clear sentence with the place in the file.

    Attributes:
        message: what is wrong.
        place: where in the lesson ("steps[2].ask.answer"), "" for the file as a whole.
        line: 1-based line of the file, 0 where it has none.
    """

    def __init__(self, message: str, place: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.line = line

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.place) if part)
        return f"{where}: {self.message}" if where else self.message

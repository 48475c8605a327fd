"""What is wrong with a document, in words, with the place."""

from __future__ import annotations

from ..problem import Problem


class DocumentProblem(Problem):
    """Why a document cannot be opened, changed or saved."""

    def __init__(self, text: str, place: str = "") -> None:
        super().__init__(f"{text} ({place})" if place else text)
        self.place = place

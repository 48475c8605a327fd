"""A row of the tables of errors whose text says nearly all."""

from __future__ import annotations

from dataclasses import dataclass

NAME = r"([A-Za-z_]\w*)"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of error.

    In the words `{0}`, `{1}`, ... are the groups of the pattern, `{line}` is the line that failed, and `{name}` is the variable that
    `subject` finds in that line; the event that made this variable is the culprit, and `{shape}` is the shape that it has.
    `fix` replaces in the line that failed; `elsewhere` in the one line of the script where its pattern, with the groups filled in, is found.
    """

    pattern: str
    cause: str
    sentence: str
    advice: str
    subject: str = ""
    fix: tuple[str, str] | None = None
    elsewhere: tuple[str, str] | None = None

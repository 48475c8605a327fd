"""What the lint finds in a script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake that can be seen in the text.

    Attributes:
        line, column, end_line, end_column: where it stands; lines from 1, columns from 0.
        rule: its short name.
        sentence: what will happen, with names and lines.
        advice: what to write instead.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    sentence: str
    advice: str

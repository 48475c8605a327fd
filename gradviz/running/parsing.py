"""The text of a script as a tree, and why it is none."""

from __future__ import annotations

import ast

from ..problem import Problem


class SyntaxProblem(Problem):
    """Why a text is no Python program: the message, and where (1-based line and column, 0 where unknown)."""

    def __init__(self, message: str, line: int, column: int, end_column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.end_column = end_column

    def __str__(self) -> str:
        return f"{self.message} (line {self.line})" if self.line else self.message


def parse(source: str, filename: str = "<script>") -> ast.Module:
    """The tree of a script.

    Raises:
        SyntaxProblem: where the text is no Python, too deep, or holds bytes that no program holds.
    """
    try:
        return ast.parse(source, filename)
    except SyntaxError as e:
        raise SyntaxProblem(f"{type(e).__name__}: {e.msg}", e.lineno or 0, e.offset or 0, e.end_offset or 0) from None
    except (ValueError, RecursionError, MemoryError, UnicodeError) as e:
        raise SyntaxProblem(f"this text cannot be read as Python: {e or type(e).__name__}", 0, 0) from None

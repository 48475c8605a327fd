"""Statements put before lines of a script: its tree gets them, its text stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..branch import InsertLine
from ..parsing import SyntaxProblem
from .hook_names import CLEAR

ZERO_GRAD = "zero_grad()"


def parse_statement(code: str, line: int = 0) -> list[ast.stmt]:
    """What a user typed, as statements; `zero_grad()` becomes the hook that empties every `.grad`.

    Raises:
        SyntaxProblem: it is no Python statement.
    """
    text = code.strip()
    if text == ZERO_GRAD:
        text = f"{CLEAR}()"
    try:
        made = ast.parse(text).body
    except (SyntaxError, ValueError) as problem:
        raise SyntaxProblem(f"{code!r} is no statement: {getattr(problem, 'msg', problem)}", line, 0) from None
    if not made:
        raise SyntaxProblem("there is no statement to insert", line, 0)
    return made


def insert(tree: ast.Module, insertions: Sequence[InsertLine]) -> ast.Module:
    """Put each statement before the innermost one on its line, or the first one after it.

    Raises:
        SyntaxProblem: a statement is none, or no line is left for it.
    """
    for wanted in insertions:
        made = parse_statement(wanted.code, wanted.line)
        place = _place(tree, wanted.line)
        if place is None:
            raise SyntaxProblem(f"there is no statement at or after line {wanted.line}", wanted.line, 0)
        body, number = place
        for statement in made:
            for part in ast.walk(statement):
                if isinstance(part, (ast.stmt, ast.expr)):
                    part.lineno = part.end_lineno = body[number].lineno
                    part.col_offset = part.end_col_offset = 0
        body[number:number] = made
    return tree


def _place(tree: ast.Module, line: int) -> tuple[list[ast.stmt], int] | None:
    """The list of statements and the place in it before which a line stands."""
    best: tuple[tuple[int, int], list[ast.stmt], int] | None = None
    for parent in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            found = getattr(parent, field, None)
            body: list[ast.stmt] = found if isinstance(found, list) else []
            for number, statement in enumerate(body):
                stop = statement.end_lineno or statement.lineno
                if stop < line or (statement.lineno < line and _has_body(statement)):
                    continue
                rank = (max(statement.lineno, line), -statement.col_offset)
                if best is None or rank < best[0]:
                    best = rank, body, number
    return best[1:] if best is not None else None


def _has_body(statement: ast.stmt) -> bool:
    return isinstance(getattr(statement, "body", None), list)

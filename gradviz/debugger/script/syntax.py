"""The syntax tree of a script's text, which lint, alarms and diagnoses look through."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from functools import lru_cache
from typing import cast


@lru_cache(maxsize=8)
def syntax_tree(source: str) -> ast.Module:
    """The tree of a text, an empty one where it is no program. It is the same object each time: nobody changes it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" is not our business
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def walk(node: ast.AST) -> tuple[ast.AST, ...]:
    """`ast.walk` of a node of a `syntax_tree`, worked out once: tens of rules look through one tree, while its text is typed."""
    below = getattr(node, "below", None)
    if below is None:
        below = tuple(ast.walk(node))
        node.below = below  # type: ignore[attr-defined]
    return cast("tuple[ast.AST, ...]", below)


def unparse(node: ast.AST) -> str:
    """`ast.unparse` of such a node, worked out once."""
    text: str | None = getattr(node, "text", None)
    if text is None:
        text = ast.unparse(node)
        node.text = text  # type: ignore[attr-defined]
    return text


@lru_cache(maxsize=8)
def code(source: str) -> str:
    """A text without its comments, each line as long as it was: what stands in a comment is no part of the program."""
    lines = source.splitlines(keepends=True)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                (row, start), text = token.start, lines[token.start[0] - 1]
                lines[row - 1] = text[:start] + " " * len(token.string) + text[start + len(token.string) :]
    except (tokenize.TokenError, IndentationError, SyntaxError, IndexError):
        return source
    return "".join(lines)

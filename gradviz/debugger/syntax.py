"""The syntax tree of a script's text, which lint, alarms and diagnoses look through."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=8)
def syntax_tree(source: str) -> ast.Module:
    """The tree of a text, an empty one where it is no program. It is the same object each time: nobody changes it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" is not our business
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])

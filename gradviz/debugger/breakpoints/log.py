"""What a breakpoint with a log text says at each of its hits: a print after the fact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..watch import Histogram, Names, WatchProblem, evaluate, parse

if TYPE_CHECKING:
    from ..session import Session
    from .breakpoint import Breakpoint

LINES = 2000  # the first so many are told
_FIELD = re.compile(r"\{([^{}]*)\}")


def log_lines(session: Session, found: Breakpoint) -> list[tuple[int, str]]:
    """(event, text) of the first hits."""
    names = Names(session)

    def said(row: int) -> str:
        return _FIELD.sub(lambda field: _value(session, field[1], row, names), found.log)

    return [(row, said(row)) for row in session.hits(found)[:LINES].tolist()]


def _value(session: Session, text: str, row: int, names: Names) -> str:
    try:
        return _words(evaluate(session, parse(text), row, names))
    except WatchProblem as problem:
        return f"<{problem}>"


def _words(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 1:
        return np.array2string(value, precision=4, threshold=20, separator=", ")
    if value is None or isinstance(value, (bool, np.bool_, int, str)):
        return str(value)
    if isinstance(value, Histogram):
        return f"{len(value.values)} values from {value.low:.6g} to {value.high:.6g}"
    return f"{np.asarray(value).reshape(-1)[0]:.6g}"

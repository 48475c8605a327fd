"""What stands in a field of a file's row, or why that cannot stand there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from ..model import Block, Param
from ..problem import DocumentProblem

LONGEST_TEXT = 10_000
_ID = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def text_of(row: dict[str, Any], name: str) -> str:
    """A text that can be written again.

    Raises:
        DocumentProblem: it is none; as all of these do.
    """
    value = row.get(name)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise DocumentProblem(f"“{name}” needs a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise DocumentProblem(f"“{name}” has signs that are no text") from None
    return value


def ids_of(row: dict[str, Any], name: str, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """A list of ids of blocks, without those that there are none of."""
    ids = row.get(name, [])
    if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise DocumentProblem(f"“{name}” needs a list of ids")
    return tuple(dict.fromkeys(i for i in ids if i in blocks))


def id_of(row: dict[str, Any], name: str) -> str:
    """The id of a block or a frame."""
    value = text_of(row, name)
    if not _ID.fullmatch(value):
        raise DocumentProblem(f"“{name}” needs an id of letters and digits")
    return value


def end_of(row: dict[str, Any], name: str, blocks: Mapping[str, Block]) -> str:
    """The block at an end of a wire."""
    value = row.get(name)
    if value.__class__ is not str or value not in blocks:
        raise DocumentProblem(f"there is no block {id_of(row, name)[:40]}")
    return str(value)


def numbers_of(values: list[Any], name: str) -> tuple[float, ...]:
    """Numbers that are plain ones nearly always: those are not asked one by one."""
    if {*map(type, values)} <= {float, int}:
        made = tuple(map(float, values))
        if math.inf not in made and -math.inf not in made:
            return made
    return tuple(number_of(v, name) for v in values)


def number_of(value: Any, name: str) -> float:
    """A number, which may be written in words: nan and inf."""
    if isinstance(value, float) and math.isinf(value):  # without words for it
        raise DocumentProblem(f"a number of “{name}” is too large")
    value = _from_words(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise DocumentProblem(f"“{name}” needs numbers, not {str(value)[:40]!r}")
    return float(value)


def _from_words(value: Any) -> Any:
    """{"number": "nan"} as the number that JSON has no word for."""
    if isinstance(value, dict) and set(value) == {"number"} and value["number"] in _WORDS:
        return _WORDS[value["number"]]
    return value


def two_of(row: Any, name: str) -> tuple[float, float]:
    """Two numbers."""
    if not (isinstance(row, list) and len(row) == 2):
        raise DocumentProblem(f"“{name}” needs two numbers")
    return number_of(row[0], name), number_of(row[1], name)


def param_of(value: Any) -> Param:
    """A setting of an op or an optimizer."""
    if isinstance(value, float) and math.isinf(value):
        raise DocumentProblem("a parameter is a number that is too large")
    value = _from_words(value)
    if isinstance(value, list):
        return tuple(param_of(v) for v in value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str) and len(value) <= 1000:
        return value
    raise DocumentProblem(f"a parameter cannot be {str(value)[:40]!r}")

"""Parameters as they are typed."""

from __future__ import annotations

import ast
import re

from .model import Param
from .problem import DocumentProblem


def read_param(text: str) -> Param:
    """A parameter as it is typed: a number, a word, (1, 2), None, True.

    Raises:
        DocumentProblem: too long, or nothing of these.
    """
    text = text.strip()
    if len(text) > 500:
        raise DocumentProblem("this is too long for a parameter")
    try:
        return _frozen(ast.literal_eval(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        if text.replace("_", "").isalnum():
            return text
        if all(part.strip().lstrip("-").isdigit() for part in text.split(",")):
            return tuple(int(part) for part in text.split(","))
        raise DocumentProblem(f"“{text[:40]}” is no number, word or list of numbers") from None


def _frozen(value: object) -> Param:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(v) for v in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError


def read_options(text: str) -> dict[str, Param]:
    """What is typed as options: lr=0.1, momentum=0.9.

    Raises:
        DocumentProblem: it is not written like that.
    """
    made: dict[str, Param] = {}
    for part in filter(str.strip, re.split(r",(?![^(\[]*[)\]])", text)):  # betas=(0.5, 0.9) is one
        name, sign, value = part.partition("=")
        if not sign or not name.strip().isidentifier():
            raise DocumentProblem(f"options are written like lr=0.1, momentum=0.9; “{part.strip()}” is not")
        made[name.strip()] = read_param(value)
    return made

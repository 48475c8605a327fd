"""The placeholders of a text: `{x.grad[0]}` becomes the number that the recording has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_FORMAT = re.compile(r"\s:(\.\d+[efg]|d)\s*$")
_DECIMAL = re.compile(r"(?<![\w.])[-−]?\d+\.\d+(?:e[-+]?\d+)?")


def placeholders(text: str) -> Iterator[str]:
    """What stands between the braces of a text, without formats."""
    for found in _HOLE.finditer(text):
        if found.group(1) is not None:
            yield _FORMAT.sub("", found.group(1)).strip()


def filled(text: str, read: Callable[[str, str], str]) -> str:
    """The text with its placeholders replaced by what `read(body, format)` says; doubled braces are braces."""

    def one(found: re.Match[str]) -> str:
        body = found.group(1)
        if body is None:
            return found.group(0)[0]
        form = _FORMAT.search(body)
        return read(_FORMAT.sub("", body).strip(), form.group(1) if form else "")

    return _HOLE.sub(one, text)


def bare_decimals(text: str) -> list[str]:
    """Numbers with a decimal point that stand in a text as they are: not from the recording, and not as code."""
    return _DECIMAL.findall(re.sub(r"`[^`]*`", "", _HOLE.sub("", text)))

"""On which line of a TOML file a value stands: tomllib tells only of syntax errors."""

from __future__ import annotations

import re
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-\s]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w-]+)\s*=\s*(.*)$")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')

Path = tuple[Any, ...]


def line_numbers(text: str) -> dict[Path, int]:
    """The line of each table and key, by its path: ("steps", 2, "ask", "answer")."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    at: Path = ()
    closing = ""  # what ends the string that goes on over lines
    depth = 0  # of brackets that go on over lines
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            if closing in line:
                closing = ""
            continue
        if depth == 0:
            header = _HEADER.match(line)
            if header:
                at = _table(header.group(2).split("."), header.group(1) == "[[", counts)
                found.setdefault(at, number)
                continue
            key = _KEY.match(line)
            if key:
                found.setdefault((*at, key.group(1)), number)
                line = key.group(2)
        quote = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
        if quote:
            closing = quote
            continue
        bare = _STRINGS.sub("", line).split("#")[0]
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return found


def _table(names: list[str], repeated: bool, counts: dict[Path, int]) -> Path:
    """The path of a table's header; the elements of repeated ones are counted."""
    at: Path = ()
    for k, name in enumerate(part.strip() for part in names):
        at = (*at, name)
        if k == len(names) - 1 and repeated:
            counts[at] = counts.get(at, -1) + 1
        if at in counts:
            at = (*at, counts[at])
    return at


def written(path: Path) -> str:
    """A path in words: `steps[2].ask.answer` (counted from 1, as people do)."""
    out = ""
    for part in path:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out

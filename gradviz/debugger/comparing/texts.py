"""How the text of one run differs from that of another, in a few words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

SHORT = 26  # characters of a line that is told as it is; of a longer one what is another is told


def change_of_text(before: str, after: str) -> str:
    """Which line is gone, new or another one, or how many are; "" where only comments and empty lines differ."""
    old, new = _lines(before), _lines(after)
    matcher = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    changes = [(i, j, k, m) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]
    if not changes:
        return ""
    gone = [line for i, j, _, _ in changes for line in old[i:j]]
    come = [line for _, _, k, m in changes for line in new[k:m]]
    if len(gone) == 1 and not come:
        return f"without line {gone[0][0]}: {gone[0][1].strip()}"
    if len(come) == 1 and len(gone) == 1 and len(come[0][1].strip()) > SHORT:
        was, now = _other(gone[0][1].strip(), come[0][1].strip())
        if was and now:
            return f"line {come[0][0]}: {was} → {now}"
    if len(come) == 1 and len(gone) <= 1:
        return f"{'' if gone else 'with '}line {come[0][0]}: {come[0][1].strip()}"
    count = max(len(gone), len(come))
    return f"{count} lines changed, from line {(come or gone)[0][0]} on"


def _other(before: str, after: str) -> tuple[str, str]:
    """What in one line became what in the other, in whole words and with the name of an argument; empty where it is more than a part."""
    old, new = (re.findall(r"\w[\w.]*|\s+|[^\w\s]", line) for line in (before, after))
    same = next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - same
    end = next((k for k in range(most) if old[-1 - k] != new[-1 - k]), most)
    if same > 1 and old[same - 1] == "=" and old[same - 2].strip():
        same -= 2
    was, now = ("".join(words[same : len(words) - end]).strip() for words in (old, new))
    whole = all(part.count("(") == part.count(")") and part.count("[") == part.count("]") for part in (was, now))
    return (was, now) if whole and max(len(was), len(now)) <= SHORT else ("", "")


def _lines(text: str) -> list[tuple[int, str]]:
    """Number and text of each line with something on it."""
    lines = enumerate(text.splitlines(), 1)
    return [(number, line.rstrip()) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]

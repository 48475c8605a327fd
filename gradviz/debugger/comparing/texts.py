"""How the text of one run differs from that of another, in a few words."""

from __future__ import annotations

from difflib import SequenceMatcher


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
    if len(come) == 1 and len(gone) <= 1:
        return f"{'' if gone else 'with '}line {come[0][0]}: {come[0][1].strip()}"
    count = max(len(gone), len(come))
    return f"{count} lines changed, from line {(come or gone)[0][0]} on"


def _lines(text: str) -> list[tuple[int, str]]:
    """Number and text of each line with something on it."""
    lines = enumerate(text.splitlines(), 1)
    return [(number, line.rstrip()) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]

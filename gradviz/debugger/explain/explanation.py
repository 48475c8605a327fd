"""One thing that is wrong or suspicious, as `gradviz explain` tells it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..diagnosis import Fix

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun


@dataclass(frozen=True, slots=True)
class Explanation:
    """One diagnosis.

    Attributes:
        kind: a word of `KINDS` (kinds.py), or of an error that has an explanation of its own.
        line: the script line to change, 0 where none is to blame.
        event: where it happened in the recording, -1 for nowhere.
        node: what the canvas calls the node, None for none.
        message: what is wrong, in a sentence with names and numbers.
        fix: what to do, as a sentence or as a unified diff of the script; "" for nothing.
    """

    kind: str
    line: int
    event: int
    node: str | None
    message: str
    fix: str = ""


def unified(run: RecordedRun, fix: Fix) -> str:
    """A fix as a diff that `patch` takes."""
    name = str(run.recording.meta.get("path", "script.py")).rsplit("/", 1)[-1]
    before = run.recording.source.splitlines()
    after = [*before[: fix.line - 1], *fix.after.splitlines(), *before[fix.line - 1 + len(fix.before.splitlines()) :]]
    return "\n".join(difflib.unified_diff(before, after, name, name, n=1, lineterm=""))


def one_line(text: str) -> str:
    """A text without line ends."""
    return " ".join(text.split())

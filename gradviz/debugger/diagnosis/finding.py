"""What a diagnosis is: a cause in words, the culprit, and a change of the script that mends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the script: lines `line` to `line` become `after` (1-based)."""

    line: int
    before: str
    after: str

    @property
    def diff(self) -> str:
        """As a diff of the script."""
        old = "\n".join(f"- {part}" for part in self.before.splitlines())
        new = "\n".join(f"+ {part}" for part in self.after.splitlines())
        return f"line {self.line}\n{old}\n{new}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why it failed.

    Attributes:
        cause: "in-place write", "graph freed", "no history", "leaf in place", "not scalar", "numpy", "integer leaf", "unused" or "shapes".
        sentence: in words, with names and lines.
        event: the culprit, -1 for none.
        nodes: what to light.
        fix: a change that mends it, None where only the user can know.
        advice: what to do, where there is no fix of one line.
        line: the line to change, 0 where it is that of the fix or else of the event.
    """

    cause: str
    sentence: str
    event: int = -1
    nodes: tuple[int, ...] = ()
    fix: Fix | None = None
    advice: str = ""
    line: int = 0


def source_line(run: RecordedRun, line: int) -> str:
    """A line of the script (1-based), "" where there is none."""
    lines = run.recording.source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


def last_of_line(run: RecordedRun, line: int) -> int:
    """The last event of a line, else the error itself, -1 for neither: what a click shows."""
    rows = (run.columns.line == line).nonzero()[0]
    failed = (run.columns.kind == int(Kind.ERROR)).nonzero()[0]
    return int(rows[-1]) if len(rows) else int(failed[-1]) if len(failed) else -1


def replaced(run: RecordedRun, line: int, pattern: str, by: str) -> Fix | None:
    """The fix that replaces the first match of `pattern` in a line; None where it does not match."""
    before = source_line(run, line)
    after = re.sub(pattern, by, before, count=1)
    return Fix(line, before, after) if after != before else None


def bound(run: RecordedRun, name: str, before: int | None = None) -> Event | None:
    """The last time a name of the script was bound to a tensor, up to an event."""
    last = run.columns.length if before is None else before
    for row in reversed((run.columns.kind[:last] == int(Kind.BIND_NAME)).nonzero()[0].tolist()):
        event = run.trace.event(row)
        if event.detail.get("name") == name:
            return event
    return None


def maker(run: RecordedRun, name: str) -> Event | None:
    """The event that made the tensor which a name is bound to at the end of the recording."""
    found = bound(run, name)
    if found is None or not found.reads:
        return None
    made = run.trace.made[run.trace.site_of_tensor(run.trace.tensor_of(found.reads[0].location))]
    earlier = [row for row in made if row <= found.index]
    return run.trace.event(int(earlier[-1])) if earlier else None

"""The tensors that a failed line worked on: the op that failed is not recorded, what it was given is."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind
from ..trace.trace import MAKING
from ..words.names import name_of
from .finding import bound, source_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..recorded_run import RecordedRun

_RECENT = 400  # events before the error
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that may have been given to what failed.

    Attributes:
        name: as the script or the canvas calls it.
        made: the event that made it.
        named: whether the failed line calls it by this name.
    """

    name: str
    shape: Shape
    made: Event
    named: bool

    def told(self, line: int) -> str:
        """ "w of shape (3, 2), made in line 4"."""
        where = f", made in line {self.made.line}" if self.made.line and self.made.line != line else ""
        return f"{self.name} of shape {self.shape}{where}"


def operands(run: RecordedRun, line: int) -> list[Operand]:
    """What the line may have worked on: first what it calls by name, then what was made last."""
    trace, found = run.trace, dict[int, Operand]()
    for name in _names(run, line):
        binding = bound(run, name)
        if binding is None or not binding.reads:
            continue
        tensor = trace.tensor_of(binding.reads[0].location)
        made = _latest(run, tensor)
        if made is not None:
            found.setdefault(tensor, Operand(name, _shape(run, tensor), made, named=True))
    rows = run.columns.kind[-_RECENT:]
    start = run.length - len(rows)
    for back in range(len(rows) - 1, -1, -1):
        if int(rows[back]) not in MAKING:
            continue
        event = trace.event(start + back)
        for ref in event.writes[:1]:
            tensor = trace.tensor_of(ref.location)
            if tensor not in found and ref.value >= 0:
                name = name_of(trace, event.site, event.index) if event.site >= 0 else "a tensor"
                found[tensor] = Operand(name, _shape(run, tensor), event, named=False)
    # A parameter is older than anything that was made last.
    for site in run.recording.sites:
        if site.role == "leaf" and len(run.trace.made[site.index]):
            event = trace.event(int(run.trace.made[site.index][-1]))
            tensor = trace.tensor_of(event.writes[0].location) if event.writes else -1
            if tensor >= 0 and tensor not in found:
                found[tensor] = Operand(site.name or name_of(trace, site.index, event.index), _shape(run, tensor), event, named=False)
    return list(found.values())


def one(known: list[Operand], fits: Callable[[Shape], bool]) -> Operand | None:
    """The first of which the shape fits: what the line names comes first."""
    return next((each for each in known if fits(each.shape)), None)


def pair(known: list[Operand], fits: Callable[[Shape, Shape], bool]) -> tuple[Operand, Operand] | None:
    """The two that fit best: both named by the line, else one, else made last."""
    # x @ x is a pair of one, where no other fits as well.
    pairs = ((a, b) for a in known[:_PAIRED] for b in known[:_PAIRED] if fits(a.shape, b.shape))
    return min(pairs, key=lambda two: (-(two[0].named + two[1].named), two[0] is two[1]), default=None)


_PAIRED = 60


def written(line: str, name: str) -> bool:
    """Whether a name stands in a line exactly once, so that it can be replaced there."""
    return len(re.findall(rf"(?<![\w.]){re.escape(name)}(?![\w(])", line)) == 1


def replaced_name(line: str, name: str, by: str) -> str:
    """The line with the name replaced."""
    return re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w(])", by.replace("\\", "\\\\"), line, count=1)


def _names(run: RecordedRun, line: int) -> list[str]:
    """The plain names that the line reads, as they stand there."""
    text = source_line(run, line).strip()
    for whole in (text, f"{text}\n    pass", text.removeprefix("return ").strip()):
        try:
            tree = ast.parse(whole)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        loaded = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        return list(dict.fromkeys(node.id for node in sorted(loaded, key=lambda node: node.col_offset)))
    return list(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text)))


def _latest(run: RecordedRun, tensor: int) -> Event | None:
    site = run.trace.site_of_tensor(tensor)
    if site < 0:
        return None
    rows = [row for row in run.trace.writes(run.trace.location("val", tensor)) if int(run.columns.kind[row]) in MAKING]
    return run.trace.event(rows[0]) if rows else None


def _shape(run: RecordedRun, tensor: int) -> Shape:
    value = run.trace.value_at(run.trace.location("val", tensor), run.length - 1)
    return tuple(run.recording.form(value)[0]) if value >= 0 else ()


def failed_event(run: RecordedRun) -> int:
    """The ERROR event, -1 for none."""
    rows = (run.columns.kind == int(Kind.ERROR)).nonzero()[0].tolist()
    return rows[-1] if rows else -1

"""The calls that are running at an event: what the script's functions are named, and where each call begins and ends.

A site knows the lines that led to it; an event without one (a print, a backward pass, an update) only its own line, and
is placed by the function that this line stands in. Nothing is read of a line inside a function that was never called.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..script.syntax import syntax_tree
from ..trace.columns import HIDDEN
from .frames import Frame, Level

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from ..trace.columns import Columns, Flags
    from .frames import Frames

Stack = tuple[int, ...]  # script lines: of each call, outermost first, then the line that runs


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the script: its qualified name and the lines of its text."""

    name: str
    first: int
    last: int


class Calls:
    """The stack of calls at each event, as lines of the script."""

    def __init__(self, recording: Recording, columns: Columns, frames: Frames) -> None:
        self._recording = recording
        self._columns = columns
        self._frames = frames
        self.functions = functions_of(recording.source)
        self._of_line: dict[int, Function | None] = {}

    def function_at(self, line: int) -> Function | None:
        """The innermost function whose text the line stands in, None at top level."""
        if line not in self._of_line:
            around = [found for found in self.functions if found.first <= line <= found.last]
            self._of_line[line] = max(around, key=lambda found: found.first, default=None)
        return self._of_line[line]

    def stack(self, position: int) -> Stack:
        """The lines of the running calls, outermost first, and last the line that runs; empty where no line is known."""
        site, line = int(self._columns.site[position]), int(self._columns.line[position])
        if site >= 0 and not self._frames.in_backward(position):
            found = self._recording.sites[site]
            return (*found.path, found.line)
        if line <= 0:
            return ()
        function = self.function_at(line)
        return (*self._path_to(function, position), line) if function is not None else (line,)

    def _path_to(self, function: Function, position: int) -> Stack:
        """The calls that led to the function, as the site nearest before the event that ran in it knows them, else any."""
        sites = self._columns.site[max(0, position - 1000) : position + 1]
        recent = list(dict.fromkeys(int(site) for site in sites[::-1] if site >= 0))
        for site in (*recent, *range(len(self._recording.sites))):
            found = self._recording.sites[site]
            lines = (*found.path, found.line)
            for depth, line in enumerate(lines):
                if self.function_at(line) == function:
                    return lines[:depth]
        return ()

    def begins(self, position: int) -> int:
        """At which depth a statement begins at the event: all calls that are deeper began with it.

        0: a line at top level, with all that it calls. Where nothing begins, the depth of the event's own line.
        """
        stack, before = self.stack(position), self._frames.previous_step(position)
        if before < 0:
            return 0
        depth = _shared(stack, self.stack(before))
        return min(depth, max(0, len(stack) - 1))

    def end(self, position: int, depth: int) -> int:
        """The first visible event after `position` outside the statement at that depth; the end of the phase where none is in it."""
        return self._frame(position, depth, depth + 1).stop

    def start(self, position: int, depth: int) -> int:
        """The first event of the statement at that depth around `position`, not before the phase's."""
        return self._frame(position, depth, depth + 1).start

    def around(self, position: int) -> list[Frame]:
        """The running calls as ranges of events within the phase, innermost first; none inside a backward pass."""
        if self._frames.in_backward(position):
            return []
        return [self._frame(position, depth, depth + 2) for depth in range(len(self.stack(position)) - 2, -1, -1)]

    def _frame(self, position: int, depth: int, at_least: int) -> Frame:
        """The events around one, within its phase, that share its stack down to a depth and have a stack of some length."""
        phase = self._frames.at(Level.PHASE, position)
        prefix = self.stack(position)[: depth + 1]
        outside = ~self._inside(prefix, at_least, phase)
        here = position - phase.start
        before, after = np.flatnonzero(outside[:here]), np.flatnonzero(outside[here + 1 :])
        start = phase.start + int(before[-1]) + 1 if len(before) else phase.start
        return Frame(Level.STATEMENT, start, position + 1 + int(after[0]) if len(after) else phase.stop)

    def _inside(self, prefix: Stack, at_least: int, phase: Frame) -> Flags:
        """For each event of a phase whether its stack begins with the lines and is so long; a hidden one never stands outside."""
        start, stop = phase.start, phase.stop
        sites, lines = self._columns.site[start:stop], self._columns.line[start:stop]

        def fits(stack: Stack) -> bool:
            return stack[: len(prefix)] == prefix and len(stack) >= at_least

        table = np.ones(len(self._recording.sites) + 1, bool)
        for site in np.unique(sites[sites >= 0]).tolist():
            found = self._recording.sites[site]
            table[site] = fits((*found.path, found.line))
        inside = table[sites]
        no_site = sites < 0
        for line in np.unique(lines[no_site]).tolist():
            at = no_site & (lines == line)
            inside[at] = fits(self.stack(start + int(np.flatnonzero(at)[0])))
        hidden = np.isin(self._columns.kind[start:stop], HIDDEN)
        return inside | hidden


def functions_of(source: str) -> tuple[Function, ...]:
    """The functions of a script with their qualified names, in the order of their lines; none where it cannot be read."""
    tree = syntax_tree(source)
    found: list[Function] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, outer = waiting.pop()
        for child in ast.iter_child_nodes(node):
            name = outer
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{child.name}" if outer else child.name
                if not isinstance(child, ast.ClassDef):
                    found.append(Function(name, child.lineno, child.end_lineno or child.lineno))
            waiting.append((child, name))
    return tuple(sorted(found, key=lambda each: each.first))


def _shared(a: Stack, b: Stack) -> int:
    """How many lines two stacks have in common from the outermost on."""
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count

"""Where the program is: places in the script, the sites at them, and the loops around them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from dis import opname
from types import CodeType, FrameType

from ..event import Site, SiteKey

UNROLLED = 16  # iterations of a loop without gradients that have nodes of their own
_OPERATORS = frozenset(("BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP", "UNARY_NEGATIVE"))


class Places:
    """Script lines with the lines of the calls that led there, numbered; 0 is "not in the script".

    A frame is recognised by its instruction, because a line number costs a walk through the line table.
    """

    def __init__(self, script: str) -> None:
        self.script = script
        self.lines: list[int] = [0]
        self.paths: list[tuple[int, ...]] = [()]
        self._module: CodeType | None = None
        self._at_top: dict[int, int] = {}  # instruction of the module -> place
        self._inside: dict[tuple[int, int, int], int] = {}  # (place of the caller, id of the code, instruction) -> place
        self._numbers: dict[tuple[tuple[int, ...], int], int] = {}
        self._codes: dict[int, CodeType] = {}  # kept alive, so that an id stays theirs
        self.depths: dict[str, int] = {}  # op -> how many frames above `Recorder.op` an operator of the script stood
        # (id of the code, instruction) of an operator -> its place at top level, -1 inside a function
        self.direct: dict[tuple[int, int], int] = {}
        self._calls: set[tuple[int, int]] = set()  # instructions that are no operators

    def here(self, frame: FrameType | None) -> int:
        """The place of the innermost script frame at or above `frame`.

        Hot path: each op of a recorded run (benchmark row `engine/W1 recorded`).
        """
        script = self.script
        while frame is not None and frame.f_code.co_filename != script:
            frame = frame.f_back
        if frame is None:
            return 0
        if frame.f_code is self._module:
            place = self._at_top.get(frame.f_lasti)
            if place is not None:
                return place
        return self._find(frame)

    def of_op(self, name: str) -> int:
        """The place of the op that `Recorder.op` was told about; remembers how far up it stood.

        Looking at each frame on the way costs more than all the rest, so next time the frame at that height
        is looked at first. That is right for operators only: between `a * b` and the op stand only frames
        of the engine, while below a call there may stand a function of the script.
        """
        depth, frame = 1, sys._getframe(2)
        while frame.f_code.co_filename != self.script:
            if frame.f_back is None:
                return 0
            depth, frame = depth + 1, frame.f_back
        place = self.here(frame)
        code = frame.f_code
        key = (id(code), frame.f_lasti)
        if key not in self._calls and id(code) in self._codes:
            if opname[code.co_code[frame.f_lasti]] in _OPERATORS:
                self.depths[name] = depth
                self.direct[key] = place if code is self._module else -1
            else:
                self._calls.add(key)
        return place

    def _find(self, innermost: FrameType) -> int:
        frame: FrameType | None = innermost
        chain = []
        while frame is not None:
            if frame.f_code.co_filename == self.script:
                chain.append(frame)
                if frame.f_code.co_name == "<module>":
                    if self._module is None:
                        self._module = frame.f_code
                    break
            frame = frame.f_back
        place = 0
        for frame in reversed(chain):
            code = frame.f_code
            key = (place, id(code), frame.f_lasti)
            found = self._inside.get(key)
            if found is None:
                self._codes[id(code)] = code
                found = self._inside[key] = self._number(place, frame.f_lineno or 0)
                if code is self._module and len(chain) == 1:
                    self._at_top[frame.f_lasti] = found
            place = found
        return place

    def _number(self, caller: int, line: int) -> int:
        path = (*self.paths[caller], self.lines[caller]) if caller else ()
        return self.number(path, line)

    def number(self, path: tuple[int, ...], line: int) -> int:
        """The number of the place with that path and line."""
        key = (path, line)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.lines)
            self.paths.append(path)
            self.lines.append(line)
        return found


class Sites:
    """Numbers the sites: the n-th of one op at one place in a step is the same site in each step."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.all: list[Site] = []
        self.changed: set[int] = set()  # sites that got a name or a grad_fn after they were made
        self._cells: dict[tuple[int, str], int] = {}
        self._sites_of_cell: list[list[int]] = []
        self.counts: list[int] = []  # of each cell, how many stand in this step so far
        self._buckets: dict[int, int] = {}

    def next(self, place: int, op: str, role: str) -> int:
        """The site of the op that runs now.

        Hot path: each op of a recorded run.
        """
        cell = self._cells.get((place, op))
        if cell is None:
            cell = self._cells[place, op] = len(self.counts)
            self.counts.append(0)
            self._sites_of_cell.append([])
        counts = self.counts
        occurrence = counts[cell]
        counts[cell] = occurrence + 1
        sites = self._sites_of_cell[cell]
        if occurrence < len(sites):
            return sites[occurrence]
        site = self._add(role, op, place, occurrence)
        sites.append(site)
        return site

    def peek(self, place: int, op: str) -> SiteKey:
        """The key of the site that `next` would give."""
        cell = self._cells.get((place, op))
        return (self._places.paths[place], self._places.lines[place], op, self.counts[cell] if cell is not None else 0)

    def bucket(self, leaf_site: int) -> int:
        """The site of the AccumulateGrad of the leaf made at `leaf_site`."""
        found = self._buckets.get(leaf_site)
        if found is None:
            leaf = self.all[leaf_site] if leaf_site >= 0 else None
            place = self._places.number(leaf.path, leaf.line) if leaf is not None else 0
            found = self._buckets[leaf_site] = self._add("bucket", "AccumulateGrad", place, leaf.occurrence if leaf is not None else 0)
            self.all[found] = replace(self.all[found], grad_fn="AccumulateGrad", name=leaf.name if leaf is not None else "")
        return found

    def _add(self, role: str, op: str, place: int, occurrence: int) -> int:
        site = len(self.all)
        self.all.append(Site(site, role, op, "", "", self._places.lines[place], self._places.paths[place], occurrence))
        return site

    def set_name(self, site: int, name: str) -> None:
        """The script bound the output to a variable."""
        if self.all[site].name != name:
            self.all[site] = replace(self.all[site], name=name)
            self.changed.add(site)
            bucket = self._buckets.get(site)
            if bucket is not None:
                self.set_name(bucket, name)

    def set_grad_fn(self, site: int, grad_fn: str) -> None:
        """The output has a backward node."""
        if self.all[site].grad_fn != grad_fn:
            self.all[site] = replace(self.all[site], grad_fn=grad_fn)
            self.changed.add(site)

    def rewind(self, counts: list[int]) -> None:
        """Go back to the counters of the start of a loop."""
        self.counts[:] = counts + [0] * (len(self.counts) - len(counts))


@dataclass(slots=True)
class Loop:
    """A loop that the script is in.

    Attributes:
        trained: a backward pass happened in it.
        start: index of the first event of the current iteration.
        place: number of its place, 0 until it is looked up.
        history: the latest op with history before the current iteration.
        latest: counters at the start of the latest iteration that has nodes of its own.
    """

    id: int
    line: int
    counts: list[int]
    trained: bool
    iteration: int = -1
    start: int = 0
    place: int = 0
    history: int = -1
    latest: list[int] = field(default_factory=list)


class Clock:
    """Which step and epoch it is.

    A step is what happens between two boundaries of loops that train; an epoch is an iteration of the
    outermost of them. That a loop trains is only known at its first backward: then the events of the
    iteration so far get their epoch.

    Attributes:
        marks: (event index, step, epoch): what holds from that event on.
    """

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self.loops: list[Loop] = []
        self._training: set[int] = set()
        self.step = 0
        self.epoch = -1
        self.marks: list[tuple[int, int, int]] = [(0, 0, -1)]
        self._step_start = 0

    def enter(self, loop_id: int, line: int) -> None:
        """A loop starts."""
        self.loops.append(Loop(loop_id, line, self._sites.counts.copy(), loop_id in self._training))

    def trains(self, loop_id: int) -> bool:
        """Whether the loop that runs innermost is this one, and known to train."""
        return bool(self.loops) and self.loops[-1].id == loop_id and self.loops[-1].trained

    def iterate(self, loop_id: int, now: int, history: int) -> Loop | None:
        """An iteration starts before event `now`, `history` is the latest op with history; returns its loop when that trains."""
        loop = self._innermost(loop_id)
        if loop is None:
            return None
        loop.iteration += 1
        loop.start = now
        if not loop.trained:
            self._fold(loop, history)
            return None
        if loop.iteration:
            self._sites.rewind(loop.counts)
        self._tick(now, bool(loop.iteration))
        return loop

    def _fold(self, loop: Loop, history: int) -> None:
        """In a long loop without gradients (an evaluation, a sampling) later iterations light the nodes of an earlier one again."""
        if loop.iteration >= UNROLLED and history == loop.history:
            self._sites.rewind(loop.latest)
        else:
            loop.latest = self._sites.counts.copy()
        loop.history = history

    def leave(self, loop_id: int) -> Loop | None:
        """The loop is over; returns it when it trained: then its end is told, and `left` after that."""
        loop = self._innermost(loop_id)
        if loop is None:
            return None
        self.loops.pop()
        return loop if loop.trained else None

    def left(self, now: int) -> None:
        """The end of a loop that trained has been told; `now` is the index of the next event."""
        self._tick(now, True)

    def fresh(self) -> list[Loop]:
        """The loops that are not known to train."""
        return [loop for loop in self.loops if not loop.trained]

    def backward(self, sent: int) -> None:
        """A backward pass starts: all loops around it train. Events before `sent` cannot be changed any more."""
        fresh = self.fresh()
        if not fresh:
            return
        for loop in fresh:
            loop.trained = True
            self._training.add(loop.id)
        if self.loops[0] is fresh[0]:
            self.epoch = self.loops[0].iteration
            start = max(sent, fresh[0].start)
            self.marks = [m for m in self.marks if m[0] < start] + [
                (start, self.step, self.epoch),
                *((at, step, self.epoch) for at, step, _ in self.marks if at > start),
            ]

    def is_epoch(self, loop: Loop) -> bool:
        """Whether the loop is the outermost that trains."""
        for other in self.loops:
            if other.trained:
                return other is loop
        return True

    def began(self, now: int) -> None:
        """The boundary has been told: what comes at `now` is the step's first event."""
        self._step_start = now

    def _innermost(self, loop_id: int) -> Loop | None:
        """The loop with that id, the loops inside it left (by break, return or an exception)."""
        if self.loops and self.loops[-1].id == loop_id:
            return self.loops[-1]
        if not any(loop.id == loop_id for loop in self.loops):
            return None
        while self.loops[-1].id != loop_id:
            self.loops.pop()
        return self.loops[-1]

    def _tick(self, now: int, over: bool) -> None:
        """A step is over, if anything happened in it."""
        if over and now > self._step_start:
            self.step += 1
            self._step_start = now
        self.epoch = -1
        for loop in self.loops:
            if loop.trained:
                self.epoch = loop.iteration
                break
        self.marks.append((now, self.step, self.epoch))

"""The columns of a recording that step commands search, as numpy arrays that grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind, Phase

if TYPE_CHECKING:
    from ...recording.recording import Recording

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# What nothing stops at: it changes nothing that a learner looks for, the next event shows its effect.
HIDDEN = (Kind.BIND_NAME, Kind.SAVE, Kind.FREE_SAVES, Kind.BOUNDARY)
# What a step passes over and a breakpoint stops at: a print moves nothing on the canvas (its text stands in the console), and
# what a seed puts on a root is what the vjp behind it takes in, so that a step into backward() comes to the first vjp.
PASSED = (Kind.PRINT, Kind.SEED)


_SHORT, _ROOM = 1 << 16, 1 << 21  # events


class _Grown:
    """Arrays that go on where shorter ones end, in the memory of those while there is room: a long run grows many times."""

    def __init__(self, before: Columns | None) -> None:
        self._before = before
        self.room: dict[str, tuple[Any, int]] = {} if before is None else before._room  # the memory, and how much of it is taken

    def by(self, name: str, new: Any) -> Any:
        """The array of that name with what is new behind it."""
        old: Any = getattr(self._before, name) if self._before is not None else None
        if old is None:
            self.room[name] = (new, len(new))
            return new
        length = len(old) + len(new)
        memory, taken = self.room[name]
        if taken != len(old) or length > len(memory):  # others may have gone on from the shorter one in another way
            memory = np.empty(max(2 * length, _ROOM if length > _SHORT else 0), old.dtype)  # what is not written takes no memory
            memory[: len(old)] = old
        memory[len(old) : length] = new
        self.room[name] = (memory, length)
        return memory[:length]


class Columns:
    """Kind, site, call, line, step, epoch, pass and phase of all events so far.

    Attributes:
        visible: the indexes of the events that a breakpoint may stop at, ascending.
        steps: those that a step stops at, and the last visible one, so that nothing stays behind the end.
        outside_loops: the indexes of the events outside training loops, ascending.
        epoch_begins, step_begins: where epochs and steps begin, ascending; outside loops nowhere.
        lane: the phase once more, as small as it is.
        known: how many of the events stood in the columns before.
    """

    def __init__(self, recording: Recording, before: Columns | None = None) -> None:
        """`before`: the columns of the recording when it was shorter; what is there never changes."""
        self.length = len(recording)
        known = before.length if before is not None and before.length <= self.length else 0

        grown = _Grown(before if known else None)

        def column(name: str) -> Ints:
            found: Ints = grown.by(name, recording.column(name, known))
            return found

        self.kind: Ints = column("kind")
        self.site: Ints = column("site")
        self.call: Ints = column("call")
        self.line: Ints = column("line")
        self.step: Ints = column("step")
        self.epoch: Ints = column("epoch")
        self.pass_: Ints = column("pass_")
        self.phase: Ints = column("phase")
        self.known = known
        hidden = np.zeros(max(Kind) + 1, bool)
        hidden[list(HIDDEN)] = True
        visible = np.flatnonzero(~hidden[self.kind[known:]]) + known
        outside = np.flatnonzero(self.epoch[known:] < 0) + known
        self.visible: Ints = grown.by("visible", visible)
        passed = np.zeros(max(Kind) + 1, bool)
        passed[list(PASSED)] = True
        steps = visible[~passed[self.kind[visible]]]
        self._steps: Ints = grown.by("_steps", steps)
        passed_last = len(self.visible) > 0 and (not len(self._steps) or self._steps[-1] < self.visible[-1])
        self.steps: Ints = np.concatenate((self._steps, self.visible[-1:])) if passed_last else self._steps
        self.outside_loops: Ints = grown.by("outside_loops", outside)
        self.epoch_begins: Ints = grown.by("epoch_begins", self._begins(self.epoch))
        self.step_begins: Ints = grown.by("step_begins", self._begins(self.step))
        self.lane: np.ndarray[Any, np.dtype[np.uint8]] = grown.by("lane", self.phase[known:].astype(np.uint8))
        self._room = grown.room

    def _begins(self, numbers: Ints) -> Ints:
        """Where the number of an epoch or a step is another one, of the events that are new; outside loops not."""
        first = max(self.known - 1, 0)
        changes = np.flatnonzero(numbers[first + 1 :] != numbers[first:-1]) + first + 1
        if not self.known and self.length:
            changes = np.concatenate((np.zeros(1, np.int64), changes))
        inside: Ints = changes[self.epoch[changes] >= 0]
        return inside

    def is_backward(self) -> Flags:
        """For each event whether it belongs to a backward pass."""
        return np.asarray(self.phase == int(Phase.BACKWARD))

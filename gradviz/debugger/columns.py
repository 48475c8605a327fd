"""The columns of a recording that step commands search, as numpy arrays that grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..recording.event import Kind, Phase

if TYPE_CHECKING:
    from ..recording.recording import Recording

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# What a step never stops at: it changes nothing that a learner looks for, the next event shows its effect.
HIDDEN = (Kind.BIND_NAME, Kind.SAVE, Kind.FREE_SAVES, Kind.BOUNDARY)


class Columns:
    """Kind, site, call, line, step, epoch, pass and phase of all events so far.

    Attributes:
        visible: the indexes of the events that a step may stop at, ascending.
        outside_loops: the indexes of the events outside training loops, ascending.
    """

    def __init__(self, recording: Recording) -> None:
        self.length = len(recording)
        self.kind: Ints = recording.column("kind")
        self.site: Ints = recording.column("site")
        self.call: Ints = recording.column("call")
        self.line: Ints = recording.column("line")
        self.step: Ints = recording.column("step")
        self.epoch: Ints = recording.column("epoch")
        self.pass_: Ints = recording.column("pass_")
        self.phase: Ints = recording.column("phase")
        hidden = np.zeros(max(Kind) + 1, bool)
        hidden[list(HIDDEN)] = True
        self.visible: Ints = np.flatnonzero(~hidden[self.kind])
        self.outside_loops: Ints = np.flatnonzero(self.epoch < 0)

    def is_backward(self) -> Flags:
        """For each event whether it belongs to a backward pass."""
        return np.asarray(self.phase == int(Phase.BACKWARD))

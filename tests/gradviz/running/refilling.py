"""Numbers that are not there, computed again as the window does it: in a child process that tells them."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.recording.numbers.refill import Refill
from gradviz.recording.recorder.again import Range
from gradviz.recording.recording import Recording
from gradviz.running.process import protocol
from gradviz.running.process.in_child import said_by
from gradviz.running.process.supervisor import Ended, Supervisor


def refill(supervisor: Supervisor, recording: Recording, ranges: Sequence[Range], at: int) -> tuple[str, Ended]:
    """Fill in the numbers of some events: what was printed meanwhile, and how the run ended.

    Raises:
        Drift: the second run is another one than the first; nothing is filled in.
    """
    found, printed = Refill(recording), ""
    supervisor.start(recording.path, recording.source, again=ranges, events=len(recording))
    for said in said_by(supervisor, patience=200):
        if isinstance(said, Ended):
            found.fill(at)
            return printed, said
        if said.kind == protocol.CHUNK:
            found.take(said.body)
        else:
            printed += said.data()[0]
    raise AssertionError("the run did not end")

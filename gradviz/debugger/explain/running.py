"""Runs what is to be explained: in a child process under its limits, stopped when it takes too long, keeping what it recorded."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...recording.recording import Recording
from ...running.process import protocol
from ...running.process.supervisor import Ended, Supervisor

if TYPE_CHECKING:
    from ...running.overrides import Override

_POLL_SECONDS = 0.005


def recorded(path: str, source: str, overrides: Sequence[Override], seconds: float) -> tuple[Recording, Ended]:
    """The recording of a script, and how it ended. What it prints goes to stderr; Ctrl-C stops it, and not the explaining."""
    supervisor, recording = Supervisor(warm=False), Recording()
    supervisor.start(path, source, overrides)
    until = time.monotonic() + seconds
    stopping = False
    try:
        while True:
            try:
                for said in supervisor.poll():
                    if isinstance(said, Ended):
                        return recording, said
                    if said.kind == protocol.CHUNK:
                        recording.append_chunk(said.body)
                    elif said.kind == protocol.OUTPUT:
                        sys.stderr.write(said.data()[0])
                        sys.stderr.flush()
                time.sleep(_POLL_SECONDS)
            except KeyboardInterrupt:
                until = 0.0
            if not stopping and time.monotonic() > until:
                stopping = True
                supervisor.stop()
    finally:
        supervisor.close()

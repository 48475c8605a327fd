"""A script run in a child process under its limits, for those who wait for its recording."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from ...loading.kind import RECORDING, kind_of
from ...loading.script import ScriptProblem
from ...recording.file.gvrec import load
from ...recording.recording import Recording
from ..overrides import Override
from ..program import read_program
from . import protocol
from .supervisor import Ended, Supervisor

POLL_SECONDS = 0.005


class Patience(Exception):  # noqa: N818 - a run that takes longer than somebody is willing to wait
    """The run was stopped."""


def record_in_child(path: str, source: str, overrides: Sequence[Override] = (), patience: float = float("inf")) -> tuple[Recording, Ended]:
    """Run a program and wait: its recording, and how it ended; what it prints is in the recording.

    Raises:
        Patience: it took longer than so many seconds.
    """
    supervisor, recording = Supervisor(warm=False), Recording()
    supervisor.start(path, source, overrides)
    try:
        for said in said_by(supervisor, patience):
            if isinstance(said, Ended):
                return recording, said
            if said.kind == protocol.CHUNK:
                recording.append_chunk(said.body)
    finally:
        supervisor.close()
    raise AssertionError("the last word of a run is its end")


def said_by(supervisor: Supervisor, patience: float = float("inf")) -> Iterator[protocol.Message | Ended]:
    """Wait for what a run says, to its end, which is the last of it.

    Raises:
        Patience: it took longer than so many seconds.
    """
    until = time.monotonic() + patience
    while True:
        for said in supervisor.poll():
            yield said
            if isinstance(said, Ended):
                return
        if time.monotonic() > until:
            raise Patience
        time.sleep(POLL_SECONDS)


def opened(file: str) -> tuple[Recording, str]:
    """A recording, or one that is made now of a script or graph; and why its program did not end well, "" where it did.

    Raises:
        Problem: the file cannot be read, or its program recorded nothing.
        OSError: so says the system.
    """
    if kind_of(file) == RECORDING:
        return load(file), ""
    recording, ended = record_in_child(file, read_program(file))
    if not len(recording):
        raise ScriptProblem(f"{file} recorded nothing: {ended.reason or 'it uses no tensors'}")
    return recording, ended.reason

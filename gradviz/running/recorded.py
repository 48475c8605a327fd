"""A script run in this process under a recorder, for the commands that need no window."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TextIO

from engine.random import default_generator

from ..loading.kind import RECORDING, kind_of
from ..problem import INTERRUPTED
from ..recording.file.chunk import header_of
from ..recording.file.gvrec import load
from ..recording.file.journal import Journal
from ..recording.numbers.tiers import BUDGET
from ..recording.problem import RecordingProblem
from ..recording.recorder.notebook import ASK_SECONDS
from ..recording.recorder.recorder import Recorder
from ..recording.recording import Recording
from . import interrupts
from .execute import run_recorded
from .overrides import Override
from .program import read_program

DEFAULT_SEED = 67280421310721  # PyTorch's, for scripts that set none


def record_here(file: str, overrides: Sequence[Override] = (), memory: int = BUDGET) -> tuple[Recording, int]:
    """Run a script: its recording and its exit code; what it prints is printed.

    Raises:
        ScriptProblem: the file cannot be read as a script, or is no program.
    """
    path, source = _read(file)
    return record_text(path, source, overrides, memory)


def record_text(
    path: str, source: str, overrides: Sequence[Override] = (), memory: int = BUDGET, *, silent: bool = False
) -> tuple[Recording, int]:
    """Run a program under the name `path`: its recording and its exit code; `silent`: what it prints is only in the recording.

    Raises:
        SyntaxProblem: the text is no program; nothing ran.
    """
    recorder = Recorder(path, source, memory, {"path": Path(path).name})
    exit_code = _run(path, source, recorder, overrides, silent=silent)
    recording = Recording(memory)
    for piece in recorder.pieces():
        recording.append_chunk(b"".join(piece))
    return recording, exit_code


def record_to(file: str, output: str, memory: int = BUDGET) -> int:
    """Run a script, writing its recording while it runs: whatever ends this process, the file holds all up to the last commit.

    Returns the script's exit code.

    Raises:
        ScriptProblem: see `record_here`; the file that stood at `output` stays.
        RecordingProblem: the file cannot be written.
    """
    path, source = _read(file)
    meta = {"path": Path(path).name}
    journal = Journal(output, memory, header_of({**meta, "source": source}))
    recorder = Recorder(path, source, memory, meta)
    over = threading.Event()

    def write() -> None:
        while not over.wait(ASK_SECONDS):
            for piece in recorder.stream():
                journal.append(b"".join(piece))

    writer = threading.Thread(target=write, name="gradviz journal", daemon=True)
    writer.start()
    try:
        return _run(path, source, recorder)
    finally:
        over.set()
        writer.join()
        for piece in recorder.pieces(True):
            journal.append(b"".join(piece))
        journal.close()
        if journal.problem:
            raise RecordingProblem(journal.problem)


def _read(file: str) -> tuple[str, str]:
    return str(Path(file).resolve()), read_program(file)


def _run(path: str, source: str, recorder: Recorder, overrides: Sequence[Override] = (), *, silent: bool = False) -> int:
    default_generator.manual_seed(DEFAULT_SEED)  # as in a process of its own: a second script must not go on where the first ended
    with told(recorder, silent=silent), interrupts.kept():
        return run_recorded(path, source, recorder, overrides).exit_code


@contextmanager
def told(recorder: Recorder, *, silent: bool = False) -> Iterator[None]:
    """What is printed meanwhile is told to the recorder; `silent`: and to nobody else."""
    before = sys.stdout, sys.stderr
    out, err = (StringIO(), StringIO()) if silent else before
    sys.stdout, sys.stderr = Tee(out, recorder, "stdout"), Tee(err, recorder, "stderr")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def opened(file: str, overrides: Sequence[Override] = ()) -> Recording:
    """A recording, or a script run now: what that prints goes to stderr, because the answer of a command stands on stdout.

    Raises:
        RecordingProblem, OSError: a recording cannot be read.
        ScriptProblem: see `record_here`.
        KeyboardInterrupt: the script was interrupted, and with it the command.
    """
    if kind_of(file) == RECORDING:
        return load(file)
    with redirect_stdout(sys.stderr):
        recording, exit_code = record_here(file, overrides)
    if exit_code == INTERRUPTED and recording.error is not None:
        raise KeyboardInterrupt
    return recording


class Tee:
    """A stream that prints as before and tells the recorder."""

    def __init__(self, stream: TextIO, recorder: Recorder, name: str) -> None:
        self._stream = stream
        self._recorder = recorder
        self._name = name
        self._line: list[str] = []  # what was printed of a line that goes on

    def write(self, text: str) -> int:
        """Print; each whole line is one event."""
        self._stream.write(text)
        self._line.append(text)
        if text.endswith("\n"):
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what waits."""
        line, self._line = "".join(self._line), []
        if line:
            self._recorder.print_(line, self._name)
        self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

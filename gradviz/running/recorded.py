"""A script run in this process under a recorder, for the commands that need no window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from engine.random import default_generator

from ..loading.script import load_script
from ..recording.file import load
from ..recording.recorder import Recorder
from ..recording.recording import Recording
from .execute import run_recorded
from .overrides import Override

DEFAULT_SEED = 67280421310721  # PyTorch's, for scripts that set none


def record_here(file: str, overrides: Sequence[Override] = ()) -> tuple[Recording, int]:
    """Run a script: its recording and its exit code; what it prints is printed.

    Raises:
        ScriptProblem: the file cannot be read as a script.
        SyntaxProblem: its text is no program.
    """
    path = str(Path(file).resolve())
    source = load_script(path)
    default_generator.manual_seed(DEFAULT_SEED)  # as in a process of its own: a second script must not go on where the first ended
    recorder = Recorder(path, source, meta={"path": Path(path).name})
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Tee(before[0], recorder, "stdout"), Tee(before[1], recorder, "stderr")
    try:
        outcome = run_recorded(path, source, recorder, overrides)
    finally:
        sys.stdout, sys.stderr = before
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    return recording, outcome.exit_code


def opened(file: str, overrides: Sequence[Override] = ()) -> Recording:
    """A recording, or a script run now: what that prints goes to stderr, because the answer of a command stands on stdout.

    Raises:
        RecordingProblem, OSError: a recording cannot be read.
        ScriptProblem, SyntaxProblem: see `record_here`.
    """
    if Path(file).suffix == ".gvrec":
        return load(file)
    with redirect_stdout(sys.stderr):
        return record_here(file, overrides)[0]


class Tee:
    """A stream that prints as before and tells the recorder."""

    def __init__(self, stream: object, recorder: object, name: str) -> None:
        self._stream = stream
        self._recorder = recorder
        self._name = name
        self._line = ""

    def write(self, text: str) -> int:
        """Print; each whole line is one event."""
        self._stream.write(text)  # type: ignore[attr-defined]
        self._line += text
        if text.endswith("\n"):
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what waits."""
        if self._line:
            self._recorder.print_(self._line, self._name)  # type: ignore[attr-defined]
            self._line = ""
        self._stream.flush()  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

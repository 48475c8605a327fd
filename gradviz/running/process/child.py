"""The process that runs one script: waits warm, records, streams, ends.

Started by `supervisor.py` with two pipe ends: requests come in on one, messages go out on the other.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from .. import interrupts
from . import limits as limits_module
from . import protocol
from .limits import Limits

if TYPE_CHECKING:
    from .checkpoints import Checkpoints


_EXIT = os._exit


class _Out:
    """The way out: messages of two threads, one at a time, each whole.

    Attributes:
        sending: the program's thread is in the middle of one: after half a message nothing that follows could be read.
        interrupted: an interrupt came meanwhile, and is raised afterwards.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self.sending = self.interrupted = False

    def send(self, kind: bytes, *body: bytes | memoryview) -> None:
        programs = threading.current_thread() is threading.main_thread()
        with self._lock:
            self.sending = programs
            try:
                protocol.write(self._fd, kind, *body)
            finally:
                self.sending = False
        if programs and self.interrupted:
            self.interrupted = False
            raise KeyboardInterrupt

    def send_json(self, kind: bytes, data: Any) -> None:
        self.send(kind, protocol.packed(data))


class _Stream(io.TextIOBase):
    """A script's stdout or stderr: shown in the console, and an event of the recording; cut when it grows too long."""

    encoding = "utf-8"

    def __init__(self, name: str, out: _Out, recorder: Any, limit: int) -> None:
        self.name = name
        self._out = out
        self._recorder = recorder
        self._left = limit
        self._waiting: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text and self._left > 0:  # print(end="") writes its end, which is no event
            self._waiting.append(text)
            self._size += len(text)
            if self._size > 8192 or text.endswith("\n"):
                self.flush()
        return len(text)

    def flush(self) -> None:
        if not self._waiting:
            return
        text, self._waiting, self._size = "".join(self._waiting), [], 0
        cut = len(text) > self._left
        text = text[: self._left]
        self._left -= len(text)
        self._recorder.print_(text, self.name)
        self._out.send_json(protocol.OUTPUT, [text, self.name])
        if cut or self._left <= 0:
            self._left = 0
            self._out.send_json(protocol.OUTPUT, [f"\n[gradviz: more {self.name} than is shown; the rest is left out]\n", "gradviz"])


class _NoInput(io.TextIOBase):
    """stdin: a recorded script has nobody to ask."""

    def readable(self) -> bool:
        return True

    def readline(self, *_: Any) -> str:  # type: ignore[override]
        raise EOFError("this script asks for input(), and a recorded script has nobody to ask: put the value into the script")

    read = readline


def main(requests: int, answers: int) -> None:
    """Wait for a request, run it, end; where more of the kind may come, wait for them first."""
    limits_module.die_with_parent()
    limits_module.give_way()
    from ...recording.recorder import again, recorder
    from .. import execute, overrides, parsing  # all of what a run needs, before one is asked for

    del again, recorder, execute, overrides, parsing
    out = _Out(answers)
    out.send_json(protocol.READY, os.getpid())
    limited = False
    while (asked := protocol.read(requests)) is not None:
        request = asked.data()
        if not request.get("more"):
            os.close(requests)
        elif request.get("again"):
            _serve_again(request, requests, out)
            return
        limited = limited or _limited(request, out)  # those of an earlier run of the same script hold already
        if limited:
            _serve(request, out)
        if not request.get("more"):
            return


def _limited(request: dict[str, Any], out: _Out) -> bool:
    """Put the limits on this process; False where the system refuses, and says so."""
    try:
        limits_module.apply(Limits(**request["limits"]), _folder(request["path"]))
    except OSError as refused:
        text = f"the system refuses the limits that scripts run with ({refused}); nothing was run"
        out.send_json(protocol.END, {"exit_code": 1, "type": "PermissionError", "text": text, "line": 0})
        return False
    return True


def _folder(path: str) -> str:
    """A script's own folder."""
    return str(Path(path).resolve().parent)


def _serve_again(request: dict[str, Any], requests: int, out: _Out) -> None:
    """Run a script for the numbers of some events, and again for others, each time from the nearest checkpoint."""
    from .checkpoints import Checkpoints, ended

    if not _limited(request, out):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the process that runs
    kept = Checkpoints(request["events"], lambda text: out.send_json(protocol.END, ended(text)))
    while not kept.ask(request["again"]):
        asked = kept.wait(requests)
        if asked is None:
            return
        request = asked.data()
    _serve(request, out, kept)
    os._exit(0)


def _serve(request: dict[str, Any], out: _Out, kept: Checkpoints | None = None) -> None:
    """Run what is asked for."""
    from ...recording.recorder.again import Again
    from ...recording.recorder.recorder import Recorder
    from ..execute import run_recorded
    from ..overrides import from_json
    from ..parsing import SyntaxProblem

    limits = Limits(**request["limits"])
    path, source = request["path"], request["source"]
    overrides = from_json(request["overrides"])
    meta = {"path": path, **({"overrides": request["overrides"]} if overrides else {})}
    ranges = request.get("again")
    if ranges is None:
        recorder = Recorder(path, source, request["memory"], meta)
    else:
        rest = kept.rest if kept is not None else None
        recorder = Again(path, source, ranges, lambda data: out.send(protocol.CHUNK, data), lambda: _enough(out, kept), meta, rest)
    os.chdir(_folder(path))
    real = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Stream(n, out, recorder, limits.output) for n in ("stdout", "stderr"))
    sys.stdin = _NoInput()
    signal.signal(signal.SIGINT, lambda _, frame: _interrupt(recorder, out, frame))
    done = threading.Event()
    sender = threading.Thread(target=_stream, args=(recorder, out, done, limits.events), daemon=True)
    if ranges is None:
        sender.start()
        _hand_over_at_exit(recorder, out, done, sender)
    end: dict[str, Any]
    try:
        outcome = run_recorded(path, source, recorder, overrides)
        end = {"exit_code": outcome.exit_code, "type": outcome.error_type, "text": outcome.error_text, "line": outcome.line}
    except SyntaxProblem as problem:
        end = {"exit_code": 1, "type": "SyntaxError", "text": problem.message, "line": problem.line, "column": problem.column}
    done.set()
    vars(os)["_exit"] = _EXIT
    sys.stdout, sys.stderr = real
    if isinstance(recorder, Again):
        recorder.finish()
        if kept is not None:
            kept.over()
    else:
        sender.join()
        for piece in recorder.pieces(True):
            out.send(protocol.CHUNK, *piece)
    out.send_json(protocol.END, end)


def _hand_over_at_exit(recorder: Any, out: _Out, done: threading.Event, sender: threading.Thread) -> None:
    """`os._exit` of the script loses nothing that was recorded before it; forks and threads of the script leave as ever."""
    process = os.getpid()

    def leave(status: int) -> None:
        if os.getpid() == process and threading.current_thread() is threading.main_thread() and not (recorder.sealing or out.sending):
            done.set()
            sender.join()
            for piece in recorder.pieces(True):
                out.send(protocol.CHUNK, *piece)
        _EXIT(status)

    vars(os)["_exit"] = leave


def _enough(out: _Out, kept: Checkpoints | None) -> None:
    """The numbers that were asked for are there: no need to run on."""
    if kept is not None:
        kept.over()
    out.send_json(protocol.END, {"exit_code": 0, "type": "", "text": "", "line": 0})
    os._exit(0)


def _interrupt(recorder: Any, out: _Out, frame: FrameType | None) -> None:
    """Stop: a KeyboardInterrupt in the script, though not while the recorder hands over, or in the middle of a message."""
    if recorder.sealing:
        recorder.interrupted = True
    elif out.sending:
        out.interrupted = True
    elif interrupts.swallows(frame):
        interrupts.again()
    else:
        raise KeyboardInterrupt


def _stream(recorder: Any, out: _Out, done: threading.Event, most: int) -> None:
    """Hand over what is new, now and then."""
    from ...recording.recorder.notebook import ASK_SECONDS

    while not done.wait(ASK_SECONDS):
        for piece in recorder.stream():
            out.send(protocol.CHUNK, *piece)
        if recorder.count > most:
            out.send_json(
                protocol.END,
                {"exit_code": 1, "type": "RecordingLimit", "text": f"the recording has {most:,} events, and stops here", "line": 0},
            )
            os._exit(0)

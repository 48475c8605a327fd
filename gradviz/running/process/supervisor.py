"""Runs scripts in a child process, one kept warm, and never waits for it.

The window polls; a thread reads. What the child says is queued up to a bound, and then the child waits: a script
that prints or records faster than the window can look does not fill the memory.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...recording.numbers.tiers import BUDGET
from ..overrides import Override, to_json
from . import limits as limits_module
from . import protocol
from .checkpoints import possible as checkpoints_possible
from .limits import Limits
from .protocol import Message

if TYPE_CHECKING:
    from ...recording.file.journal import Journal
    from ...recording.recorder.again import Range

GRACE_SECONDS = 0.2  # between asking a script to stop and killing it
QUEUE_MESSAGES = 32
MOST_RUNS = 50  # of one child: what a script leaves behind in its process adds up
BURIAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes:
        exit_code: as Python gives it; negative: the number of the signal that killed it.
        reason: one sentence for the user, "" where it simply ended.
        error_type, error_text, line: the exception that ended it, where there was one.
        stopped: the user stopped it.
    """

    exit_code: int
    reason: str = ""
    error_type: str = ""
    error_text: str = ""
    line: int = 0
    stopped: bool = False


class Worker:
    """One child process with its two pipes.

    Raises:
        OSError: the system starts no process.
    """

    def __init__(self) -> None:
        request_out, self._requests = os.pipe()
        self._answers, answer_in = os.pipe()
        protocol.widen(answer_in)
        root = str(Path(__file__).resolve().parents[3])
        package = __package__ or "gradviz.running"
        start = f"import sys; sys.path.insert(0, {root!r}); from {package}.child import main; main({request_out}, {answer_in})"
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", start],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(request_out, answer_in), start_new_session=True, env=environment,
            )  # fmt: skip
        except BaseException:
            os.close(self._requests)
            os.close(self._answers)
            raise
        finally:
            os.close(request_out)
            os.close(answer_in)
        self.messages: queue.Queue[Message | None] = queue.Queue(QUEUE_MESSAGES)
        self.dropping = threading.Event()
        self.journal: Journal | None = None
        self.serves: tuple[Any, ...] = ()  # what it has run, where another run of the same may follow
        self.more = False  # another run of the same script may follow: the child stays after this one
        self.runs = 0
        self._buried = False  # its number may be another process's
        self._reader = threading.Thread(target=self._read, name="gradviz child", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while (message := protocol.read(self._answers)) is not None:
            if message.kind == protocol.READY:
                continue
            if message.kind == protocol.CHUNK and self.journal is not None:
                self.journal.append(message.body)
            while not self.dropping.is_set():
                try:
                    self.messages.put(message, timeout=0.1)
                    break
                except queue.Full:
                    continue
        os.close(self._answers)  # nobody reads on: whoever still writes is told, and does not wait for ever
        self._bury()
        while True:
            try:
                self.messages.put(None, timeout=0.1)
                break
            except queue.Full:
                if self.dropping.is_set():
                    break

    def _bury(self) -> None:
        """Wait for the child, and end what it has left behind: until it is waited for, its group is nobody else's."""
        if hasattr(os, "waitid"):
            with suppress(ChildProcessError, ProcessLookupError, PermissionError):
                os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._buried = True
        limits_module.clear_up(self.process.pid)

    def wait_until_buried(self) -> None:
        """Wait for what is done when the child is gone: it takes no time, unless somebody outside its group still holds its pipe."""
        self._reader.join(BURIAL_SECONDS)

    def request(self, data: dict[str, Any]) -> None:
        """Tell the child what to run."""
        try:
            protocol.write_json(self._requests, protocol.REQUEST, data)
        except OSError:
            return  # it is dead; the reader finds out and says how it died
        finally:
            if not self.more:
                self.close_requests()

    def close_requests(self) -> None:
        """A warm child without a request ends by itself."""
        if self._requests >= 0:
            os.close(self._requests)
            self._requests = -1

    def signal(self, number: int) -> None:
        """Send a signal to the child and all that it started, also where the child itself is dead and the others are not."""
        if not self._buried:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Starts, watches and stops script runs. Every method returns at once."""

    def __init__(self, limits: Limits | None = None, *, warm: bool = True) -> None:
        self.limits = limits or Limits()
        self._keep_warm = warm
        self._spare: Worker | None = None
        self._worker: Worker | None = None
        self._stayed: Worker | None = None  # it has run a script, and waits for another run of it
        self._dying: list[Worker] = []  # killed, and not yet gone
        self._end: dict[str, Any] | None = None
        self._stopped = False
        self._unstarted: Ended | None = None  # a run that was asked for, and the system started no process
        self._timer: threading.Timer | None = None

    @property
    def running(self) -> bool:
        """Whether a script runs, or its end has not been told."""
        return self._worker is not None or self._unstarted is not None

    def warm_up(self) -> None:
        """Start the next child, so that a run begins without the start of Python and numpy."""
        if self._keep_warm and (self._spare is None or self._spare.process.poll() is not None):
            with suppress(OSError):  # whoever starts a run is told
                self._spare = Worker()

    def start(
        self,
        path: str,
        source: str,
        overrides: Sequence[Override] = (),
        *,
        again: Sequence[Range] = (),
        events: int = 0,
        journal: Journal | None = None,
        memory: int = BUDGET,
        more: bool = False,
    ) -> None:
        """Run a script; `path` names it in tracebacks and its folder is where it may write.

        Args:
            again: only the numbers of these events are wanted, for a `Refill`.
            events: with `again`, how many the recording has: so far apart the child leaves checkpoints, from which the next one goes on.
            memory: bytes of numbers after which only some chunks bring theirs.
            more: other texts of the same script will follow soon: the child stays, and the next run begins at once.
            journal: gets every chunk first, so that it is on the disk whatever happens to this process.

        Raises:
            RuntimeError: one is running already.
        """
        if self.running:
            raise RuntimeError("a script is running already")
        path = str(Path(path).resolve())
        changes = to_json(overrides)
        if again:
            more = events > 0 and checkpoints_possible()
        serves = ("again", path, source, json.dumps(changes)) if again else ("run", path)
        worker = self._waiting_for(serves) if more else None
        if worker is None:
            try:
                worker = self._spare if self._spare is not None and self._spare.process.poll() is None else Worker()
            except OSError as problem:
                self._unstarted = Ended(1, f"the system starts no process for the script: {problem.strerror or problem}")
                return
            self._spare = None
            self.send_away()
        self._stayed = None
        worker.serves, worker.more, worker.runs = serves, more, worker.runs + 1
        self._worker, self._end, self._stopped = worker, None, False
        worker.journal = journal
        asked = {
            "path": path,
            "source": source,
            "overrides": changes,
            "limits": asdict(self.limits),
            "memory": memory,
            "more": worker.more,
        }
        worker.request({**asked, "again": list(again), "events": events} if again else asked)

    def _waiting_for(self, serves: tuple[Any, ...]) -> Worker | None:
        """The child that has run the same before."""
        found = self._stayed
        if found is None or found.process.poll() is not None or found.serves != serves:
            return None
        return found if found.runs < MOST_RUNS or serves[0] == "again" else None

    def send_away(self) -> None:
        """No more runs of that script: its child is ended, because what the script left running would keep it alive."""
        if self._stayed is not None:
            self._end_now(self._stayed)
            self._stayed = None

    def stop(self) -> None:
        """Ask the script to stop, and kill it where it does not: it is gone within half a second."""
        worker = self._worker
        if worker is None:
            return
        self._stopped = True
        worker.close_requests()
        worker.signal(signal.SIGINT)
        self._timer = threading.Timer(GRACE_SECONDS, self._kill, (worker,))
        self._timer.daemon = True
        self._timer.start()

    @staticmethod
    def _kill(worker: Worker) -> None:
        worker.signal(signal.SIGKILL)
        worker.dropping.set()

    def poll(self) -> list[Message | Ended]:
        """What came since the last call: chunks, output, and at last how it ended. Never waits."""
        found: list[Message | Ended] = []
        if self._unstarted is not None:
            found, self._unstarted = [self._unstarted], None
        worker = self._worker
        while worker is not None:
            try:
                message = worker.messages.get_nowait()
            except queue.Empty:
                if not worker.dropping.is_set():
                    break
                message = None  # killed: nothing of the script runs any more, though freeing its gigabytes may take the system a second
            if message is None:
                found.append(self._ended(worker))
                break
            if message.kind == protocol.END:
                self._end = message.data()
                if worker.more and not self._stopped and self._end["type"] != "RecordingLimit":
                    found.append(self._over(worker, self._end))
                    break
            else:
                found.append(message)
        return found

    def _over(self, worker: Worker, end: dict[str, Any]) -> Ended:
        """A run has ended, and its child waits for the next one."""
        self._worker, self._stayed = None, worker
        self.warm_up()
        return Ended(end["exit_code"], _reason(end), end["type"], end["text"], end["line"])

    def _ended(self, worker: Worker) -> Ended:
        if self._timer is not None:
            self._timer.cancel()
        self._worker = None
        if worker.dropping.is_set() and worker.process.poll() is None:
            self._dying = [*(other for other in self._dying if other.process.poll() is None), worker]
            code = -int(signal.SIGKILL)
        else:
            code = worker.process.wait()
        end = self._end
        self.warm_up()
        if self._stopped and (end is None or end.get("type") == "KeyboardInterrupt"):
            return Ended(code, "stopped", stopped=True)
        if end is None:
            return Ended(code, how_it_died(code))
        return Ended(end["exit_code"], _reason(end), end["type"], end["text"], end["line"], self._stopped)

    def close(self) -> None:
        """End everything: the app closes."""
        workers = [worker for worker in (self._worker, self._spare, self._stayed) if worker is not None]
        self._worker = self._spare = self._stayed = None
        for worker in workers:
            self._end_now(worker)
        for worker in (*workers, *self._dying):
            worker.process.wait()
            worker.wait_until_buried()

    @staticmethod
    def _end_now(worker: Worker) -> None:
        worker.dropping.set()
        worker.close_requests()
        worker.signal(signal.SIGKILL)


def _reason(end: dict[str, Any]) -> str:
    where = f" in line {end['line']}" if end["line"] else ""
    if end["type"] == "MemoryError":
        return f"the script wanted more memory than it may use{where}. {end['text']}".rstrip()
    if end["type"] == "RecordingLimit":
        return str(end["text"])
    if end["type"]:
        return f"{end['type']}{where}: {end['text']}"
    return f"the script ended itself with exit code {end['exit_code']}" if end["exit_code"] else ""


def how_it_died(code: int) -> str:
    """In words, for a process that ended without a last message."""
    if code < 0:
        names = {
            signal.SIGSEGV: "it crashed (segmentation fault)",
            signal.SIGKILL: "it was killed by the system, perhaps for its memory",
            signal.SIGABRT: "it aborted",
        }
        try:
            return "the script's process ended: " + names.get(signal.Signals(-code), signal.Signals(-code).name)
        except ValueError:
            return f"the script's process ended by signal {-code}"
    return f"the script ended its own process at once (exit code {code}, os._exit), without Python's clean-up"

"""Moments of a run from which it can go on again: processes that rest there, each the whole program as it was.

Numbers that were let go of are computed again by running the script again (`recording/recorder/again.py`). So that this
takes the time from the nearest checkpoint and not from the start, the run leaves some behind on its way, by `fork`, as
OCaml's debugger does (Leroy et al., The OCaml system, "The replay debugger"): a copy shares its memory with the run until one
of them writes.

    the child that takes requests ── rests at 1/16 of the way ── rests at 2/16 ── ... ── rests before what was asked for ── runs

Each process that rests is the parent of the one that goes on, and the kernel ends a process whose parent is gone: so none is left
behind when the window closes.
"""

from __future__ import annotations

import mmap
import os
import select
import signal
import stat
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from . import limits, protocol

EVERY = 4096  # events at least between two
_SPREAD = 16  # checkpoints over the whole run
_NEAR = 4  # and right before what was asked for last
_SHARE = 4  # the part of the free memory that all of them might take, if each had all of its memory for itself
_FILES = 256  # that a script may have open; more are not looked at
_LOOK_SECONDS = 0.5  # for the end of a process, where the kernel does not tell

Ranges = Sequence[Sequence[int]]


def possible() -> bool:
    """Whether this system copies processes, and ends them with their parents."""
    return sys.platform == "linux" and hasattr(os, "fork")


class Checkpoints:
    """The checkpoints of one script; the same object in all of its processes, which share a table of where they rest.

    Args:
        events: how many the run has.
        died: called with a sentence where the process that runs is gone without its last message.
    """

    def __init__(self, events: int, died: Callable[[str], None]) -> None:
        self._died = died
        self._every = max(EVERY, events // _SPREAD)
        slots = _SPREAD + _NEAR
        table = np.frombuffer(mmap.mmap(-1, 8 * (2 + 3 * slots)), np.int64)
        self._busy, self._turn = table[:1], table[1:2]
        self._positions, self._pids, self._retired = table[2:].reshape(3, slots)
        self._positions[:] = -1
        self._pipes = [os.pipe() for _ in range(slots)]
        self._children: dict[int, int] = {}  # of this process: pid -> what tells its end, -1 for nothing
        self._at = -1
        self._from_near = False
        self._bytes = _resident()
        self._room = _free() // _SHARE

    def ask(self, ranges: Ranges) -> bool:
        """Let the nearest process run to some events; True in a new one, which has to begin with the start of the script."""
        self._busy[0] = 1
        start = ranges[0][0]
        places = np.where(self._positions <= start, self._positions, -1)
        places[_SPREAD:][places[_SPREAD:] < start - self._every // 4] = -1  # from the others a new one is left before what is asked for
        slot = int(np.argmax(places))
        if places[slot] < 0:
            return self._forked()
        protocol.write_json(self._pipes[slot][1], protocol.REQUEST, [list(each) for each in ranges])
        return False

    def over(self) -> None:
        """The process that runs has all that was asked for, or has come to the end of the script; it says so next."""
        self._busy[0] = 0

    def rest(self, now: int, near: bool) -> Ranges | None:
        """Leave a checkpoint at event `now` where one is due, always before what was asked for (`near`).

        It returns in each process that goes on from here: None in the one that goes on at once, the events that are wanted in one
        that comes later.
        """
        slot = self._near_slot() if near else self._slot(now)
        if slot < 0 or threading.active_count() > 1 or _writing():  # of a copy only this thread would go on
            return None
        while select.select([self._pipes[slot][0]], [], [], 0)[0]:  # for one that was there before and died
            os.read(self._pipes[slot][0], 1 << 16)
        self._positions[slot], self._pids[slot] = now, os.getpid()
        try:
            if self._forked():
                return None
        except OSError:  # the system has no room for one more process
            self._positions[slot] = -1
            return None
        self._at = now
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the one that runs
        while (asked := self.wait(self._pipes[slot][0])) is not None:
            if self._forked():
                signal.signal(signal.SIGINT, interrupt)
                self._from_near = near
                found: Ranges = asked.data()
                return found
        os._exit(0)

    def wait(self, requests: int) -> protocol.Message | None:
        """The next message of a pipe; meanwhile it is noticed how the processes end that were started here."""
        while True:
            ends = [end for end in self._children.values() if end >= 0]
            blind = len(ends) < len(self._children)
            ready, _, _ = select.select([requests, *ends], [], [], _LOOK_SECONDS if blind else None)
            self._bury()
            if requests in ready:
                return protocol.read(requests)

    def _forked(self) -> bool:
        """Whether this is the new process."""
        parent = os.getpid()
        with limits.forking():
            pid = os.fork()
        if pid:
            try:
                self._children[pid] = os.pidfd_open(pid)
            except OSError:
                self._children[pid] = -1
            return False
        limits.die_with_parent()
        if os.getppid() != parent:
            os._exit(0)
        for end in self._children.values():
            if end >= 0:
                os.close(end)
        self._children = {}
        return True

    def _bury(self) -> None:
        for pid, end in list(self._children.items()):
            gone, status = os.waitpid(pid, os.WNOHANG)
            if not gone:
                continue
            del self._children[pid]
            if end >= 0:
                os.close(end)
            code = os.waitstatus_to_exitcode(status)
            if code and pid not in self._retired:
                self._positions[self._positions > self._at] = -1  # they went with it
                if self._busy[0]:
                    self._busy[0] = 0
                    self._died(f"the process that ran the script again ended with code {code}")

    def _slot(self, now: int) -> int:
        """Where a checkpoint of the whole way would stand, -1 where none is due or there is no room."""
        taken = self._positions[:_SPREAD]
        last, count = int(taken.max()), int(np.count_nonzero(taken >= 0))
        if self._from_near or count == _SPREAD or now < max(last, 0) + self._every:
            return -1
        return int(np.argmin(taken)) if self._fits() else -1

    def _fits(self) -> bool:
        """Whether there is memory for one more."""
        return (_resident() - self._bytes) * (int(np.count_nonzero(self._positions >= 0)) + 2) <= self._room

    def _near_slot(self) -> int:
        """Where one before what was asked for would stand; the oldest gives way."""
        if self._from_near or not self._fits():
            return -1
        slot = _SPREAD + int(self._turn[0]) % _NEAR
        self._turn[0] += 1
        if self._positions[slot] >= 0:
            pid = int(self._pids[slot])
            self._retired[slot], self._positions[slot] = pid, -1
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return slot


def _writing() -> bool:
    """Whether a file is open for writing: it has one end for all copies, and each would write behind the others."""
    import fcntl

    for fd in range(3, _FILES):
        with suppress(OSError):
            if stat.S_ISREG(os.fstat(fd).st_mode) and fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


def _resident() -> int:
    """Bytes of memory that this process has had in use at most."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _free() -> int:
    """Bytes of memory that the system could give."""
    with suppress(OSError, StopIteration), open("/proc/meminfo", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("MemAvailable")).split()[1]) << 10
    return 0


def ended(text: str) -> dict[str, Any]:
    """The last message for a run that is gone without one."""
    return {"exit_code": 1, "type": "ChildProcessError", "text": text, "line": 0}

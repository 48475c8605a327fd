"""Messages between the window and the process that runs a script: a letter, a length, the bytes."""

from __future__ import annotations

import json
import os
import struct
import sys
from contextlib import suppress
from typing import Any, NamedTuple

_HEAD = struct.Struct("<cI")
_PIPE_BYTES = 1 << 20  # what Linux allows everybody (pipe(7), pipe-max-size)
_PARTS = 1024  # that one call of the system takes (IOV_MAX)
MAX_FRAME = 256 << 20

CHUNK, OUTPUT, END, READY, REQUEST = b"C", b"O", b"E", b"R", b"Q"


class Message(NamedTuple):
    """One message: its kind (a letter of this module) and its bytes."""

    kind: bytes
    body: bytes

    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def widen(fd: int) -> None:
    """Let a pipe take more at once, where the system allows that: each time that it is full or empty two processes wait for each other."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def write(fd: int, kind: bytes, *body: bytes | memoryview) -> None:
    """Send one message whole, its body in parts; blocks while the pipe is full, which slows down whoever produces too much."""
    parts = [memoryview(part) for part in (_HEAD.pack(kind, sum(map(len, body))), *body) if len(part)]
    first = 0
    while first < len(parts):
        # Many parts at a time: after each call a busy program keeps the interpreter's lock for milliseconds.
        sent = os.writev(fd, parts[first : first + _PARTS])
        while first < len(parts) and sent >= len(parts[first]):
            sent -= len(parts[first])
            first += 1
        if sent:
            parts[first] = parts[first][sent:]


def packed(data: Any) -> bytes:
    """Plain data as a body."""
    return json.dumps(data).encode("utf-8", "surrogatepass")


def write_json(fd: int, kind: bytes, data: Any) -> None:
    """Send plain data."""
    write(fd, kind, packed(data))


def read(fd: int) -> Message | None:
    """The next message; None at the end of the pipe, or where what comes is no message."""
    head = _exactly(fd, _HEAD.size)
    if head is None:
        return None
    kind, size = _HEAD.unpack(head)
    if size > MAX_FRAME or kind not in (CHUNK, OUTPUT, END, READY, REQUEST):
        return None
    body = _exactly(fd, size)
    return None if body is None else Message(kind, body)


def _exactly(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        try:
            got = os.read(fd, min(size - len(parts), 1 << 20))
        except OSError:
            return None
        if not got:
            return None
        parts += got
    return bytes(parts)

"""Messages come whole through a pipe that takes less than one of them, however many parts they have."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from io import FileIO

import pytest

from gradviz.running.process import protocol

Ends = tuple[FileIO, FileIO]


@pytest.fixture(params=[False, True], ids=["narrow", "wide"])
def pipe(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Both ends of a pipe."""
    out, into = os.pipe()
    if request.param:
        protocol.widen(into)
    with FileIO(out, "r") as first, FileIO(into, "w") as second:
        yield first, second


def _read_all(fd: int, found: list[protocol.Message]) -> None:
    while (message := protocol.read(fd)) is not None:
        found.append(message)


def test_messages_of_many_and_of_large_parts_come_as_they_were_sent(pipe: Ends) -> None:
    out, into = pipe
    sent = [
        (protocol.CHUNK, [bytes([k % 251]) * (k % 700) for k in range(3000)]),
        (protocol.OUTPUT, []),
        (protocol.CHUNK, [b"", os.urandom(3 << 20), memoryview(b"end"), b""]),
        (protocol.END, [b"{}"]),
    ]
    found: list[protocol.Message] = []
    reader = threading.Thread(target=_read_all, args=(out.fileno(), found))
    reader.start()
    for kind, parts in sent:
        protocol.write(into.fileno(), kind, *parts)
    into.close()
    reader.join()
    assert found == [(kind, b"".join(parts)) for kind, parts in sent]


def test_who_writes_to_nobody_is_told(pipe: Ends) -> None:
    out, into = pipe
    out.close()
    with pytest.raises(OSError, match="Broken pipe"):
        protocol.write(into.fileno(), protocol.CHUNK, b"x" * 100)


def test_a_message_that_ends_in_the_middle_is_none(pipe: Ends) -> None:
    out, into = pipe
    into.write(b"C\x0a\x00\x00\x00half")
    into.close()
    assert protocol.read(out.fileno()) is None

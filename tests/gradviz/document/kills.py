"""Programs that work on documents until they are killed, in processes that are copies of one that has loaded all: a round costs a fraction."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from gradviz.document import edits
from gradviz.document.file.journal import Journal
from gradviz.document.file.keeping import load, save
from gradviz.document.model import Document
from gradviz.document.palette.catalogue import catalogue

Work = Callable[[str], Iterator[int]]
catalogue()  # what the copies need


def editing(folder: str) -> Iterator[int]:
    """Edits of a document that is never saved."""
    document = Document()
    journal = Journal(Path(folder), "", document)
    for k in range(100_000):
        document, _ = edits.add(document, "torch.exp", k, 0)
        if len(document.blocks) > 5:
            document = edits.remove(document, list(document.blocks)[:3])
        journal.write(document, f"edit {k}")
        yield k


def saving(path: str) -> Iterator[int]:
    """Saves of a document whose first block moves on."""
    document = load(path).document
    for k in range(100_000):
        document = edits.move(document, {"b1": (float(k), 0.0)})
        save(document, path)
        yield k


def _told(work: Work, argument: str, out: Connection) -> None:
    for k in work(argument):
        out.send_bytes(str(k).encode())


@contextmanager
def working(work: Work, argument: str) -> Iterator[Callable[[bool], int]]:
    """A process at work. The function given tells what it has done last: waiting for the next one, or (True) killed, with all that it had told."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    end, out = context.Pipe(duplex=False)
    process = context.Process(target=_told, args=(work, argument, out), daemon=True)
    process.start()
    out.close()
    last = -1

    def told(kill: bool) -> int:
        nonlocal last
        if not kill:
            last = int(end.recv_bytes())
            return last
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        with suppress(EOFError, OSError):
            while True:
                last = int(end.recv_bytes())
        return last

    try:
        yield told
    finally:
        process.kill()
        process.join()
        process.close()
        end.close()

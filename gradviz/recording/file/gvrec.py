"""The `.gvrec` file: one SQLite database with a table of chunks, each committed on its own.

A process that is killed while it records leaves every chunk that was committed. Loading runs nothing: the
schema must be exactly ours, and every size is checked against the file before memory is taken.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..numbers.tiers import BUDGET
from ..problem import RecordingProblem
from ..recording import Recording
from .chunk import header_of

FORMAT = 2
APPLICATION_ID = 0x47565245  # "GVRE", for `file`
_SCHEMA = {
    "header": "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "chunks": "CREATE TABLE chunks (number INTEGER PRIMARY KEY, data BLOB NOT NULL)",
}
_MAX_CHUNK = 1 << 30
_PAGE = 1 << 14  # bytes: chunks of megabytes take a third of the processor time that pages of 4 KiB ask for
_MAX_HEADER = 64
# What people open by mistake, by how it starts.
_KINDS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the recording itself: fetch it with `git lfs pull`"),
    (b"<!doctype", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"pk\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{", "a JSON file"),
    (b"%pdf", "a PDF"),
    (b"\x89png", "a picture"),
)


class RecordingFile:
    """A recording file that grows while a program runs."""

    def __init__(self, path: str | Path, header: dict[str, Any] | None = None, *, lasting: bool = True) -> None:
        """Start a new file; one that stands at `path` is replaced. `lasting`: what is committed survives a loss of power, too.

        Raises:
            RecordingProblem: when it cannot be written.
        """
        self.path = Path(path)
        with _told(self.path, "written"):
            for old in (self.path, Path(f"{self.path}-journal"), Path(f"{self.path}-wal")):
                old.unlink(missing_ok=True)
            self._database = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            try:
                self._begin(header or {}, lasting)
            except BaseException:
                self._database.close()
                raise
        self._count = 0

    def _begin(self, header: dict[str, Any], lasting: bool) -> None:
        """The tables, and what the header says."""
        self._database.execute(f"PRAGMA page_size={_PAGE}")
        self._database.execute("PRAGMA journal_mode=DELETE")
        self._database.execute(f"PRAGMA synchronous={'NORMAL' if lasting else 'OFF'}")
        self._database.execute(f"PRAGMA application_id={APPLICATION_ID}")
        self._database.execute("BEGIN")
        for statement in _SCHEMA.values():
            self._database.execute(statement)
        for key, value in {"format": FORMAT, **header}.items():
            self._database.execute("INSERT INTO header VALUES (?, ?)", (key, json.dumps(value, default=str)))
        self._database.execute("COMMIT")

    def append(self, data: bytes) -> None:
        """Commit what `Recorder.drain` gave.

        Raises:
            RecordingProblem: when it cannot be written, for instance on a full disk.
        """
        self._commit("INSERT INTO chunks (data, number) VALUES (?, ?)", data, self._count)
        self._count += 1

    def read(self, number: int) -> bytes:
        """A chunk that was committed.

        Raises:
            RecordingProblem: when it cannot be read.
        """
        with _told(self.path, "read"):
            data: bytes = self._database.execute("SELECT data FROM chunks WHERE number = ?", (number,)).fetchone()[0]
            return data

    def replace(self, number: int, data: bytes) -> None:
        """Commit another chunk in the place of one.

        Raises:
            RecordingProblem: when it cannot be written.
        """
        self._commit("UPDATE chunks SET data = ? WHERE number = ?", data, number)

    def _commit(self, statement: str, data: bytes, number: int) -> None:
        with _told(self.path, "written"):
            self._database.execute("BEGIN")
            try:
                self._database.execute(statement, (data, number))
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Nothing more comes."""
        self._database.close()

    def __enter__(self) -> RecordingFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def save(recording: Recording, path: str | Path) -> None:
    """Write a recording to a file, all or nothing: a file that stood there stays until the new one is complete.

    Raises:
        RecordingProblem: when it cannot be written.
    """
    for _ in saving(recording, path):
        pass


def saving(recording: Recording, path: str | Path) -> Iterator[None]:
    """As `save`, some megabytes at a time: a window stays awake between them. The recording must not grow meanwhile."""
    from .export import chunks_of

    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with RecordingFile(beside, header_of(recording.meta)) as file:
            for data in chunks_of(recording):
                file.append(data)
                yield
        with _told(target, "written"):
            os.replace(beside, target)
    finally:
        with _told(target, "written"):
            beside.unlink(missing_ok=True)


def load(path: str | Path, budget: int = BUDGET) -> Recording:
    """Read a recording.

    Raises:
        RecordingProblem: one sentence on what is wrong with the file.
    """
    place = Path(path)
    with _told(place, "read"):
        size = place.stat().st_size
        if not place.is_file():
            raise RecordingProblem(f"{place.name} is not a file.")
        with place.open("rb") as file:
            start = file.read(64)
    if not start.startswith(b"SQLite format 3\x00"):
        raise RecordingProblem(f"{place.name} is {_what(start)}, not a recording of gradviz.")
    # A journal beside it means that the writer was killed within a commit: SQLite has to roll that back.
    mode = "rw" if Path(f"{place}-journal").exists() else "ro"
    recording = Recording(budget)
    with _told(place, "read"):
        database = sqlite3.connect(f"file:{quote(str(place.absolute()))}?mode={mode}", uri=True)
        try:
            for data in _chunks(database, place.name, size):
                recording.append_chunk(data)
        finally:
            database.close()
    return recording


def _chunks(database: sqlite3.Connection, name: str, size: int) -> Iterator[bytes]:
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_CHUNK)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
        database.execute(f"PRAGMA {pragma}")
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # Exactly our tables: a view or a trigger could compute for ever.
    schema = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL LIMIT 8").fetchall()
    if not schema and database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        raise RecordingProblem(f"{name} holds nothing: what recorded it was ended before its first event.")
    if sorted(schema) != sorted(("table", table, sql) for table, sql in _SCHEMA.items()):
        raise RecordingProblem(f"{name} is a database of another program, not a recording of gradviz.")
    rows = database.execute("SELECT key, value FROM header WHERE length(value) < 1000000 LIMIT ?", (_MAX_HEADER,)).fetchall()
    try:
        header = {key: json.loads(value) for key, value in rows}
    except (ValueError, RecursionError, TypeError) as problem:
        raise RecordingProblem(f"{name} is damaged: its header cannot be read.") from problem
    version = header.get("format")
    if type(version) is not int or version < 1:
        raise RecordingProblem(f"{name} is damaged: its header does not say which format it has.")
    if version > FORMAT:
        newer = f"{name} was made by a newer gradviz (format {version}, this one reads up to {FORMAT})"
        raise RecordingProblem(f"{newer}: update gradviz to open it.")
    sizes = database.execute("SELECT number, length(data), typeof(data) FROM chunks ORDER BY number").fetchall()
    for place, (number, length, kind) in enumerate(sizes):
        if number != place or kind != "blob" or length > min(size, _MAX_CHUNK):
            raise RecordingProblem(f"{name} is damaged: a piece of it is missing.")
        yield database.execute("SELECT data FROM chunks WHERE number = ?", (number,)).fetchone()[0]


def _what(start: bytes) -> str:
    if not start:
        return "empty"
    lowered = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for sign, kind in _KINDS:
        if lowered.startswith(sign):
            return kind
    return "text" if all(byte >= 32 or byte in b"\t\r\n" for byte in start) else "another kind of file"


@contextmanager
def _told(path: Path, done: str) -> Iterator[None]:
    """Turn what the system says into one sentence."""
    try:
        yield
    except FileNotFoundError as problem:
        missing = path.name if path.parent.exists() else f"the folder {path.parent}"
        raise RecordingProblem(f"{path.name} cannot be {done}: {missing} does not exist.") from problem
    except OSError as problem:
        raise RecordingProblem(f"{path.name} cannot be {done}: {problem.strerror or problem}.") from problem
    except (sqlite3.Error, OverflowError, UnicodeError) as problem:  # sqlite3 decodes names in damaged schemas
        state = f"{path.name} is damaged" if done == "read" else f"{path.name} cannot be written"
        raise RecordingProblem(f"{state}: {problem}.") from problem
    except MemoryError as problem:
        raise RecordingProblem(f"{path.name} is too large for the memory of this computer.") from problem

"""The journal: each edit is on the disk the moment it is made, so that a crash loses the last one at most.

A journal begins with the document as it was opened; each line after it is what an edit changed, with a checksum. It
is deleted when the document was saved and closed; a journal whose owner is gone is a document to be recovered.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from ..model import Document
from ..problem import DocumentProblem
from ..wires import differing
from .text import read
from .writing import block_row, frame_row, training_row, wire_row, write

if os.name == "posix":
    import fcntl

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
SUFFIX = ".gvjournal"
LARGEST = 256 << 20
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a journal holds.

    Attributes:
        path: the file that the document belongs to, "" for one that was never saved.
        edits: how many edits were made since it was opened or saved.
        label: the name of the last one.
        unsaved: whether it was in no file even before the first of them (it had been recovered, say).
        opened: what it was before them, as its file had it then.
    """

    journal: Path
    path: str
    document: Document
    edits: int
    label: str = ""
    unsaved: bool = False
    opened: str = ""


class Journal:
    """The journal of an open document; `unsaved` where no file holds it as it is."""

    def __init__(self, folder: Path, path: str, document: Document, *, unsaved: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while True:
            self.file = folder / f"{os.getpid()}-{number}{SUFFIX}"
            try:
                handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
                break
            except FileExistsError:
                number += 1
        self._out: IO[bytes] = os.fdopen(handle, "ab", buffering=0)
        if os.name == "posix":
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._last = document
        self._end = 0  # of what was written
        try:
            self._line({"path": path, "document": write(document), **({"unsaved": True} if unsaved else {})})
        except OSError:
            self.close()  # one without its first line is of no use
            raise

    def write(self, document: Document, label: str) -> None:
        """Another state of the document, after the edit with that name.

        Raises:
            OSError: it is not kept; the next one that is written brings its changes along.
        """
        change = difference(self._last, document)
        if change:
            self._line({"label": label, **change})
        self._last = document

    def close(self) -> None:
        """The document is closed and wanted no more: delete the journal."""
        self._out.close()
        self.file.unlink(missing_ok=True)

    def leave(self) -> None:
        """Close without deleting, as a crash would."""
        self._out.close()

    def _line(self, row: Mapping[str, Any]) -> None:
        body = _JSON.encode(row).encode("utf-8", "replace")
        line, handle = b"%08x %s\n" % (zlib.crc32(body), body), self._out.fileno()
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(handle, rest) :]
        except OSError:
            os.ftruncate(handle, self._end)  # behind half a line no other would be read
            raise
        self._end += len(line)


def difference(before: Document, after: Document) -> dict[str, Any]:
    """What an edit changed, as JSON. Objects that both share are not looked into."""
    made: dict[str, Any] = {}
    for name, row in (("blocks", block_row), ("frames", frame_row)):
        old, new = getattr(before, name), getattr(after, name)
        if old is new:
            continue
        changed, gone, ordered = _parts(old, new)
        if changed or gone or ordered:
            made[name] = {"set": [row(new[k]) for k in changed], "gone": gone, **({"order": list(new)} if ordered else {})}
    if before.wires is not after.wires:
        put, off, moved = _parts(before.wires, after.wires)
        if moved:
            made["wires"] = [wire_row(k, w) for k, w in after.wires.items()]
        elif put or off:
            made["wires"] = {"set": [wire_row(k, after.wires[k]) for k in put], "gone": [list(k) for k in off]}
    if before.training is not after.training:
        made["training"] = training_row(after.training)
    if before.direction != after.direction:
        made["direction"] = after.direction
    if made:
        made["next"] = after.next_number
    return made


def _parts(old: Mapping[K, V], new: Mapping[K, V]) -> tuple[list[K], list[K], bool]:
    """What was put (in place, or at the end), what is gone, and whether the order is another than that makes it."""
    differ = differing(old, new)
    put, gone = [k for k in differ if k in new], [k for k in differ if k not in new]
    away = set(gone)
    follows = [k for k in old if k not in away] if away else [*old]
    if len(follows) < len(new):
        follows += [k for k in put if k not in old]
    return put, gone, follows != [*new]


def recover(file: Path) -> Recovered:
    """The document of a journal, as far as its lines are whole.

    Raises:
        DocumentProblem: not even its first line is.
    """
    if file.stat().st_size > LARGEST:
        raise DocumentProblem(f"{file.name} is too large")
    rows = _whole_lines(file.read_bytes())
    if not rows or "document" not in rows[0]:
        raise DocumentProblem(f"{file.name} holds no document")
    state: dict[str, Any] = json.loads(rows[0]["document"])
    edits, label = 0, ""
    for row in rows[1:]:
        _apply(state, row)
        edits += 1
        label = str(row.get("label", ""))
    document = read(_JSON.encode(state).encode("utf-8", "replace")).document
    return Recovered(file, str(rows[0].get("path", "")), document, edits, label, rows[0].get("unsaved") is True, rows[0]["document"])


def _whole_lines(data: bytes) -> list[dict[str, Any]]:
    """The lines up to the first one that is torn."""
    rows = []
    for line in data.split(b"\n"):
        check, _, body = line.partition(b" ")
        try:
            if int(check, 16) != zlib.crc32(body):
                break
            rows.append(json.loads(body))
        except ValueError:
            break
    return rows


def _apply(state: dict[str, Any], row: dict[str, Any]) -> None:
    for name in ("blocks", "frames"):
        change = row.get(name)
        if change is None:
            continue
        kept = {b["id"]: b for b in state[name]}
        for gone in change["gone"]:
            kept.pop(gone, None)
        for made in change["set"]:
            kept[made["id"]] = made
        state[name] = [kept[i] for i in change.get("order", kept) if i in kept]
    wires = row.get("wires")
    if isinstance(wires, dict):
        ends = {(w["to"], w["port"]): w for w in state["wires"]}
        for target, port in wires["gone"]:
            ends.pop((target, port), None)
        ends.update({(w["to"], w["port"]): w for w in wires["set"]})
        state["wires"] = list(ends.values())
    elif wires is not None:
        state["wires"] = wires
    for name in ("training", "next", "direction"):
        if name in row:
            state[name] = row[name]


def abandoned(folder: Path) -> list[Path]:
    """The journals whose owner is gone, oldest first."""
    found = []
    for file in sorted(folder.glob(f"*{SUFFIX}"), key=lambda f: f.stat().st_mtime):
        if not _owned(file):
            found.append(file)
    return found


def _owned(file: Path) -> bool:
    """Whether a running gradviz writes this journal: it holds a lock on it."""
    if os.name != "posix":
        try:
            os.rename(file, file)  # Windows refuses while the file is open
        except OSError:
            return True
        return False
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False

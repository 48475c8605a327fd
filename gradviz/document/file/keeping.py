"""Writing documents so that nothing is lost: all or nothing, with the generations before kept elsewhere."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from ..model import Document
from ..problem import DocumentProblem
from .json_text import LARGEST_FILE
from .text import Opened, read, write

POSIX = os.name == "posix"
if POSIX:
    import fcntl

GENERATIONS = 3
PATIENCE = 2.0  # seconds for another one that saves the same file


def save(document: Document, path: str, generations: Path | None = None) -> str:
    """Write a document to a file, all or nothing. The bytes that stood there become a generation; where that cannot be, they go all the
    same, and why is given ("" where all went well).

    Raises:
        DocumentProblem: it could not be written; what stood there is untouched.
    """
    data = write(document).encode("utf-8")
    target, unkept = Path(os.path.realpath(path)), ""  # a link stays a link, and its target is replaced
    before: bytes | None = None
    try:
        before = target.read_bytes() if target.exists() else None
        if before is not None and not os.access(target, os.W_OK):  # replacing it would need the folder's rights only
            raise DocumentProblem(f"{target.name} was not saved: it is write-protected. Save it under another name, or allow writing to it")
        if generations is not None and before is not None and before != data:
            unkept = _keep_generation(target, before, generations)
        replace_file(target, data)
    except OSError as e:
        raise DocumentProblem(f"{Path(path).name} was not saved: {_why(e, target, there=before is not None)}") from None
    return unkept


def _why(problem: OSError, target: Path, *, there: bool) -> str:
    """Why a file could not be written, and what may help."""
    words = problem.strerror or str(problem)
    if not target.parent.is_dir():
        return f"its folder {target.parent} is not there any more. Save it somewhere else"
    if isinstance(problem, PermissionError):
        words += f": nothing may be written into {target.parent}. Save it somewhere else"
    return f"{words}. The file is as it was before" if there else words


def replace_file(target: Path, data: bytes) -> None:
    """The bytes in the place of a file: written beside it and synced first, so that a full disk or a crash leaves the old ones.

    Raises:
        OSError: not written.
    """
    beside = target.with_name(f".{target.name}.saving")  # one name: a crash leaves one stray file at most
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    handle = _alone(beside, 0o666 if mode is None else mode)
    try:
        try:
            os.ftruncate(handle, 0)
            view = memoryview(data)
            while view:  # a short write is no error of its own: the next one tells
                view = view[os.write(handle, view) :]
            os.fsync(handle)
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            if POSIX:  # while it is ours alone
                os.replace(beside, target)
        except BaseException:
            if POSIX:
                beside.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)
        if not POSIX:  # Windows moves and deletes no open file
            os.replace(beside, target)
    except BaseException:
        if not POSIX:
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _alone(file: Path, mode: int) -> int:
    """A file to write that no other gradviz writes meanwhile: two that save one document at once go one after the other.

    Raises:
        OSError: it cannot be written, or another one does not come to an end.
    """
    given_up = time.monotonic() + PATIENCE
    while True:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT, mode)
        if not POSIX:
            return handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            if time.monotonic() > given_up:
                raise OSError(errno.EBUSY, "another gradviz is just saving it") from None
            time.sleep(0.01)
            continue
        except OSError:
            return handle  # some network file systems have no locks
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), file.stat()):
                return handle
        os.close(handle)  # the other one has put it in its place


def _sync_folder(folder: Path) -> None:
    if not POSIX:
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # a folder that may be written but not read: the file itself is synced
    try:
        os.fsync(handle)
    except OSError:
        return  # some network file systems cannot; the file itself is synced
    finally:
        os.close(handle)


def generations_of(path: str, folder: Path) -> list[Path]:
    """The kept earlier versions of a file, newest first."""
    return sorted(folder.glob(f"{_key(Path(os.path.realpath(path)))}-*.gradviz"), key=_number_of, reverse=True)


def _keep_generation(target: Path, data: bytes, folder: Path) -> str:
    """Why it could not be kept, "" where it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = generations_of(str(target), folder)
        following = _number_of(found[0]) + 1 if found else 1
        replace_file(folder / f"{_key(target)}-{following}.gradviz", data)
        for old in found[GENERATIONS - 1 :]:
            old.unlink(missing_ok=True)
    except OSError as e:
        return f"its earlier version could not be kept: {e.strerror or e}"
    return ""


def _key(target: Path) -> str:
    return f"{target.stem[:40]}-{hashlib.sha256(str(target).encode('utf-8', 'surrogateescape')).hexdigest()[:10]}"


def _number_of(file: Path) -> int:
    digits = file.stem.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def load(path: str) -> Opened:
    """Read a document from a file; running nothing.

    Raises:
        DocumentProblem: it cannot be opened; in words, with the place.
    """
    file = Path(path)
    try:
        if file.is_dir():
            raise DocumentProblem(f"{file.name} is a folder, not a document")
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise DocumentProblem(f"{file.name} is no file")
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise DocumentProblem(f"{file.name} has {size / 1e6:,.0f} MB; a document may have {LARGEST_FILE >> 20} MB")
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise DocumentProblem(f"there is no file {path}") from None
    except OSError as e:
        raise DocumentProblem(f"{file.name} cannot be read: {e.strerror or e}") from None
    try:
        return read(data)
    except DocumentProblem as problem:
        raise DocumentProblem(f"{file.name} cannot be opened: {problem}") from None

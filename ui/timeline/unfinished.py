"""Runs that are written to the disk while they go on, and what is left of them when gradviz itself was killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from gradviz.recording.problem import RecordingProblem

if TYPE_CHECKING:
    from gradviz.recording.file.journal import Journal

    from ..window.message_bar import MessageBar

_FOLDER = "runs"
_numbers = count()


def begin_journal(folder: Path, budget: int) -> Journal | None:
    """The file of a run that begins; None where it cannot be written: the run goes on without."""
    from gradviz.recording.file.journal import Journal

    try:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
        return Journal(folder / _FOLDER / f"{os.getpid()}-{next(_numbers)}.gvrec", budget, lasting=False)
    except (OSError, RecordingProblem):
        return None


def left_behind(folder: Path) -> list[Path]:
    """The files of runs whose window is no more, the newest first."""
    found = [path for path in (folder / _FOLDER).glob("*-*.gvrec") if not _alive(path.name.partition("-")[0])]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def forget(path: Path) -> None:
    """Take away what is left of a run."""
    for part in (path, Path(f"{path}-journal")):
        part.unlink(missing_ok=True)


def offer_unfinished(folder: Path, message: MessageBar, show: Callable[[str, Callable[[], None]], None]) -> None:
    """Tell of a run that gradviz did not live to see the end of: it can be opened, saved, or thrown away; then of the one before it."""
    found = left_behind(folder)
    if not found:
        return
    path = found[0]

    def open_() -> None:
        show(str(path), lambda: forget(path))

    def throw_away() -> None:
        forget(path)
        offer_unfinished(folder, message, show)

    text = "gradviz ended while a script was being recorded. What was recorded until then is there."
    if found[1:]:
        text += f" So are {len(found) - 1} more, which are offered one after the other."
    message.tell("ask", text, str(path), (("Open it", open_), ("Throw it away", throw_away)))


def _alive(process: str) -> bool:
    if not process.isdigit() or int(process) == os.getpid():
        return process.isdigit()
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

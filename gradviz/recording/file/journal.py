"""A recording written to a file while it grows, within a budget: what was committed stands, whatever kills the process.

When the numbers of the file take more than the budget, only every second chunk keeps its numbers, then every fourth and so on, as
in memory (tiers.py). The events and statistics of all stay.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..columns.layout import CHUNK_COLUMNS
from ..problem import RecordingProblem
from ..statistics import NAMES
from .chunk import decode, encode, numbers_in
from .gvrec import RecordingFile

_SHARE = 4  # the latest chunks may take this part of the budget


class Journal:
    """Takes the chunks of a run. A disk that is full ends the journal, not the run: `problem` says why then.

    Args:
        budget: bytes of numbers that the file may have.
        lasting: also a loss of power leaves what was committed; without it only the end of the process does.
    """

    def __init__(self, path: str | Path, budget: int, header: dict[str, Any] | None = None, *, lasting: bool = True) -> None:
        self._file = RecordingFile(path, header, lasting=lasting)
        self.path = self._file.path
        self.problem = ""
        self._budget = budget
        self._sizes: list[int] = []  # bytes of each chunk's numbers in the file
        self._total = 0  # of them
        self._stride = 1
        self._open = True
        self._lock = threading.Lock()

    def append(self, data: bytes) -> None:
        """Commit a chunk."""
        with self._lock:
            if not self._open or self.problem or not data:
                return
            try:
                at = 0
                for length, numbers in numbers_in(data):
                    self._file.append(data[at : at + length])
                    self._sizes.append(numbers)
                    self._total += numbers
                    at += length
                self._trim()
            except RecordingProblem as problem:
                self.problem = str(problem)

    def _trim(self) -> None:
        if self._total <= self._budget:
            return
        latest = len(self._sizes)
        near = 0
        while latest and near + self._sizes[latest - 1] <= self._budget // _SHARE:
            latest -= 1
            near += self._sizes[latest]
        while self._total > self._budget:
            spare = [n for n in range(latest) if self._sizes[n] and n % (2 * self._stride)]
            if not spare:
                spare = [n for n in range(len(self._sizes)) if self._sizes[n]][:1]
            else:
                self._stride *= 2
            for number in spare:
                self._strip(number)

    def _strip(self, number: int) -> None:
        """Take the numbers out of a chunk."""
        (chunk,) = decode(self._file.read(number), CHUNK_COLUMNS, len(NAMES))
        self._file.replace(number, encode(replace(chunk, tables={**chunk.tables, "kept": False}, data=[b""])))
        self._total -= self._sizes[number]
        self._sizes[number] = 0

    def close(self, *, remove: bool = False) -> None:
        """Nothing more comes; `remove` takes the file away."""
        with self._lock:
            if self._open:
                self._open = False
                self._file.close()
            if remove:
                for path in (self.path, Path(f"{self.path}-journal")):
                    path.unlink(missing_ok=True)

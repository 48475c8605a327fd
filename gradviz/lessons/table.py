"""Typed access to a table of a lesson file; what is wrong is told with its place."""

from __future__ import annotations

import difflib
import math
from typing import Any, NoReturn

from .lines import Path, written
from .problem import LessonProblem


class Table:
    """A table of the file. Every key that is read is ticked off; `finish` complains of the others."""

    def __init__(self, data: dict[str, Any], path: Path, lines: dict[Path, int]) -> None:
        self.data = data
        self.path = path
        self._lines = lines
        self._seen: set[str] = set()

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return written(self.path)

    def fail(self, message: str, *key: Any) -> NoReturn:
        """Say what is wrong with a key, or with the table."""
        path = (*self.path, *key)
        near = path
        while near and near not in self._lines:
            near = near[:-1]
        raise LessonProblem(message, written(path), self._lines.get(near, 0))

    def _get(self, key: str, kind: type | tuple[type, ...], words: str, default: Any) -> Any:
        self._seen.add(key)
        if key not in self.data:
            if default is None:
                near = difflib.get_close_matches(key, [other for other in self.data if other not in self._seen], 1, 0.75)
                if near:
                    self.fail(f"{near[0]} is not known here. Did you mean {key}?", near[0])
                self.fail(f"{key} is missing: it must be {words}.")
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fail(f"{key} must be {words}.", key)
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there and say something."""
        value = str(self._get(key, str, "a text", default)).strip()
        if default is None and not value:
            self.fail(f"{key} is empty.", key)
        return value

    def whole(self, key: str, default: int | None = None, low: int = 0, high: int = 100_000) -> int:
        """A whole number within bounds."""
        value = int(self._get(key, int, "a whole number", default))
        if key in self.data and not low <= value <= high:
            self.fail(f"{key} must be from {low} to {high}.", key)
        return value

    def number(self, key: str, default: float) -> float:
        """A number that is not negative."""
        value = float(self._get(key, (int, float), "a number", default))
        if not value >= 0:
            self.fail(f"{key} must not be negative.", key)
        return value

    def real(self, key: str) -> float:
        """A number that must be there, and finite."""
        value = float(self._get(key, (int, float), "a number", None))
        if not math.isfinite(value):
            self.fail(f"{key} must be a finite number.", key)
        return value

    def flag(self, key: str) -> bool:
        """true or false; false where it is not there."""
        return bool(self._get(key, bool, "true or false", False))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; none where the key is not there."""
        found = self._get(key, list, "a list of texts", [])
        if not all(isinstance(one, str) and one.strip() for one in found):
            self.fail(f"{key} must be a list of texts.", key)
        return tuple(found)

    def table(self, key: str) -> Table | None:
        """A table within, None where there is none."""
        found = self._get(key, dict, "a table", {})
        return Table(found, (*self.path, key), self._lines) if key in self.data else None

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        found = self._get(key, list, "a list of tables", [])
        if not all(isinstance(one, dict) for one in found):
            self.fail(f"{key} must be a list of tables.", key)
        return [Table(one, (*self.path, key, k), self._lines) for k, one in enumerate(found)]

    def finish(self) -> None:
        """Complain of a key that lessons do not have."""
        for key in self.data:
            if key not in self._seen:
                near = difflib.get_close_matches(key, self._seen, 1)
                hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(sorted(self._seen))}."
                self.fail(f"{key} is not known here.{hint}", key)

"""What the names of a script stood for, and when."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind

if TYPE_CHECKING:
    from ..session import Session

_INDEX = re.compile(r"\[(\d+)\]")


class Names:
    """Which tensor a name stood for, and when.

    Parameters have the names that `named_parameters` gives them; `net.fc1.weight` and `net[0].weight`, as a script would write
    them, find `fc1.weight` and `0.weight`.
    """

    def __init__(self, session: Session) -> None:
        self._bound: dict[str, tuple[list[int], list[int]]] = {}
        self._known: dict[str, str] = {}
        trace = session.trace
        bound = np.flatnonzero(session.columns.kind == int(Kind.BIND_NAME))
        trace.open(bound)
        for row in bound.tolist():
            event = trace.event(row)
            rows, tensors = self._bound.setdefault(str(event.detail.get("name")), ([], []))
            rows.append(row)
            tensors.append(trace.tensor_of(event.reads[0].location))

    def resolved(self, name: str) -> str:
        """The name under which the recording has a tensor that the script may call so, "" for none."""
        found = self._known.get(name)
        if found is None:
            whole = rest = _INDEX.sub(r".\1", name)
            while rest not in self._bound and "." in rest:
                rest = rest.split(".", 1)[1]
            # A name without its beginning is one of a parameter: it has a dot in it, or the whole has only its module before it.
            short = rest == whole or "." in rest or whole.count(".") == 1
            found = self._known[name] = rest if rest in self._bound and short else ""
        return found

    def tensor(self, name: str, at: int) -> int | None:
        """The tensor's number, None where the name is not bound yet."""
        rows, tensors = self._bound.get(self.resolved(name), ([], []))
        number = bisect_right(rows, at)
        return tensors[number - 1] if number else None

    def rows(self, name: str) -> list[int]:
        """The events that bound the name."""
        return self._bound.get(self.resolved(name), ([], []))[0]

    def tensors(self, name: str) -> set[int]:
        """All tensors that the name ever stood for."""
        return set(self._bound.get(self.resolved(name), ([], []))[1])

    def trouble(self, name: str) -> str:
        """Why a name can never stand for a tensor of this recording, "" where it can."""
        if self.resolved(name):
            return ""
        near = difflib.get_close_matches(name, self._bound, 1)
        return f"The script has no tensor called {name}." + (f" Did you mean {near[0]}?" if near else "")

    @property
    def known(self) -> tuple[str, ...]:
        """All names of the recording."""
        return tuple(self._bound)

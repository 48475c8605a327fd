"""A large package that knows of Qt, imported a statement at a time: no thread may do that, and at once the window would feel it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

TURN_SECONDS = 0.008


class PackageInTurns:
    """The statements of a package's `__init__`, of which each turn of the event loop runs a few. Nobody else may import it meanwhile."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left: Iterator[None] | None = None

    def go_on(self, seconds: float = TURN_SECONDS) -> bool:
        """Import for so long; whether there is more to come."""
        if self._left is None:
            self._left = self._statements()
        until = perf_counter() + seconds
        return any(perf_counter() > until for _ in self._left)

    def finish(self) -> None:
        """Import the rest at once."""
        self.go_on(float("inf"))

    def _statements(self) -> Iterator[None]:
        spec = importlib.util.find_spec(self._name) if self._name not in sys.modules else None
        if spec is None or spec.origin is None:
            importlib.import_module(self._name)  # it is there, or says why it is not
            return
        made = importlib.util.module_from_spec(spec)
        text = ast.parse(Path(spec.origin).read_bytes())
        sys.modules[self._name] = made
        try:
            for statement in text.body:
                exec(compile(ast.Module([statement], []), spec.origin, "exec"), vars(made))
                yield
        except BaseException:
            del sys.modules[self._name]
            raise

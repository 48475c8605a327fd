"""A watcher that writes down what the engine tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from engine import events


class Listener:
    """Notes each call as (kind, arguments)."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, kind: str) -> Callable[..., None]:
        if kind.startswith("_"):
            raise AttributeError(kind)
        return lambda *arguments: self.told.append((kind, arguments))

    def kinds(self, *only: str) -> list[str]:
        """The kinds in order; those of `only`, where some are named."""
        return [kind for kind, _ in self.told if not only or kind in only]

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        """The arguments of each event of a kind."""
        return [arguments for k, arguments in self.told if k == kind]


def listening(listener: Listener) -> Any:
    """A block in which `listener` is told everything."""
    return events.watch(cast(events.Watcher, listener))

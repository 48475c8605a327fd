"""Modules that are large and not needed at once: loaded by a thread, beside the event loop, when they are first asked for."""

from __future__ import annotations

import importlib
from threading import Thread


class BackgroundModules:
    """Some modules, of which one asks now and then whether they are there."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._loading: Thread | None = None

    def loaded(self) -> bool:
        """Whether they are there; the first call begins to load them."""
        if self._loading is None:
            # no daemon: one that is stopped inside C++ when the process ends takes it down with an abort
            self._loading = Thread(target=self._load, name=self._names[-1])
            self._loading.start()
        return not self._loading.is_alive()

    def _load(self) -> None:
        for name in self._names:
            importlib.import_module(name)

"""How long something takes in a window, painted and all."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter


def median(call: Callable[[], object], times: int) -> float:
    """Seconds of a call, the median of some."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        call()
        taken.append(perf_counter() - begun)
    return statistics.median(taken)


def exposed() -> None:
    """Let what was changed be painted: a scene tells its view in one turn of the event loop, which is painted in the next."""
    from PySide6.QtWidgets import QApplication

    for _ in range(3):
        QApplication.processEvents()

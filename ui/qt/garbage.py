"""Garbage in circles is looked for in the window's thread alone.

Python looks for it in whichever thread makes one object too many. In another thread than the window's that would take Qt's objects
apart under Qt's hands: a closed window, whose timers and notifiers are then stopped from the wrong thread, and the event loop stands still.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 250


def collect_here(parent: QObject) -> QTimer:
    """From now on look for garbage in this thread, which runs Qt's events, between two of them, for as long as `parent` is there."""
    gc.disable()
    timer = QTimer(parent)
    timer.timeout.connect(collect)
    timer.start(EVERY_MS)
    return timer


def collect() -> None:
    """Look for garbage, if Python would: in the oldest generation that has its fill."""
    full = [generation for generation, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most > 0]
    if full:
        gc.collect(full[-1])

"""Ctrl+C that is not lost: where Python would swallow a KeyboardInterrupt, it comes a moment later.

A signal is handled wherever the program stands, and an exception in a weak reference's callback or in `__del__` goes to nobody
("Exception ignored in"): a script that makes and drops tensors in a loop is there often enough that it ran on.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SOON = 0.005  # seconds


def swallows(frame: FrameType | None) -> bool:
    """Whether an exception that is raised in this frame would go to nobody."""
    while frame is not None:
        name = frame.f_code.co_name
        if name == "__del__" or (name == "remove" and os.path.basename(frame.f_code.co_filename) == "weakref.py"):
            return True
        frame = frame.f_back
    return False


def again() -> None:
    """Send the interrupt once more, in a moment; by a bare thread, because the locks of `threading` may be held where the signal came."""
    _thread.start_new_thread(_later, ())


def _later() -> None:
    time.sleep(_SOON)
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def kept() -> Iterator[None]:
    """No interrupt is lost inside the block; one that somebody else handles is left to them."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is _interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_: int, frame: FrameType | None) -> None:
    if swallows(frame):
        again()
    else:
        raise KeyboardInterrupt

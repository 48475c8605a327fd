"""What the C library does with memory that a run gives back: it keeps it for the next step.

Every step of a training takes the same megabytes again. By default glibc returns large blocks to the kernel, and
each page of the next one costs a fault: half of the time that recording a wide layer takes (benchmark row
`engine/W3 recorded`). See mallopt(3).
"""

from __future__ import annotations

import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 1 << 29  # bytes at the end of the heap that may stay
_LARGEST = 1 << 25  # glibc allows no more; larger blocks come from the kernel and go back to it


def keep_freed_memory() -> None:
    """Let this process keep what it frees, where its C library is glibc."""
    if sys.platform != "linux":
        return
    import ctypes

    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if set_option is not None:
        set_option(_TRIM_THRESHOLD, _KEPT)
        set_option(_MMAP_THRESHOLD, _LARGEST)

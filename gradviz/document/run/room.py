"""How much memory a document may take while it runs in the window.

A document is a file from anywhere, and a line of it can ask for a result of any size. So the address space is limited
for the moment of the run: what would be too large is refused by numpy before it is taken, and told at its node.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "linux":
    import resource

MORE = 1 << 30  # bytes more than the process has
DEEPEST = 1000  # layers of a layer: each is made by Python


@contextmanager
def limited() -> Iterator[None]:
    """Let nothing take more than `MORE` bytes; where the system cannot say that (all but Linux), nothing is limited.

    Hot path: each frame while a slider is dragged; about 20 microseconds.
    """
    if sys.platform != "linux":
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    wanted = taken + MORE
    if before[0] != resource.RLIM_INFINITY:
        wanted = min(wanted, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (wanted, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def check_layers(settings: dict[str, object]) -> None:
    """Refuse a layer of very many layers before Python makes them.

    Raises:
        ValueError: it has too many.
    """
    for name, value in settings.items():
        if name.endswith("layers") and isinstance(value, int) and value > DEEPEST:
            raise ValueError(f"{name}={value:,}: at most {DEEPEST:,} are made on the canvas")

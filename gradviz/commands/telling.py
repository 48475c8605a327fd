"""What commands say on stderr beside their answer."""

from __future__ import annotations

import sys

SHOWN = 3  # parts of a damaged graph that are named


def note(text: str) -> None:
    """One line about something that the user should know, although it worked."""
    print(f"gradviz: {' '.join(text.split())}", file=sys.stderr)


def note_left_out(file: str) -> None:
    """What of a graph could not be read, where it is one. Raises what reading it raises."""
    from ..document.file.keeping import load
    from ..loading.kind import DOCUMENT, kind_of

    if kind_of(file) != DOCUMENT:
        return
    parts = load(file).left_out
    if parts:
        more = f"; and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
        note(f"{file}, not all of it as it stands there: {'; '.join(parts[:SHOWN])}{more}")

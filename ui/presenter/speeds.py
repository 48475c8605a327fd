"""The speeds of a presentation: from a tenth to ten times, and instant."""

from __future__ import annotations

INSTANT = 0.0  # as the canvas says it
SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, INSTANT)


def next_speed(speed: float, faster: bool) -> float:
    """The neighbour of a speed on the ladder; at an end it stays."""
    ladder = [s if s > 0 else float("inf") for s in SPEEDS]
    here = speed if speed > 0 else float("inf")
    if faster:
        found = next((s for s in ladder if s > here), ladder[-1])
    else:
        found = next((s for s in reversed(ladder) if s < here), ladder[0])
    return found if found != float("inf") else INSTANT


def speed_text(speed: float) -> str:
    """A speed as the controls show it."""
    return f"{speed:g}×" if speed > 0 else "instant"

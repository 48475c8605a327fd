"""Knobs: numbers and words of a script's line that a learner turns, and the positions of their sliders."""

from __future__ import annotations

from collections.abc import Mapping

from .lesson import Knob, Try

LOG_POSITIONS = 60  # of a slider whose equal ways are equal factors
MOST_POSITIONS = 1000


def positions(knob: Knob) -> int:
    """The last position of its slider; the first is 0."""
    if knob.words:
        return len(knob.words) - 1
    return LOG_POSITIONS if knob.log else round((knob.high - knob.low) / knob.step)


def at_position(knob: Knob, position: int) -> str:
    """What stands in the script for a position of the slider."""
    if knob.words:
        return knob.words[position]
    if knob.log:
        return number(float(f"{knob.low * (knob.high / knob.low) ** (position / LOG_POSITIONS):.2g}"))
    return number(min(knob.high, knob.low + position * knob.step))


def position_of(knob: Knob, value: str) -> int:
    """The position that is nearest to a value."""
    if knob.words:
        return knob.words.index(value)
    wanted = float(value)
    return min(range(positions(knob) + 1), key=lambda k: abs(float(at_position(knob, k)) - wanted))


def number(value: float) -> str:
    """A number as it is written in a script: with a point, without digits that only rounding made."""
    return repr(float(f"{value:.6g}"))


def line_of(tried: Try, values: Mapping[str, str] | None = None) -> str:
    """The text of the changed line; without values that of the goal."""
    text = tried.after
    for knob in tried.knobs:
        text = text.replace("{" + knob.name + "}", knob.goal if values is None else values[knob.name])
    return text

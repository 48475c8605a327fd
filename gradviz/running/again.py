"""A recorded script run again in this process, for the numbers of some of its events."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from engine.random import default_generator

from ..recording.again import Again, Range
from ..recording.recording import Recording
from ..recording.refill import Drift, Refill
from .execute import run_recorded
from .overrides import from_json
from .recorded import DEFAULT_SEED, told


class Enough(BaseException):
    """Ends the script when nothing more is wanted of it."""


def refill_here(recording: Recording, ranges: Sequence[Range]) -> None:
    """Run the script of a recording again, and fill in the numbers of these events.

    Raises:
        Drift: the second run is another one than the first; nothing is filled in.
    """
    found = Refill(recording)
    problems: list[Drift] = []

    def take(data: bytes) -> None:
        try:
            found.take(data)
        except Drift as drift:
            problems.append(drift)
            raise Enough from drift

    def done() -> None:
        raise Enough

    default_generator.manual_seed(DEFAULT_SEED)
    again = Again(recording.path, recording.source, ranges, take, done)
    overrides = from_json(recording.meta.get("overrides", []))
    with suppress(Enough), told(again, silent=True):
        run_recorded(recording.path, recording.source, again, overrides)
        again.finish()
    if problems:
        raise problems[0]
    found.fill(ranges[-1][0] if ranges else 0)

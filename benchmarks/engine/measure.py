"""Interleaved timing: in each round every program runs once, so that a noisy neighbour hits all of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .programs import Turns

BATCH = 0.25  # seconds of work a program and round: a recorded script is asked some times for what is new, as in the window
_TRIES = 6  # what learns from its first steps is quicker after them
ROUNDS = 15


@dataclass(frozen=True)
class Times:
    """Seconds a step, for each round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The quietest round."""
        return min(self.rounds)


def interleaved(programs: Sequence[Turns], rounds: int = ROUNDS, batch: float = BATCH) -> list[Times]:
    """Times of all programs, warmed up, in rounds of about `batch` seconds each."""
    turns = []
    for run in programs:
        run(2)
        count = 1
        for _ in range(_TRIES):
            count = max(1, int(batch / max(run(count) / count, 1e-7)))
        turns.append(count)
    taken: list[list[float]] = [[] for _ in programs]
    for _ in range(rounds):
        for k, run in enumerate(programs):
            taken[k].append(run(turns[k]) / turns[k])
    return [Times(tuple(t)) for t in taken]


def ratio(ours: Times, peer: Times) -> float:
    """Ours over the peer's: the smaller of the ratio of the best rounds and the median of the rounds' ratios.

    On a machine with neighbours one of the two is usually spoilt.
    """
    each = statistics.median(a / b for a, b in zip(ours.rounds, peer.rounds, strict=True))
    return min(each, ours.best / peer.best)

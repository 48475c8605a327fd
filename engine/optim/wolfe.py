"""A line search that meets the strong Wolfe conditions, for LBFGS.

Follows minFunc by M. Schmidt, as PyTorch does: https://www.cs.ubc.ca/~schmidtm/Software/minFunc.html. Numbers that
come from tensors stay float32, so that the trajectory is PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import kernels

Array = np.ndarray[Any, Any]

SUFFICIENT = 1e-4  # c1: how much of the promised decrease must come
CURVATURE = 0.9  # c2: how flat it must have become


@dataclass(frozen=True)
class Trial:
    """The function at step length `t`: its value, its gradient, and its slope along the direction."""

    t: Any
    value: float
    gradient: Array
    slope: Any


def cubic_minimum(a: Trial, b: Trial, low: Any = None, high: Any = None) -> Any:
    """The place of the minimum of the cubic through two points with slopes, kept within bounds."""
    x1, x2 = a.t, b.t
    if low is None:
        low, high = (x1, x2) if x1 <= x2 else (x2, x1)
    d1 = a.slope + b.slope - _over(3 * (a.value - b.value), x1 - x2)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = np.sqrt(square)
    if x1 <= x2:
        place = x2 - (x2 - x1) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        place = x1 - (x1 - x2) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(place, low), high)


def _over(number: float, by: Any) -> Any:
    return kernels.number_over(number, np.asarray(by)) if isinstance(by, np.floating) else number / by


def strong_wolfe(
    evaluate: Callable[[Any], Trial], start: Trial, t: Any, direction: Array, tolerance_change: float = 1e-9, most: int = 25
) -> tuple[Trial, int]:
    """Find a step length along `direction`.

    Args:
        evaluate: the function at a step length.
        start: the function at step length 0.
        t: the first length to try.
        most: the largest number of further evaluations.

    Returns:
        The trial that was chosen, and the number of evaluations.
    """
    new = evaluate(t)
    rounds, previous = 0, start
    low_high: tuple[Trial, Trial] | None = None
    while rounds < most:
        if _too_high(new, start) or (rounds > 1 and new.value >= previous.value):
            low_high = (previous, new)
            break
        if abs(new.slope) <= -CURVATURE * start.slope:
            return new, rounds + 1
        if new.slope >= 0:
            low_high = (previous, new)
            break
        longer = cubic_minimum(previous, new, new.t + 0.01 * (new.t - previous.t), new.t * 10)
        previous, new = new, evaluate(longer)
        rounds += 1
    if low_high is None:
        low_high = (replace(start, t=0), new)
    return _zoom(evaluate, start, low_high, rounds, most, tolerance_change, np.abs(direction).max())


def _too_high(new: Trial, start: Trial) -> bool:
    return bool(new.value > (start.value + SUFFICIENT * new.t * start.slope))


def _zoom(
    evaluate: Callable[[Any], Trial], start: Trial, ends: tuple[Trial, Trial], rounds: int, most: int, tolerance: float, norm: Any
) -> tuple[Trial, int]:
    """Narrow a bracket that holds a good point."""
    bracket = list(ends)
    low, high = (0, 1) if bracket[0].value <= bracket[1].value else (1, 0)
    stuck = False
    while rounds < most:
        if abs(bracket[1].t - bracket[0].t) * norm < tolerance:
            break
        t = cubic_minimum(bracket[0], bracket[1])
        smallest, largest = min(bracket[0].t, bracket[1].t), max(bracket[0].t, bracket[1].t)
        margin = 0.1 * (largest - smallest)
        if min(largest - t, t - smallest) < margin:
            # near an end: the second time, or at the end itself, move away from it
            if stuck or t >= largest or t <= smallest:
                t = largest - margin if abs(t - largest) < abs(t - smallest) else smallest + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        new = evaluate(t)
        rounds += 1
        if _too_high(new, start) or new.value >= bracket[low].value:
            bracket[high] = new
            low, high = (0, 1) if bracket[0].value <= bracket[1].value else (1, 0)
            continue
        done = abs(new.slope) <= -CURVATURE * start.slope
        if not done and new.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
        if done:
            break
    return bracket[low], rounds + 1

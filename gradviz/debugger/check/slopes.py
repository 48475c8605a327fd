"""Slopes of a function by differences, and whether a backward formula agrees with them.

Two step widths, eight apart: where the function is smooth the one-sided slopes come together as the step shrinks,
at a kink they stay apart, and in noise they run apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .verdict import KINK, NOISY, OK, WRONG

Floats = np.ndarray[Any, np.dtype[np.float64]]
SHRINK = 8.0  # the second step is so much narrower
CORNER = 1e-3  # share of the slope by which left and right must differ for a kink
UNSURE = 2e-2  # rounding of more than this share of the slope decides nothing
_NEAR = 10.0  # share of the slope, in cube roots of eps, within which two slopes are the same
_POINTS = 9  # through which the parabola goes
_FLOOR = 8.0  # roundings that one difference may gather


@dataclass(frozen=True, slots=True)
class Slope:
    """Slopes at one element and what follows from them."""

    verdict: str
    analytic: float
    numeric: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Samples:
    """A function around a point, elementwise: f(x), and f(x ± step) for both steps."""

    middle: Floats
    right: tuple[Floats, Floats]
    left: tuple[Floats, Floats]
    steps: tuple[Floats, Floats]
    size: Floats  # of the terms that f adds up: what rounding is a share of


def sample(f: Callable[[Floats], tuple[Floats, Floats]], x: Floats, share: float, relative: bool) -> Samples:
    """Evaluate f, which returns its values and the size of the terms in them.

    Args:
        share: step width as a share of |x|.
        relative: of |x| itself, however small; else of at least 1.
    """
    with np.errstate(all="ignore"):
        wide = share * (np.where(x == 0, 1.0, np.abs(x)) if relative else np.maximum(np.abs(x), 1.0))
        steps = (wide, wide / SHRINK)
        middle, size = f(x)
        beside = [f(x + step) for step in steps], [f(x - step) for step in steps]
        for _, other in (*beside[0], *beside[1]):  # a sum may be 0 here only because its terms are
            size = np.maximum(size, np.where(np.isfinite(other), other, 0.0))
        right, left = (tuple(values for values, _ in side) for side in beside)
        # what x really moved by, which is not the step to the last bit
        moved = tuple(((x + step) - (x - step)) / 2 for step in steps)
    return Samples(middle, (right[0], right[1]), (left[0], left[1]), (moved[0], moved[1]), size)


def judge(samples: Samples, analytic: Floats, eps: float) -> list[Slope]:
    """The verdict for each element.

    Args:
        eps: of the dtype that f computes in.
    """
    scale = float(np.max(np.abs(analytic[np.isfinite(analytic)]), initial=0.0))
    with np.errstate(all="ignore"):
        return [_judge(*_around(samples, analytic, place), scale, eps) for place in np.ndindex(analytic.shape)]


@dataclass(frozen=True, slots=True)
class _Point:
    """One element: f there, the one-sided slopes of the wide and the narrow step, the narrow step, the size of the terms."""

    middle: float
    right: tuple[float, float]
    left: tuple[float, float]
    step: float
    size: float


def _around(samples: Samples, analytic: Floats, place: tuple[int, ...]) -> tuple[float, _Point]:
    middle = samples.middle[place]
    right = [(samples.right[k][place] - middle) / samples.steps[k][place] for k in (0, 1)]
    left = [(middle - samples.left[k][place]) / samples.steps[k][place] for k in (0, 1)]
    point = _Point(
        float(middle), (float(right[0]), float(right[1])), (float(left[0]), float(left[1])),
        float(samples.steps[1][place]), float(samples.size[place]),
    )  # fmt: skip
    return float(analytic[place]), point


def _judge(a: float, point: _Point, scale: float, eps: float) -> Slope:
    (right_wide, right), (left_wide, left) = point.right, point.left
    centre, centre_wide = (right + left) / 2, (right_wide + left_wide) / 2
    best = centre + (centre - centre_wide) / (SHRINK**2 - 1)  # the error of a central difference goes with the square of the step
    made = (a, best, left, right)
    if np.isinf(point.middle) and a == 0 and np.isnan([*point.right, *point.left]).all():
        return Slope(OK, a, 0.0, 0.0, 0.0)  # minus infinity on either side as well, as a mask writes it: it stays where it is
    if not np.isfinite(point.middle):
        return Slope(NOISY, *made)
    if not np.isfinite(best):
        return _at_the_edge(a, left, right, left_wide, right_wide)
    slope = max(abs(a), abs(best)) if np.isfinite(a) else abs(best)
    floor = _FLOOR * eps * max(point.size, abs(point.middle)) / point.step
    near = _NEAR * eps ** (1 / 3) * slope + floor + 1e-9 * scale
    gap, gap_wide = abs(right - left), abs(right_wide - left_wide)
    if floor > UNSURE * max(slope, scale, 1e-300) and floor > UNSURE * abs(best - a):
        # nothing to see, also with the wide step: the function is lost in its own rounding
        return Slope(NOISY if abs(a) > 0 or abs(best) > floor else OK, *made)
    cornered = gap > CORNER * max(abs(left), abs(right)) + 4 * floor and 0.5 * gap_wide < gap < 2 * gap_wide
    settled = abs(right - right_wide) <= 0.2 * gap and abs(left - left_wide) <= 0.2 * gap
    if cornered and settled:
        between = min(left, right) - near <= a <= max(left, right) + near
        return Slope(KINK if between else WRONG, *made)
    if np.isfinite(a) and (abs(a - best) <= near or abs(a - centre) <= near):
        return Slope(OK, *made)
    steady = abs(centre - centre_wide) <= 0.1 * abs(a - centre) + floor if np.isfinite(a) else True
    return Slope(WRONG if steady else NOISY, *made)


def roughness(f: Callable[[Floats], tuple[Floats, Floats]], x: Floats, share: float) -> Floats:
    """How far f jumps about beside x, as a slope: what no parabola through a few points on one side explains."""
    step = share * np.maximum(np.abs(x), 1.0)
    at = np.linspace(0.0, 1.0, _POINTS)
    with np.errstate(all="ignore"):
        values = np.stack([f(x + step * t)[0].ravel() for t in at])
    values = np.where(np.isfinite(values), values, 0.0)
    basis = np.vander(at, 3)
    fitted = basis @ np.linalg.lstsq(basis, values, rcond=None)[0]
    jumps: Floats = np.abs(values - fitted).max(axis=0) / step.ravel()
    return jumps.reshape(x.shape)


def _at_the_edge(a: float, left: float, right: float, left_wide: float, right_wide: float) -> Slope:
    """Where the function ends on one side (sqrt at 0): the slope of the other side decides, as far as it is one."""
    side, wide = (right, right_wide) if np.isfinite(right) else (left, left_wide)
    if not np.isfinite(side):
        return Slope(NOISY, a, float("nan"), left, right)
    grows = abs(side) > 1.5 * abs(wide)  # an infinite slope
    fits = not np.isfinite(a) if grows else abs(a - side) <= 1e-2 * max(abs(a), abs(side))
    return Slope(KINK if fits else WRONG, a, side, left, right)

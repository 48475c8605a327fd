"""Curves: what to plot of a series, as arrays; no Qt and no pyqtgraph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradviz.debugger.answers import Series

Floats = np.ndarray[Any, np.dtype[np.float64]]
_ELEMENTS = 6  # curves of single elements; more would be a carpet


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its name, and a value for each write (nan where `.grad` is None)."""

    name: str
    values: Floats


def element_curves(series: Series) -> tuple[Curve, ...]:
    """A curve for each of the first elements; one for all where they are equal throughout."""
    if not series.elements or not series.elements[0]:
        return ()
    table = np.array(series.elements, np.float64)
    same = np.all((table == table[:, :1]) | np.isnan(table))
    if same and table.shape[1] > 1:
        return (Curve("each element", table[:, 0]),)
    return tuple(Curve(f"[{k}]", table[:, k]) for k in range(min(_ELEMENTS, table.shape[1])))


def ticks_of(series: Series) -> tuple[tuple[int, str], ...]:
    """Where the epochs of a series begin, with their names: of a long run the ledger has a part only; none where it is in no loop."""
    found: dict[int, int] = {}
    for event, epoch, kind in zip(series.events, series.epochs, series.kinds, strict=True):
        if epoch >= 0 and kind == "accumulate":
            found.setdefault(epoch, event)
    return tuple((event, f"epoch {epoch}") for epoch, event in found.items())


def spaced(ticks: tuple[tuple[int, str], ...], most: int) -> list[tuple[int, str]]:
    """As many of some ticks as stand apart."""
    if not ticks:
        return []
    apart = (ticks[-1][0] - ticks[0][0]) / most
    few = ticks[:: -(-len(ticks) // most)]
    kept = [few[0]]
    for tick in few[1:]:
        if tick[0] - kept[-1][0] >= 0.9 * apart:
            kept.append(tick)
    return kept


def norm_curve(series: Series) -> Curve:
    """The norm after each write."""
    return Curve("norm", np.array(series.norms, np.float64))


def stairs(events: tuple[int, ...], values: Floats) -> tuple[Floats, Floats]:
    """A value holds until the next write: corners of the staircase."""
    x = np.repeat(np.array(events, np.float64), 2)[1:]
    return x, np.repeat(values, 2)[:-1]


def per_epoch(series: Series) -> tuple[Floats, Floats, str]:
    """What each epoch's backward left in `.grad`: numbers of epochs, values, and what they are.

    The value is the element where all elements are equal throughout, else the norm. Two runs of a script
    have different events, but the same epochs: this is what can be compared.
    """
    curves = element_curves(series)
    one = len(curves) == 1
    values = curves[0].values if one else norm_curve(series).values
    last: dict[int, float] = {}
    for k, (epoch, kind) in enumerate(zip(series.epochs, series.kinds, strict=True)):
        if kind == "accumulate":
            last[epoch if epoch >= 0 else k] = float(values[k])
    x = np.array(sorted(last), np.float64)
    return x, np.array([last[int(k)] for k in x]), "each element" if one else "norm"

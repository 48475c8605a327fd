"""One line of the table of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured and what was asked for.

    Attributes:
        name: suite and workload, such as "engine/W1 eager".
        ours: our figure as it is printed, with its unit.
        peer: the peer's figure, or why there is none ("peer not installed").
        ratio: ours over the peer's, None where there is no peer.
        target: the greatest ratio (or figure) that is asked for, as it is printed.
        met: whether the target is reached; None where it cannot be said.
    """

    name: str
    ours: str
    peer: str
    ratio: float | None
    target: str
    met: bool | None


TITLES = ("row", "ours", "peer", "ratio", "target", "met?")
_MET = {True: "yes", False: "NO", None: "-"}
_WIDTHS = (28, 12, 20, 7, 12, 4)


def cells(row: Row) -> tuple[str, ...]:
    """The row as it is printed."""
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.name, row.ours, row.peer, ratio, row.target, _MET[row.met])


def line(texts: Iterable[str]) -> str:
    """One printed line: the name to the left, figures to the right."""
    name, *rest = texts
    return "  ".join([name.ljust(_WIDTHS[0]), *(t.rjust(w) for t, w in zip(rest, _WIDTHS[1:], strict=True))])

"""What the numeric check says of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

OK, NOISY, KINK, WRONG, SKIPPED = "ok", "noisy", "kink", "wrong", "skipped"
ORDER = (WRONG, KINK, NOISY, OK, SKIPPED)  # which says most, when the elements of a node disagree
MEANINGS = {
    OK: "the backward formula gives the slope of the forward formula",
    KINK: "the forward formula has a corner here: left and right slope differ, and the backward formula gives one between them",
    WRONG: "the backward formula does not give the slope of the forward formula",
    NOISY: "rounding drowns the slope: no number can be trusted here",
    SKIPPED: "not checked",
}


@dataclass(frozen=True, slots=True)
class NodeCheck:
    """One node, and its worst element.

    Attributes:
        site: the node (index of its site).
        input, element: which input's slope, at which place of it; -1 where none stands out.
        analytic: what backward gives; `numeric` the central difference, `left` and `right` the one-sided ones.
        checked: how many elements were looked at.
    """

    site: int
    op: str
    line: int
    verdict: str
    words: str
    input: int = -1
    element: tuple[int, ...] = ()
    analytic: float = float("nan")
    numeric: float = float("nan")
    left: float = float("nan")
    right: float = float("nan")
    checked: int = 0


def to_plain(checks: tuple[NodeCheck, ...]) -> list[dict[str, Any]]:
    """For the header of a recording; numbers that JSON does not know as text."""
    return [{k: str(v) if isinstance(v, float) else v for k, v in asdict(check).items()} for check in checks]


def from_plain(rows: Any) -> tuple[NodeCheck, ...]:
    """What `to_plain` made plain; what a damaged file has instead is left out."""
    made = []
    for row in rows if isinstance(rows, list) else ():
        try:
            made.append(_read(row))
        except (TypeError, ValueError, KeyError, AttributeError):
            continue
    return tuple(made)


def _read(row: Mapping[str, Any]) -> NodeCheck:
    verdict = str(row["verdict"])
    if verdict not in ORDER:
        raise ValueError(verdict)
    analytic, numeric, left, right = (float(row[name]) for name in ("analytic", "numeric", "left", "right"))
    element = tuple(map(int, row["element"]))
    site, line, place, checked = (int(row[name]) for name in ("site", "line", "input", "checked"))
    return NodeCheck(site, str(row["op"]), line, verdict, str(row["words"]), place, element, analytic, numeric, left, right, checked)

"""A comparison as text: what `gradviz compare A B` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .curves import curves_of, parameters

if TYPE_CHECKING:
    from .comparison import RunComparison

_LISTED = 20


def report(comparison: RunComparison, names: tuple[str, str] = ("A", "B")) -> str:
    """The verdict, what only one run has, the first differences, and each parameter's last `.grad`."""
    lines = [f"A: {names[0]}", f"B: {names[1]}", "", comparison.verdict + "."]
    if comparison.extras:
        lines += ["", "Only in one run:", *_cut([f"  {extra.text}" for extra in comparison.extras])]
    differing = comparison.differing.tolist()
    if differing:
        spots = [f"  event {s.event_a}/{s.event_b}: {s.text}" for s in map(comparison.spot, differing[:_LISTED])]
        lines += ["", f"Differences ({len(differing):,}):", *spots]
        if len(differing) > _LISTED:
            lines.append(f"  and {len(differing) - _LISTED:,} more")
    rows = [_parameter(comparison, leaf, name) for leaf, name in parameters(comparison)]
    if rows:
        lines += ["", "Norm of the last .grad (A, B, A - B):", *_cut([row for row in rows if row])]
    return "\n".join(lines)


def plain(comparison: RunComparison) -> dict[str, Any]:
    """The same as data for `--json`."""
    first = comparison.first
    return {
        "verdict": comparison.verdict,
        "same": comparison.same,
        "tolerance": comparison.tolerance,
        "first": None if first is None else {"a": first.event_a, "b": first.event_b, "step": first.step, "text": first.text},
        "differing": len(comparison.differing),
        "only": [{"run": e.run, "kind": e.kind.name, "text": e.text, "events": list(e.events)} for e in comparison.extras],
    }


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _LISTED else [*lines[:_LISTED], f"  and {len(lines) - _LISTED:,} more"]


def _parameter(comparison: RunComparison, leaf: int, name: str) -> str:
    found = curves_of(comparison, leaf)
    if not len(found.steps):
        return ""
    return f"  {name}: {found.a[-1]:.6g}, {found.b[-1]:.6g}, {found.difference[-1]:.6g}"

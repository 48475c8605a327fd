"""The numeric check: each node's backward against the slope of its forward. `checks_of(recording)` reads what a run found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .verdict import KINK, MEANINGS, NOISY, OK, ORDER, SKIPPED, WRONG, NodeCheck, from_plain

if TYPE_CHECKING:
    from ...recording.recording import Recording

__all__ = ["KINK", "MEANINGS", "NOISY", "OK", "ORDER", "SKIPPED", "WRONG", "NodeCheck", "checks_of", "summary"]


def checks_of(recording: Recording) -> tuple[NodeCheck, ...]:
    """What the numeric check of a run found; empty where it was not asked for."""
    return tuple(check for check in from_plain(recording.meta.get("check")) if 0 <= check.site < len(recording.sites))


def summary(checks: tuple[NodeCheck, ...]) -> str:
    """ "12 nodes: 10 ok, 1 kink, 1 wrong"."""
    if not checks:
        return "no node with a backward ran"
    counts = [f"{count} {verdict}" for verdict in ORDER if (count := sum(c.verdict == verdict for c in checks))]
    return f"{len(checks)} node{'s' if len(checks) > 1 else ''}: {', '.join(reversed(counts))}"

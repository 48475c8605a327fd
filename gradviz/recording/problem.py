"""What goes wrong with recordings."""

from __future__ import annotations

from ..problem import Problem


class RecordingProblem(Problem):
    """One sentence for the user: why a recording could not be read or written."""

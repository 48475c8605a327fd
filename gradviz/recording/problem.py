"""What goes wrong with recordings."""


class RecordingProblem(Exception):  # noqa: N818 - it is told to users as a problem, and the contract names it so
    """One sentence for the user: why a recording could not be read or written."""

"""What goes wrong with recordings."""


class RecordingProblem(Exception):
    """One sentence for the user: why a recording could not be read or written."""

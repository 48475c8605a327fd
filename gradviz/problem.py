"""The root of all that goes wrong through no fault of the program: bad input, a full disk, a file of another kind."""

USAGE = 2  # the exit code for it
INTERRUPTED = 130  # the exit code of a program that Ctrl+C ended, as shells say it


class Problem(Exception):  # noqa: N818 - a sentence for the user
    """One sentence for the user: the command line prints it on stderr, with exit code 2; the window shows it above the canvas."""

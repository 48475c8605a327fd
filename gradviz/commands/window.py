"""What `gradviz [FILE]` understands; `ui` opens the window."""

from __future__ import annotations

import argparse

from .values import megabytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("file", nargs="?", help="a script (.py), a recording (.gvrec), a graph (.gradviz) or a lesson (.toml)")
    parser.add_argument("--memory", type=megabytes, default=None, metavar="MB", help="megabytes that a recording may take (512)")

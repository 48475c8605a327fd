"""`gradviz run SCRIPT ARGUMENTS`: what `python SCRIPT ARGUMENTS` does, with `import torch` meaning the engine."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("file", metavar="SCRIPT.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS", help="given to the script")


def run(wanted: argparse.Namespace) -> int:
    """Run the script in this process, which ends with it."""
    from ..running.plain import run_plain

    raise SystemExit(run_plain(wanted.file, wanted.arguments))  # past what other commands do at their end: from here it is Python's way

"""`gradviz compare A B`: the two runs as text."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..session import Session
from .comparison import RunComparison
from .report import plain, report

SAME, DIFFERENT = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "Exit code 0: the same; 1: they differ; 2: a file cannot be used."
    parser.add_argument("a", help="a recording (.gvrec) or a script, which is run")
    parser.add_argument("b", help="the other")
    parser.add_argument("--tolerance", type=float, default=0.0, metavar="SHARE", help="values with |A-B|/|A| up to it are equal")
    parser.add_argument("--json", action="store_true")


def run(wanted: argparse.Namespace) -> int:
    """Compare, print, and say by the exit code whether the runs are the same."""
    from ...loading.kind import RECORDING, kind_of
    from ...problem import Problem
    from ...running.program import read_program
    from ...running.recorded import opened

    if not 0 <= wanted.tolerance < float("inf"):
        raise Problem(f"--tolerance {wanted.tolerance:g} is no share such as 1e-6")
    for file in (wanted.a, wanted.b):  # both are looked at before one is run
        Path(file).stat() if kind_of(file) == RECORDING else read_program(file)
    sessions = [Session(opened(file)) for file in (wanted.a, wanted.b)]
    found = RunComparison(sessions[0], sessions[1], wanted.tolerance)
    print(json.dumps(plain(found)) if wanted.json else report(found, (wanted.a, wanted.b)))
    return SAME if found.same else DIFFERENT

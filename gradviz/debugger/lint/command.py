"""`gradviz lint SCRIPT`: mistakes of autograd that can be seen without running the script."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from . import lint

FOUND = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "Exit code 0: nothing found; 1: something was; 2: the file cannot be used. The script is not run."
    parser.add_argument("file", help="a script (.py)")
    parser.add_argument("--json", action="store_true")


def run(wanted: argparse.Namespace) -> int:
    """Read the script, print a line for each finding."""
    from ...running.program import read_program

    found = lint(read_program(wanted.file))
    if wanted.json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        for finding in found:
            place = f"{wanted.file}:{finding.line}:{finding.column + 1}"
            print(f"{place}: {finding.rule}: {finding.sentence} {finding.advice}")
    return FOUND if found else 0

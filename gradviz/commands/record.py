"""`gradviz record FILE -o OUT.gvrec`: run a script or a graph and keep everything that happened."""

from __future__ import annotations

import argparse

from .telling import note_left_out
from .values import megabytes, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "The exit code is the script's; 2: the file cannot be used, or the recording not written."
    parser.add_argument("file", help="a script (.py) or a graph (.gradviz), which is run")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.gvrec")
    parser.add_argument("--memory", type=megabytes, default=512, metavar="MB", help="megabytes of numbers that are kept (512)")


def run(wanted: argparse.Namespace) -> int:
    """Run the script, writing while it runs."""
    from ..loading.kind import is_recording
    from ..problem import Problem
    from ..running.program import read_program
    from ..running.recorded import record_to

    if is_recording(wanted.file):
        raise Problem(f"{wanted.file} is a recording already: info, render and export read it as it is")
    target(wanted.output, wanted.file, ".gvrec")
    read_program(wanted.file)  # what is no program is told before what a graph lacks
    note_left_out(wanted.file)
    return record_to(wanted.file, wanted.output, wanted.memory << 20)

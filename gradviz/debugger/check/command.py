"""`gradviz check SCRIPT`: a table of nodes whose backward is not the slope of their forward."""

from __future__ import annotations

import argparse
import json

from . import NOISY, OK, ORDER, SKIPPED, WRONG, NodeCheck, checks_of, summary
from .verdict import to_plain

WRONG_CODE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = "Exit code 0: nothing wrong; 1: a node's backward is wrong, or the script failed; 2: the file cannot be used."
    parser.add_argument("file", help="a script (.py), which is run, or a recording of one that was checked")
    parser.add_argument("--all", action="store_true", help="list the nodes that are ok, too")
    parser.add_argument("--json", action="store_true")


def run(wanted: argparse.Namespace) -> int:
    """Run the script, check each of its nodes, print the table."""
    from ...loading.kind import RECORDING, kind_of
    from ...problem import Problem
    from ...running.overrides import NumericCheck
    from ...running.recorded import opened

    recording = opened(wanted.file, (NumericCheck(),))
    if "check" not in recording.meta and kind_of(wanted.file) == RECORDING:
        raise Problem(f"{wanted.file} holds no check, and what is in a recording is not run: check its script (export -o SCRIPT.py has it)")
    checks = checks_of(recording)
    names = {site.index: site.name for site in recording.sites}
    if wanted.json:
        print(json.dumps({"summary": summary(checks), "nodes": to_plain(checks)}))
    else:
        shown = [c for c in checks if wanted.all or c.verdict not in (OK, SKIPPED)]
        for check in sorted(shown, key=lambda c: (ORDER.index(c.verdict), c.site)):
            print(row(check, names))
        print(summary(checks))
    return WRONG_CODE if recording.error or any(c.verdict == WRONG for c in checks) else 0


def row(check: NodeCheck, names: dict[int, str]) -> str:
    """ "wrong  line 12  Cube (y): backward gives 2, the slope is 3"."""
    name = names.get(check.site, "")
    where = f", input {check.input} at [{', '.join(map(str, check.element))}]" if check.verdict in (WRONG, NOISY) and check.element else ""
    return f"{check.verdict:<8}line {check.line:<5}{check.op}{f' ({name})' if name else ''}: {check.words}{where}"

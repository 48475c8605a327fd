"""`gradviz explain FILE`: runs it and says what is wrong or suspicious, the most probable cause first."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from . import Explanation, explain

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from ...running.overrides import NumericCheck

FAILED = 1
PATIENCE = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.epilog = (
        "Exit code 0: it ran to its end, whatever is said of it; 1: the run failed or was stopped; 2: the file cannot be used. "
        "What the script prints goes to stderr."
    )
    parser.add_argument("file", help="a script (.py) or graph (.gradviz), which is run, or a recording (.gvrec)")
    parser.add_argument("--json", action="store_true", help="a list of {kind, line, event, node, message, fix}")
    parser.add_argument("--seconds", type=_seconds, default=PATIENCE, metavar="N", help="stop a script that runs longer (60)")


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return found


def run(wanted: argparse.Namespace) -> int:
    """Run or read it, and print what is to say."""
    from ..session import Session

    recording, code = _recording(wanted.file, wanted.seconds)
    found = explain(Session(recording)) if len(recording) else ()
    if wanted.json:
        print(json.dumps([{**asdict(one), "event": one.event + 1} for one in found]))  # counted as the timeline and --at do
    else:
        for one in found:
            print(in_words(one))
        if not found and not code:
            print("Nothing is wrong or suspicious.")
    return code


def in_words(one: Explanation) -> str:
    """ "line 7: zero-grad-missing: ... Fix: ..." in one line; of a diff the lines that change."""
    place = f"line {one.line}" if one.line else "no line"
    changed = [part[1:].strip() for part in one.fix.splitlines() if part.startswith("+") and not part.startswith("+++")]
    fix = "write " + " / ".join(changed) if one.fix.startswith("---") else one.fix
    return f"{place}: {one.kind}: {' '.join(one.message.split())}" + (f" Fix: {fix}" if fix else "")


def overrides_for(source: str) -> tuple[NumericCheck, ...]:
    """A script with a backward of its own is checked against slopes by numbers."""
    from ...running.overrides import NumericCheck

    return (NumericCheck(),) if re.search(r"\bFunction\b", source) and "def backward" in source else ()


def _recording(file: str, seconds: float) -> tuple[Recording, int]:
    """The recording of a file, and the exit code."""
    from ...loading.kind import RECORDING, kind_of
    from ...loading.script import ScriptProblem, load_script
    from ...recording.file.gvrec import load
    from ...running.parsing import SyntaxProblem, parse
    from .running import recorded

    if kind_of(file) == RECORDING:
        recording = load(file)
        return recording, FAILED if recording.meta.get("error") else 0
    source = load_script(file)
    try:
        parse(source)
    except SyntaxProblem as problem:
        raise ScriptProblem(f"{file}: {problem}") from None
    recording, ended = recorded(file, source, overrides_for(source), seconds)
    if ended.stopped:
        print(f"gradviz: {file} was stopped after {seconds:g} seconds; this is about what it did until then", file=sys.stderr)
    elif not ended.error_type and ended.reason:
        print(f"gradviz: {file}: {ended.reason}", file=sys.stderr)
    return recording, FAILED if ended.exit_code or ended.stopped else 0

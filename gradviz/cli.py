"""The command line: what it understands, and the commands that need no window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

COMMANDS = ("run", "record", "info", "check-lesson", "compare", "check", "lint")
WITH_QT = ("render", "screenshot", "export")
USAGE = 2


class Complaint(Exception):  # noqa: N818 - a sentence for the user
    """Bad input: one clear line on stderr, exit code 2."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace; `command` is "window" where none is named."""
    words = (*COMMANDS, *WITH_QT)
    if arguments and arguments[0] == "run":  # everything after the script belongs to the script
        if len(arguments) < 2 or arguments[1] in ("-h", "--help"):
            print("usage: gradviz run SCRIPT.py [ARGUMENTS ...]", file=sys.stderr)
            raise SystemExit(USAGE)
        return argparse.Namespace(command="run", script=arguments[1], arguments=list(arguments[2:]))
    parser = argparse.ArgumentParser(prog="gradviz", description="See automatic differentiation.")
    if not arguments or arguments[0] not in words:
        parser.add_argument("file", nargs="?", help="a script (.py), a recording (.gvrec), a graph (.gradviz) or a lesson (.toml)")
        parser.add_argument("--memory", type=megabytes, default=None, metavar="MB", help="megabytes that a recording may take (512)")
        parser.epilog = "Commands: " + ", ".join(words) + " (gradviz COMMAND --help)."
        found = parser.parse_args(arguments)
        found.command = "window"
        return found
    sub = parser.add_subparsers(dest="command", required=True)
    record = sub.add_parser("record", help="run a script and keep everything that happened")
    record.add_argument("file")
    record.add_argument("-o", "--output", required=True, metavar="OUT.gvrec")
    record.add_argument("--memory", type=megabytes, default=512, metavar="MB", help="megabytes of numbers that are kept (512)")
    info = sub.add_parser("info", help="what a recording holds")
    info.add_argument("file")
    info.add_argument("--json", action="store_true")
    from .lessons import command as lesson_command

    lesson_command.add_arguments(sub.add_parser("check-lesson", help="whether a lesson is right: moments, answers, numbers"))
    from .debugger.check import command as check_command
    from .debugger.comparing import command as compare_command
    from .debugger.lint import command as lint_command

    lint_command.add_arguments(sub.add_parser("lint", help="mistakes that can be seen without running the script"))
    check_command.add_arguments(sub.add_parser("check", help="whether the backward of each node is the slope of its forward"))
    compare_command.add_arguments(sub.add_parser("compare", help="two runs against each other: recordings, or scripts that are run"))
    export = sub.add_parser("export", help="a picture, film, replay, derivation, curve, hand-out: the ending of OUT says which")
    export.add_argument("file", help="a script (.py), a recording (.gvrec), or a lesson (.toml) for a hand-out")
    export.add_argument("--to", dest="output", required=True, metavar="OUT.png|svg|pdf|html|gif|mp4|tex|dot|csv|py")
    export.add_argument("--at", type=int, default=None, metavar="EVENT", help="the moment, as the timeline counts; the last one")
    export.add_argument("--from", dest="first", type=int, default=1, metavar="EVENT", help="first event of a film or replay")
    export.add_argument("--until", dest="last", type=int, default=None, metavar="EVENT", help="its last event")
    export.add_argument("--theme", choices=("dark", "light"), default="light")
    export.add_argument("--scale", type=float, default=1.0)
    export.add_argument("--size", type=size, default=(1280, 720), metavar="WxH", help="of a film")
    export.add_argument("--transparent", action="store_true")
    export.add_argument("--leaf", default=None, metavar="NAME", help="whose .grad a CSV has")
    for name, text in (("render", "draw the graph at a moment"), ("screenshot", "the real window, grabbed")):
        command = sub.add_parser(name, help=text)
        command.add_argument("--at", type=int, default=None, metavar="EVENT")
        command.add_argument("--theme", choices=("dark", "light"), default="dark")
        command.add_argument("--size", type=size, default=None, metavar="WxH")
        if name == "render":
            command.add_argument("file")
            command.add_argument("-o", "--output", required=True, metavar="OUT.svg|png|pdf")
        else:
            command.add_argument("output", metavar="OUT.png")
            command.add_argument("--open", dest="file", default=None, metavar="FILE")
            command.add_argument("--panel", default=None, metavar="NAME")
    return parser.parse_args(arguments)


def megabytes(text: str) -> int:
    """A number of megabytes."""
    if not (text.isascii() and text.isdigit() and 16 <= int(text) <= 1 << 20):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of megabytes from 16 on")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT in pixels."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 16384 and 16 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 1280x800")
    return int(width), int(height)


def run(wanted: argparse.Namespace) -> int:
    """Carry out a command that needs no window."""
    try:
        if wanted.command == "run":
            from .running.execute import run_plain

            return run_plain(wanted.script, wanted.arguments)
        if wanted.command == "check-lesson":
            from .lessons import command as lesson_command

            return lesson_command.run(wanted)
        if wanted.command == "check":
            from .debugger.check import command as check_command

            return check_command.run(wanted)
        if wanted.command == "lint":
            from .debugger.lint import command as lint_command

            return lint_command.run(wanted)
        if wanted.command == "compare":
            from .debugger.comparing import command as compare_command

            return compare_command.run(wanted)
        return _record(wanted) if wanted.command == "record" else _info(wanted)
    except Complaint as complaint:
        print(f"gradviz: {complaint}", file=sys.stderr)
        return USAGE


def _record(wanted: argparse.Namespace) -> int:
    from .loading.script import ScriptProblem
    from .recording.problem import RecordingProblem
    from .running.instrument import SyntaxProblem
    from .running.recorded import record_to

    try:
        return record_to(wanted.file, wanted.output, wanted.memory << 20)
    except (ScriptProblem, SyntaxProblem) as problem:
        raise Complaint(f"{wanted.file}: {problem}" if isinstance(problem, SyntaxProblem) else problem) from None
    except (OSError, RecordingProblem) as problem:
        raise Complaint(f"cannot write {wanted.output}: {problem}") from None


def _info(wanted: argparse.Namespace) -> int:
    from .recording.file import load
    from .recording.problem import RecordingProblem
    from .recording.summary import info

    try:
        told = info(load(wanted.file))
    except (OSError, RecordingProblem) as problem:
        raise Complaint(f"{wanted.file}: {problem}") from None
    if wanted.json:
        print(json.dumps(told))
        return 0
    for key, value in told.items():
        if isinstance(value, dict):
            print(f"{key}:")
            for name, count in value.items():
                print(f"    {name:<20}{count}")
        else:
            print(f"{key + ':':<20}{value}")
    return 0

"""The command line: the table of commands, and what all of them share: one clear line on stderr and exit code 2 for bad input."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .problem import INTERRUPTED, USAGE, Problem

if TYPE_CHECKING:
    import argparse

QUIET_END = 1  # nobody reads on: `gradviz info FILE | head -1`


class Command(NamedTuple):
    """One command.

    Attributes:
        name, help: as `gradviz --help` lists them.
        module: in this package, loaded when the command is called; it has `add_arguments(parser)` and `run(wanted) -> exit code`.
        needs_qt: `run` stands in `ui` instead (ui/commands.py).
    """

    name: str
    help: str
    module: str
    needs_qt: bool = False

    def load(self) -> Any:
        """Its module."""
        return import_module(f".{self.module}", __package__)


COMMANDS = (
    Command("run", "a script as Python runs it, with `import torch` meaning the engine", "commands.run"),
    Command("record", "run a script or graph and keep everything that happened", "commands.record"),
    Command("info", "what a recording holds", "commands.info"),
    Command("render", "the graph at a moment as a picture, or its way there as a film", "commands.render", needs_qt=True),
    Command("export", "the program, a derivation, graph, picture, film, replay or curve", "commands.export", needs_qt=True),
    Command("explain", "run a script and say what is wrong or suspicious, the likeliest cause first", "debugger.explain.command"),
    Command("lint", "mistakes that can be seen without running the script", "debugger.lint.command"),
    Command("check", "whether the backward of each node is the slope of its forward", "debugger.check.command"),
    Command("compare", "two runs against each other: recordings, or scripts that are run", "debugger.comparing.command"),
    Command("check-lesson", "whether a lesson is right: moments, answers, numbers", "lessons.command"),
    Command("screenshot", "the real window, grabbed", "commands.screenshot", needs_qt=True),
)
BY_NAME = {command.name: command for command in COMMANDS}
WINDOW = Command("window", "the window", "commands.window", needs_qt=True)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace; its `command` is a row of the table."""
    if not arguments:
        plain = SimpleNamespace(command=WINDOW, file=None, memory=None)  # argparse would take some ms of the first picture's time
        return cast("argparse.Namespace", plain)
    from argparse import Namespace

    from .parser import Parser

    command = BY_NAME.get(arguments[0])
    if command is None:
        return _parse_window(arguments)
    parser = Parser(prog=f"gradviz {command.name}", description=command.help)
    rest = arguments[1:]
    if command.name == "run" and not rest:
        parser.error("a script is needed")
    if command.name == "run" and rest[0] not in ("-h", "--help"):  # all that follows the script belongs to the script
        return Namespace(command=command, file=rest[0], arguments=list(rest[1:]))
    command.load().add_arguments(parser)
    return parser.parse_args(rest, Namespace(command=command))


def _parse_window(arguments: Sequence[str]) -> argparse.Namespace:
    import argparse

    from .parser import Parser

    parser = Parser(prog="gradviz", description="See automatic differentiation: without a command, the window.")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "commands (gradviz COMMAND --help):\n" + "\n".join(f"  {c.name:<22}{c.help}" for c in COMMANDS)
    WINDOW.load().add_arguments(parser)
    if arguments and not arguments[0].startswith("-") and not Path(arguments[0]).exists():
        parser.error(_neither(arguments[0]))
    return parser.parse_args(arguments, argparse.Namespace(command=WINDOW))


def _neither(word: str) -> str:
    """What is said of a word that is no command and no file."""
    from difflib import get_close_matches

    if Path(word).suffix or "/" in word:
        return f"there is no file {word}"
    near = get_close_matches(word, BY_NAME, 1)
    return f"there is no file or command {word}" + (f"; did you mean {near[0]}?" if near else "")


def call(run: Callable[[argparse.Namespace], int], wanted: argparse.Namespace) -> int:
    """Carry a command out; returns the exit code. What is wrong with the input is one line on stderr."""
    try:
        code = run(wanted)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would complain of what it cannot write at its end
        return QUIET_END
    except KeyboardInterrupt:
        if wanted.command.name == "run":
            raise  # Python ends by the signal
        return INTERRUPTED
    except Problem as problem:
        return complain(str(problem))
    except OSError as problem:
        return complain(f"{problem.filename}: {problem.strerror}" if problem.filename and problem.strerror else str(problem))


def complain(text: str) -> int:
    """One line on stderr, and the exit code for it."""
    print(f"gradviz: {' '.join(text.split())}", file=sys.stderr)
    return USAGE

"""The program of a file, known to be one: what is no Python is told before anything runs."""

from __future__ import annotations

from ..loading.kind import LESSON, kind_of
from ..loading.script import ScriptProblem, load_script
from .parsing import SyntaxProblem, parse


def read_program(file: str) -> str:
    """The text of a script, or the program that a graph stands for.

    Raises:
        ScriptProblem: it cannot be read, or is no program.
    """
    if kind_of(file) == LESSON:
        raise ScriptProblem(f"{file} is a lesson, not a script: name the script that it is about")
    source = load_script(file)
    try:
        parse(source)
    except SyntaxProblem as problem:
        raise ScriptProblem(f"{file}: {problem}") from None
    return source

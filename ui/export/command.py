"""`gradviz export FILE --to OUT`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gradviz.cli import USAGE
from gradviz.debugger.session import Session
from gradviz.lessons.problem import LessonProblem
from gradviz.lessons.reading import read_lesson
from gradviz.loading.script import ScriptProblem
from gradviz.recording.problem import RecordingProblem

from ..app import application
from ..screenshot import recording_of
from ..theme import THEMES
from .export import ExportProblem, Wanted, export


def run(wanted: argparse.Namespace) -> int:
    """Carry the command out; returns the exit code."""
    application()
    output, theme = Path(wanted.output), THEMES[wanted.theme]
    try:
        if wanted.file.endswith(".toml"):
            from .handout import write_handout

            if output.suffix.lower() != ".pdf":
                raise ExportProblem("A lesson is exported as a hand-out: give a name that ends in .pdf.")
            write_handout(read_lesson(Path(wanted.file).resolve()), output, theme)
            return 0
        session = Session(recording_of(wanted.file))
        session.seek(session.length - 1 if wanted.at is None else wanted.at - 1)
        last = None if wanted.last is None else min(wanted.last, session.length) - 1
        leaf = _leaf(session, wanted.leaf) if wanted.leaf is not None else None
        found = Wanted(theme, max(0, wanted.first - 1), last, wanted.scale, wanted.size, wanted.transparent, leaf)
        export(session, output, found)
    except (ScriptProblem, RecordingProblem, LessonProblem, ExportProblem) as problem:
        return _complain(str(problem))
    except OSError as problem:
        return _complain(f"{wanted.output}: {problem.strerror or problem}")
    return 0


def _leaf(session: Session, name: str) -> int:
    titles = {node.id: node.title for node in session.graph().nodes}
    found = [leaf for leaf in session.leaves() if titles[leaf] == name.removesuffix(".grad")]
    if not found:
        raise ExportProblem(f"There is no leaf called {name}; there are: {', '.join(sorted({titles[leaf] for leaf in session.leaves()}))}.")
    return found[-1]


def _complain(text: str) -> int:
    print(f"gradviz: {text}", file=sys.stderr)
    return USAGE

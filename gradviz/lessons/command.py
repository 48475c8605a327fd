"""`gradviz check-lesson FILE`: what is wrong with a lesson, or what was checked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..problem import Problem
from ..recording.file.gvrec import save
from .check import Report, check_lesson
from .problem import LessonProblem
from .record import record_here, record_in_child
from .shelf import ours

WRONG = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("file", help="a lesson (.toml)")
    parser.add_argument("--answers", action="store_true", help="also print every right answer, as the recording has it")
    parser.add_argument("--record", action="store_true", help="also write the recording of the script beside the lesson")


def run(wanted: argparse.Namespace) -> int:
    """Check a lesson; 1 where something in it is wrong.

    Raises:
        Problem: there is no such file, or the recording cannot be written.
    """
    path = Path(wanted.file).resolve()
    if not path.is_file():
        raise Problem(f"there is no file {wanted.file}")
    try:
        report = check_lesson(path, record_here if ours(str(path)) else record_in_child)
    except LessonProblem as problem:
        print(f"{wanted.file}: {problem}", file=sys.stderr)
        return WRONG
    for wrong in report.problems:
        print(f"{wanted.file}: {wrong}", file=sys.stderr)
    if wanted.answers:
        print("\n".join(report.answers))
    if report.problems:
        return WRONG
    if wanted.record:
        _save(report)
    print(_summary(report))
    return 0


def _save(report: Report) -> None:
    save(report.recording, report.lesson.recording)


def _summary(report: Report) -> str:
    lesson = report.lesson
    asked = sum(1 for step in lesson.steps if step.ask)
    return (
        f"{lesson.title}: {len(lesson.steps)} steps, {asked} questions and {len(lesson.check)} at the end; "
        f"{len(report.answers)} answers and {report.numbers} numbers read from recordings. All is well."
    )

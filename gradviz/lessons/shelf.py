"""The lessons that come with the app, in the order of the course."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..recording.file.gvrec import load
from ..recording.problem import RecordingProblem
from ..recording.recording import Recording
from .first import FOLDER, ours
from .lesson import Lesson
from .reading import read_lesson
from .record import source_of

__all__ = ["COURSES", "FOLDER", "files", "following", "lessons", "ours", "stored"]

COURSES = (("gradients", "First course: Gradient Computation"), ("more", "More ideas and mistakes"))


def files() -> list[Path]:
    """The lesson files that come with the app."""
    return sorted(FOLDER.glob("*.toml"))


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons that come with the app, by their numbers."""
    return tuple(sorted((read_lesson(path) for path in files()), key=lambda lesson: lesson.number))


def following(lesson: Lesson) -> Lesson | None:
    """The lesson that comes after one of ours, None after the last and after a lesson of somebody else."""
    found = lessons() if ours(str(lesson.path)) else ()
    return next((other for other in found if other.number == lesson.number + 1), None)


def stored(lesson: Lesson) -> Recording | None:
    """The recording that comes with a lesson, None where there is none of its present script."""
    if not ours(str(lesson.path)) or not lesson.recording.exists():
        return None
    try:
        found = load(str(lesson.recording))
    except (OSError, RecordingProblem):
        return None
    return found if found.source == source_of(lesson.source) else None

"""`gradviz render FILE -o OUT` and `gradviz export FILE -o OUT`."""

from __future__ import annotations

import argparse
from pathlib import Path

from gradviz.commands.telling import note, note_left_out
from gradviz.commands.values import position, target
from gradviz.debugger.session import Session
from gradviz.lessons import first
from gradviz.loading.kind import LESSON, kind_of
from gradviz.recording.file.gvrec import load
from gradviz.running.process.in_child import opened

from ..qt.application import application
from ..style.theme import THEMES
from .export import ExportProblem, Wanted, export
from .kinds import BY_ENDING, FILMS, PICTURES


def render(wanted: argparse.Namespace) -> int:
    """The graph at a moment as a picture, or the way there as a film."""
    path = target(wanted.output, wanted.file, *PICTURES, *FILMS)
    application()
    session = session_of(wanted.file)
    session.seek(position(wanted.at, session.length, wanted.file))
    begin, end = _span(session, path, None, None, wanted.at)
    _written(export(session, path, Wanted(THEMES[wanted.theme], begin, end, size=wanted.size)))
    return 0


def export_file(wanted: argparse.Namespace) -> int:
    """One of the kinds of kinds.py; a lesson as a hand-out."""
    theme = THEMES[wanted.theme]
    if kind_of(wanted.file) == LESSON:
        from gradviz.lessons.reading import read_lesson

        from .handout import write_handout

        path = target(wanted.output, wanted.file, ".pdf")
        application()
        write_handout(read_lesson(Path(wanted.file).resolve()), path, theme)
        return 0
    path = target(wanted.output, wanted.file, *BY_ENDING)
    application()
    session = session_of(wanted.file)
    session.seek(position(wanted.at, session.length, wanted.file))
    begin, end = _span(
        session, path, wanted.first and max(0, position(wanted.first, session.length, wanted.file, "--from")),
        wanted.last and position(wanted.last, session.length, wanted.file, "--until"), wanted.at,
    )  # fmt: skip
    if path.suffix.lower() == ".py" and session.recording.meta.get("overrides"):
        note(f"{wanted.file} was recorded with what-ifs, which {path.name} has not: it is the script as it was written")
    leaf = _leaf(session, wanted.leaf) if wanted.leaf is not None else None
    found = Wanted(
        theme, begin, end, wanted.scale, wanted.size, wanted.transparent, leaf, whole=wanted.at is None,
    )  # fmt: skip
    _written(export(session, path, found))
    return 0


def _written(remark: str) -> None:
    if remark:
        note(remark)


def _span(session: Session, path: Path, first: int | None, last: int | None, at: int | None) -> tuple[int, int]:
    """The events of a film or replay: as asked for, else to the moment that was asked for, or from the start as far as a film may go."""
    begin, end = first or 0, session.position if last is None else last
    if path.suffix.lower() in FILMS and first is None and last is None:
        from .film import MOST, longest_span

        begin, end = longest_span(session, end, from_the_start=at is None)
        if (begin, end) != (0, session.position):
            span = f"{path.name} shows the events {begin + 1:,} to {end + 1:,}"
            note(f"{span}: a film has at most {MOST} moments (export has --from and --until)")
    return begin, end


def session_of(file: str) -> Session:
    """A recording, or a script or graph that is run now; what went wrong with its run is told, and what was recorded stays.

    Raises:
        Problem: it cannot be used.
    """
    if Path(file).resolve() == first.SCRIPT:
        return Session(load(str(first.RECORDING)))
    recording, why = opened(file)
    note_left_out(file)
    if why:
        note(f"{file}: {why}")
    return Session(recording)


def _leaf(session: Session, name: str) -> int:
    titles = {node.id: node.title for node in session.graph().nodes}
    found = [leaf for leaf in session.leaves() if titles[leaf] == name.removesuffix(".grad")]
    if not found:
        raise ExportProblem(f"There is no leaf called {name}; there are: {', '.join(sorted({titles[leaf] for leaf in session.leaves()}))}.")
    return found[-1]

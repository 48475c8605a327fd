"""One door for all exports: a session, a file, and what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradviz.debugger.session import Session
from gradviz.document.file.keeping import replace_file
from gradviz.export.cancelled import Progress
from gradviz.problem import Problem

from ..style.theme import DARK, Theme
from .kinds import BY_ENDING, FILMS, PICTURES

FILM_SIZE = (1280, 720)


class ExportProblem(Problem):
    """Why nothing was exported, in words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported, beside the moment at which the session stands.

    Attributes:
        first, last: events of a span, from 0; None the end of the recording.
        scale: of a picture, 1 for its own size.
        size: in pixels (points, for PDF); None a picture's own size times `scale`, and FILM_SIZE for a film.
        transparent: a picture without ground.
        leaf: node id of the curve; None the first leaf that got a gradient.
        whole: a derivation of all gradients, not of the moment alone.
    """

    theme: Theme = DARK
    first: int = 0
    last: int | None = None
    scale: float = 1.0
    size: tuple[int, int] | None = None
    transparent: bool = False
    leaf: int | None = None
    direction: str = "LR"
    whole: bool = False


def _always(_done: int, _of: int) -> bool:
    return True


def export(session: Session, path: Path, wanted: Wanted, progress: Progress = _always) -> str:
    """Write a file; its ending says which kind. What stood there stays until the new one is whole.

    Returns a remark on what was written, "" where there is none.

    Raises:
        ExportProblem: it cannot be done, in words.
        Cancelled: `progress` returned False.
    """
    ending = path.suffix.lower()
    if ending not in BY_ENDING:
        raise ExportProblem(f"{path.name}: the ending says what is wanted; there are {', '.join(BY_ENDING)}.")
    try:
        if ending in PICTURES:
            return _picture(session, path, wanted)
        if ending in FILMS:
            _film(session, path, wanted, progress)
        else:
            replace_file(path, _text(session, path, wanted, progress).encode())
    except OSError as problem:
        raise ExportProblem(f"{path.name} was not written: {problem.strerror or problem}") from None
    return ""


def _picture(session: Session, path: Path, wanted: Wanted) -> str:
    from ..canvas.painting.render import MOST_POINTS, MOST_SIDE, render_graph

    beside = path.with_name(f".{path.stem}.saving{path.suffix}")
    try:
        graph, moment, direction = session.graph(), session.moment(), wanted.direction
        share = render_graph(
            graph, moment, wanted.theme, wanted.size, beside, direction, scale=wanted.scale, transparent=wanted.transparent
        )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    if share == 1:
        return ""
    most = f"a PDF's page may have {MOST_POINTS:,} points" if path.suffix.lower() == ".pdf" else f"a PNG may have {MOST_SIDE:,} pixels"
    return f"{path.name} has {share:.0%} of its size: {most} a side, an SVG as many as it likes"


def _film(session: Session, path: Path, wanted: Wanted, progress: Progress) -> None:
    from .film import FilmProblem, frames, write_film

    last = session.length - 1 if wanted.last is None else wanted.last
    width, height = wanted.size or FILM_SIZE
    size = width + width % 2, height + height % 2  # encoders take even numbers only
    try:
        write_film(frames(session, wanted.theme, size, wanted.first, last, wanted.direction, progress), path, size)
    except FilmProblem as problem:
        raise ExportProblem(str(problem)) from None


def _text(session: Session, path: Path, wanted: Wanted, progress: Progress) -> str:
    ending = path.suffix.lower()
    if ending == ".py":
        return session.recording.source
    if ending == ".html":
        from gradviz.export.replay import to_html

        return to_html(session, path.stem.replace("_", " "), wanted.first, wanted.last, progress)
    if ending == ".dot":
        from gradviz.export.dot import to_dot

        return to_dot(session.graph(), session.moment(), wanted.direction)
    if ending == ".tex":
        from gradviz.export.latex import to_latex, whole_derivation

        try:
            return whole_derivation(session, progress) if wanted.whole else to_latex(session.derivation(), session.moment().caption)
        except ValueError as problem:
            raise ExportProblem(str(problem)) from None
    from gradviz.export.table import to_csv

    leaves = [wanted.leaf] if wanted.leaf is not None else [leaf for leaf in session.leaves() if session.series(leaf).events]
    if not leaves:
        raise ExportProblem("No leaf of this recording got a gradient: there is no curve.")
    return to_csv(session.series(leaves[0]))

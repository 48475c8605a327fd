"""A span of a recording as a film: the graph around what happens, with its pulses, as GIF or MP4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gradviz.debugger.scene import GraphNode, Moment, NodeState
from gradviz.debugger.session import Session
from gradviz.export.cancelled import Cancelled, Progress
from gradviz.export.replay import moments_of
from gradviz.problem import Problem

from ..canvas.cards.card_pictures import CardPictures
from ..canvas.geometry import Geometry, build
from ..canvas.painting.flow import paint_flow
from ..canvas.painting.picture import paint_picture
from ..style.theme import TITLE_PX, Theme, ui_font
from .gif import Gif

Array = np.ndarray[Any, Any]
Painted = Callable[[QPainter, QRectF, GraphNode, NodeState | None, Theme, float], None]  # one card

FPS = 15
MOVING, STILL = 8, 5  # frames of a moment while its pulses move, and after
CAPTION = 52  # pixels of height below the graph
MOST = 600  # moments of a film: some eight minutes
MARGIN = 40.0


class FilmProblem(Problem):
    """Why there is no film, in words."""


def frames(
    session: Session, theme: Theme, size: tuple[int, int], first: int, last: int, direction: str, progress: Progress
) -> Iterator[QImage]:
    """The pictures of the film.

    Raises:
        FilmProblem: nothing happens in the span, or too much.
        Cancelled: `progress` returned False.
    """
    spots = moments_of(session, first, last)
    if not spots:
        raise FilmProblem("Nothing happens in this span of events.")
    if len(spots) > MOST:
        raise FilmProblem(f"A film has at most {MOST} moments; this span has {len(spots):,}. Choose a shorter one.")
    made = build(session.graph(), direction)
    view, cards = QRectF(), CardPictures()
    where = session.position
    try:
        for number, event in enumerate(spots):
            session.seek(event)
            moment = session.moment()
            view = _view(made, moment.current, view, size)
            still = _still(made, moment, view, theme, size, direction, cards.paint)
            for k in range(MOVING if moment.pulses else 0):
                yield _moving(still, made, moment, view, (k + 1) / MOVING, theme)
            for _ in range(STILL):
                yield still
            if not progress(number + 1, len(spots)):
                raise Cancelled
    finally:
        session.seek(where)


def longest_span(session: Session, last: int, *, from_the_start: bool) -> tuple[int, int]:
    """The events from the start to `last`, or as many as a film may have: the first of them, or those before `last`."""
    steps = session.columns.steps
    spots = steps[steps <= last]
    if len(spots) <= MOST:
        return 0, last
    return (0, int(spots[MOST - 1])) if from_the_start else (int(spots[-MOST]), last)


def _view(made: Geometry, current: tuple[int, ...], before: QRectF, size: tuple[int, int]) -> QRectF:
    """The part of the graph that is shown: the component of what happens, in the shape of the film; it stays while it can."""
    rects = [made.rect(node) for node in current if not made.rect(node).isEmpty()]
    if not rects:
        return before if not before.isEmpty() else _shaped(made.bounds, size)
    if not before.isEmpty() and all(before.contains(rect) for rect in rects):
        return before
    node = made.graph.node(current[0])
    area = made.group_rect(node.group) if node is not None else made.bounds
    found = _shaped(area, size)
    if found.width() > 2.2 * size[0]:  # too small to read: only the neighbourhood
        found = _shaped(QRectF(rects[0].center() - QPointF(size[0] * 0.6, 0), rects[0].center() + QPointF(size[0] * 0.6, 1)), size)
    return found


def _shaped(area: QRectF, size: tuple[int, int]) -> QRectF:
    grown = area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    wanted = size[0] / (size[1] - CAPTION)
    width = max(grown.width(), grown.height() * wanted)
    height = width / wanted
    return QRectF(grown.center().x() - width / 2, grown.center().y() - height / 2, width, height)


def _still(made: Geometry, moment: Moment, view: QRectF, theme: Theme, size: tuple[int, int], direction: str, card: Painted) -> QImage:
    """The picture of a moment when nothing moves any more."""
    image = QImage(size[0], size[1], QImage.Format.Format_RGB888)
    image.fill(QColor(theme.window))
    p = _begun(image, view, size)
    scale = size[0] / view.width()
    paint_picture(p, made, moment, view, max(scale, 0.42), theme, direction, card)
    p.setPen(QPen(QColor(theme.current), 3))
    p.setBrush(Qt.BrushStyle.NoBrush)
    for node in moment.current:
        if not made.rect(node).isEmpty():
            p.drawRoundedRect(made.rect(node).adjusted(-4, -4, 4, 4), 11, 11)
    p.restore()
    box = QRectF(0, size[1] - CAPTION, size[0], CAPTION)
    p.fillRect(box, QColor(theme.surface))
    p.setPen(QColor(theme.text))
    p.setFont(ui_font(TITLE_PX + 2))
    text = p.fontMetrics().elidedText(moment.caption, Qt.TextElideMode.ElideRight, size[0] - 40)
    p.drawText(box.adjusted(20, 0, -20, 0), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
    p.end()
    return image


def _moving(still: QImage, made: Geometry, moment: Moment, view: QRectF, phase: float, theme: Theme) -> QImage:
    """The same with its pulses on their way."""
    image = still.copy()
    p = _begun(image, view, (still.width(), still.height()))
    paint_flow(p, made, moment, phase, theme)
    p.restore()
    p.end()
    return image


def _begun(image: QImage, view: QRectF, size: tuple[int, int]) -> QPainter:
    """A painter in the graph's coordinates, above the caption; `restore` leads back to the picture's."""
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.save()
    p.setClipRect(QRectF(0, 0, size[0], size[1] - CAPTION))
    scale = size[0] / view.width()
    p.scale(scale, scale)
    p.translate(-view.topLeft())
    return p


def pixels(image: QImage) -> Array:
    """(height, width, 3) uint8."""
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return flat[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()  # the memory is the image's


def write_film(pictures: Iterator[QImage], path: Path, size: tuple[int, int]) -> None:
    """Write the film; the ending says which kind. A film that is not finished leaves no file.

    Raises:
        FilmProblem: a package is missing, or the encoder failed.
        OSError: the file cannot be written.
    """
    beside = path.with_name(f".{path.stem}.saving{path.suffix}")
    try:
        if path.suffix.lower() == ".gif":
            _gif(pictures, beside)
        else:
            _mp4(pictures, beside, size)
        beside.replace(path)
    except ImportError as missing:
        raise FilmProblem(f"Films need one more package: pip install {missing.name}") from None
    finally:
        beside.unlink(missing_ok=True)


def _gif(pictures: Iterator[QImage], path: Path) -> None:
    import PIL  # noqa: F401 - whether it is there is asked before a file is made

    with path.open("wb") as out:
        film = Gif(out, 1000 // FPS)
        before, last = None, None
        for picture in pictures:
            last = pixels(picture) if picture is not before else last
            before = picture
            if last is not None:
                film.add(last)
        film.end()


def _mp4(pictures: Iterator[QImage], path: Path, size: tuple[int, int]) -> None:
    import imageio_ffmpeg  # type: ignore[import-untyped]  # it ships none

    path.touch()  # the error of a folder that cannot be written, instead of the encoder's
    writer = imageio_ffmpeg.write_frames(str(path), size, fps=FPS, codec="libx264", quality=7, macro_block_size=2, ffmpeg_log_level="error")
    writer.send(None)
    try:
        for picture in pictures:
            writer.send(pixels(picture))
    except OSError as problem:
        raise FilmProblem(f"The encoder stopped: {problem}") from None
    finally:
        writer.close()

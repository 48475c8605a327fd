"""A graph at a moment as a file: SVG, PDF or PNG."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter

from gradviz.debugger.scene import Graph, Moment

from ...style.theme import MONO_FAMILIES, UI_FAMILIES, Theme
from ..geometry import build
from .picture import paint_picture

MARGIN = 32.0
MOST_SIDE = 30_000  # pixels of a PNG: Qt counts them in 16 bits, and beyond 32,767 it reads foreign memory
MOST_PIXELS = 100_000_000
MOST_POINTS = 14_400  # of a PDF's page, by its standard: viewers refuse a larger one


def render_graph(
    graph: Graph,
    moment: Moment | None,
    theme: Theme,
    size: tuple[int, int] | None,
    path: Path,
    direction: str = "LR",
    *,
    scale: float = 1.0,
    transparent: bool = False,
) -> float:
    """Draw the whole graph into a file; the ending says which kind.

    Returns how much of the size it has: less than 1 where a PNG or a PDF's page would be too large.

    Args:
        size: pixels (points, for PDF) of the picture; None takes the graph's own size times `scale`.
        transparent: without the ground of the canvas.

    Raises:
        ValueError: an ending that is not .svg, .pdf or .png.
        OSError: the file cannot be written.
    """
    made = build(graph, direction)
    bounds = made.bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if made.nodes else QRectF(0, 0, 400, 200)

    def paint(p: QPainter) -> None:
        paint_picture(p, made, moment, bounds, 1.0, theme, direction)

    return write_picture(paint, bounds, theme, size, path, scale=scale, transparent=transparent)


def write_picture(
    paint_all: Callable[[QPainter], None],
    bounds: QRectF,
    theme: Theme,
    size: tuple[int, int] | None,
    path: Path,
    *,
    scale: float = 1.0,
    transparent: bool = False,
) -> float:
    """Draw what is within some bounds into a file; returns how much of the size it has, and raises, as `render_graph`."""
    width, height = size or (max(1, round(bounds.width() * scale)), max(1, round(bounds.height() * scale)))
    kind = path.suffix.lower()
    share = 1.0
    if kind == ".png":
        share = min(1.0, MOST_SIDE / max(width, height), (MOST_PIXELS / (width * height)) ** 0.5)
    elif kind == ".pdf":
        share = min(1.0, MOST_POINTS / max(width, height))
    width, height = max(1, int(width * share)), max(1, int(height * share))

    def paint(p: QPainter, ground: bool = True) -> None:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if ground and not transparent:
            p.fillRect(QRectF(0, 0, width, height), QColor(theme.window))
        fitted = min(width / bounds.width(), height / bounds.height())
        p.translate(QPointF(width / 2, height / 2))
        p.scale(fitted, fitted)
        p.translate(-bounds.center())
        paint_all(p)
        p.end()

    if kind == ".svg":
        from PySide6.QtSvg import QSvgGenerator

        svg = QSvgGenerator()
        svg.setFileName(str(path))
        svg.setSize(QSize(width, height))
        svg.setViewBox(QRectF(0, 0, width, height))
        svg.setTitle("gradviz")
        paint(_begun(svg, path))
        _with_fallbacks(path)
    elif kind == ".pdf":
        pdf = QPdfWriter(str(path))
        pdf.setResolution(72)
        pdf.setPageLayout(
            QPageLayout(QPageSize(QSizeF(width, height), QPageSize.Unit.Point), QPageLayout.Orientation.Portrait, QMarginsF())
        )
        paint(_begun(pdf, path))
    elif kind == ".png":
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        if image.isNull():
            raise OSError(errno.ENOMEM, f"there is no memory for {width:,} x {height:,} pixels", str(path))
        image.fill(QColor(0, 0, 0, 0) if transparent else QColor(theme.window))
        paint(QPainter(image), ground=False)
        if not image.save(str(path)):
            raise OSError(errno.EIO, "it could not be saved", str(path))
    else:
        raise ValueError(f"cannot render to {path.suffix or path.name!r}: use .svg, .png or .pdf")
    return share


def _with_fallbacks(path: Path) -> None:
    """A machine that has none of our fonts takes its own of the same kind; without a word it would take one with serifs."""
    text = path.read_text(encoding="utf-8")
    for families, kind in ((UI_FAMILIES, "sans-serif"), (MONO_FAMILIES, "monospace")):
        names = ",".join(families)
        text = text.replace(f'font-family="{names}"', f'font-family="{names},{kind}"')
    path.write_text(text, encoding="utf-8")


def _begun(device: QPaintDevice, path: Path) -> QPainter:
    p = QPainter()
    if not p.begin(device):
        raise OSError(errno.EACCES, "it could not be opened", str(path))
    return p

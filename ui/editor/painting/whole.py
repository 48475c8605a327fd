"""The whole document as a picture of lines and letters, for a file: what the canvas shows near by, without what is selected."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QPainter

from gradviz.document.model import REROUTE

from ...canvas.painting.render import MARGIN, write_picture
from ...style.theme import Theme
from ..desk import Desk
from ..layout.boxes import sides_of
from ..layout.shapes import Shapes
from .groups import paint_group
from .paint import levels_of, paint_face, paint_frame, paint_knot, paint_marks, paint_ports, paint_wires, paint_words


def write_graph(desk: Desk, shapes: Shapes, theme: Theme, path: Path) -> float:
    """Into an .svg, .png or .pdf; returns how much of its size it has (a PNG of a very large graph would be too large).

    Raises:
        ValueError: another ending.
        OSError: it cannot be written.
    """
    bounds = shapes.bounds
    for frame in shapes.frames:
        bounds = bounds.united(shapes.frame_rect(frame))
    bounds = bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    scale = 2.0 if path.suffix.lower() == ".png" else 1.0  # sharp on a slide
    return write_picture(lambda p: paint_whole(p, desk, shapes, theme), bounds, theme, None, path, scale=scale)


def paint_whole(p: QPainter, desk: Desk, shapes: Shapes, theme: Theme) -> None:
    """Frames and wires below, cards above, as `Still` has them in its layers."""
    everywhere = [sides_of(shapes.bounds)]
    for frame in shapes.frames:
        if frame.id not in shapes.groups and not shapes.folded(frame) and not shapes.frame_rect(frame).isEmpty():
            paint_frame(p, frame, shapes.frame_rect(frame), theme)
    paint_wires(p, desk, shapes, levels_of(desk.ran.grads), everywhere, theme, None, ())
    for group in shapes.groups.values():
        paint_group(p, group, len(group.frame.members), theme)
    cards = [shape for shape in shapes.blocks.values() if not shape.group]
    for shape in cards:
        if shape.block.op == REROUTE:
            paint_knot(p, shape, theme)
        else:
            paint_face(p, desk, shape, theme, 1.0)
    paint_words(p, desk, shapes, everywhere, theme, ())
    for shape in cards:
        paint_marks(p, desk, shape, theme, 1.0)
        paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=None, outs=None)

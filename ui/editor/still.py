"""What stays as it is on the editor's canvas while the mouse moves: painted once, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainter, QPixmap

from gradviz.document.model import REROUTE, WireKey

from ..canvas.picture import paint_ground
from .card_cache import CardCache
from .groups import paint_group
from .paint import NEAR, paint_frame, paint_knot, paint_marks, paint_ports, paint_wires

if TYPE_CHECKING:
    from .gestures import DragWire
    from .view import EditorView


class Still:
    """The document as a picture; it is painted again when the document, the numbers or the view have changed."""

    def __init__(self, view: EditorView) -> None:
        self._view = view
        self.cards = CardCache()
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None

    def picture(self, drag: DragWire | None) -> QPixmap:
        """The picture, without the wire that is dragged."""
        view, moved = self._view, drag.moved if drag is not None else None
        eye = (view.offset.x(), view.offset.y(), view.scale, view.width(), view.height(), view.devicePixelRatioF(), view.theme.name)
        key = (view.shapes, view.desk.ran, view.desk.known, view.chosen_wire, drag is not None, moved, eye)
        if self._kept is None or any(a is not b and a != b for a, b in zip(self._kept[0], key, strict=True)):
            made = view.sheet()
            p = QPainter(made)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(p, moved, drag is not None)
            p.end()
            self._kept = (key, made)
        return self._kept[1]

    def _paint(self, p: QPainter, moved: WireKey | None, dragging: bool) -> None:
        view, desk, shapes, theme = self._view, self._view.desk, self._view.shapes, self._view.theme
        area = view.shown
        p.fillRect(view.rect(), QColor(theme.window))
        p.save()
        p.translate(view.offset)
        p.scale(view.scale, view.scale)
        paint_ground(p, area, theme, view.scale)
        for frame in desk.document.frames.values():
            rect = shapes.frame_rect(frame)
            if rect.intersects(area) and frame.id not in shapes.groups:
                paint_frame(p, frame, rect, theme)
        paint_wires(p, desk, shapes, area, theme, view.chosen_wire, moved, view.scale)
        for group in shapes.groups.values():
            if group.rect.intersects(area):
                paint_group(p, group, len(group.frame.members), theme)
        near = shapes.near(area)
        for shape in near:
            if shape.block.op == REROUTE:
                paint_knot(p, shape, theme)
        p.restore()
        for shape in near:
            if shape.block.op != REROUTE:
                self.cards.draw(p, desk, shape, theme, view.scale, view.to_widget(shape.rect.topLeft()))
        p.save()
        p.translate(view.offset)
        p.scale(view.scale, view.scale)
        for shape in near:
            paint_marks(p, desk, shape, theme)
        if view.scale >= NEAR and not dragging:
            for shape in near:
                paint_ports(p, shape, theme, wired=set(shapes.wired(shape.block.id)), names=False, fits=None, outs=None)
        p.restore()

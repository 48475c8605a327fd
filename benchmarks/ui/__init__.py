"""The window against an empty PySide6 window, the canvas against NodeGraphQt, the layout against Graphviz."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..row import Row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def rows() -> Iterator[Row]:
    """The rows of the window."""
    from . import canvas, editor, first_paint, hostile, layout

    yield from first_paint.rows()
    yield from canvas.rows()
    yield from editor.rows()
    yield from layout.rows()
    yield from hostile.rows()

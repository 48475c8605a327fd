"""What a canvas without a graph says instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ...style.theme import TITLE_PX, Theme, ui_font

if TYPE_CHECKING:
    from ...bridge import Bridge

SIDE, LINE = 16.0, 16.0  # pixels beside words, and of a line
EMPTY = (
    "Run the script (F5), open another one (Ctrl+O), or drop a file here.\n"
    "Build a graph by hand (Ctrl+E), take a lesson (Ctrl+Shift+H), or a tour of this window (Help menu)."
)


def why_empty(bridge: Bridge, arranging: int) -> tuple[str, str]:
    """Why there is no graph to be seen yet, as a title and a hint; `arranging` is how many nodes are being laid out."""
    if arranging:
        return f"Laying out {arranging:,} nodes…", "You can step already; the timeline and the inspector follow."
    if bridge.running:
        return "Running…", "The graph appears as the script runs."
    if bridge.session is not None and not bridge.session.length:
        return (
            "Nothing recorded in this run",
            "The script computed nothing with torch, or ended too suddenly for that to be handed over.",
        )
    if bridge.session is not None:
        return "No tensors in this run", "The script computed nothing with torch. What it printed is in the console."
    return "Nothing recorded yet", EMPTY


def paint_words(p: QPainter, area: QRectF, title: str, hint: str, theme: Theme, lift: float = 40.0) -> None:
    """A title in the middle of an area, raised by `lift`, and a hint below it."""
    p.setFont(ui_font(TITLE_PX + 3, bold=True))
    p.setPen(QColor(theme.text))
    p.drawText(area.adjusted(0, -lift, 0, -lift), Qt.AlignmentFlag.AlignCenter, title)
    p.setFont(ui_font())
    p.setPen(QColor(theme.muted))
    below = area.adjusted(SIDE, area.height() / 2 - LINE, -SIDE, 0)
    p.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, hint)

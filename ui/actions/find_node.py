"""Finding a node by typing, on the canvas that is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint

from ..editor.asking.picker import Choice, Picker
from .command_palette import score

if TYPE_CHECKING:
    from ..canvas.view import CanvasView
    from ..editor.room import EditorRoom
    from ..editor.view import EditorView
    from ..window.panels import PanelledWindow


def find_node(window: PanelledWindow, editor: EditorRoom) -> None:
    """Ask for a node, select it and bring it into sight."""
    view: CanvasView | EditorView = editor.panel.view if editor.active else window.canvas
    rows, take = _built(editor) if editor.active else _recorded(window)

    def find(text: str) -> Sequence[Choice]:
        words = text.strip()
        fits = [(max(score(words, row.text), 0.6 * score(words, row.detail)), row) for row in rows]
        return [row for points, row in sorted(fits, key=lambda fit: -fit[0]) if points > 0]

    picker = Picker("Find a node", find, view)
    picker.picked.connect(take)
    picker.move(view.mapToGlobal(QPoint((view.width() - picker.width()) // 2, 40)))
    picker.show()
    picker.line.setFocus()


def _built(editor: EditorRoom) -> tuple[list[Choice], Callable[[object], None]]:
    """The blocks of the graph in the editor."""
    desk, view = editor.desk, editor.panel.view

    def take(key: object) -> None:
        desk.select((str(key),))
        view.show_block(str(key))

    return [Choice(b.name, b.op, b.id) for b in desk.document.blocks.values()], take


def _recorded(window: PanelledWindow) -> tuple[list[Choice], Callable[[object], None]]:
    """The nodes of the recording."""
    canvas, graph = window.canvas, window.bridge.graph()

    def take(key: object) -> None:
        assert isinstance(key, int)  # as below
        window.bridge.select((key,))
        card = canvas.geometry_.rect(key)
        if not canvas.shown.contains(card):
            canvas.pan_to(canvas.middle - card.center() * canvas.scale)

    return [Choice(n.title, n.op, n.id) for n in graph.nodes] if graph is not None else [], take

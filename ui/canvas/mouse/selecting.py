"""What a click or an arrow key on the canvas selects."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ..geometry import Geometry, nearest


def clicked(node_id: int, selected: tuple[int, ...], modifiers: Qt.KeyboardModifier) -> tuple[int, ...]:
    """The selection after a click on a card: Control adds or takes away, Shift adds."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return tuple(i for i in selected if i != node_id) if node_id in selected else (*selected, node_id)
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return tuple(dict.fromkeys((*selected, node_id)))
    return (node_id,)


def towards(made: Geometry, selected: tuple[int, ...], current: tuple[int, ...], dx: int, dy: int) -> tuple[int, ...]:
    """The nearest card in a direction; the current one where none is selected. Empty: there is none."""
    if not len(made.rects):
        return ()
    if not selected or selected[0] not in made.row:
        return (current[0] if current else int(made.ids[0]),)
    centres = made.rects[:, :2] + made.rects[:, 2:] / 2
    best = nearest(centres, centres[made.row[selected[0]]], dx, dy)
    return (int(made.ids[best]),) if best >= 0 else ()

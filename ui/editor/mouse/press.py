"""What a press of the left button begins: a wire, a slider, a move, a box; what it does at once, it does to the desk."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from gradviz.document import edits

from ...canvas.mouse.gestures import Gesture
from ..paper import Paper
from .gestures import Box, DragWire, Move, Slide

WIRE_REACH = 7  # pixels within which a wire is hit


def press(view: Paper, at: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
    """Press at a point of the widget; the drag that begins there, if one does."""
    here, shapes, document = view.to_graph(at), view.shapes, view.desk.document
    alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    view.chosen_wire = None
    knot = shapes.knot_at(here)
    if knot and not modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier):
        return _on_block(view, at, knot, modifiers)  # its ports are beside it
    port = shapes.input_at(here)
    if port is not None and port in document.wires:
        if alt:
            view.desk.do("Cut a wire", edits.disconnect(document, [port]))
            return None
        wire = document.wires[port]
        return DragWire(view, at, source=wire.source, output=wire.output, moved=(port,))
    if port is not None:
        return DragWire(view, at, targets=(port,))
    source = shapes.out_at(here)
    held = tuple(key for key in document.users(source[0]) if document.wires[key].output == source[1]) if source is not None else ()
    if source is not None and alt:
        view.desk.do("Cut a wire" if len(held) == 1 else f"Cut {len(held)} wires", edits.disconnect(document, held) if held else document)
        return None
    if held and modifiers & Qt.KeyboardModifier.ControlModifier:
        return DragWire(view, at, targets=held, moved=held)
    if source is not None:
        return DragWire(view, at, source=source[0], output=source[1])
    block = shapes.at(here)
    return _on_block(view, at, block, modifiers) if block else _on_paper(view, at, modifiers)


def _on_block(view: Paper, at: QPointF, block: str, modifiers: Qt.KeyboardModifier) -> Gesture | None:
    desk, shape = view.desk, view.shapes.blocks[block]
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    if shape.slider.contains(view.to_graph(at)) and not shift and not control:
        desk.select((block,))
        return Slide(view, at, shape)
    if control:
        chosen = desk.selected
        desk.select(tuple(i for i in chosen if i != block) if block in chosen else (*chosen, block))
        return None
    held = view.shapes.together(block)
    if shift:
        desk.select((*desk.selected, *held))
    elif not set(held) <= set(desk.selected):
        desk.select(held)
    copies = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    return Move(view, at, desk.selected, "" if shift else block, copies=copies)


def _on_paper(view: Paper, at: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
    here = view.to_graph(at)
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    wire = view.shapes.wire_at(here, WIRE_REACH / view.scale)
    frame = view.shapes.frame_at(here)
    if wire is not None and not shift:
        view.desk.select(())
        view.chosen_wire = wire
        return None
    if frame and not shift:
        view.desk.select(view.desk.document.frames[frame].members)
        return Move(view, at, view.desk.selected)
    return Box(view, at, shift)

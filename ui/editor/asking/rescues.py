"""What makes a wire fit that does not: another size of the layer, an op between. As words, and what is to be called for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu

from gradviz.document import edits, wiring
from gradviz.document.model import Document, Wire, WireKey
from gradviz.document.palette.sizing import misfit, told, words_of

from ..layout.arrange import free_place, with_room
from ..layout.shapes import Shapes
from ..paper import Paper


def rescues(view: Paper, source: str, target: WireKey, document: Document, output: int = 0) -> list[tuple[str, Callable[[], None]]]:
    """What may be done for a wire from an output of a block to a port; `document` has no wire there yet."""
    block, known = document.blocks[target[0]], view.desk.known
    made: list[tuple[str, Callable[[], None]]] = []
    sizes = misfit(block, {**document.inputs(block.id), target[1]: Wire(source, output)}, known)
    if sizes:
        fitting = told(edits.connect(document, source, *target, output), block.id, sizes)
        made.append((f"Set {words_of(sizes)}", partial(view.desk.do, f"Connect, and set {words_of(sizes)}", fitting)))
    for bridge in wiring.bridges(document, source, *target, known, output):
        made.append((f"Put {bridge.text} between", partial(_insert, view, source, target, document, bridge, output)))
    return made


def refuse(view: Paper, source: str, targets: tuple[WireKey, ...], reason: str, at: QPointF, document: Document, output: int = 0) -> None:
    """A wire (or some) that does not fit was dropped: say why, and offer what could stand between."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setObjectName("refused")
    menu.addAction(f"Does not fit: {reason}").setEnabled(False)
    for text, make in rescues(view, source, targets[0], document, output) if len(targets) == 1 else ():
        menu.addAction(text, make)
    menu.popup(view.mapToGlobal(at.toPoint()))


def _insert(view: Paper, source: str, target: WireKey, document: Document, bridge: wiring.Bridge, output: int) -> None:
    label, shapes, at, begin = f"Connect through {bridge.text}", view.shapes, source, output
    rest: wiring.Bridge | None = bridge
    while rest is not None:  # one after the other, each with room for itself
        document = wiring.with_wire(document, at, *target, wiring.Bridge(rest.op, rest.params), begin)
        at, begin = document.wires[target].source, 0
        document = with_room(document, at, shapes)
        document = _beside_others(document, at, Shapes(document))
        shapes, rest = Shapes(document), rest.then
    view.desk.do(label, document)


def _beside_others(document: Document, block_id: str, shapes: Shapes) -> Document:
    """With a block that covers another one moved to where it covers none."""
    rect = shapes.blocks[block_id].rect
    others = edits.remove(document, (block_id,))
    if not any(rect.intersects(shapes.blocks[b].rect) for b in others.blocks):
        return document
    place = free_place(Shapes(others), rect.topLeft())
    return edits.move(document, {block_id: (place.x(), place.y())})

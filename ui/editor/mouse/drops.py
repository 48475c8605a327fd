"""What is dropped on the canvas: an op from the palette, files of numbers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF

from gradviz.document import edits
from gradviz.document.model import TENSOR, Document, WireKey
from gradviz.document.naming import variable
from gradviz.document.number_files import SUFFIXES, WORKBOOKS
from gradviz.document.palette.catalogue import entry
from gradviz.document.palette.sizing import sizes_of, told
from gradviz.document.pictures import SUFFIXES as PICTURES

from ...style.theme import CARD_HEIGHT, CARD_WIDTH
from ..asking.pictures import numbers_of
from ..layout.arrange import free_place, with_room
from ..layout.shapes import Shapes
from ..panels.palette import MIME
from ..paper import Paper
from .press import WIRE_REACH


def op_in(mime: QMimeData) -> str:
    """The op that is dragged from the palette."""
    return bytes(mime.data(MIME).data()).decode()


def wire_under(view: Paper, op: str, at: QPointF) -> WireKey | None:
    """The wire that an op would be put into where it is dropped at a point of the widget."""
    here, found = view.to_graph(at), entry(op)
    if found is None or not found.ports or view.shapes.at(here):
        return None
    return view.shapes.wire_at(here, WIRE_REACH / view.scale)


def drop_op(view: Paper, op: str, at: QPointF) -> None:
    """Between the ends of the wire that it is dropped on, else by itself."""
    key, found, desk, here = wire_under(view, op, at), entry(op), view.desk, view.to_graph(at)
    view.chosen_wire = None
    if key is None or found is None:
        view.add(op, at)
        return
    wire = desk.document.wires[key]
    made, block = edits.insert_on_wire(desk.document, key, op)
    made = told(made, block, sizes_of(found, desk.known.get(wire.source), wire.output))
    made = edits.move(made, {block: (here.x() - CARD_WIDTH / 2, here.y() - CARD_HEIGHT / 2)})
    ends = f"{desk.document.blocks[wire.source].name} and {desk.document.blocks[key[0]].name}"
    desk.do(f"Put {found.title} between {ends}", with_room(made, block, view.shapes))
    desk.select((block,))


def numbers_in(mime: QMimeData) -> list[str]:
    """The files of numbers that are dragged."""
    found = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    return [path for path in found if path.lower().endswith(SUFFIXES + PICTURES + WORKBOOKS)]


def drop_numbers(view: Paper, paths: list[str], at: QPointF) -> None:
    """Into the tensor that a file is dropped on, else into new ones with the names of the files (or of the arrays in them)."""
    here, desk = view.to_graph(at), view.desk
    over = desk.document.blocks.get(view.shapes.at(here))
    value = over.value if over is not None and len(paths) == 1 else None
    said: list[str] = []

    def edit() -> Document:
        loaded = [one for path in paths for one in numbers_of(path, value)]
        if over is not None and value is not None and len(loaded) == 1:
            said.append(loaded[0].told(over.name))
            return desk.follow(edits.set_value(desk.document, over.id, loaded[0].value), over.id)
        made = desk.document
        for one in loaded:
            corner = free_place(Shapes(made), QPointF(round(here.x() / 12) * 12, round(here.y() / 12) * 12))
            made, block = edits.add(made, TENSOR, corner.x(), corner.y(), name=variable(one.name), value=one.value)
            said.append(one.told(made.blocks[block].name))
        return made

    label = Path(paths[0]).name if len(paths) == 1 else f"{len(paths)} files"
    if desk.attempt(f"Load {label}", edit) and any(said):
        desk.note.emit("info", "\n".join(filter(None, said)))

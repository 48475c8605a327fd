"""What is dropped on the canvas: an op from the palette, a file of numbers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF

from gradviz.document import edits, values
from gradviz.document.model import TENSOR, Document, Value, WireKey
from gradviz.document.palette.catalogue import entry
from gradviz.document.palette.sizing import sizes_of, told

from ..style.theme import CARD_HEIGHT, CARD_WIDTH
from .arrange import with_room
from .palette import MIME
from .paper import Paper
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


def numbers_in(mime: QMimeData) -> str:
    """The file of numbers that is dragged, "" for none."""
    found = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    return next((path for path in found if path.lower().endswith((".csv", ".tsv", ".npy"))), "")


def drop_numbers(view: Paper, path: str, at: QPointF) -> None:
    """Into the tensor that the file is dropped on, else into a new one with its name."""
    here, desk = view.to_graph(at), view.desk
    over = desk.document.blocks.get(view.shapes.at(here))
    value = over.value if over is not None and over.value is not None else Value()

    said: list[str] = []

    def edit() -> Document:
        numbers, table = values.load(path, value)
        if over is not None and over.value is not None:
            said.append(table.told(over.name) if table is not None else "")
            return edits.set_value(desk.document, over.id, numbers)
        name = "".join(c if c.isalnum() else "_" for c in Path(path).stem)
        made, block = edits.add(desk.document, TENSOR, round(here.x() / 12) * 12, round(here.y() / 12) * 12, name=name, value=numbers)
        said.append(table.told(made.blocks[block].name) if table is not None else "")
        return made

    if desk.attempt(f"Load {Path(path).name}", edit) and said[-1]:
        desk.note.emit("info", said[-1])

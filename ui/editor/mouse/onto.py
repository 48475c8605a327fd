"""A card that is moved onto a wire: it is put into it."""

from __future__ import annotations

from gradviz.document import edits
from gradviz.document.model import Document, WireKey
from gradviz.document.palette.catalogue import entry
from gradviz.document.palette.sizing import sizes_of, told

from ..layout.arrange import with_room
from ..paper import Paper


def is_loose(document: Document, block_id: str) -> bool:
    """Whether a block is an operation without any wire, that could be put into one."""
    found = entry(document.blocks[block_id].op)
    return found is not None and bool(found.ports) and not document.inputs(block_id) and not document.users(block_id)


def wire_below(view: Paper, block_id: str) -> WireKey | None:
    """The wire that a card lies on."""
    rect = view.shapes.blocks[block_id].rect
    return view.shapes.wire_at(rect.center(), rect.height() / 3)


def put_into(view: Paper, key: WireKey, block_id: str) -> None:
    """A block that was moved over a wire into it: one edit with the move, with a name of its own."""
    desk, wire = view.desk, view.desk.document.wires[key]
    block = desk.document.blocks[block_id]
    made = edits.through(desk.document, key, block_id)
    found = entry(block.op)
    made = told(made, block_id, sizes_of(found, desk.known.get(wire.source), wire.output)) if found is not None else made
    ends = f"{desk.document.blocks[wire.source].name} and {desk.document.blocks[key[0]].name}"
    made = with_room(made, block_id, view.shapes)
    desk.history.cancel()
    desk.do(f"Put {block.name} between {ends}", made)

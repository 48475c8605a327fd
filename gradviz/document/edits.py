"""What can be done to a document: each function takes one and gives a new one. Taking back is keeping the old one."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .expression.indexing import AT, INDEX, with_place
from .model import DRAWN, MOST_BLOCKS, TENSOR, Block, Document, Frame, Param, Training, Value, Wire, WireKey, ordered
from .naming import Names, as_read
from .palette.catalogue import Entry, entry
from .problem import DocumentProblem
from .sharing import alike, owner, without
from .wires import links, reach, with_wire

TENSOR_NAMES = ("x", "w", "b", "y", "a", "c", "d", "u", "v")


def names(document: Document) -> Names:
    """The names that its blocks have."""
    return Names(b.name for b in document.blocks.values())


def free_name(document: Document, wanted: str) -> str:
    """A variable name that no block has: the wanted one, or it with a number."""
    return names(document).free(wanted)


def tensor_name(document: Document) -> str:
    """A name for a new tensor: the first free letter."""
    known = names(document)
    return next((n for n in TENSOR_NAMES if n not in known.taken), None) or known.free("t")


def add(
    document: Document,
    op: str,
    x: float,
    y: float,
    *,
    name: str = "",
    value: Value | None = None,
    requires_grad: bool = False,
    params: Mapping[str, Param] | None = None,
) -> tuple[Document, str]:
    """A new block at a place; gives the document and the block's id.

    Raises:
        DocumentProblem: there is no such op.
    """
    found = entry(op)
    if found is None:
        raise DocumentProblem(f"the engine has no {op}")
    block_id = f"b{document.next_number}"
    if op == TENSOR:
        name = free_name(document, name) if name else tensor_name(document)
        value = value or Value()
    else:
        name = free_name(document, name or found.title.lower())
        value = None
    block = Block(block_id, op, name, x, y, dict(params or {}), value, requires_grad)
    return replace(document.with_block(block), next_number=document.next_number + 1), block_id


def connect(document: Document, source: str, target: str, port: str, output: int = 0) -> Document:
    """A wire; what stood at the port goes."""
    block = document.blocks[target]
    if port in block.params:
        document = document.with_block(block.changed(params={k: v for k, v in block.params.items() if k != port}))
    elif block.op == INDEX and port.startswith(f"{AT}."):
        index = with_place(block.params.get("index"), int(port.partition(".")[2]))
        document = document.with_block(block.changed(params={**block.params, "index": index}))
    return replace(document, wires=with_wire(document.wires, (target, port), Wire(source, output)))


def disconnect(document: Document, keys: Iterable[WireKey]) -> Document:
    """Without some wires."""
    wires = dict(document.wires)
    for key in keys:
        wires.pop(key, None)
    return replace(document, wires=wires) if len(wires) < len(document.wires) else document


def remove(document: Document, ids: Iterable[str], reconnect: bool = False) -> Document:
    """Without some blocks; with `reconnect`, what read a removed block reads its first input instead."""
    gone = set(ids)
    wires = dict(document.wires)
    if reconnect:
        first = {b: _first_wire(document, b) for b in gone}
        for key, wire in list(wires.items()):
            seen: set[str] = set()
            found: Wire | None = wire
            while found is not None and found.source in gone and found.source not in seen:
                seen.add(found.source)
                found = first[found.source]
            if key[0] not in gone and found is not None and found.source not in gone:
                wires[key] = found
    kept = {k: w for k, w in wires.items() if k[0] not in gone and w.source not in gone}
    blocks = without(document.blocks, gone)
    frames = {}
    for frame in document.frames.values():
        members = tuple(m for m in frame.members if m not in gone)
        if members or not frame.members:
            frames[frame.id] = replace(frame, members=members)
    training = _without(document.training, gone)
    return replace(document, blocks=blocks, wires=kept, frames=frames, training=training)


def _without(training: Training, gone: set[str]) -> Training:
    """The training without blocks that go: what is left of a part without its loss goes, too."""
    if gone.isdisjoint(b for part in training.parts for b in (part.loss, *part.moves)):
        return training
    others = (
        replace(p, moves=tuple(b for b in p.moves if b not in gone))
        for p in training.others
        if not (p.loss in gone or (p.moves and gone.issuperset(p.moves)))
    )
    moves = tuple(b for b in training.moves if b not in gone)
    return replace(training, loss="" if training.loss in gone else training.loss, moves=moves, others=tuple(others))


def _first_wire(document: Document, block_id: str) -> Wire | None:
    found = entry(document.blocks[block_id].op)
    inputs = document.inputs(block_id)
    for port in found.ports if found is not None else ():
        for name, wire in sorted(inputs.items()):
            if name.partition(".")[0] == port.name:
                return wire
    return None


def move(document: Document, places: Mapping[str, tuple[float, float]]) -> Document:
    """Blocks at other places."""
    blocks = dict(document.blocks)
    for block_id, (x, y) in places.items():
        blocks[block_id] = replace(blocks[block_id], x=float(x), y=float(y))
    return replace(document, blocks=blocks)


def rename(document: Document, block_id: str, name: str) -> Document:
    """Another variable name; one that is taken gets a number.

    Raises:
        DocumentProblem: no name that Python could have.
    """
    name = as_read(name.strip())
    if keyword.iskeyword(name):
        raise DocumentProblem(f"“{name}” is a word of Python's own, so no variable can be called so")
    if not name.isidentifier():
        raise DocumentProblem(f"“{name}” cannot be the name of a variable: letters, digits and _ only, and no digit first")
    block = document.blocks[block_id]
    return document if name == block.name else document.with_block(replace(block, name=free_name(document, name)))


def set_value(document: Document, block_id: str, value: Value) -> Document:
    """Another value of a tensor; what is no float requires no gradient."""
    block = document.blocks[block_id]
    return document.with_block(block.changed(value=value, requires_grad=block.requires_grad and value.dtype.startswith("float")))


def seeds(document: Document) -> set[int]:
    """The seeds that tensors are drawn from."""
    return {b.value.seed for b in document.blocks.values() if b.value is not None and b.value.source in DRAWN}


def set_param(document: Document, block_id: str, name: str, value: Param) -> Document:
    """Another parameter; a number at a port takes the place of its wire."""
    block = document.blocks[block_id]
    made = alike(document, block_id, {**block.params, name: value}) if block.op.startswith("nn.") else document
    block = made.blocks[block_id]
    made = made.with_block(block.changed(params={**block.params, name: value}, state={}))
    return disconnect(made, [(block_id, name)]) if (block_id, name) in document.wires else made


def clear_param(document: Document, block_id: str, name: str) -> Document:
    """A parameter as it is where nothing is set."""
    block = document.blocks[block_id]
    params = {k: v for k, v in block.params.items() if k != name}
    return alike(document, block_id, params) if block.op.startswith("nn.") else document.with_block(block.changed(params=params, state={}))


def forget_training(document: Document, block_id: str) -> Document:
    """A layer's parameters drawn again from its seed."""
    first = owner(document, block_id)
    return document.with_block(document.blocks[first].changed(state={}))


def toggle(document: Document, ids: Iterable[str], flag: str) -> Document:
    """Turn a flag of blocks: requires_grad (of tensors), retain_grad or muted (of the others)."""
    fits = [b for i in ids if (b := document.blocks.get(i)) is not None and (b.op == TENSOR) == (flag == "requires_grad")]
    fits = [b for b in fits if not (flag == "requires_grad" and b.value is not None and not b.value.dtype.startswith("float"))]
    on = not all(getattr(b, flag) for b in fits)
    blocks = dict(document.blocks)
    for b in fits:
        blocks[b.id] = _with_flag(b, flag, on)
    return replace(document, blocks=blocks) if fits else document


def _with_flag(block: Block, flag: str, on: bool) -> Block:
    if flag == "requires_grad":
        return block.changed(requires_grad=on)
    return block.changed(retain_grad=on) if flag == "retain_grad" else block.changed(muted=on)


def frame(document: Document, kind: str, text: str, members: Iterable[str]) -> Document:
    """A frame around blocks; a block is in one no_grad frame at most."""
    inside = tuple(members)
    frames = dict(document.frames)
    if kind == "no_grad":
        for other in list(frames.values()):
            if other.kind == kind:
                rest = tuple(m for m in other.members if m not in inside)
                if rest:
                    frames[other.id] = replace(other, members=rest)
                else:
                    del frames[other.id]
    made = Frame(f"f{document.next_number}", kind, text, inside)
    return replace(document, frames={**frames, made.id: made}, next_number=document.next_number + 1)


def unframe(document: Document, ids: Iterable[str], kind: str) -> Document:
    """Blocks out of their frames of a kind."""
    gone = set(ids)
    frames = {}
    for f in document.frames.values():
        members = tuple(m for m in f.members if m not in gone) if f.kind == kind else f.members
        if members:
            frames[f.id] = replace(f, members=members)
    return replace(document, frames=frames)


def toggle_no_grad(document: Document, ids: Iterable[str]) -> Document:
    """Put a no_grad frame around operations, or take them out of it."""
    chosen = [i for i in ids if i in document.blocks and document.blocks[i].op != TENSOR]
    if not chosen:
        return document
    if all(document.frame_of(i) for i in chosen):
        return unframe(document, chosen, "no_grad")
    return frame(document, "no_grad", "no_grad", chosen)


def collapse(document: Document, frame_id: str, collapsed: bool) -> Document:
    """Close a comment into a group that is drawn as one card, or open it."""
    return replace(document, frames={**document.frames, frame_id: replace(document.frames[frame_id], collapsed=collapsed)})


def retext(document: Document, frame_id: str, text: str) -> Document:
    """Another text of a comment."""
    return replace(document, frames={**document.frames, frame_id: replace(document.frames[frame_id], text=text)})


def insert_on_wire(document: Document, key: WireKey, op: str) -> tuple[Document, str]:
    """A new block in the middle of a wire."""
    a, b = document.blocks[document.wires[key].source], document.blocks[key[0]]
    made, block_id = add(document, op, (a.x + b.x) / 2, (a.y + b.y) / 2)
    return through(made, key, block_id), block_id


def through(document: Document, key: WireKey, block_id: str) -> Document:
    """A wire led through a block.

    Raises:
        DocumentProblem: the block has no input for it.
    """
    wire, op = document.wires[key], document.blocks[block_id].op
    found = entry(op)
    if found is None or not found.ports:
        raise DocumentProblem(f"{op} has no input that the wire could go to")
    port = found.ports[0]
    made = connect(document, wire.source, block_id, port.name + (".0" if port.many else ""), wire.output)
    return among(connect(made, block_id, key[0], key[1]), block_id)


def among(document: Document, block_id: str) -> Document:
    """With a block in the frames that hold both what it reads and what reads it: it was put between them."""
    known = links(document.wires)
    beside = {*known.sources(block_id), *known.targets(block_id)}
    around = {i: f for i, f in document.frames.items() if beside and beside <= set(f.members) and block_id not in f.members}
    held = {i: replace(f, members=(*f.members, block_id)) for i, f in around.items()}
    return replace(document, frames={**document.frames, **held}) if held else document


def set_training(document: Document, training: Training) -> Document:
    """Other settings of the training."""
    return replace(document, training=training)


def free_port(document: Document, block_id: str, found: Entry) -> str:
    """The first port with nothing at it, "" where all are taken."""
    taken = set(document.inputs(block_id)) | set(document.blocks[block_id].params)
    for port in found.ports:
        if port.many:
            return next_of_many(document, block_id, port.name)
        if port.name not in taken:
            return port.name
    return ""


def next_of_many(document: Document, block_id: str, port: str) -> str:
    """The next place of a port that takes several tensors."""
    numbers = [int(p.partition(".")[2]) for p in document.inputs(block_id) if p.startswith(port + ".")]
    return f"{port}.{max(numbers, default=-1) + 1}"


def part(document: Document, ids: Iterable[str]) -> Document:
    """Some blocks with the wires and frames among them, as a document of their own (for the clipboard)."""
    chosen = set(ids)
    return Document(
        {k: b for k, b in document.blocks.items() if k in chosen},
        {k: w for k, w in document.wires.items() if k[0] in chosen and w.source in chosen},
        {f.id: f for f in document.frames.values() if f.members and set(f.members) <= chosen},
        next_number=document.next_number,
        direction=document.direction,
    )


def paste(document: Document, piece: Document, dx: float, dy: float) -> tuple[Document, tuple[str, ...]]:
    """Put another document's blocks into this one, with new ids and free names.

    Raises:
        DocumentProblem: they would be more than a document can have.
    """
    together = len(document.blocks) + len(piece.blocks)
    if together > MOST_BLOCKS:
        raise DocumentProblem(f"there would be {together:,} nodes then; {MOST_BLOCKS:,} are possible")
    new = {old: f"b{number}" for number, old in enumerate(piece.blocks, document.next_number)}
    known, blocks = names(document), dict(document.blocks)
    for old in piece.blocks.values():
        layer = new.get(old.layer, old.layer if _calls(document, old) else "")
        copied = replace(old, id=new[old.id], name=known.following(old.name), x=old.x + dx, y=old.y + dy, layer=layer)
        blocks[copied.id] = copied
    wires = {(new[t], p): replace(w, source=new[w.source]) for (t, p), w in piece.wires.items() if t in new and w.source in new}
    made = {**document.wires, **wires}
    document = replace(document, blocks=blocks, wires=made, next_number=document.next_number + len(new))
    for f in piece.frames.values():
        document = frame(document, f.kind, f.text, (new[m] for m in f.members if m in new))
        document = collapse(document, list(document.frames)[-1], True) if f.collapsed else document
    return document, tuple(new.values())


def duplicated(document: Document, ids: Iterable[str], dx: float, dy: float) -> tuple[Document, tuple[str, ...]]:
    """A copy of some blocks; wires that come in from outside come to the copy too.

    Raises:
        DocumentProblem: they would be more than a document can have.
    """
    chosen = set(ids)
    made, new = paste(document, part(document, chosen), dx, dy)
    pairs = dict(zip([b for b in document.blocks if b in chosen], new, strict=True))
    outside = {(pairs[t], p): wire for (t, p), wire in document.wires.items() if t in pairs and wire.source not in pairs}
    return replace(made, wires={**made.wires, **outside}), new


def _calls(document: Document, block: Block) -> bool:
    """Whether the layer that a block calls again is in a document."""
    other = document.blocks.get(block.layer)
    return other is not None and other.op == block.op and other.params == block.params


def upstream(document: Document, ids: Iterable[str]) -> tuple[str, ...]:
    """Blocks with everything that they are computed from."""
    return _in_order(document, reach(ids, links(document.wires).sources))


def downstream(document: Document, ids: Iterable[str]) -> tuple[str, ...]:
    """Blocks with everything that is computed from them."""
    return _in_order(document, reach(ids, links(document.wires).targets))


def _in_order(document: Document, found: set[str]) -> tuple[str, ...]:
    return tuple(b for b in ordered(document) if b in found)

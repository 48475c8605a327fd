"""Layers that are called more than once: further nodes have the parameters of a first one, as `D(real)` and `D(fake)` have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from .model import Block, Document, Param
from .problem import DocumentProblem


def owner(document: Document, block_id: str) -> str:
    """The block whose parameters a layer has: itself, or the one that it calls again."""
    other = document.blocks[block_id].layer
    return other if other in document.blocks else block_id


def family(document: Document, block_id: str) -> tuple[str, ...]:
    """All blocks that have the same parameters."""
    first = owner(document, block_id)
    return tuple(b.id for b in document.blocks.values() if b.id == first or b.layer == first)


def share(document: Document, block_id: str, first: str) -> Document:
    """A layer with the parameters of another one; "" for its own ones again.

    Raises:
        DocumentProblem: they are no layers of one kind.
    """
    block = document.blocks[block_id]
    if not first:
        return document.with_block(block.changed(layer="")) if block.layer else document
    first = owner(document, first)
    other = document.blocks[first]
    if other.op != block.op or not block.op.startswith("nn."):
        raise DocumentProblem(f"{block.name} and {other.name} are no layers of one kind, and cannot have the same parameters")
    if first == owner(document, block_id):
        return document
    for one in family(document, block_id):
        document = document.with_block(document.blocks[one].changed(layer=first, params=dict(other.params), state={}))
    return document


def alike(document: Document, block_id: str, params: Mapping[str, Param]) -> Document:
    """Other settings of a layer, and of all that have its parameters: they are one layer."""
    for one in family(document, block_id):
        document = document.with_block(document.blocks[one].changed(params=dict(params), state={}))
    return document


def without(blocks: Mapping[str, Block], gone: Collection[str]) -> dict[str, Block]:
    """The blocks that stay; where the first of some that share goes, the next one has the parameters."""
    kept = {k: b for k, b in blocks.items() if k not in gone}
    heirs: dict[str, str] = {}
    for block in list(kept.values()):
        if block.layer not in gone:
            continue
        heir = heirs.get(block.layer)
        if heir is None:
            heirs[block.layer] = block.id
            kept[block.id] = replace(block, layer="", state=blocks[block.layer].state if block.layer in blocks else {})
        else:
            kept[block.id] = replace(block, layer=heir)
    return kept

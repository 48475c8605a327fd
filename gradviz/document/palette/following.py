"""A tensor gets another shape: those beside it whose numbers were only drawn follow, where what reads them would not run any more.

`loss = mean((x @ w + b - y)**2)` draws an x and a w that fit. Who then gives x the numbers of a file has said how many columns there are;
w has no numbers of its own yet, and gets as many rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..edits import downstream, part, upstream
from ..model import DRAWN, TENSOR, Document, Wire
from ..run.inference import Inferred, Spec, infer, infer_block
from ..wires import links

MOST_BLOCKS = 60  # below a tensor; in a larger graph nothing follows
MOST_TENSORS = 4
MOST = 600  # shapes that are tried
Shape = tuple[int, ...]


def following(before: Document, after: Document, block_id: str) -> Document:
    """The document after an edit of a tensor's value, with other shapes for drawn tensors where it would have new problems without."""
    old, new = before.blocks[block_id].value, after.blocks[block_id].value
    if old is None or new is None or old.shape == new.shape:
        return after
    below = downstream(after, (block_id,))
    if len(below) > MOST_BLOCKS:
        return after
    around = upstream(after, below)
    ran, runs = infer(part(before, around)), infer(part(after, around))
    failed = [b for b in below if runs[b].problem]
    if not failed or any(ran[b].problem for b in failed):
        return after
    touched = {*below} - {block_id}
    drawn = [b for b in around if b != block_id and _is_drawn(after, b) and not touched.isdisjoint(downstream(after, (b,)))]
    if not 0 < len(drawn) <= MOST_TENSORS:
        return after
    sizes = [n for n in dict.fromkeys(new.shape) if n not in old.shape] or list(new.shape)
    found = _search(after, drawn, sizes, runs)
    for leaf, shape in found.items():
        value = after.blocks[leaf].value
        if value is not None:
            after = after.with_block(after.blocks[leaf].changed(value=replace(value, shape=shape)))
    return after


def _is_drawn(document: Document, block_id: str) -> bool:
    block = document.blocks[block_id]
    return block.op == TENSOR and block.value is not None and block.value.source in DRAWN


def _search(document: Document, leaves: list[str], sizes: list[int], known: Mapping[str, Inferred]) -> dict[str, Shape]:
    """The least change of shapes with which all that reads the leaves runs; {} for none."""
    inputs = links(document.wires).inputs
    steps: list[tuple[str, Mapping[str, Wire]]] = [(b, inputs.get(b, {})) for b in downstream(document, leaves) if b not in leaves]
    options = [list(_others(known[leaf].outputs[0].shape, sizes)) for leaf in leaves]
    tries = sorted(itertools.islice(itertools.product(*options), MOST * 10), key=lambda tried: sum(cost for cost, _ in tried))
    for tried in tries[:MOST]:
        made = dict(known)
        for leaf, (_, shape) in zip(leaves, tried, strict=True):
            made[leaf] = Inferred((Spec(shape, known[leaf].outputs[0].dtype),))
        if _run(document, steps, made):
            return {leaf: shape for leaf, (cost, shape) in zip(leaves, tried, strict=True) if cost}
    return {}


def _others(shape: Shape, sizes: list[int]) -> Iterator[tuple[int, Shape]]:
    """A shape with some of its sizes replaced, and how many."""
    for chosen in itertools.product(*[(None, *sizes)] * len(shape)):
        made = tuple(n if other is None else other for n, other in zip(shape, chosen, strict=True))
        yield sum(a != b for a, b in zip(made, shape, strict=True)), made


def _run(document: Document, steps: list[tuple[str, Mapping[str, Wire]]], made: dict[str, Inferred]) -> bool:
    for block, wires in steps:
        made[block] = infer_block(document.blocks[block], wires, made)
        if made[block].problem:
            return False
    return True

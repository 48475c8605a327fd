"""A document as a PyTorch program: runnable as it stands, one line a block, so that a line and a node are one thing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from ..model import REROUTE, TENSOR, Block, Document, ordered
from ..palette.catalogue import entry, may_draw
from ..run.inference import arguments_of
from ..sharing import owner
from .block_lines import DRAWS, LAYER, Writer, forward_lines, layer_lines, tensor_line
from .training_lines import BATCH, end_without_training, loop, step


@dataclass(frozen=True, slots=True)
class Code:
    """The text, and for each block the number of its line (from 1)."""

    text: str
    lines: dict[str, int]

    def block_at(self, line: int) -> str:
        """The block that a line stands for, "" for none."""
        return next((b for b, n in self.lines.items() if n == line), "")


def to_code(document: Document, loss: str = "", *, train: bool = False) -> Code:
    """The program of a document.

    Args:
        loss: the block that backward begins at ("" for the forward pass alone).
        train: with the loop of epochs that the training panel is set to.
    """
    out = Writer()
    document = _left_free(document)
    blocks = _runnable(document)
    forward = [b for b in blocks if b.op != TENSOR]
    train = train and bool(loss)
    _imports(out, forward)
    _made_before(out, document, blocks, train=train)
    if train:
        document, indent = loop(out, document, loss, blocks)
        step(out, document, loss, blocks, indent)
    else:
        if forward:
            out.row("")
        if any(may_draw(b.op) for b in forward):
            out.row("torch.manual_seed(0)")
        forward_lines(out, document, forward, "")
        if loss and loss in document.blocks:
            end_without_training(out, document, document.blocks[loss], blocks)
    return Code("\n".join(out.rows) + "\n", out.lines)


def _runnable(document: Document) -> list[Block]:
    """The blocks that have all that they need, in an order in which they can run: of what is not there nothing can be made."""
    made: set[str] = set()
    for block_id in ordered(document):
        reads = (wire.source for wire in document.inputs(block_id).values())
        if not _incomplete(document, document.blocks[block_id]) and made.issuperset(reads):
            made.add(block_id)
    return [document.blocks[b] for b in ordered(document) if b in made]


def _imports(out: Writer, forward: list[Block]) -> None:
    out.row("import torch")
    if any(b.op.startswith("F.") for b in forward):
        out.row("import torch.nn.functional as F")
    if any(b.op.startswith("nn.") for b in forward):
        out.row("from torch import nn")
    out.row("")


def _made_before(out: Writer, document: Document, blocks: list[Block], *, train: bool) -> None:
    """Tensors and layers; of those that each step of a training draws anew, what they are drawn from."""
    constructed: set[str] = set()
    for block in blocks:
        if block.op == TENSOR:
            if train and block.value is not None and block.value.each_step:
                out.row(f"{block.name}{DRAWS} = torch.Generator().manual_seed({block.value.seed})")
            else:
                tensor_line(out, block)
        elif (found := entry(block.op)) is not None and found.layer and not block.muted:
            first = document.blocks[owner(document, block.id)]  # several blocks may call one layer
            if first.id not in constructed:
                constructed.add(first.id)
                layer_lines(out, found, first)


def _incomplete(document: Document, block: Block) -> bool:
    """Whether a block has nothing to run: no such op, or nothing at an input."""
    if block.op == TENSOR:
        return block.value is None
    found = entry(block.op)
    if found is None:
        return True
    wires = document.inputs(block.id)
    if block.op == REROUTE or block.muted:
        return not wires
    return bool(arguments_of(found, block, dict(wires))[2])


def _left_free(document: Document) -> Document:
    """With the names that the program needs left to it: a tensor `h_layer` beside a layer `h`, an `x_batch` beside `x`, get a number."""
    names = {b.name for b in document.blocks.values()}
    needed = {b.name + (BATCH if b.op == TENSOR else LAYER) for b in document.blocks.values() if b.op == TENSOR or b.op.startswith("nn.")}
    needed |= {b.name + DRAWS for b in document.blocks.values() if b.value is not None and b.value.each_step}
    for block in document.blocks.values():
        if block.name in needed:
            number = next(n for n in itertools.count(2) if f"{block.name}{n}" not in names | needed)
            names.add(f"{block.name}{number}")
            document = document.with_block(replace(block, name=f"{block.name}{number}"))
    return document

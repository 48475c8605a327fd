"""A step of a training with several losses or optimizers: what runs before each loss, and whose numbers each optimizer moves.

A result that a loss goes back through is computed again where an earlier loss of the step used its graph up, or where an
optimizer moved what it was computed from: PyTorch would refuse to go back through it. All other results stay what they are, so that
a GAN's fakes, which the discriminator reads behind a detach, are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model import TENSOR, Block, Document, Part, ordered
from ..palette.catalogue import entry
from ..sharing import family
from ..wires import links, reach


@dataclass(frozen=True, slots=True)
class Pass:
    """A piece of a step.

    Attributes:
        runs: the blocks that are computed first, in their order.
        losses: go backward then, one after the other; with whether a further one needs the graph that it went back through.
        steps: the numbers of the parts whose optimizers step then; what they move was cleared before the losses.
    """

    runs: tuple[str, ...]
    losses: tuple[tuple[str, bool], ...]
    steps: tuple[int, ...]


def movable(document: Document) -> tuple[str, ...]:
    """The blocks that an optimizer can move: tensors that require grad, and layers."""
    return tuple(b.id for b in document.blocks.values() if is_movable(b))


def is_movable(block: Block) -> bool:
    """Whether an optimizer can move it."""
    if block.op == TENSOR:
        return block.requires_grad and block.value is not None and not block.value.each_step
    found = entry(block.op)
    return found is not None and found.layer and not block.muted and not block.layer


def moved(document: Document, part: Part) -> tuple[str, ...]:
    """The blocks that the optimizer of a part moves."""
    can = movable(document)
    if part.moves:
        return tuple(b for b in can if b in part.moves)
    taken = {b for other in document.training.parts for b in other.moves if other.optimizer}
    return tuple(b for b in can if b not in taken)


def losses(document: Document, loss: str) -> tuple[str, ...]:
    """The blocks that go backward in a step, in their order; `loss` is the first one, chosen or found."""
    return tuple(b for b in (loss, *(p.loss for p in document.training.others)) if b in document.blocks)


def passes(document: Document, loss: str) -> list[Pass]:
    """What a step does, in its order."""
    groups: list[tuple[list[str], list[int]]] = []
    for k, part in enumerate(document.training.parts):
        wanted = loss if k == 0 else part.loss
        if wanted and wanted in document.blocks:
            if not groups or groups[-1][1]:
                groups.append(([], []))
            groups[-1][0].append(wanted)
        if part.optimizer and groups:
            groups[-1][1].append(k)
    known, order = links(document.wires), [b for b in ordered(document) if document.blocks[b].op != TENSOR]
    read = reach(losses(document, loss), known.sources)
    calculated = set(order)
    beside = [b for b in order if b not in read]  # an accuracy, say: computed once, as soon as what it reads is there
    computed: set[str] = set()
    used: set[str] = set()  # whose graph is gone
    older: set[str] = set()  # computed from what was moved since
    made: list[Pass] = []
    for ends, steps in groups:
        needed = reach(ends, known.sources)
        ways = [differentiated(document, end).intersection(order) for end in ends]
        back = set[str]().union(*ways)
        again = {b for b in computed & back if b in used or b in older}
        again = reach(again, known.targets) | (calculated - computed)
        there = computed | {b for b in order if b in needed and b in again}
        for block in beside:
            if block not in computed and there.issuperset(s for s in known.sources(block) if s in calculated):
                there.add(block)
                needed.add(block)
        runs = tuple(b for b in order if b in needed and b in again)
        shared = (not ways[k].isdisjoint(set[str]().union(*ways[k + 1 :])) for k in range(len(ways)))
        made.append(Pass(runs, tuple(zip(ends, shared, strict=True)), tuple(steps)))
        computed.update(runs)
        used, older = (used - set(runs)) | back, older - set(runs)
        having = [one for k in steps for b in moved(document, document.training.parts[k]) for one in family(document, b)]
        older |= reach(having, known.targets)
    return made


def differentiated(document: Document, loss: str) -> set[str]:
    """The blocks that backward comes to."""
    quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
    ends = {b.id for b in document.blocks.values() if b.op == "torch.detach" or b.id in quiet}
    sources = links(document.wires).sources
    return reach((loss,), lambda block: () if block in ends else sources(block)) - ends

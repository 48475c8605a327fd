"""The batches of a recorded training as whole tensors again: what a DataLoader gave at each step, or x[i] with an i that is drawn.

A node of a graph stands for one place of the script, and has the numbers of its first turn. Where each step reads other rows, the nodes
that these come from become tensors with the rows of all steps, one batch behind the other, and the training cuts them out again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import edits
from ..expression.indexing import AT, INDEX
from ..model import DTYPES, LARGEST, TENSOR, Block, Document, Value, ordered
from ..run.evaluate import evaluate
from ..wires import links, reach

if TYPE_CHECKING:
    from ...recording.recording import Recording

Array = np.ndarray[Any, Any]
_VIEWS = {"torch.reshape": "shape", "Tensor.view": "size", "Tensor.reshape": "shape"}
SHUFFLED = "the order of the rows in later epochs: here they come as in the first"
BROKEN = "every epoch here goes through all batches"
SAMPLED = "an epoch here is the whole loop, because each of its steps takes other rows"


@dataclass(frozen=True, slots=True)
class Batches:
    """A training by batches.

    Attributes:
        document: with whole tensors.
        rows: in each step, but perhaps the last of an epoch.
        gone: the blocks that stand for all of their turns now, or that are not needed any more.
        told: what of it is otherwise than in the script.
    """

    document: Document
    rows: int
    epochs: int
    gone: frozenset[str]
    told: tuple[str, ...] = ()


def whole(
    recording: Recording,
    turns: Mapping[str, Sequence[tuple[int, int]]],
    losses: Sequence[tuple[str, int]],
    document: Document,
    fixed: Collection[str],
    handed: Collection[str],
    others: Collection[str] = (),
) -> tuple[Batches | None, tuple[str, ...]]:
    """The batches of a training, None where they cannot be put together; and the blocks in which its steps differ to begin with.

    Args:
        turns: of each block the recording's numbers of its values, one for each time that it ran, behind the number of the step.
        losses: the block that went backward at each step, and in which epoch.
        fixed: tensors that stand for what was computed from others: no data.
        handed: blocks with what a step hands on to the next.
        others: further blocks that go backward in each step.
    """
    if len(losses) < 2 or len({block for block, _ in losses}) > 1:
        return None, ()
    steps = _Steps(recording, turns, losses, document, fixed, handed, others)
    return next((made for more in (0, 1, 2) if (made := steps.batches(more)) is not None), None), steps.differ


class _Steps:
    """What the steps of a training read, and how much of it differs from step to step."""

    def __init__(
        self,
        recording: Recording,
        turns: Mapping[str, Sequence[tuple[int, int]]],
        losses: Sequence[tuple[str, int]],
        document: Document,
        fixed: Collection[str],
        handed: Collection[str],
        others: Collection[str],
    ) -> None:
        self._recording, self._turns, self._document, self._handed = recording, turns, document, frozenset(handed)
        self._loss, self._count = losses[0][0], len(losses)
        lengths = [len(list(steps)) for _, steps in groupby(epoch for _, epoch in losses)]
        self._sampled = max(lengths) == 1
        if self._sampled:
            lengths = [self._count]  # each turn of one loop
        self._epochs = [range(end - n, end) for n, end in zip(lengths, accumulate(lengths), strict=True)]  # the steps of each
        self._longest = max(self._epochs, key=len)
        self._ran = evaluate(document)
        self._links = links(document.wires)
        self._numbers: dict[str, list[int]] = {}
        self._kept: dict[str, list[Array]] = {}
        above = reach((self._loss, *others), self._links.sources)
        self._data = [b for b in ordered(document) if b in above and b not in fixed and not self._ran.requires_grad.get(b)]
        self._other = {b for b in self._data if self._differs(b)}

    @property
    def differ(self) -> tuple[str, ...]:
        """What is not the same at each step, as far as its numbers were kept, without what is computed from it."""
        return tuple(b for b in self._data if b in self._other and not self._other.intersection(self._links.sources(b)))

    def batches(self, more: int) -> Batches | None:
        """Args:
        more: 1: tensors with the same numbers in each step are a part of the batch, too, where they are made anew and have as many rows;
            2: also where they were made before the loop, as the ones and zeros that a loss compares with.
        """
        rows = self._other - {b for b in self._data if self._is_index(b)}
        begins = [b for b in self._data if b in rows and not rows.intersection(self._links.sources(b))]
        lengths = self._lengths(begins)
        if not lengths or not all(self._is_told_by(b, begins) for b in self._data if self._read_by_gradients(b)):
            return None
        blocks = self._document.blocks
        begins += [b for b in self._data if more and b not in self._other and blocks[b].op == TENSOR and self._rows(b) == lengths]
        tensors = {b: np.concatenate(self._arrays(b)) for b in begins}
        if more == 2 and len(set(lengths)) == 1:
            tensors |= {b: np.concatenate([once] * len(lengths)) for b in self._data if (once := self._once(b, lengths[0])) is not None}
            begins = list(tensors)
        if any(array.size > LARGEST for array in tensors.values()):
            return None
        made, gone = self._with(tensors, lengths[0])
        if evaluate(made).problems.keys() - self._ran.problems.keys():
            return None
        return Batches(made, lengths[0], len(self._epochs), gone, self._told(begins))

    def _arrays(self, block: str) -> list[Array]:
        """The values of a block at the steps of the longest epoch; none where it did not run once a step, or they were not kept."""
        if block not in self._kept:
            numbers = self._at_steps(block)
            found = [self._recording.array(numbers[k]) for k in self._longest] if numbers else []
            arrays = [a for a in found if a is not None and str(a.dtype) in DTYPES]
            self._kept[block] = arrays if len(arrays) == len(found) else []
        return self._kept[block]

    def _at_steps(self, block: str) -> list[int]:
        """The recording's numbers of a block's values at each step; none where it ran more often or not at each. At the first step of an
        epoch the last one counts: the loop before it may have been left when it had its batch."""
        if block not in self._numbers:
            made: dict[int, int] = {}
            begins = {steps.start for steps in self._epochs}
            for step, number in self._turns.get(block, ()):
                if step in made and step not in begins:
                    made = {}
                    break
                made[step] = number
            made.pop(self._count, None)
            self._numbers[block] = [made[k] for k in range(self._count)] if len(made) == self._count else []
        return self._numbers[block]

    def _differs(self, block: str) -> bool:
        """Whether a block gives other numbers from step to step."""
        arrays = self._arrays(block)
        return any(not np.array_equal(a, arrays[0], equal_nan=a.dtype.kind == "f") for a in arrays[1:])

    def _rows(self, block: str) -> tuple[int, ...]:
        """How many rows it has at each step, () where they cannot stand behind each other."""
        arrays = self._arrays(block)
        alike = len({(a.shape[1:], a.dtype) for a in arrays}) == 1 and all(a.ndim for a in arrays)
        return tuple(len(a) for a in arrays) if alike else ()

    def _once(self, block: str, rows: int) -> Array | None:
        """The numbers of a tensor that was made once, and has as many rows as a batch."""
        numbers = self._turns.get(block, ())
        value = self._recording.array(numbers[0][1]) if len(numbers) == 1 and self._document.blocks[block].op == TENSOR else None
        return value if value is not None and value.ndim and len(value) == rows and str(value.dtype) in DTYPES else None

    def _lengths(self, blocks: Sequence[str]) -> tuple[int, ...]:
        """The rows of the batches, of which only the last one may be shorter; () where they have no common ones."""
        rows = {self._rows(b) for b in blocks}
        made = rows.pop() if len(rows) == 1 else ()
        return made if len(set(made[:-1])) == 1 and 0 < made[-1] <= made[0] else ()

    def _is_index(self, block: str) -> bool:
        """Whether a block only says which rows are read."""
        users = self._links.users.get(block, ())
        return bool(users) and all(port.startswith(f"{AT}.") for _, port in users)

    def _read_by_gradients(self, block: str) -> bool:
        return any(self._ran.requires_grad.get(target) for target in self._links.targets(block))

    def _is_told_by(self, block: str, begins: Sequence[str]) -> bool:
        """Whether all that differs in a block comes from some blocks."""
        sources = self._links.sources
        between = reach((block,), lambda b: () if b in begins or b not in self._other else sources(b))
        return all(b in begins or b not in self._other or self._other.intersection(sources(b)) for b in between)

    def _with(self, tensors: Mapping[str, Array], rows: int) -> tuple[Document, frozenset[str]]:
        """The document with whole tensors, and without what only their parts were computed from; and the blocks that this is about."""
        before = document = self._document
        for block_id, array in tensors.items():
            block = before.blocks[block_id]
            value = Value(tuple(array.shape), tuple(map(float, array.reshape(-1).tolist())), str(array.dtype))
            same = next((b.id for b in before.blocks.values() if b.id not in tensors and _holds(b, value)), "")
            for key in document.users(block_id) if same else ():
                document = edits.connect(document, same, *key)
            document = edits.disconnect(document, [(block_id, port) for port in document.inputs(block_id)])
            document = document.with_block(Block(block.id, TENSOR, block.name, block.x, block.y, value=value))
        document = self._views(document, rows)
        above = reach(tensors, self._links.sources)
        useless = above - reach((self._loss,), links(document.wires).sources)
        gone = useless - reach(document.blocks.keys() - useless, links(document.wires).sources)
        made = edits.remove(document, gone)
        makers = self._makers(made, tensors)
        made = edits.remove(made, makers)
        for block_id in tensors:
            source = before.wires.get((block_id, "input"))
            if block_id in made.blocks and before.blocks[block_id].op == INDEX and source is not None and source.source in gone:
                made = edits.rename(made, block_id, before.blocks[source.source].name)  # x, and not x[i]
        return made, frozenset(above | makers)

    def _makers(self, document: Document, tensors: Mapping[str, Array]) -> set[str]:
        """What only made the rows that a DataLoader cut up: nothing reads it, and all rows of a batch stand in it."""
        found = links(document.wires)
        rows = {(a.shape[1:], a.dtype): {row.tobytes() for row in a} for a in tensors.values()}
        makers: set[str] = set()
        for block in document.blocks:
            value = self._ran.values.get(block)
            if block == self._loss or block in tensors or value is None or not value.ndim or found.users.get(block):
                continue
            wanted = rows.get((value.shape[1:], value.dtype))
            if wanted and not self._ran.requires_grad.get(block) and wanted <= {row.tobytes() for row in value}:
                makers.add(block)
        useless = reach(makers, found.sources)
        kept = reach(document.blocks.keys() - useless, found.sources)
        return {b for b in useless - kept if not self._ran.requires_grad.get(b)}

    def _views(self, document: Document, rows: int) -> Document:
        """What is laid out for the rows of one step, view(16, -1), is laid out for any number of them."""
        for block in document.blocks.values():
            name, value = _VIEWS.get(block.op, ""), self._ran.values.get(block.id)
            given = block.params.get(name)
            if isinstance(given, tuple) and given and given[0] == rows and value is not None and value.shape[:1] == (rows,):
                document = document.with_block(replace(block, params={**block.params, name: (-1, *value.shape[1:])}))
        return document

    def _told(self, begins: Sequence[str]) -> tuple[str, ...]:
        states = [b for b in begins if not self._handed.isdisjoint(reach((b,), self._links.sources))]
        names = ", ".join(self._document.blocks[b].name for b in states)
        told = (f"{names}, which a step hands on to the next: here the script's numbers, whatever is changed",) if states else ()
        return told + self._about_rows(begins)

    def _about_rows(self, begins: Sequence[str]) -> tuple[str, ...]:
        """Whether the rows come as in the script."""
        if self._sampled:
            return (SAMPLED,)
        short = sum(len(steps) < len(self._longest) for steps in self._epochs)
        broken = (f"{BROKEN}, which {short} of the script's {len(self._epochs)} epochs did not",) if short else ()
        for block in begins:
            for steps in self._epochs:
                for k, first in zip(steps, self._arrays(block), strict=False):
                    again = self._recording.array(self._at_steps(block)[k])
                    if again is not None and not np.array_equal(again, first):
                        return (*broken, SHUFFLED)
        return broken


def _holds(block: Block, value: Value) -> bool:
    """Whether a tensor holds these numbers."""
    own = block.value
    return own is not None and not block.requires_grad and (own.shape, own.dtype, own.data) == (value.shape, value.dtype, value.data)

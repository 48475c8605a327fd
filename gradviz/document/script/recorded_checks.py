"""Whether a graph that was made of a recording computes what the script computed: numbers, gradients, the losses of its training.

Nothing that differs goes untold: where the cause is known it is said, and where it is not, at least that there is a difference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import Document, ordered
from ..problem import DocumentProblem
from ..run.evaluate import Evaluation, evaluate
from ..run.training import Epoch, Trainer, batched

if TYPE_CHECKING:
    from ...recording.recording import Recording

SOME = 3  # names in a sentence
EPOCHS = 6  # of a training that are tried
WORK = 20_000  # blocks that run for that, at most


class Told:
    """Sentences about what a graph has otherwise than the script, each once, and at which blocks."""

    def __init__(self) -> None:
        self._sentences: dict[str, dict[str, None]] = {}

    def say(self, sentence: str, *blocks: str) -> None:
        """Tell something, at the blocks that it is about."""
        self._sentences.setdefault(sentence, {}).update(dict.fromkeys(blocks))

    def sentences(self) -> tuple[str, ...]:
        """All of them, in their order."""
        return tuple(self._sentences)

    def at(self, document: Document) -> dict[str, str]:
        """What there is to say at each block of a document."""
        made: dict[str, list[str]] = {}
        for sentence, blocks in self._sentences.items():
            for block in blocks:
                if block in document.blocks:
                    made.setdefault(block, []).append(sentence)
        return {block: "; ".join(some) for block, some in made.items()}


def names_of(document: Document, blocks: Sequence[str]) -> str:
    """The names of some blocks as they stand in a sentence."""
    names = [document.blocks[b].name for b in blocks]
    return ", ".join(names[:SOME]) + (f" and {len(names) - SOME} more" if len(names) > SOME else "")


def near(a: Any, b: Any, tolerance: float = 1e-6) -> bool:
    """Whether two arrays are the same numbers, but for how sums are rounded."""
    if a is None or b is None or a.shape != b.shape:
        return False
    if not (a.dtype.kind in "fc" and b.dtype.kind in "fc"):
        return bool(np.array_equal(a, b))
    size = float(np.nanmax(np.abs(b), initial=0.0, where=np.isfinite(b)))
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * size, equal_nan=True))


def tell_numbers(
    document: Document,
    ran: Evaluation,
    recording: Recording,
    given: Mapping[str, int],
    late: Collection[str],
    written: Mapping[str, int],
    told: Told,
    *,
    steps: bool,
) -> None:
    """Tell of blocks with other numbers than the script had there, but not of what is computed from them.

    Args:
        given: the recording's number of each block's value.
        late: blocks that ran after a step of the training.
        written: blocks that were written into in place by what no node stands for, with the line.
        steps: the training here runs those after its steps, too, because it has several losses or optimizers.
    """
    off: set[str] = set()
    after: list[str] = []
    other: list[str] = []
    for block_id in ordered(document):
        value = ran.values.get(block_id)
        wanted = recording.array(given[block_id]) if block_id in given else None
        if any(w.source in off for w in document.inputs(block_id).values()):
            off.add(block_id)
        elif block_id in ran.problems or (value is not None and wanted is not None and not near(value, wanted, 1e-4)):
            off.add(block_id)
            (after if block_id in late and block_id not in ran.problems else other).append(block_id)
    if other:
        for block_id, line in written.items():
            told.say(f"line {line} writes into {document.blocks[block_id].name} in place, and no node stands for that", block_id)
    if after and not steps:
        told.say(f"{names_of(document, after)} ran after a step of the training: here the parameters are as before it", *after)
    for block_id in other:
        name, problem = document.blocks[block_id].name, ran.problems.get(block_id)
        told.say(f"{name}: {problem}" if problem else f"the script's numbers of {name}: it has others here", block_id)


def tell_gradients(document: Document, recording: Recording, grads: Mapping[str, int], causes: Sequence[str], told: Told) -> None:
    """Tell of leaves whose first gradient is another than the script's, where nothing that was told explains it.

    Args:
        grads: the recording's number of each leaf's first gradient.
        causes: the blocks where it was said already that gradients are others.
    """
    ran = evaluate(document)
    if causes or ran.loss != document.training.loss:
        return
    off = [
        block
        for block, number in grads.items()
        if block in document.blocks
        and (wanted := recording.array(number)) is not None
        and not near(ran.grads.get(block, np.zeros_like(wanted)), wanted, 1e-3)
    ]
    if off:
        told.say(f"the script's gradient of {names_of(document, off)}: it is another here", *off)


def tell_losses(document: Document, recording: Recording, losses: Sequence[int], others: Mapping[str, Sequence[int]], told: Told) -> None:
    """Tell of a training whose first epochs have other losses than the script's.

    Args:
        losses: the recording's numbers of the loss at each step.
        others: those of further losses, by their blocks.
    """
    plan = document.training
    if len(losses) < 2:
        return
    steps, made = tell_whether_it_runs(document, EPOCHS, told)
    _compare(recording, plan.loss, [e.loss for e in made], losses, steps, told)
    for block, numbers in others.items():
        _compare(recording, block, [e.others[block] for e in made if block in e.others], numbers, steps, told)


def tell_whether_it_runs(document: Document, most: int, told: Told) -> tuple[int, list[Epoch]]:
    """Try the first epochs of a training, no more than `most`, and tell where it does not run.

    Gives the steps of an epoch, and the epochs: none where it would take long.
    """
    plan = document.training
    if not plan.loss or not any(part.optimizer for part in plan.parts):
        return 1, []
    steps = -(-_rows(document) // plan.batch) if plan.batch else 1
    few = min(most, plan.epochs, WORK // max(1, len(document.blocks) * steps))
    if few < 1:
        return steps, []
    try:
        return steps, list(Trainer(replace(document, training=replace(plan, epochs=few))).epochs())
    except DocumentProblem as problem:
        told.say(f"the training does not run here: {problem}", plan.loss)
        return steps, []


def _compare(recording: Recording, block: str, made: Sequence[float], losses: Sequence[int], steps: int, told: Told) -> None:
    """Tell of the first epoch whose loss is another than the script's."""
    for number, here in enumerate(made):
        arrays = [recording.array(v) for v in losses[number * steps : (number + 1) * steps]]
        if not arrays or any(a is None or a.size != 1 for a in arrays):
            return
        there = float(np.mean([float(a.reshape(-1)[0]) for a in arrays if a is not None]))
        if not np.isclose(here, there, rtol=2e-3, atol=1e-5, equal_nan=True):
            which = f"epoch {number + 1}" if steps > 1 else f"step {number + 1}"
            told.say(f"the losses of the training differ from {which} on: {here:.5g} here, {there:.5g} in the script", block)
            return


def _rows(document: Document) -> int:
    data = batched(document, document.training.loss)
    value = document.blocks[data[0]].value if data else None
    return value.shape[0] if value is not None else 1

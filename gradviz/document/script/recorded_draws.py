"""What each step of a recorded training drew anew: noise, and the masks of dropout. A node says so, too, with other numbers.

That a tensor was drawn stands in the text of its line, and its numbers in each step are others. A mask is told by its numbers alone:
it holds zeros and one number above 1, it is not the same from step to step, and something is multiplied by it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import edits
from ..expression.indexing import AT
from ..model import TENSOR, Block, Document, Value
from ..palette.catalogue import entry
from ..wires import links, reach

if TYPE_CHECKING:
    from ...recording.recording import Recording

Array = np.ndarray[Any, Any]
Turns = dict[str, list[tuple[int, int]]]
DROPOUT = "F.dropout"
_MAKERS = {
    "randn": "randn",
    "randn_like": "randn",
    "normal_": "normal",
    "normal": "normal",
    "rand": "rand",
    "rand_like": "rand",
    "uniform_": "uniform",
    "randint": "randint",
}
_USUAL = {"normal": (0.0, 1.0), "uniform": (0.0, 1.0), "randint": (0.0, 2.0)}
_LOOKED_AT = 8  # values of a tensor, of thousands of steps


def anew(
    recording: Recording, document: Document, turns: Turns, places: Mapping[int, tuple[str, int]], steps: int, *, indices: bool = False
) -> tuple[Document, Turns, tuple[str, ...]]:
    """The document with what is drawn in each step, the turns of the blocks that do not come from it, and which blocks are drawn.

    Args:
        turns: of each block the recording's numbers of its values, behind the number of the step.
        places: the blocks by the places of their tensors.
        steps: of the training.
        indices: numbers that say which rows are taken, too: not where these rows can stand in their order.
    """
    if steps < 2:
        return document, turns, ()
    lines = _lines(recording, places)
    drawn: list[str] = []
    for block in list(document.blocks.values()):
        if block.op != TENSOR or block.requires_grad or block.value is None:
            continue
        if not indices and any(port.startswith(f"{AT}.") for _, port in document.users(block.id)):
            continue
        arrays = _differing(recording, turns.get(block.id, ()), steps)
        if not arrays:
            continue
        rate = _dropped(arrays)
        made = _with_dropout(document, block.id, rate) if rate else None
        if made is not None:
            document = made[0]
            drawn.append(made[1])
            continue
        value = _drawn(recording.source, lines.get(block.id, 0), block, arrays)
        if value is not None:
            seed = max(edits.seeds(document), default=-1) + 1
            document = document.with_block(replace(block, value=replace(value, seed=seed)))
            drawn.append(block.id)
    if not drawn:
        return document, turns, ()
    after = reach(drawn, links(document.wires).targets)
    kept = {b: some for b, some in turns.items() if b in document.blocks and b not in after}
    return document, kept, tuple(drawn)


def _lines(recording: Recording, places: Mapping[int, tuple[str, int]]) -> dict[str, int]:
    """The lines on which tensors were made."""
    from ...recording.event import Kind

    found: dict[str, int] = {}
    for row in recording.events_of_kind(Kind.CREATE_LEAF):
        event = recording.event(int(row))
        block = places.get(event.writes[0].location)
        if block is not None:
            found.setdefault(block[0], event.line)
    return found


def _differing(recording: Recording, turns: Sequence[tuple[int, int]], steps: int) -> list[Array]:
    """The first values of a tensor that each step has once, where they are not all the same."""
    if len({step for step, _ in turns}) != len(turns) or len(turns) < steps:
        return []
    arrays = [recording.array(number) for _, number in turns[:_LOOKED_AT]]
    some = [a for a in arrays if a is not None]
    if len(some) < 2 or len(some) < len(arrays) or len({(a.shape, a.dtype) for a in some}) > 1:
        return []
    return some if any(not np.array_equal(a, some[0]) for a in some[1:]) else []


def _dropped(arrays: Sequence[Array]) -> float:
    """The share that dropout takes away with masks like these; 0 where they are none."""
    kept = {float(v) for a in arrays if a.dtype.kind == "f" for v in np.unique(a)[:3]}
    high = max(kept, default=0.0)
    return float(f"{1 - 1 / high:.6g}") if len(kept) == 2 and min(kept) == 0 and high > 1 else 0.0


def _with_dropout(document: Document, mask: str, rate: float) -> tuple[Document, str] | None:
    """A product with a mask as the dropout that it was, and its block."""
    users = document.users(mask)
    if len(users) != 1 or document.blocks[users[0][0]].op != "torch.mul" or entry(DROPOUT) is None:
        return None
    block = document.blocks[users[0][0]]
    given = next((wire for port, wire in document.inputs(block.id).items() if wire.source != mask), None)
    if given is None:
        return None
    document = edits.remove(document, [mask])
    document = edits.disconnect(document, [(block.id, port) for port in document.inputs(block.id)])
    document = document.with_block(replace(block, op=DROPOUT, params={"p": rate}))
    return edits.connect(document, given.source, block.id, "input", given.output), block.id


def _drawn(text: str, line: int, block: Block, arrays: Sequence[Array]) -> Value | None:
    """How a tensor was drawn, by the one call on its line that draws; None where there is none, or more than one."""
    calls = [c for c in _calls(text) if c.lineno <= line <= (c.end_lineno or c.lineno) and _name(c) in _MAKERS]
    if len(calls) != 1 or block.value is None:
        return None
    source = _MAKERS[_name(calls[0])]
    numbers = [a.value for a in calls[0].args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, (int, float))]
    if source == "randint" and len(calls[0].args) > 1 and len(numbers) == 1:
        numbers = [0, *numbers]
    if source == "normal" and len(numbers) < 2 and calls[0].args:
        return None  # its mean is a tensor, or no constant
    ends = (float(numbers[0]), float(numbers[1])) if len(numbers) == 2 and source in _USUAL else _USUAL.get(source, (0.0, 1.0))
    all_of_them = np.concatenate([a.reshape(-1) for a in arrays])
    low, high = (float(all_of_them.min()), float(all_of_them.max())) if all_of_them.size else ends
    if source in ("rand", "uniform", "randint") and not (ends[0] <= low and high <= ends[1]):
        return None  # they were something else when the tensor was made: scaled, say
    return Value(block.value.shape, (), block.value.dtype, source, 0, ends, anew=True)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _calls(text: str) -> list[ast.Call]:
    try:
        return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []

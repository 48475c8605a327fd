"""The next step of a recurrence: a copy of some nodes that reads the state where they left it, and data of its own.

`h1 = tanh(x1 @ W + h0 @ U + b)` says by its names what is what: h0 is the state that h1 comes from, x1 belongs to the step, and W, U and b
have no number, so all steps share them. Copied, it is `h2 = tanh(x2 @ W + h1 @ U + b)`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from . import edits
from .model import DRAWN, TENSOR, Document
from .problem import DocumentProblem
from .sharing import share
from .wires import links, reach

APART = 60.0
WIDTH, HEIGHT = 184.0, 150.0  # of a card, with room for its slider


def next_step(document: Document, chosen: Collection[str]) -> tuple[Document, tuple[str, ...], str]:
    """The document with a copy of some blocks behind them; the ids that are new, and what happened in words.

    Raises:
        DocumentProblem: their names do not say which input is the state.
    """
    found = links(document.wires)
    inside = [b for b in document.blocks if b in set(chosen) and document.blocks[b].op != TENSOR]
    inside = _step_of(document, inside[0]) if len(inside) == 1 else inside
    results = [b for b in inside if not set(inside).intersection(found.targets(b)) and _numbered(document.blocks[b].name)]
    entering = list(dict.fromkeys(w.source for b in inside for w in document.inputs(b).values() if w.source not in inside))
    states: dict[str, str] = {}  # what is read in a step, and what the next one reads instead
    for result in results:
        stem, number = _numbered(document.blocks[result].name) or ("", 0)
        before = [b for b in entering if _numbered(document.blocks[b].name) == (stem, number - 1)]
        states.update((b, result) for b in before)
    if not states:
        raise DocumentProblem(
            "a next step is made of nodes whose result and state have names such as h1 and h0: h1 = tanh(x1 @ W + h0 @ U)"
        )
    steps = {n for r in states.values() if (found_name := _numbered(document.blocks[r].name)) for n in found_name[1:]}
    own = [
        b
        for b in entering
        if b not in states and document.blocks[b].op == TENSOR and (name := _numbered(document.blocks[b].name)) and name[1] in steps
    ]
    copied = [b for b in document.blocks if b in {*inside, *own}]
    if document.direction == "TB":
        top = min(document.blocks[b].y for b in copied)
        aside = 0.0, max(document.blocks[b].y for b in copied) + HEIGHT + APART - top
    else:
        left = min(document.blocks[b].x for b in copied)
        aside = max(document.blocks[b].x for b in copied) + WIDTH + APART - left, 0.0
    made, new = edits.paste(document, edits.part(document, copied), *aside)
    pairs = dict(zip(copied, new, strict=True))
    for (target, port), wire in document.wires.items():
        if target in inside and wire.source not in pairs:
            made = edits.connect(made, states.get(wire.source, wire.source), pairs[target], port, wire.output)
    for old, copy in pairs.items():
        made = _with_name(made, copy, document.blocks[old].name)
        if made.blocks[copy].op.startswith("nn."):
            made = share(made, copy, old)  # a recurrence has one layer for all of its steps
    for leaf in own:
        value = made.blocks[pairs[leaf]].value
        if value is not None and value.source in DRAWN:
            made = edits.set_value(made, pairs[leaf], replace(value, seed=max(edits.seeds(made)) + 1))
    for frame in document.frames.values():
        if set(inside) <= set(frame.members) and not set(frame.members) <= set(copied):  # a group that has what is shared in it, too
            made = edits.frame(made, frame.kind, frame.text, [pairs[b] for b in copied if b in frame.members])
            made = edits.collapse(made, list(made.frames)[-1], frame.collapsed)
    names = ", ".join(made.blocks[pairs[r]].name for r in dict.fromkeys(states.values()))
    return made, tuple(pairs[b] for b in inside), names


def _step_of(document: Document, result: str) -> list[str]:
    """All that a result is computed by in its step: up to the tensors, and to the state before."""
    stem, number = _numbered(document.blocks[result].name) or ("", 0)
    sources = links(document.wires).sources

    def above(block: str) -> list[str]:
        return [b for b in sources(block) if document.blocks[b].op != TENSOR and _numbered(document.blocks[b].name) != (stem, number - 1)]

    among = reach((result,), above)
    return [b for b in document.blocks if b in among]


def _with_name(document: Document, block: str, of: str) -> Document:
    """The copy of h1 is h2, also where paste gave it another number (a free one)."""
    found = _numbered(of)
    if found is None:
        return document
    name = f"{found[0]}{found[1] + 1}"
    taken = {b.name for b in document.blocks.values()}
    return document if name in taken else document.with_block(replace(document.blocks[block], name=name))


def _numbered(name: str) -> tuple[str, int] | None:
    """h12 as h and 12; None where there is no number."""
    stem = name.rstrip("0123456789")
    return (stem, int(name[len(stem) :])) if stem and stem != name else None

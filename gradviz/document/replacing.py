"""Another op in the place of a block, with the wires and settings that it can have; and two inputs that change places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .edits import free_name
from .model import REROUTE, TENSOR, Document, Param, Wire, WireKey
from .palette.catalogue import Entry, Port, entry
from .palette.sizing import sizes_of, told
from .problem import DocumentProblem
from .run.inference import Inferred, infer_block
from .sharing import without


def replaceable(document: Document, ids: Iterable[str]) -> list[str]:
    """Those of some blocks that another op can stand for: the operations and layers."""
    return [i for i in ids if document.blocks[i].op not in (TENSOR, REROUTE) and entry(document.blocks[i].op) is not None]


def replaced(document: Document, block_id: str, op: str, known: Mapping[str, Inferred]) -> Document:
    """Another op in the place of a block. Inputs and settings of the same name stay, the other wires go to the free inputs in their order.

    Raises:
        DocumentProblem: there is no such op.
    """
    block, found = document.blocks[block_id], entry(op)
    if found is None:
        raise DocumentProblem(f"the engine has no {op}")
    before = _ports(entry(block.op))
    numbers = {p.name: block.params[p.name] for p in before if p.name in block.params}
    inputs = _moved({**document.inputs(block_id), **numbers}, before, found)
    wires = {port: given for port, given in inputs.items() if isinstance(given, Wire)}
    names = {s.name for s in found.settings}
    params = {name: value for name, value in block.params.items() if name in names}
    params |= {port: given for port, given in inputs.items() if not isinstance(given, Wire)}
    others = without(document.blocks, {block_id})  # one that called this layer again has its weights now
    made = block.changed(op=op, params=params, state={}, layer="", retain_grad=block.retain_grad)
    blocks = {i: made if i == block_id else others[i] for i in document.blocks}
    kept = {key: wire for key, wire in document.wires.items() if key[0] != block_id}
    document = replace(document, blocks=blocks, wires={**kept, **{(block_id, port): wire for port, wire in wires.items()}})
    first = next(iter(wires.values()), None)
    if first is not None:
        document = told(document, block_id, sizes_of(found, known.get(first.source), first.output))
    return _called_after_its_op(document, block_id, entry(block.op), found)


def missing(document: Document, block_id: str, op: str, known: Mapping[str, Inferred]) -> int | None:
    """How many inputs and settings an op would still need in the place of a block; None where what is wired there does not fit it."""
    made = replaced(document, block_id, op, known)
    wires = made.inputs(block_id)
    result = infer_block(made.blocks[block_id], wires, known)
    return None if result.problem or len(wires) < len(document.inputs(block_id)) else len(result.waiting)


def swapped(document: Document, ids: Iterable[str]) -> Document:
    """The first two inputs of blocks the other way round: wires, and numbers that stand in place of wires."""
    for block_id in ids:
        pair = _pair(document, block_id)
        if pair is None:
            continue
        block, wires = document.blocks[block_id], document.inputs(block_id)
        turned = dict(zip(pair, reversed(pair), strict=True))
        params = {turned.get(name, name): value for name, value in block.params.items()}
        rest: dict[WireKey, Wire] = {key: wire for key, wire in document.wires.items() if key[0] != block_id}
        rest |= {(block_id, turned.get(port, port)): wire for port, wire in wires.items()}
        document = replace(document, blocks={**document.blocks, block_id: block.changed(params=params)}, wires=rest)
    return document


def _pair(document: Document, block_id: str) -> tuple[str, str] | None:
    """The inputs that can change places: both take a tensor, and something stands at one of them at least."""
    block = document.blocks[block_id]
    ports = _ports(entry(block.op))
    if not ports or block.op in (TENSOR, REROUTE):
        return None
    if ports[0].many:
        pair = f"{ports[0].name}.0", f"{ports[0].name}.1"
    elif len(ports) > 1 and not ports[1].many:
        pair = ports[0].name, ports[1].name
    else:
        return None
    there = {*document.inputs(block_id), *block.params}
    return pair if there & set(pair) else None


def _ports(found: Entry | None) -> tuple[Port, ...]:
    return found.ports if found is not None else ()


def _moved(given: Mapping[str, Wire | Param], before: tuple[Port, ...], found: Entry) -> dict[str, Wire | Param]:
    """Wires, and numbers in place of wires, at the inputs of another op; a row of tensors takes no numbers."""
    order = {p.name: k for k, p in enumerate(before)}
    made: dict[str, Wire | Param] = {}
    left: list[Wire | Param] = []
    for port, wire in sorted(given.items(), key=lambda row: (order.get(row[0].partition(".")[0], 99), len(row[0]), row[0])):
        name, _, number = port.partition(".")
        same = found.port(name)
        if same is not None and same.many == bool(number):
            made[port] = wire
        else:
            left.append(wire)
    for wire in left:
        free = next((p for p in found.ports if (p.many and isinstance(wire, Wire)) or (not p.many and p.name not in made)), None)
        if free is not None:
            count = sum(port.startswith(f"{free.name}.") for port in made)
            made[f"{free.name}.{count}" if free.many else free.name] = wire
    return made


def _called_after_its_op(document: Document, block_id: str, before: Entry | None, found: Entry) -> Document:
    """With a new name, where the old one only said which op it was: relu2 becomes tanh."""
    block = document.blocks[block_id]
    if before is None or not re.fullmatch(rf"{re.escape(before.title.lower())}\d*", block.name):
        return document
    others = replace(document, blocks={i: b for i, b in document.blocks.items() if i != block_id})
    return document.with_block(replace(block, name=free_name(others, found.title.lower())))

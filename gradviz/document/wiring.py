"""Whether a wire may be drawn, in words where not, and what could stand between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .edits import add, among, connect, disconnect
from .model import Block, Document, Param, Wire, WireKey
from .palette.catalogue import entry
from .problem import DocumentProblem
from .run.inference import Inferred, infer_block, show
from .wires import links, reach


@dataclass(frozen=True, slots=True)
class Bridge:
    """An op that makes a wire fit; or the first of two, `then` is the other one."""

    op: str
    params: tuple[tuple[str, Param], ...] = ()
    then: Bridge | None = None

    @property
    def text(self) -> str:
        """As a call."""
        found = entry(self.op)
        call = f"{found.title if found else self.op}({', '.join(f'{k}={v}' for k, v in self.params)})"
        return f"{call} and {self.then.text}" if self.then is not None else call


MOST = 4  # pairs of ops that are offered
Out = tuple[str, int]  # a block, and the number of its output

_TURNED = (
    Bridge("torch.t"),
    Bridge("torch.unsqueeze", (("dim", 0),)),
    Bridge("torch.unsqueeze", (("dim", 1),)),
    Bridge("torch.unsqueeze", (("dim", -1),)),
    Bridge("torch.squeeze"),
    Bridge("torch.flatten", (("start_dim", 1),)),
    Bridge("torch.flatten"),
)
_REDUCED = (Bridge("torch.mean"), Bridge("torch.sum"))
_CAST = (Bridge("Tensor.float"), Bridge("Tensor.double"), Bridge("Tensor.long"), Bridge("Tensor.bool"))


def why_not(document: Document, source: str, target: str, port: str, known: Mapping[str, Inferred], output: int = 0) -> str:
    """Why a wire cannot go from a block to a port; "" where it can."""
    if source not in document.blocks or target not in document.blocks:
        return "there is no such block"
    a, b = document.blocks[source], document.blocks[target]
    if source == target:
        return f"{a.name} cannot read its own result"
    found = entry(b.op)
    if found is None or found.port(port) is None:
        return f"{b.name} has no input “{port}”"
    if source in reach((target,), links(document.wires).targets):
        return f"this would close a circle: {a.name} is computed from {b.name}"
    made = known.get(source)
    if made is None or not made.outputs:
        return ""  # nothing is known yet; the block itself says what it waits for
    wires = {**document.inputs(target), port: Wire(source, output)}
    result = infer_block(b, wires, known)
    return result.problem


def bridges(document: Document, source: str, target: str, port: str, known: Mapping[str, Inferred], output: int = 0) -> tuple[Bridge, ...]:
    """Ops that, put between, make the wire fit."""
    made = known.get(source)
    if made is None or made.spec is None or not why_not(document, source, target, port, known, output):
        return ()
    if source in reach((target,), links(document.wires).targets):
        return ()
    end, wires, read = document.blocks[target], document.inputs(target), Inferred((made.outputs[output],))
    single = _fitting((*_TURNED, *_REDUCED, *_CAST), read, end, wires, port, known)
    pairs = (replace(cast, then=turned) for cast in _CAST for turned in _TURNED)
    return single or _fitting(pairs, read, end, wires, port, known)[:MOST]


def _fitting(
    bridges: Iterable[Bridge], read: Inferred, end: Block, wires: Mapping[str, Wire], port: str, known: Mapping[str, Inferred]
) -> tuple[Bridge, ...]:
    """Those with which a block takes what is read; of two that give the same the first."""
    made: dict[Inferred, Bridge] = {}
    for bridge in bridges:
        between = _through(bridge, read)
        if between.spec is not None and infer_block(end, {**wires, port: Wire("?")}, {**known, "?": between}).outputs:
            made.setdefault(between if bridge not in _REDUCED else Inferred(problem=bridge.op), bridge)
    return tuple(made.values())


def _through(bridge: Bridge, read: Inferred) -> Inferred:
    """What comes out of a bridge."""
    found = entry(bridge.op)
    if found is None or read.spec is None:
        return Inferred()
    made = infer_block(Block("?", bridge.op, "", params=dict(bridge.params)), {found.ports[0].name: Wire("?")}, {"?": read})
    return _through(bridge.then, made) if bridge.then is not None else made


def broadcasts(document: Document, known: Mapping[str, Inferred]) -> dict[WireKey, str]:
    """Wires whose tensor is stretched to a larger shape, with the words for it."""
    made = {key: broadcast(document, key, wire, known) for key, wire in document.wires.items()}
    return {key: words for key, words in made.items() if words}


def broadcast(document: Document, key: WireKey, wire: Wire, known: Mapping[str, Inferred]) -> str:
    """How the tensor of a wire is stretched, "" where it is not."""
    target, source = known.get(key[0]), known.get(wire.source)
    if target is None or target.spec is None or source is None or wire.output >= len(source.outputs):
        return ""
    shape = source.outputs[wire.output].shape
    if shape == target.spec.shape:
        return ""
    found = entry(document.blocks[key[0]].op)
    return f"{show(shape)} → {show(target.spec.shape)}" if found is not None and found.elementwise else ""


def with_wire(document: Document, source: str, target: str, port: str, bridge: Bridge | None = None, output: int = 0) -> Document:
    """The wire drawn, through a bridge where one is given."""
    if bridge is None:
        return connect(document, source, target, port, output)
    a, b = document.blocks[source], document.blocks[target]
    made, middle = add(document, bridge.op, (a.x + b.x) / 2, (a.y + b.y) / 2, params=dict(bridge.params))
    found = entry(bridge.op)
    first = found.ports[0].name if found is not None else "input"
    made = among(connect(connect(made, source, middle, first, output), middle, target, port), middle)
    return with_wire(made, middle, target, port, bridge.then) if bridge.then is not None else made


def refusals(
    document: Document, source: str, keys: Iterable[WireKey], known: Mapping[str, Inferred], output: int = 0
) -> dict[WireKey, str]:
    """For a wire that begins at an output of a block: why it cannot end at each of some ports ("" where it can)."""
    before = reach((source,), links(document.wires).sources)
    name = document.blocks[source].name
    made: dict[WireKey, str] = {}
    for target, port in keys:
        if target in before:
            other = document.blocks[target].name
            made[(target, port)] = (
                f"{name} cannot read its own result" if target == source else f"a circle: {name} is computed from {other}"
            )
        else:
            made[(target, port)] = _shape_reason(document, source, output, (target, port), known)
    return made


def refusals_into(document: Document, key: WireKey, outputs: Iterable[Out], known: Mapping[str, Inferred]) -> dict[Out, str]:
    """For a wire that ends at a port: why it cannot begin at each of some outputs ("" where it can)."""
    target, port = key
    after = reach((target,), links(document.wires).targets)
    name = document.blocks[target].name
    made: dict[Out, str] = {}
    for source, output in outputs:
        if source in after:
            other = document.blocks[source].name
            made[source, output] = (
                f"{name} cannot read its own result" if source == target else f"a circle: {other} is computed from {name}"
            )
        else:
            made[source, output] = _shape_reason(document, source, output, (target, port), known)
    return made


def refusals_into_all(document: Document, keys: Sequence[WireKey], outputs: Sequence[Out], known: Mapping[str, Inferred]) -> dict[Out, str]:
    """For wires that end at some ports and are to begin at one output: why they cannot, of each of some outputs ("" where they can)."""
    made = dict.fromkeys(outputs, "")
    for key in keys:
        open_ = [out for out in outputs if not made[out]]
        for out, why in refusals_into(document, key, open_, known).items():
            name = document.blocks[key[0]].name
            made[out] = f"{name}: {why}" if why and len(keys) > 1 and name not in why else why
    return made


def _shape_reason(document: Document, source: str, output: int, end: WireKey, known: Mapping[str, Inferred]) -> str:
    made = known.get(source)
    if made is None or not made.outputs:
        return ""
    target, port = end
    wires = {**document.inputs(target), port: Wire(source, output)}
    return infer_block(document.blocks[target], wires, known).problem


def rewired(document: Document, block_id: str, text: str, known: Mapping[str, Inferred]) -> Document:
    """A block with other wires, as they are typed: "input=w, other=x", or the names alone for its inputs in their order; "" for none.
    "x:1" is the second output of x.

    Raises:
        DocumentProblem: there is no such name or input, or what it gives does not fit there.
    """
    names = {b.name: b.id for b in document.blocks.values()}
    found, block = entry(document.blocks[block_id].op), document.blocks[block_id]
    ports = [f"{p.name}.{k}" if p.many else p.name for p in (found.ports if found is not None else ()) for k in range(20 if p.many else 1)]
    made = disconnect(document, [(block_id, port) for port in document.inputs(block_id)])
    for k, part in enumerate(filter(None, (piece.strip() for piece in text.split(",")))):
        port, sign, name = (piece.strip() for piece in part.partition("="))
        port, name = (port, name) if sign else (ports[k] if k < len(ports) else "", port)
        name, _, output = name.partition(":")
        if name not in names:
            raise DocumentProblem(f"there is no node {name}")
        if not port:
            raise DocumentProblem(f"{block.name} has {len(ports)} inputs" if ports else f"{block.name} reads nothing")
        number = int(output) if output.isdigit() else 0
        why = why_not(made, names[name], block_id, port, known, number)
        if why:
            raise DocumentProblem(f"{port}: {why}")
        made = connect(made, names[name], block_id, port, number)
    return made if made.wires != document.wires else document

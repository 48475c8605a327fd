"""Whether a wire may be drawn, in words where not, and what could stand between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .catalogue import Entry, entry
from .edits import add, among, connect
from .inference import Inferred, infer_block, show
from .model import Block, Document, Param, Wire, WireKey
from .wires import links, reach


@dataclass(frozen=True, slots=True)
class Bridge:
    """An op that makes a wire fit."""

    op: str
    params: tuple[tuple[str, Param], ...] = ()

    @property
    def text(self) -> str:
        """As a call."""
        found = entry(self.op)
        return f"{found.title if found else self.op}({', '.join(f'{k}={v}' for k, v in self.params)})"


Out = tuple[str, int]  # a block, and the number of its output

_BRIDGES = (
    Bridge("torch.t"),
    Bridge("torch.unsqueeze", (("dim", 0),)),
    Bridge("torch.unsqueeze", (("dim", -1),)),
    Bridge("torch.squeeze"),
    Bridge("torch.flatten"),
    Bridge("torch.mean"),
    Bridge("torch.sum"),
    Bridge("Tensor.float"),
    Bridge("Tensor.double"),
    Bridge("Tensor.long"),
    Bridge("Tensor.bool"),
)


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
    fitting = []
    for bridge in _BRIDGES:
        found = entry(bridge.op)
        if found is None:
            continue
        between = infer_block(Block("?", bridge.op, "", params=dict(bridge.params)), {found.ports[0].name: Wire(source, output)}, known)
        if between.spec is None:
            continue
        result = infer_block(document.blocks[target], {**document.inputs(target), port: Wire("?")}, {**known, "?": between})
        if result.outputs:
            fitting.append(bridge)
    return tuple(fitting)


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
    return among(connect(connect(made, source, middle, first, output), middle, target, port), middle)


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


def fitting_entries(known: Inferred | None, output: int = 0) -> Callable[[Entry], bool]:
    """Which entries a wire from an output can go into: those that have an input for it, as far as that is known."""

    def fits(found: Entry) -> bool:
        return bool(found.ports) and bool(fitting_port(found, known, output))

    return fits


def fitting_port(found: Entry, known: Inferred | None, output: int = 0) -> str:
    """The first input of a new block that takes an output, "" where it is known that none does."""
    ports = [f"{p.name}.0" if p.many else p.name for p in found.ports if not p.optional] or [found.ports[0].name]
    if known is None or output >= len(known.outputs) or len(ports) > 1 or any(s.required for s in found.settings):
        return ports[0]
    problem = infer_block(Block("?", found.op, ""), {ports[0]: Wire("!", output)}, {"!": known}).problem
    return "" if problem else ports[0]


# the axis of the input that a layer's size is
SIZES = {"in_features": -1, "input_size": -1, "normalized_shape": -1, "embed_dim": -1, "d_model": -1, "in1_features": -1}
CHANNELS = ("in_channels", "num_features", "num_channels")


def sizes_of(found: Entry, known: Inferred | None, output: int = 0) -> dict[str, Param]:
    """What a new layer has to be told of the tensor that it reads: Linear's in_features, Conv2d's in_channels."""
    if known is None or output >= len(known.outputs) or not found.layer:
        return {}
    shape = known.outputs[output].shape
    made: dict[str, Param] = {}
    for setting in found.settings:
        if setting.required and setting.name in SIZES and shape:
            made[setting.name] = shape[SIZES[setting.name]]
        elif setting.required and setting.name in CHANNELS and len(shape) > 1:
            made[setting.name] = shape[1]
    return made

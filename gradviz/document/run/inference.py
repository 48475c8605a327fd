"""Shapes and dtypes of every result without running the document.

An op's rule is asked by calling it on stand-ins: arrays of ones that take the room of one number, whatever their
shape, and of each elementwise op only one number is computed. The answer to a question is remembered, so that while a
wire is dragged nothing is asked twice.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..expression.calling import call
from ..model import LARGEST, REROUTE, TENSOR, Block, Document, Param, Wire, ordered
from ..outputs import outputs_of
from ..palette.catalogue import MISSING, Entry, entry
from ..wires import links
from .room import limited

LARGEST_ROW = 100  # places of a row of tensors in which some are missing
ASKED = 4_000_000  # elements of the stand-ins; above, only elementwise ops are asked


class Spec(NamedTuple):
    """A result before it exists."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a block will give: its outputs, or why it cannot give any.

    Attributes:
        waiting: ports and settings that nothing stands at yet.
        problem: why the inputs do not fit; "" where they do, or where too little is known.
        paths, names: where each of several outputs stands in the result ("[0]"), and what PyTorch calls it.
    """

    outputs: tuple[Spec, ...] = ()
    waiting: tuple[str, ...] = ()
    problem: str = ""
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def spec(self) -> Spec | None:
        """The first output."""
        return self.outputs[0] if self.outputs else None


UNKNOWN = Inferred()
Argument = Spec | int | float | bool | None | tuple["Argument", ...]


def infer(document: Document, ran: Mapping[str, tuple[Spec, ...]] | None = None) -> dict[str, Inferred]:
    """Every block's result; blocks of a cycle are missing.

    Args:
        ran: what a run of the document gave: some shapes depend on the numbers (masked_select), and some ops refuse stand-ins.
    """
    made: dict[str, Inferred] = {}
    inputs = links(document.wires).inputs
    for block_id in ordered(document):
        asked = infer_block(document.blocks[block_id], inputs.get(block_id, {}), made)
        made[block_id] = as_seen(asked, ran.get(block_id, ()) if ran is not None else ())
    return made


def as_seen(asked: Inferred, seen: tuple[Spec, ...]) -> Inferred:
    """What was inferred, corrected by what a run gave."""
    return asked if not seen or seen == asked.outputs else replace(asked, outputs=seen, problem="")


def infer_block(block: Block, wires: Mapping[str, Wire], known: Mapping[str, Inferred]) -> Inferred:
    """One block's result from what is known of its inputs."""
    if block.op == TENSOR:
        value = block.value
        return Inferred((Spec(value.shape, value.dtype),)) if value is not None else Inferred(problem="it has no value")
    found = entry(block.op)
    if found is None:
        return Inferred(problem=f"the engine has no {block.op}")
    specs: dict[str, Spec] = {}
    for port, wire in wires.items():
        source = known.get(wire.source)
        if source is None or not source.outputs:
            return UNKNOWN  # what comes before has a problem of its own
        if wire.output >= len(source.outputs):
            return Inferred(problem=f"there is no output {wire.output + 1}: the op before gives {len(source.outputs)}")
        specs[port] = source.outputs[wire.output]
    if block.op == REROUTE or block.muted:
        first = next(iter(specs.values()), None)
        return Inferred((first,)) if first is not None else Inferred(waiting=("input",))
    arguments, settings, waiting = arguments_of(found, block, specs)
    if waiting:
        return Inferred(waiting=tuple(waiting))
    return _ask(block.op, tuple(arguments.items()), tuple(sorted(settings.items())))


def arguments_of(found: Entry, block: Block, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Param], list[str]]:
    """What an op is called with: tensors (or numbers) by port, settings by name, and what is missing."""
    arguments: dict[str, Any] = {}
    waiting: list[str] = []
    for port in found.ports:
        if port.many:
            rows = sorted(
                (int(n.partition(".")[2]), x) for n, x in given.items() if n.startswith(port.name + ".") and n.partition(".")[2].isdigit()
            )
            if rows and port.gaps and rows[-1][0] < LARGEST_ROW:
                at = dict(rows)
                arguments[port.name] = tuple(at.get(k) for k in range(rows[-1][0] + 1))
            elif rows:
                arguments[port.name] = tuple(x for _, x in rows)
            elif not port.optional:
                waiting.append(port.name)
        elif port.name in given:
            arguments[port.name] = given[port.name]
        elif port.name in block.params:
            arguments[port.name] = block.params[port.name]
        elif not port.optional:
            waiting.append(port.name)
    settings = {s.name: block.params[s.name] for s in found.settings if s.name in block.params}
    waiting += [s.name for s in found.settings if s.required and settings.get(s.name, MISSING) == MISSING]
    return arguments, settings, waiting


@lru_cache(maxsize=20_000)
def _ask(op: str, arguments: tuple[tuple[str, Argument], ...], settings: tuple[tuple[str, Param], ...]) -> Inferred:
    found = entry(op)
    if found is None or found.call is None:
        return Inferred(problem=f"the engine has no {op}")
    specs = [a for _, a in arguments if isinstance(a, Spec)]
    specs += [s for _, a in arguments if isinstance(a, tuple) and not isinstance(a, Spec) for s in a if isinstance(s, Spec)]
    shape: tuple[int, ...] | None = None
    if found.elementwise and len(specs) == len(arguments):
        try:
            shape = np.broadcast_shapes(*(s.shape for s in specs))
        except ValueError:
            return Inferred(problem=_mismatch(specs))
        if int(np.prod(shape, dtype=np.int64)) > 100 * LARGEST:
            return Inferred(problem=f"the result would have the shape {shape}: too large")
    elif sum(int(np.prod(s.shape, dtype=np.int64)) for s in specs) > ASKED:
        return Inferred()
    return _called(found, dict(arguments), dict(settings), shape)


def _called(found: Entry, arguments: dict[str, Argument], settings: dict[str, Param], shape: tuple[int, ...] | None) -> Inferred:
    single = shape is not None
    try:
        made = {k: _stand_in(a, single, found.category == "Linear algebra") for k, a in arguments.items()}
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is only asked; a run says them
            result = call(found, made, settings, seed=0, quiet=True)
    except Exception as problem:  # whatever an op says about its arguments is the answer
        specs = [a for a in arguments.values() if isinstance(a, Spec)]
        words = str(problem).split("\n", 1)[0] or type(problem).__name__
        return Inferred(problem=_mismatch(specs) if "must match the size of tensor" in words and len(specs) == 2 else words)
    found_outputs = outputs_of(result, found.op)
    tensors = [out.tensor._data for out in found_outputs]
    outputs = tuple(Spec(tuple(t.shape), str(t.dtype)) for t in tensors)
    if single and len(outputs) == 1 and len(tensors[0].shape) == len(shape or ()):
        outputs = (Spec(shape or (), outputs[0].dtype),)
    elif single:  # the function does more than its elementwise row: a loss that takes the mean
        return _called(found, arguments, settings, None) if _small(arguments) else Inferred()
    paths = tuple(out.path for out in found_outputs)
    return (
        Inferred(outputs, paths=paths, names=tuple(out.name for out in found_outputs))
        if outputs
        else Inferred(problem="it gives no tensor")
    )


def _small(arguments: dict[str, Argument]) -> bool:
    return sum(math.prod(s.shape) for s in arguments.values() if isinstance(s, Spec)) <= ASKED


def _stand_in(argument: Any, single: bool, matrix: bool = False) -> Any:
    """A tensor of ones (of zeros where they are whole: an index that is always there), in the room of one number.

    Args:
        matrix: an identity where it is square and not large: some ops refuse a matrix that has no inverse.
    """
    from engine.tensor import Tensor

    if isinstance(argument, Spec):
        one = np.array(1 if argument.dtype.startswith("float") or argument.dtype == "bool" else 0, argument.dtype)
        square = len(argument.shape) > 1 and argument.shape[-1] == argument.shape[-2] <= 256
        if matrix and square and argument.dtype.startswith("float"):
            return Tensor._of(np.broadcast_to(np.eye(argument.shape[-1], dtype=argument.dtype), argument.shape))
        return Tensor._of(one.reshape((1,) * len(argument.shape)) if single else np.broadcast_to(one, argument.shape))
    if isinstance(argument, tuple):
        return tuple(_stand_in(a, single, matrix) for a in argument)
    return argument


def _mismatch(specs: list[Spec]) -> str:
    if len(specs) < 2:
        return "the shapes do not fit"
    a, b = specs[0].shape, specs[1].shape
    return f"this would need a broadcast of {show(a)} to {show(b)}, and they differ where neither has 1"


def show(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"

"""Running a document on the engine: forward and backward, once. What a script of the same lines would compute."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from ..expression.calling import call, engine
from ..model import REROUTE, TENSOR, Block, Document, Value, ordered
from ..outputs import outputs_of
from ..palette.catalogue import Entry, entry, may_draw
from ..sharing import owner
from ..wires import links
from .inference import Spec, arguments_of
from .room import check_layers, limited

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Evaluation:
    """What a run gave.

    Attributes:
        values: each block's first result.
        grads: the gradient of the loss with respect to each block's result, where it got one.
        problems: what went wrong, at which block.
        warnings: what PyTorch warns of there, where it went well.
        loss: the block that backward began at, "" for none.
        specs: shape and dtype of each result.
    """

    values: dict[str, Array] = field(default_factory=dict)
    grads: dict[str, Array] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    requires_grad: dict[str, bool] = field(default_factory=dict)
    grad_fns: dict[str, str] = field(default_factory=dict)
    specs: dict[str, tuple[Spec, ...]] = field(default_factory=dict)
    loss: str = ""


def array_of(value: Value) -> Array:
    """The numbers of a tensor block (random ones from its seed)."""
    if value.source == "data":
        return np.array(value.data, value.dtype).reshape(value.shape)
    if value.source in ("zeros", "ones"):
        return np.full(value.shape, 0 if value.source == "zeros" else 1, value.dtype)
    return drawn(value, stream_of(value))


def stream_of(value: Value) -> Any:
    """Random numbers from the seed of a tensor."""
    from engine import torch_module

    return torch_module.module().Generator().manual_seed(value.seed)


def drawn(value: Value, stream: Any) -> Array:
    """The next numbers of a tensor that is drawn."""
    from engine import torch_module

    torch = torch_module.module()
    dtype, (low, high) = getattr(torch, value.dtype), value.ends
    if value.source == "normal":
        made = torch.normal(low, high, value.shape, dtype=dtype, generator=stream)
    elif value.source == "uniform":
        made = torch.empty(value.shape, dtype=dtype).uniform_(low, high, generator=stream)
    elif value.source == "randint":
        made = torch.randint(int(low), int(high), value.shape, dtype=dtype, generator=stream)
    else:
        made = getattr(torch, value.source)(*value.shape, dtype=dtype, generator=stream)
    array: Array = made._data
    return array


class Run:
    """A document with its leaves (and layers) made; `forward` may be called again and again."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.order = ordered(document)
        runs = set(self.order)
        self.problems: dict[str, str] = {b: "it is part of a circle" for b in document.blocks if b not in runs}
        self.warnings: dict[str, str] = {}
        self.leaves: dict[str, Any] = {}
        self.layers: dict[str, Any] = {}
        self._streams: dict[str, Any] = {}
        self._inputs = links(document.wires).inputs
        self._quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
        for block_id in self.order:
            block = document.blocks[block_id]
            found = entry(block.op)
            if found is None or found.layer or block.op == TENSOR:
                self._prepare(block, found)
        for block in document.blocks.values():
            if block.layer and block.id in runs:
                self._call_again(block)

    def _call_again(self, block: Block) -> None:
        first = owner(self.document, block.id)
        if first in self.layers:
            self.layers[block.id] = self.layers[first]
        else:
            self.problems[block.id] = self.problems.get(first, "the layer that it calls again is not there")

    def _prepare(self, block: Block, found: Entry | None) -> None:
        from engine.creation.factories import leaf

        try:
            if block.op == TENSOR and block.value is not None:
                self.leaves[block.id] = leaf(array_of(block.value), block.requires_grad)
            elif found is None:
                self.problems[block.id] = f"the engine has no {block.op}"
            elif found.layer and found.call is not None and owner(self.document, block.id) == block.id:
                self.layers[block.id] = self._layer(found, block)
        except Exception as problem:  # PyTorch's words about its arguments
            self.problems[block.id] = str(problem)

    def _layer(self, found: Entry, block: Block) -> Any:
        from engine import random
        from engine.creation.factories import leaf

        random.manual_seed(seed_of(block))
        settings = {s.name: block.params[s.name] for s in found.settings if s.name in block.params}
        missing = [s.name for s in found.settings if s.required and s.name not in settings]
        if missing:
            raise TypeError(f"{found.title} needs {', '.join(missing)}")
        assert found.call is not None  # the caller looked
        check_layers(dict(settings))
        made = found.call(**settings)
        if block.state:
            made.load_state_dict({name: leaf(array_of(value), False) for name, value in block.state.items()})
        return made

    def parameters(self, blocks: Collection[str] | None = None) -> list[Any]:
        """What an optimizer moves: the leaves that require grad, and the parameters of the layers; of some blocks, or of all."""
        found = self.document.blocks
        blocks = found.keys() if blocks is None else blocks
        made = [t for b, t in self.leaves.items() if b in blocks and t.requires_grad and not ((v := found[b].value) and v.each_step)]
        return made + [p for b, layer in self.own_layers() if b in blocks for p in layer.parameters()]

    def own_layers(self) -> list[tuple[str, Any]]:
        """Each layer once, with the block that has it first."""
        return [(b, layer) for b, layer in self.layers.items() if owner(self.document, b) == b]

    @property
    def draws(self) -> bool:
        """Whether an op or a layer may draw random numbers."""
        return bool(self.layers) or any(may_draw(self.document.blocks[b].op) for b in self.order)

    def drawn_anew(self, rows: Mapping[str, int] = MappingProxyType({})) -> dict[str, Any]:
        """The next numbers of the tensors that are drawn in each step; the first ones are those of `leaves`.

        Args:
            rows: of some of them how many they have this time.
        """
        from engine.creation.factories import leaf

        made: dict[str, Any] = {}
        for block_id in self.leaves:
            block = self.document.blocks[block_id]
            if block.value is not None and block.value.each_step:
                stream = self._streams.setdefault(block_id, stream_of(block.value))
                now = block.value
                if block_id in rows:
                    now = replace(now, shape=(rows[block_id], *now.shape[1:]))
                made[block_id] = leaf(drawn(now, stream), block.requires_grad)
        return made

    def forward(self, instead: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The results of all blocks that can run (a tuple where an op gives several); the others are in `problems`.

        Args:
            instead: what stands for some of the leaves: a batch of their rows.
        """
        from engine import random

        if self.draws:
            random.manual_seed(0)
        return self.go_on({**self.leaves, **(instead or {})}, self.order)

    def go_on(self, results: dict[str, Any], blocks: Collection[str]) -> dict[str, Any]:
        """The results with those of further blocks, in their order."""
        with warnings.catch_warnings(record=True) as told, unwarned():
            warnings.simplefilter("always")
            for block_id in blocks:
                if block_id in results or block_id in self.problems:
                    continue
                self._one(self.document.blocks[block_id], results)
                if told:
                    self.warnings[block_id] = str(told[0].message)
                    told.clear()
        return results

    def _one(self, block: Block, results: dict[str, Any]) -> None:
        given: dict[str, Any] = {}
        for port, wire in self._inputs.get(block.id, {}).items():
            if wire.source not in results:
                return  # the problem stands further up
            made = results[wire.source]
            if isinstance(made, tuple):
                if wire.output >= len(made):
                    self.problems[block.id] = f"there is no output {wire.output + 1}: the op before gives {len(made)}"
                    return
                made = made[wire.output]
            given[port] = made
        if block.op == REROUTE or block.muted:
            if given:
                results[block.id] = next(iter(given.values()))
            return
        found = entry(block.op)
        if found is None:
            return
        arguments, settings, waiting = arguments_of(found, block, given)
        if waiting:
            self.problems[block.id] = "nothing at " + ", ".join(waiting)
            return
        try:
            if found.layer:
                with engine()[0].no_grad() if block.id in self._quiet else nullcontext():
                    first, others = found.in_call(arguments)
                    made = self.layers[block.id](*first, **others)
            else:
                made = call(found, arguments, settings, seed=0, quiet=block.id in self._quiet)
            tensors = [made] if hasattr(made, "_data") else [out.tensor for out in outputs_of(made)]
            if tensors:
                results[block.id] = tensors[0] if len(tensors) == 1 else tuple(tensors)
            else:
                self.problems[block.id] = "it gives no tensor"
            if block.retain_grad and tensors and not (len(tensors) == 1 and tensors[0].requires_grad):
                made.retain_grad()  # is refused, in PyTorch's words
        except Exception as problem:  # PyTorch's words, shown at the block
            self.problems[block.id] = str(problem) or type(problem).__name__

    def loss_of(self, results: dict[str, Any]) -> str:
        """The block that backward begins at: the chosen one, else the last result that nobody reads and that can."""
        chosen = self.document.training.loss
        if chosen and chosen in results and getattr(results[chosen], "requires_grad", False):
            return chosen
        read = {w.source for w in self.document.wires.values()}
        ends = [
            b for b in self.order if b not in read and b in results and getattr(results[b], "requires_grad", False) and b not in self.leaves
        ]
        numbers = [b for b in ends if results[b]._data.ndim == 0]
        return (numbers or ends or [""])[-1]

    def backward(self, results: dict[str, Any], loss: str, *, keep: bool = False) -> None:
        """Backward from a result; one that is no single number is seeded with ones.

        Args:
            keep: the graph, for another loss.
        """
        from engine import torch_module

        root = results[loss]
        seed = None if root._data.size == 1 else torch_module.module().ones_like(root)
        with unwarned():
            root.backward(seed, retain_graph=keep)


def unwarned() -> np.errstate:
    """Without numpy's warnings of inf and nan, which PyTorch has none of. The engine turns them off, but only for the thread that loads it,
    and a window lets another one do that."""
    return np.errstate(all="ignore")


@lru_cache(maxsize=10_000)
def _spec(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Spec:
    return Spec(shape, dtype_name(dtype))


@cache
def dtype_name(dtype: np.dtype[Any]) -> str:
    """The name of a dtype; numpy takes 20 microseconds for it."""
    return str(dtype)


def seed_of(block: Block) -> int:
    """The seed of a layer's first parameters: the number in its id, so that layers differ and a run repeats."""
    digits = "".join(c for c in block.id if c.isdigit())
    return int(digits[:9] or "0")


def evaluate(document: Document) -> Evaluation:
    """Forward and backward once. Problems are told, never raised.

    Hot path: each frame while a slider is dragged (benchmark `live mode`): about 12 microseconds a block.
    """
    with limited(), _uncollected():
        return _evaluate(document)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector of circles: it would look through all that the run makes, and none of that is garbage yet."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _evaluate(document: Document) -> Evaluation:
    run = Run(document)
    results = run.forward()
    made = Evaluation(problems=run.problems, warnings=run.warnings)
    loss = run.loss_of(results)
    if loss:
        for block_id, result in results.items():
            if not isinstance(result, tuple) and result.requires_grad and block_id not in run.leaves:
                result.retain_grad()
        try:
            run.backward(results, loss)
            made.loss = loss
        except Exception as problem:  # PyTorch's words, shown at the loss
            made.problems[loss] = str(problem)
    values, specs, requires, grad_fns, grads = made.values, made.specs, made.requires_grad, made.grad_fns, made.grads
    for block_id, result in results.items():
        if isinstance(result, tuple):
            first, specs[block_id] = result[0], tuple(_spec(t._data.shape, t._data.dtype) for t in result)
            data = first._data
        else:
            first, data = result, result._data
            specs[block_id] = (_spec(data.shape, data.dtype),)
        values[block_id] = data
        requires[block_id] = first.requires_grad
        node = first.grad_fn
        if node is not None:
            grad_fns[block_id] = node.name()
        grad = first.grad if node is None or first.retains_grad else None
        if grad is not None:
            grads[block_id] = grad._data
    return made

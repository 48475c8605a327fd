"""The one pipe out of the engine: what happens, told to whoever watches.

The engine calls the methods of one `Watcher` while it works. With nobody watching the cost is one
comparison with None for each op (benchmark row `engine/W1 unrecorded`). All calls happen in the thread
that runs the engine, in the order in which things happen, and a watcher must not change what it is given.

`deliver` (a cotangent arrives at a node and is summed), `vjp` (the node fires) and `accumulate` (a leaf's
`.grad` grows) are three different events, because learners confuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from .graph.node import Node
    from .op import Op
    from .random.generator import Generator
    from .tensor import Tensor

Array = np.ndarray[Any, Any]


class Watcher(Protocol):
    """What the engine tells. Arrays are live: keep a reference or a copy, never write."""

    def create_leaf(self, tensor: Tensor) -> None:
        """A tensor was made from data (torch.tensor, randn, ones, Parameter, ...)."""

    def set_requires_grad(self, tensor: Tensor, value: bool) -> None:
        """`requires_grad_()` or `x.requires_grad = value` changed the flag."""

    def mode_enter(self, mode: str, enabled: bool) -> None:
        """A grad mode was entered: mode is "no_grad", "enable_grad", "set_grad_enabled" or "inference_mode"."""

    def mode_exit(self, mode: str, enabled: bool) -> None:
        """A grad mode was left; `enabled` is the grad mode that holds again."""

    def op(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """An op ran forward. `inputs` are its tensors (and Python numbers) in order; `outputs[0].grad_fn` is its node or None."""

    def view(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """As `op`, for an op whose outputs share the storage of `inputs[0]`."""

    def detach(self, source: Tensor, output: Tensor) -> None:
        """`output` shares `source`'s storage and has no history."""

    def save(self, node: Node, name: str, tensor: Tensor, version: int) -> None:
        """`node` keeps `tensor` (its input or output `name`, such as "self" or "result") at `version` for its vjp."""

    def before_write(self, tensor: Tensor) -> None:
        """The storage of `tensor` is about to be overwritten: the last chance to copy what it held."""

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str, params: dict[str, Any] | None = None) -> None:
        """The storage was overwritten; `tensor._version` is the new version. via: "op", "data", "optimizer", "copy".

        `inputs` and `params` are those of `op`, the tensor first; where there is no op, `inputs` is what was written, if that is known.
        """

    def backward_begin(self, roots: Sequence[Tensor], grads: Sequence[Array], retain_graph: bool, create_graph: bool) -> None:
        """`backward()` or `autograd.grad()` starts."""

    def seed(self, node: Node, cotangent: Array) -> None:
        """The first cotangent is put on the root's node."""

    def vjp(self, node: Node, cotangents: Sequence[Array | None], grads: Sequence[Array | None]) -> None:
        """`node` fires: the summed `cotangents` of its outputs became `grads` of its inputs (un-broadcast, None where not needed)."""

    def deliver(
        self, source: Node, input_nr: int, target: Node, output_nr: int, increment: Array, total: Array, arrived: int, expected: int
    ) -> None:
        """The gradient of `source`'s input `input_nr` arrives at output `output_nr` of `target`.

        The sum there is now `total`, and `arrived` of the `expected` cotangents of `target` have come.
        """

    def hook(self, owner: Any, kind: str, before: Array | None, after: Array | None) -> None:
        """A hook ran; `after` is what goes on."""

    def accumulate(self, node: Node, leaf: Tensor, first: bool, increment: Array, after: Array) -> None:
        """`leaf.grad` was None (`first`) or a tensor, `increment` came, `after` it is."""

    def free_saves(self, node: Node) -> None:
        """`node` let go of its saved values."""

    def backward_end(self, error: BaseException | None) -> None:
        """The pass is over, with the error that ended it or None."""

    def zero_grad(self, leaf: Tensor, set_to_none: bool) -> None:
        """`.grad` of a leaf was set to None or to zeros (optimizer.zero_grad, module.zero_grad, grad.zero_(), grad = None)."""

    def assign_grad(self, leaf: Tensor, value: Tensor) -> None:
        """The program put a tensor of its own into `leaf.grad`."""

    def optimizer_step(self, optimizer: Any, param: Tensor, grad: Array | None, after: Array, skipped: bool) -> None:
        """An optimizer moved a parameter (`before_write` came first), or skipped it because its `.grad` is None."""


class Intervention(Protocol):
    """What-if: changes the run where the user toggled something. The program's text stays as it is."""

    def leaf(self, tensor: Tensor) -> None:
        """A leaf was just made (told to the watcher after this); may change its `requires_grad`."""

    def before_op(self, op: Op, inputs: tuple[Any, ...], grad_enabled: bool) -> tuple[tuple[Any, ...], bool]:
        """An op is about to run: returns the inputs and the grad mode to run it with."""


watcher: Watcher | None = None
# A watcher that knows the step already may ask for less: what follows from the events before is then not told (what an op's node
# saves, the delivery of a gradient that is the first one there, the freeing of what was saved), and a view is told as an op.
terse = False
# While it does, it may know the course of a pass, too: (root, cotangent, retain_graph) -> whether the pass has run.
follows: Callable[[Node, Array, bool], bool] | None = None
# A plan's tracer asks how numbers come about that no op makes: (function, what it was given, its result, the stream that it draws from).
computes: Callable[[Callable[..., Any], Sequence[Any], Any, Generator | None], None] | None = None
intervention: Intervention | None = None


@contextmanager
def watch(listener: Watcher) -> Iterator[Watcher]:
    """Let `listener` be told everything that happens inside the block; the one before listens again after it."""
    global watcher, terse
    previous, watcher = watcher, listener
    before, terse = terse, False
    try:
        yield listener
    finally:
        watcher, terse = previous, before


@contextmanager
def unwatched() -> Iterator[None]:
    """Nobody listens inside the block: for work that is not part of the model, such as fetching a batch."""
    global watcher, terse, follows, computes
    previous, watcher = watcher, None
    asked, terse, follows, computes = (terse, follows, computes), False, None, None
    try:
        yield
    finally:
        watcher, (terse, follows, computes) = previous, asked


@contextmanager
def intervene(changes: Intervention) -> Iterator[None]:
    """Let `changes` alter what runs inside the block."""
    global intervention
    previous, intervention = intervention, changes
    try:
        yield
    finally:
        intervention = previous

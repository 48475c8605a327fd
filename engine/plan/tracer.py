"""Tracer: watches one step of training and writes down the numpy calls that it comes to.

It hears what the recorder hears. Each op and each firing node is run once more on symbols, which puts its numpy
calls on a tape, and the result is compared with the engine's own, bit by bit. What cannot be followed call by
call is noted as one function; what cannot be repeated at all (a new leaf with a gradient, a hook, a write) is a `problem`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import op as rows
from ..graph.firing import apply_vjps, fitted
from ..graph.node import Node
from ..graph.saved import Constant
from ..op import Op
from ..tensor import Tensor
from .proof import form, same_layout
from .symbols import Symbol
from .writes import Writes

Array = np.ndarray[Any, Any]


def _keeps_workings(op: Op) -> bool:
    """Whether the row's forward may leave something for its vjp."""
    code = getattr(op.forward, "__code__", None)
    return code is not None and "workings" in code.co_varnames[: code.co_argcount]


class Tracer(Writes):
    """The watcher of a traced step.

    Attributes:
        optimizers: those that moved something.
        changing: whether their settings may differ from turn to turn.
        roots: what backward started from.
        signature: what happened, in a form that is equal for equal steps.
    """

    def __init__(self, changing: bool = False) -> None:
        super().__init__()
        self.optimizers: dict[int, Any] = {}
        self.changing = changing
        self.roots: list[Symbol] = []
        self._workings: dict[int, dict[str, Any]] = {}  # of a node: what its forward leaves for it
        self._pending: dict[tuple[int, int], Symbol] = {}

    # -- forward --------------------------------------------------------------------------------------------

    def op(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        if self.problem:
            return
        given = [self.symbol_of(x) if isinstance(x, Tensor) else x for x in inputs]
        if all(id(o._data) in self._computed for o in outputs):  # a row that only says so
            return
        self.signature.append((op.name, id(op), self._told(inputs), self._told(params), [o._data.shape for o in outputs]))
        arguments, known = self._promoted(op, given), self._params(params)
        count, results = len(arguments), [o._data for o in outputs]
        kept: dict[str, Any] = {}

        def forward(values: list[Any]) -> Any:
            operands, params = values[:count], values[count]
            return op.forward(tuple(operands), **params) if op.variadic else op.forward(*operands, **params, **kept)

        made = self._followed(forward, forward, [*arguments, known], results, (op, "forward"))
        if made is None:
            node = outputs[0]._node
            if node is not None and _keeps_workings(op):  # what its vjp would compute again stays, turn by turn
                kept = self._workings[id(node)] = {"workings": []}
            made = self._as_one(forward, [*arguments, known], results, op.view)
        if made is None:
            self._fail(f"{op.name} does not repeat itself")
            return
        for array, symbol in zip(results, made, strict=True):
            self._learn(array, symbol)

    view = op

    # -- backward -------------------------------------------------------------------------------------------

    def backward_begin(self, roots: Sequence[Tensor], grads: Sequence[Array], retain_graph: bool, create_graph: bool) -> None:
        """See Watcher."""
        self.signature.append(("backward", len(roots)))
        if create_graph:
            self._fail("create_graph")
        if not self.problem:
            self.roots += [self.symbol_of(r) for r in roots]

    def seed(self, node: Node, cotangent: Array) -> None:
        """See Watcher."""
        self._pending[id(node), 0] = self._constant(cotangent)

    def vjp(self, node: Node, cotangents: Sequence[Array | None], grads: Sequence[Array | None]) -> None:
        """See Watcher."""
        if self.problem:
            return
        self._held.append(node)
        self.signature.append((node.name(), [g is None for g in grads]))
        symbols = [None if c is None else self._known(c) for c in cotangents]
        saved = [self._saved(s) for s, _ in node.saved or ()]
        several, params = node.outs is not None, node.params
        known = self._params(params)
        wanted = [g if k < len(node.edges) and node.edges[k] is not None else None for k, g in enumerate(grads)]
        count = len(symbols)

        def pulled(values: list[Any]) -> list[Any]:
            node.params, cots = values[-1], values[:count]
            return fitted(node, apply_vjps(node, cots if several else cots[0], values[count:-1]), False)

        def on_symbols(values: list[Any]) -> list[Any]:
            node.params, cots = values[-1], values[:count]
            raw = apply_vjps(node, cots if several else cots[0], values[count:-1])
            return [None if w is None else self._fitted(node, k, r) for k, (r, w) in enumerate(zip(raw, wanted, strict=True))]

        given = [*symbols, *saved, known]
        made = self._followed(on_symbols, pulled, given, wanted, (node.op, tuple(e is None for e in node.edges)))
        if made is None:
            given[-1] = {**known, **self._workings.get(id(node), {})}
            made = self._as_one(pulled, given, wanted)
        node.params = params
        if made is None:
            self._fail(f"{node.name()} does not repeat itself")
            return
        for array, symbol in zip(wanted, made, strict=True):
            if array is not None:
                self._learn(array, symbol)

    def _saved(self, value: Any) -> Any:
        if type(value) is Constant:
            return self._constant(value._data) if isinstance(value._data, np.ndarray) else value._data
        return self._known(value._data)

    def _fitted(self, node: Node, k: int, g: Any) -> Any:
        """As `firing.fitted`, for one symbol."""
        shape, dtype = (node.shape, node.dtype) if node.shapes is None else node.shapes[k]
        if type(g) is not Symbol:
            g = Symbol(np.asarray(g), self.tape, live=False)
        if g.shape != shape:
            g = rows.UNBROADCAST[0](g, size=shape)
        return g if dtype is None or g.dtype == dtype else g.astype(dtype)

    def deliver(
        self, source: Node, input_nr: int, target: Node, output_nr: int, increment: Array, total: Array, arrived: int, expected: int
    ) -> None:
        """See Watcher."""
        if self.problem:
            return
        key = (id(target), output_nr)
        symbol = self._known(increment)
        if total is not increment:
            before = self._pending.get(key)
            if before is None:
                self._fail("a sum whose first part is unknown")
                return
            symbol = self._learn(total, before + symbol)  # type: ignore[operator]  # symbols have the operators of arrays
            if not same_layout(symbol.array, total):
                self._fail("a sum that lies otherwise in memory")
        self._pending[key] = symbol

    def accumulate(self, node: Node, leaf: Tensor, first: bool, increment: Array, after: Array) -> None:
        """See Watcher."""
        if self.problem:
            return
        symbol = self._pending.pop((id(node), 0), None)  # what was delivered; `increment` may be a copy of it
        if symbol is None:
            self._fail("a gradient from nowhere")
            return
        if leaf._grad._places is not None:  # type: ignore[union-attr]  # it has one
            self._fail("a sparse gradient")
            return
        known = self.grads.get(id(leaf))
        if not first and (known is None or known[1] is None):
            self._keeps(leaf, after)
            self.tape.forget(after)
            self.tape.note(np.add, (after, symbol.array), {}, after, takes_out=True)
            self._count(leaf._grad)  # type: ignore[arg-type]
        else:
            if not first:
                symbol = known[1] + symbol  # type: ignore[operator, index]
            if not same_layout(symbol.array, after):  # the engine's is a copy
                symbol = symbol.copy()
            self.grads[id(leaf)] = (leaf, symbol)
            self._owners[id(after)] = leaf
            self._learn(after, symbol)
        self.signature.append(("accumulate", id(leaf), first))

    def gradients(self) -> list[Array]:
        """The gradients that the step leaves."""
        return [symbol.array for _, symbol in self.grads.values() if symbol is not None]

    # -- update ---------------------------------------------------------------------------------------------

    def assign_grad(self, leaf: Tensor, value: Tensor) -> None:
        """See Watcher."""
        self._fail("a gradient that the program assigns")

    def optimizer_step(self, optimizer: Any, param: Tensor, grad: Array | None, after: Array, skipped: bool) -> None:
        """See Watcher."""
        if self.problem:
            return
        self.signature.append(("move", id(param), skipped))
        if skipped or grad is None:
            return
        self.optimizers[id(optimizer)] = optimizer
        group = next(g for g in optimizer.param_groups if any(p is param for p in g["params"]))
        gradient = self._known(grad)
        self.symbol_of(param)
        self.moved[id(param)] = param
        if not self.changing and not optimizer.state.get(param) and self._moved_on_symbols(optimizer, param, gradient, group):
            self._count(param)
            return
        tensor = Tensor._of(gradient.array)

        def move() -> None:
            param._grad = tensor
            optimizer._move(param, group)

        self.tape.whole(move, (gradient.array,), (param._data,))
        self.tape.forget(param._data)

    def _moved_on_symbols(self, optimizer: Any, param: Tensor, gradient: Symbol, group: dict[str, Any]) -> bool:
        """Whether an optimizer's step could be followed call by call; it may look at more than the arithmetic of arrays."""
        data, moved, start = param._data, param._data.copy(), len(self.tape.calls)

        def update(values: list[Any]) -> list[Any]:
            optimizer.update(SimpleNamespace(_data=values[0], _grad=param._grad), values[1], {}, group)
            return values[:1]

        np.copyto(data, self._overwritten)
        given = [Symbol(data, self.tape, writable=True), gradient]
        options = form({k: v for k, v in group.items() if k != "params"})
        found = self._followed(update, update, given, [moved], (type(optimizer), options))
        np.copyto(data, moved)
        return found is not None and len(self.tape.calls) > start

    # -- what a replay cannot repeat ----------------------------------------------------------------------------

    def create_leaf(self, tensor: Tensor) -> None:
        """See Watcher. Of one that is the same in the next turn, such as the zeros that a recurrence begins with, the numbers stay."""
        if tensor.requires_grad:
            self._fail("a leaf was made")
        if id(tensor._data) in self._symbols:  # drawn, or computed
            self.signature.append(("made", self._numbers[id(tensor._data)]))
            return
        self._learn(tensor._data, Symbol(tensor._data.copy(), self.tape, live=False))  # a copy: it may be written to
        self.signature.append(("made", tensor._data.shape, tensor._data.dtype, tensor._data.tobytes()))

    def set_requires_grad(self, tensor: Tensor, value: bool) -> None:
        """See Watcher."""
        self._fail("requires_grad was changed")

    def hook(self, owner: Any, kind: str, before: Array | None, after: Array | None) -> None:
        """See Watcher."""
        self._fail("a hook ran")

    def backward_end(self, error: BaseException | None) -> None:
        """See Watcher."""
        if error is not None:
            self._fail("backward failed")

    # -- what makes no difference -------------------------------------------------------------------------------

    def mode_enter(self, mode: str, enabled: bool) -> None:
        """See Watcher."""

    def mode_exit(self, mode: str, enabled: bool) -> None:
        """See Watcher."""

    def save(self, node: Node, name: str, tensor: Tensor, version: int) -> None:
        """See Watcher."""

    def free_saves(self, node: Node) -> None:
        """See Watcher."""


__all__ = ["Tracer"]

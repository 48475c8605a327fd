"""Tracer: watches one step of training and writes down the numpy calls that it comes to.

It hears what the recorder hears. Each op and each firing node is run once more on symbols, which puts its numpy
calls on a tape, and the result is compared with the engine's own, bit by bit. What cannot be followed call by
call is noted as one function; what cannot be repeated at all (a new leaf with a gradient, a hook, a write) is a `problem`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import op as rows
from ..graph.firing import apply_vjps, fitted
from ..graph.node import Node
from ..graph.saved import Constant
from ..op import Op, constant
from ..tensor import Tensor
from .symbols import Symbol, plain
from .tape import Tape, memory_of

Array = np.ndarray[Any, Any]
_PLAIN = (int, float, bool, str, tuple, type(None))


def same_bits(a: Array, b: Array) -> bool:
    """Whether two arrays are equal in shape, dtype and every bit."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return a.tobytes() == b.tobytes()


def _keeps(op: Op) -> bool:
    """Whether the row's forward may leave something for its vjp."""
    code = getattr(op.forward, "__code__", None)
    return code is not None and "workings" in code.co_varnames[: code.co_argcount]


class Tracer:
    """The watcher of a traced step.

    Attributes:
        problem: why the step cannot be replayed; empty where it can.
        guards: tensors of before the step with the arrays that the tape reads; a replay asks for the same arrays.
        grads: of each leaf that got a gradient: the leaf, the symbol, or None where the step cleared it at the end.
        signature: what happened, in a form that is equal for equal steps.
    """

    def __init__(self) -> None:
        self.tape = Tape()
        self.problem = ""
        self.guards: dict[int, tuple[Tensor, Array]] = {}
        self.grads: dict[int, tuple[Tensor, Symbol | None]] = {}
        self.grown: dict[int, tuple[Tensor, Array]] = {}  # leaves whose gradient of before the step is added to
        self.moved: dict[int, Tensor] = {}
        self.optimizers: dict[int, Any] = {}
        self.roots: list[Symbol] = []
        self.signature: list[Any] = []
        self._symbols: dict[int, Symbol] = {}  # id of an array of the engine -> its symbol
        self._workings: dict[int, dict[str, Any]] = {}  # of a node: what its forward leaves for it
        self._held: list[Any] = []  # so that no id is used twice
        self._numbers: dict[int, int] = {}
        self._pending: dict[tuple[int, int], Symbol] = {}
        self._overwritten: Array = np.zeros(0)  # what the tensor held that an optimizer is about to move
        self._target = self._overwritten  # the array of the tensor that is about to be written to
        self._shared: set[int] = set()  # the memory that several tensors look at

    # -- values ---------------------------------------------------------------------------------------------

    def symbol_of(self, tensor: Tensor) -> Symbol:
        """The symbol of a tensor; one that is older than the step is read where it lies."""
        found = self._symbols.get(id(tensor._data))
        if found is None:
            self.guards[id(tensor)] = (tensor, tensor._data)
            found = self._learn(tensor._data, Symbol(tensor._data, self.tape))
        return found

    def _constant(self, array: Array) -> Symbol:
        """The symbol of an array that is the same in each turn."""
        found = self._symbols.get(id(array))
        return self._learn(array, Symbol(array, self.tape, live=False)) if found is None else found

    def _known(self, array: Array) -> Symbol:
        """The symbol of an array of the engine; where it came from was told before."""
        found = self._symbols.get(id(array))
        if found is None:
            self._fail("numbers from nowhere")
            return Symbol(array, self.tape)
        return found

    def _learn(self, array: Array, symbol: Symbol) -> Symbol:
        self._held.append(array)
        self._symbols[id(array)] = symbol
        self._numbers[id(array)] = len(self._numbers)
        return symbol

    def _fail(self, problem: str) -> None:
        self.problem = self.problem or problem

    # -- forward --------------------------------------------------------------------------------------------

    def op(self, op: Op, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
        """See Watcher."""
        if self.problem:
            return
        given = [self.symbol_of(x) if isinstance(x, Tensor) else x for x in inputs]
        self.signature.append((
            op.name, [self._numbers[id(x._data)] if isinstance(x, Tensor) else x for x in inputs],
            {k: v for k, v in params.items() if isinstance(v, _PLAIN)}, [o._data.shape for o in outputs],
        ))  # fmt: skip
        arguments = self._promoted(op, given)
        results = [o._data for o in outputs]

        kept: dict[str, Any] = {}

        def forward(values: list[Any]) -> Any:
            return op.forward(tuple(values), **params) if op.variadic else op.forward(*values, **params, **kept)

        made = self._followed(lambda: forward(arguments), results)
        if made is None:
            node = outputs[0]._node
            if node is not None and _keeps(op):  # what its vjp would compute again stays, turn by turn
                kept = self._workings[id(node)] = {"workings": []}
            made = self._as_one(lambda: forward([plain(a) for a in arguments]), [plain(a) for a in arguments], results, op.view)
        if made is None:
            self._fail(f"{op.name} does not repeat itself")
            return
        for array, symbol in zip(results, made, strict=True):
            self._learn(array, symbol)

    view = op

    def _promoted(self, op: Op, given: list[Any]) -> list[Any]:
        arrays = [plain(g) for g in given]
        if op.promote:
            rows._promote(op, arrays)
        floats = next((a.dtype for a in arrays if isinstance(a, np.ndarray) and a.dtype.kind == "f"), None)
        arguments = []
        for symbol, array in zip(given, arrays, strict=True):
            if type(symbol) is Symbol:
                arguments.append(symbol if array is symbol.array else symbol.astype(array.dtype))
            elif type(array) in (int, float) and floats is not None and op.elementwise:
                arguments.append(constant(array, floats))
            else:
                arguments.append(array)
        return arguments

    def _followed(self, compute: Callable[[], Any], results: Sequence[Array | None]) -> list[Any] | None:
        """Run something on symbols; None (and nothing noted) where it cannot be followed or gives other bits."""
        start = len(self.tape.calls)
        try:
            answer = compute()
        except Exception:  # whatever a row does with what is no array
            answer = None
        found = list(answer) if isinstance(answer, (tuple, list)) else [answer]
        if len(found) == len(results) and all(
            want is None or (type(got) is Symbol and same_bits(got.array, want)) for got, want in zip(found, results, strict=True)
        ):
            return found
        del self.tape.calls[start:]
        return None

    def _as_one(
        self, compute: Callable[[], Any], reads: list[Any], results: Sequence[Array | None], view: bool = False
    ) -> list[Any] | None:
        """Note something as one function on arrays."""
        answer = compute()
        found = list(answer) if isinstance(answer, (tuple, list)) else [answer]
        if len(found) != len(results):
            return None
        for got, want in zip(found, results, strict=True):
            if want is not None and not same_bits(np.asarray(got), want):
                return None
        if view:
            return [Symbol(f, self.tape) for f in found]
        outs = [None if want is None else np.array(got) for got, want in zip(found, results, strict=True)]

        def again() -> None:
            answer = compute()
            for out, got in zip(outs, answer if isinstance(answer, (tuple, list)) else (answer,), strict=True):
                if out is not None:
                    np.copyto(out, got)

        self.tape.whole(again, tuple(reads), tuple(o for o in outs if o is not None))
        return [None if o is None else Symbol(o, self.tape) for o in outs]

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
        several = node.outs is not None
        wanted = [g if k < len(node.edges) and node.edges[k] is not None else None for k, g in enumerate(grads)]

        def pulled(values: list[Any], cots: list[Any]) -> list[Any]:
            return fitted(node, apply_vjps(node, cots if several else cots[0], values), False)

        def on_symbols() -> list[Any]:
            raw = apply_vjps(node, symbols if several else symbols[0], saved)
            return [None if w is None else self._fitted(node, k, r) for k, (r, w) in enumerate(zip(raw, wanted, strict=True))]

        made = self._followed(on_symbols, wanted)
        if made is None:
            arrays, cots = [plain(v) for v in saved], [plain(c) for c in symbols]
            node.params = {**node.params, **self._workings.get(id(node), {})}
            made = self._as_one(lambda: pulled(arrays, cots), [*arrays, *cots], wanted)
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
        self._pending[key] = symbol

    def accumulate(self, node: Node, leaf: Tensor, first: bool, increment: Array, after: Array) -> None:
        """See Watcher."""
        if self.problem:
            return
        symbol = self._pending.pop((id(node), 0), None)  # what was delivered; `increment` may be a copy of it
        if symbol is None:
            self._fail("a gradient from nowhere")
            return
        known = self.grads.get(id(leaf))
        if first:
            self.grads[id(leaf)] = (leaf, symbol)
        elif known is not None and known[1] is not None:
            symbol = known[1] + symbol  # type: ignore[operator]
            self.grads[id(leaf)] = (leaf, symbol)
        else:
            self.grown[id(leaf)] = (leaf, after)
            self.tape.forget()
            self.tape.note(np.add, (after, symbol.array), {}, after, takes_out=True)
            symbol = Symbol(after, self.tape)
        self._learn(after, symbol)
        self.signature.append(("accumulate", id(leaf), first))

    def gradients(self) -> list[Array]:
        """The gradients that the step leaves."""
        return [symbol.array for _, symbol in self.grads.values() if symbol is not None]

    # -- update ---------------------------------------------------------------------------------------------

    def zero_grad(self, leaf: Tensor, set_to_none: bool) -> None:
        """See Watcher."""
        if not set_to_none or id(leaf) in self.grown:
            self._fail("zero_grad of a gradient that is kept")
        self.grads[id(leaf)] = (leaf, None)
        self.signature.append(("zero_grad", id(leaf)))

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
        moved = after.copy()
        if not optimizer.state.get(param):
            np.copyto(param._data, self._overwritten)
            start = len(self.tape.calls)
            with suppress(Exception):  # it may look at more than the arithmetic of arrays
                optimizer.update(SimpleNamespace(_data=Symbol(param._data, self.tape, writable=True)), gradient, {}, group)
            if len(self.tape.calls) > start and same_bits(param._data, moved):
                return
            del self.tape.calls[start:]
            np.copyto(param._data, moved)
        tensor = Tensor._of(gradient.array)

        def move() -> None:
            param._grad = tensor
            optimizer._move(param, group)

        self.tape.whole(move, (gradient.array,), (param._data,))
        self.tape.forget()

    # -- what a replay cannot repeat ----------------------------------------------------------------------------

    def create_leaf(self, tensor: Tensor) -> None:
        """See Watcher. Of one that is the same in the next turn, such as the zeros that a recurrence begins with, the numbers stay."""
        if tensor.requires_grad:
            self._fail("a leaf was made")
        self._learn(tensor._data, Symbol(tensor._data.copy(), self.tape, live=False))  # a copy: it may be written to
        self.signature.append(("made", tensor._data.shape, tensor._data.dtype, tensor._data.tobytes()))

    def set_requires_grad(self, tensor: Tensor, value: bool) -> None:
        """See Watcher."""
        self._fail("requires_grad was changed")

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str, params: dict[str, Any] | None = None) -> None:
        """See Watcher. What was made in this step, and is looked at by one tensor only, is another symbol from here on."""
        if self.problem:
            return
        old = self._symbols.get(id(self._target))
        alone = tensor._base is None and not tensor._storage.views and memory_of(self._target) not in self._shared
        if op is None or via != "op" or old is None or not alone or any(guarded is tensor for guarded, _ in self.guards.values()):
            self._fail("a tensor was written to")
            return
        given = [old if x is tensor else self.symbol_of(x) if isinstance(x, Tensor) else x for x in inputs]
        arguments, result = self._promoted(op, given), tensor._data
        made = self._followed(lambda: op.forward(*arguments, **(params or {})), [result])
        if made is None:
            self._fail(f"{op.name}_ does not repeat itself")
            return
        told = [self._numbers[id(self._target if x is tensor else x._data)] if isinstance(x, Tensor) else x for x in inputs]
        self.signature.append((f"{op.name}_", told, {k: v for k, v in (params or {}).items() if isinstance(v, _PLAIN)}))
        self._learn(result, made[0])

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

    def detach(self, source: Tensor, output: Tensor) -> None:
        """See Watcher."""
        self._shared.add(memory_of(source._data))

    def save(self, node: Node, name: str, tensor: Tensor, version: int) -> None:
        """See Watcher."""

    def before_write(self, tensor: Tensor) -> None:
        """See Watcher."""
        self._target = tensor._data
        self._overwritten = tensor._data.copy()

    def free_saves(self, node: Node) -> None:
        """See Watcher."""


__all__ = ["Tracer", "memory_of", "same_bits"]

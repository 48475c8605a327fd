"""Writes: what a step writes over, and numbers that it computes or draws without an op.

What is older than the step (a buffer, a gradient that stays, a weight that the program moves by itself) a replay writes where it lies. What
the step made, and one tensor only looks at, is another symbol from the write on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..op import Op
from ..random.generator import Generator
from ..tensor import Tensor
from .known import Known
from .symbols import Symbol, plain
from .tape import memory_of

Array = np.ndarray[Any, Any]


class Writes(Known):
    """What a tracer does about writes.

    Attributes:
        grads: of each leaf that got a gradient: the leaf, the symbol, or None where the step cleared it at the end.
        grown: leaves whose gradient of before the step stays, with its array.
        moved: tensors of before the step that it writes over.
        versions: of each storage of before the step: how many times a step writes to it.
        generators: the streams of random numbers that it draws from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.grads: dict[int, tuple[Tensor, Symbol | None]] = {}
        self.grown: dict[int, tuple[Tensor, Array]] = {}
        self.moved: dict[int, Tensor] = {}
        self.versions: dict[int, list[Any]] = {}
        self.generators: dict[int, Generator] = {}
        self.signature: list[Any] = []
        self._owners: dict[int, Tensor] = {}  # id of the array of a gradient that the step made -> its leaf
        self._overwritten: Array = np.zeros(0)  # what the tensor held that is about to be written to
        self._target = self._overwritten  # its array
        self._computed: set[int] = set()  # the arrays that no op made
        self._shared: set[int] = set()  # the memory that several tensors look at

    def computes(self, function: Callable[..., Any], given: Sequence[Any], made: Array, generator: Generator | None) -> None:
        """See events.computes."""
        if self.problem:
            return
        arguments = [self.symbol_of(x) if isinstance(x, Tensor) else self._params(x) for x in given]
        self.signature.append(("computed", self._told(given), made.shape, made.dtype))
        self._computed.add(id(made))
        if generator is not None:
            self.generators[id(generator)] = generator
            values = plain(arguments)
            self._learn(made, self._drawn(lambda: function(generator, *values), values, made))
            return
        found = self._noted(lambda values: function(*values), lambda values: function(*values), arguments, [made], None)
        if found is None:
            self._fail("numbers that do not repeat themselves")
            return
        self._learn(made, found[0])

    def _drawn(self, draw: Callable[[], Any], reads: list[Any], made: Array) -> Symbol:
        """What is drawn anew in each turn."""
        out = made.copy()
        self.tape.whole(lambda: np.copyto(out, draw()), tuple(reads), (out,))
        return Symbol(out, self.tape)

    def before_write(self, tensor: Tensor) -> None:
        """See Watcher."""
        self._target = tensor._data
        self._overwritten = tensor._data.copy()

    def inplace_write(self, op: Op | None, tensor: Tensor, inputs: Sequence[Any], via: str, params: dict[str, Any] | None = None) -> None:
        """See Watcher."""
        if self.problem:
            return
        target, result, start = self._target, tensor._data, len(self.tape.calls)
        if via == "data" and inputs and result is target:  # `p.data += step` sets what it has written to already
            return
        if result is target:  # what nobody knows is older than the step
            self.symbol_of(tensor)
        source = self._copied(tensor, inputs) if op is None else self._rewritten(op, tensor, inputs, params or {})
        if source is None:
            self._fail("a tensor was written to" if op is None else f"{op.name}_ does not repeat itself")
        elif memory_of(target) in self.lasting:
            if result is not target:
                self._fail("a tensor of before the step got another shape")
                return
            self._write_over(tensor, source, alone=len(self.tape.calls) > start)
        elif tensor._base is None and not tensor._storage.views and memory_of(target) not in self._shared:
            self._learn(result, source)
            if id(target) in self._owners:
                leaf = self._owners[id(target)]
                self.grads[id(leaf)] = (leaf, source)
        else:
            self._fail("a tensor was written to")

    def _copied(self, tensor: Tensor, inputs: Sequence[Any]) -> Symbol | None:
        """What was written without an op; None where nobody knows where it came from."""
        values = inputs[0] if inputs else None
        result = tensor._data
        self.signature.append(
            ("written", self._numbers.get(id(values), repr(values) if isinstance(values, (int, float)) else ""), result.shape)
        )
        if not result.flags.writeable:
            return None
        if isinstance(values, (int, float)):
            return Symbol(result.copy(), self.tape, live=False)
        source = self._symbols.get(id(values))
        self._places.discard(id(values))
        if source is None or source.shape != result.shape or result is not self._target:
            return None
        return source if source.dtype == result.dtype else source.astype(result.dtype)

    def _rewritten(self, op: Op, tensor: Tensor, inputs: Sequence[Any], params: dict[str, Any]) -> Symbol | None:
        """What an op wrote, with the numbers that stood there before."""
        target, result = self._target, tensor._data
        old = self._symbols.get(id(target))
        if old is None or not target.flags.writeable:
            return None
        given = [old if x is tensor else self.symbol_of(x) if isinstance(x, Tensor) else x for x in inputs]
        told = [self._told(target if x is tensor else x) for x in inputs]
        self.signature.append((f"{op.name}_", id(op), told, self._told(params)))
        arguments, known = self._promoted(op, given), self._params(params)
        lasts, made = memory_of(target) in self.lasting, result.copy()

        def forward(values: list[Any]) -> Any:
            return op.forward(*values[:-1], **values[-1])

        if lasts:
            np.copyto(target, self._overwritten)
        found = self._noted(forward, forward, [*arguments, known], [made], (op, "forward"))
        if lasts:
            np.copyto(target, made)
        return None if found is None else found[0]

    def _write_over(self, tensor: Tensor, source: Symbol, alone: bool = False) -> None:
        """A replay writes to what is older than the step; `alone`: only for this the source was computed."""
        self.tape.write(tensor._data, source.array, alone)
        self.moved[id(tensor)] = tensor
        self._count(tensor)

    def _count(self, tensor: Tensor) -> None:
        storage = tensor._storage
        self.versions.setdefault(id(storage), [storage, 0])[1] += 1

    def detach(self, source: Tensor, output: Tensor) -> None:
        """See Watcher."""
        self.symbol_of(source)
        self._shared.add(memory_of(source._data))

    def zero_grad(self, leaf: Tensor, set_to_none: bool) -> None:
        """See Watcher."""
        if self.problem:
            return
        self.signature.append(("zero_grad", id(leaf), set_to_none))
        if set_to_none:
            if id(leaf) in self.grown:
                self._fail("zero_grad of a gradient that is kept")
            self.grads[id(leaf)] = (leaf, None)
            return
        grad = leaf._grad
        if grad is None or grad._data is not self._target:
            self._fail("zero_grad of a gradient that is kept")
            return
        zeros = Symbol(np.zeros_like(grad._data), self.tape, live=False)
        if id(grad._data) in self._owners and memory_of(grad._data) not in self._shared and not grad._storage.views:
            self.grads[id(leaf)] = (leaf, zeros)
            self._learn(grad._data, zeros)
            return
        self._keeps(leaf, grad._data)
        self._write_over(grad, zeros)

    def _keeps(self, leaf: Tensor, array: Array) -> None:
        """A gradient of before the step stays where it is."""
        self.grown[id(leaf)] = (leaf, array)
        self.lasting.add(memory_of(array))
        if id(array) not in self._symbols:
            self._learn(array, Symbol(array, self.tape))


__all__ = ["Writes"]

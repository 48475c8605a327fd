"""Known: the symbols of what the engine's arrays hold in a traced step, and how a computation gets onto the tape.

A computation is run once more on symbols, which notes its numpy calls, and compared with the engine's own result, bit by bit (`proof.py`).
What cannot be followed call by call is noted as one function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import op as rows
from ..op import Op, constant
from ..tensor import Tensor
from .proof import Function, holds, listed, same_bits, same_layout
from .symbols import Symbol, lives, plain
from .tape import Tape, memory_of

Array = np.ndarray[Any, Any]


def _is(got: Any, want: Array) -> bool:
    """Whether a symbol stands for an array of the engine."""
    return type(got) is Symbol and same_bits(got.array, want) and same_layout(got.array, want)


class Known:
    """What a tracer knows of the arrays of a step.

    Attributes:
        problem: why the step cannot be replayed; empty where it can.
        guards: tensors of before the step with the arrays that the tape reads; a replay asks for the same arrays.
        lasting: the memory of these, and of gradients of before the step: the tape reads and writes it as the engine does.
    """

    def __init__(self) -> None:
        self.tape = Tape()
        self.problem = ""
        self.guards: dict[int, tuple[Tensor, Array]] = {}
        self.lasting: set[int] = set()
        self._symbols: dict[int, Symbol] = {}  # id of an array of the engine -> its symbol
        self._held: list[Any] = []  # so that no id is used twice
        self._numbers: dict[int, int] = {}
        self._settled: set[int] = set()  # arrays that a row got beside its inputs, and that were found to stay the same
        self._places: set[int] = set()  # whole numbers and truths that the step makes: they may say what is taken from where

    def symbol_of(self, tensor: Tensor) -> Symbol:
        """The symbol of a tensor; one that is older than the step is read where it lies."""
        found = self._symbols.get(id(tensor._data))
        if found is None:
            self.guards[id(tensor)] = (tensor, tensor._data)
            self.lasting.add(memory_of(tensor._data))
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
        if symbol.live and array.dtype.kind in "biu" and memory_of(array) not in self.lasting:
            self._places.add(id(array))
        self._numbers[id(array)] = len(self._numbers)
        return symbol

    def _fail(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _told(self, value: Any) -> Any:
        """What a row or a function was given, in a form that is equal where it is the same in another turn."""
        if isinstance(value, Tensor):
            return "tensor", self._numbers[id(value._data)]
        if isinstance(value, np.ndarray):
            number = self._numbers.get(id(value))
            return ("array", number) if number is not None else (value.shape, value.dtype, value.tobytes())
        if isinstance(value, dict):
            return tuple((key, self._told(v)) for key, v in value.items())
        if isinstance(value, (list, tuple)):
            return tuple(map(self._told, value))
        return repr(value) if isinstance(value, (int, float, complex, str, slice)) else type(value)

    def _params(self, params: Any) -> Any:
        """The params of a row (or a part of them), with symbols in the place of arrays that the step made."""
        if isinstance(params, dict):
            return {k: self._params(v) for k, v in params.items()}
        if type(params) in (tuple, list):
            return type(params)(self._params(v) for v in params)
        if not isinstance(params, np.ndarray):
            return params
        found = self._symbols.get(id(params))
        if id(params) in self._settled or memory_of(params) in self.lasting or (found is not None and not found.live):
            return params
        if found is None and self._places:
            self._fail("an index that may be computed")
        elif found is not None and params.dtype.kind == "b":
            self._fail("a mask that is computed: how many it takes may change")
        if found is None:
            self._held.append(params)
            self._settled.add(id(params))
            return params
        return found

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

    def _noted(
        self, on_symbols: Function, on_arrays: Function, given: list[Any], results: Sequence[Array | None], kind: Any
    ) -> list[Any] | None:
        """Get a computation onto the tape: call by call, or else as one function. The symbols of its results; None: it does not repeat itself.

        Args:
            given: what the functions get: symbols and numbers, and for the second one the arrays of the symbols.
            kind: see `proof.holds`.
        """
        return self._followed(on_symbols, on_arrays, given, results, kind) or self._as_one(on_arrays, given, results)

    def _followed(
        self, on_symbols: Function, on_arrays: Function, given: list[Any], results: Sequence[Array | None], kind: Any
    ) -> list[Any] | None:
        """Run something on symbols; None (and nothing noted) where it cannot be followed or gives other bits."""
        start = len(self.tape.calls)
        if any(type(x) is dict and plain(x) is not x for x in given):  # an index that is computed
            return None
        try:
            found = listed(on_symbols(given))
        except Exception:  # whatever a row does with what is no array
            found = []
        if (
            len(found) == len(results)
            and all(want is None or _is(got, want) for got, want in zip(found, results, strict=True))
            and holds(on_symbols, on_arrays, given, results, kind)
        ):
            return found
        del self.tape.calls[start:]
        return None

    def _as_one(self, on_arrays: Function, given: list[Any], results: Sequence[Array | None], view: bool = False) -> list[Any] | None:
        """Note something as one function on arrays."""
        arrays = plain(given)
        try:
            found = listed(on_arrays(arrays))
        except Exception:  # a row that needs more than its inputs
            return None
        if len(found) != len(results):
            return None
        for got, want in zip(found, results, strict=True):
            if want is not None and not same_bits(np.asarray(got), want):
                return None
        if view:
            return [Symbol(f, self.tape) for f in found]
        outs = [None if want is None else np.array(got) for got, want in zip(found, results, strict=True)]
        if not any(map(lives, given)):
            return [None if o is None else Symbol(o, self.tape, live=False) for o in outs]

        def again() -> None:
            for out, got in zip(outs, listed(on_arrays(arrays)), strict=True):
                if out is not None:
                    np.copyto(out, got)

        self.tape.whole(again, tuple(arrays), tuple(o for o in outs if o is not None))
        return [None if o is None else Symbol(o, self.tape) for o in outs]


__all__ = ["Known"]

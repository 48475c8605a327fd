"""Finds the engine's row of an op that a recording names, and calls its vjps with recorded numbers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.op import Op

Array = np.ndarray[Any, Any]


@cache
def _rows() -> dict[tuple[str, str], Op]:
    """All rows of the op families by (name, grad_fn). The engine is imported when first asked: a window that plays needs none."""
    from engine import ops, torch_module
    from engine.op import Op

    torch_module.module()
    found: dict[tuple[str, str], Op] = {}
    for module in pkgutil.walk_packages(ops.__path__, f"{ops.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            rows = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
            for row in rows:
                if isinstance(row, Op):
                    found.setdefault((row.name, row.grad_fn), row)
    return found


@cache
def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """What a function of a row takes: the same at each step, and `inspect` takes 0.2 ms for it."""
    return inspect.signature(function).parameters


def row_of(name: str, grad_fn: str) -> Op | None:
    """The row with that name and backward node, None for what the op families do not have (a custom Function)."""
    return _rows().get((name, grad_fn))


def rows_named(name: str, grad_fn: str = "") -> tuple[Op, ...]:
    """The rows of that name, the one with that backward node first: an op that was not tracked is recorded without one."""
    found = [row for (row_name, _), row in _rows().items() if row_name == name]
    return tuple(sorted(found, key=lambda row: row.grad_fn != grad_fn))


class Call:
    """One recorded op call, ready to run its vjps on arrays.

    Attributes:
        inputs: array or number of each input, None where it was not kept.
        output: array of the first output, None where it was not kept.
    """

    def __init__(
        self, row: Op, inputs: Sequence[Any], shapes: Sequence[tuple[int, ...]], output: Array | None, params: dict[str, Any]
    ) -> None:
        self.row = row
        self.inputs = inputs
        self.output = output
        self._shapes = shapes
        self._params = params

    def wanted(self, input_nr: int) -> tuple[str, ...]:
        """The names of the saved values that the vjp of an input reads."""
        function = self._function(input_nr)
        if function is None or self.row.variadic:
            return ()
        named = (*self.row.inputs, "result")
        return tuple(n for n in list(_parameters(function))[1:] if n in named)

    def value(self, name: str) -> Any:
        """What a saved name stands for."""
        return self.output if name == "result" else self.inputs[self.row.inputs.index(name)]

    def given(self, gradient: Array, output: int, outputs: int) -> Array | list[Array | None]:
        """A cotangent as the rules take it: of several outputs that have gradients a list, with None for those that got none."""
        differentiable = [k for k in range(outputs) if k not in self.row.nondiff]
        if len(differentiable) < 2:
            return gradient
        return [gradient if k == output else None for k in range(outputs)]

    def vjp(self, input_nr: int, cotangent: Array | list[Array | None]) -> Array | None:
        """The cotangent of an input before it is summed over broadcast axes; None where something it reads was not kept.

        Args:
            cotangent: of the output; of several outputs a list, with None for those that got none.
        """
        function = self._function(input_nr)
        if function is None:
            return None
        try:
            arguments = [self._argument(name) for name in list(_parameters(function))[1:]]
            with np.errstate(all="ignore"):
                result = function(cotangent, *arguments)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None  # a parameter that the recording could only keep as text
        if self.row.joint is not None or self.row.variadic:
            result = result[input_nr] if isinstance(result, (tuple, list)) and input_nr < len(result) else None
        return None if result is None else np.asarray(result)

    def forward(self, inputs: Sequence[Any]) -> Array | None:
        """What the op computes from other inputs; None where it cannot be run from what was kept."""
        try:
            made = self._outputs(inputs)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, ArithmeticError):
            return None
        return np.asarray(made[0] if isinstance(made, (tuple, list)) else made)

    def _outputs(self, inputs: Sequence[Any]) -> Any:
        if any(value is None for value in inputs):
            raise ValueError("not kept")
        known = _parameters(self.row.forward)
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in self._params.items() if k in known}
        with np.errstate(all="ignore"):
            return self.row.forward(*([list(inputs)] if self.row.variadic else inputs), **given)

    def _function(self, input_nr: int) -> Callable[..., Any] | None:
        if self.row.joint is not None:
            return self.row.joint
        if self.row.variadic:
            return self.row.vjps[0] if self.row.vjps else None
        return self.row.vjps[input_nr] if input_nr < len(self.row.vjps) else None

    def _argument(self, name: str) -> Any:
        base, _, meta = name.rpartition("_")
        if self.row.variadic and name == self.row.inputs[0]:
            return [self._kept(value) for value in self.inputs]
        if name in self.row.inputs:
            return self._kept(self.inputs[self.row.inputs.index(name)])
        if name == "result":
            return self._kept(self.output)
        if name in ("result1", "result2"):
            return np.asarray(self._outputs(self.inputs)[int(name[-1])])
        if name == "needs":
            return (True,) * len(self.inputs)
        if name == "node":
            return SimpleNamespace(edges=(None,), params=self._params)  # a rule asks it in which layout the result is to lie: in any
        if meta == "shape" and self.row.variadic:
            return list(self._shapes)
        if meta == "shape" and base in self.row.inputs:
            return self._shapes[self.row.inputs.index(base)]
        if meta == "shape" and base == "result":
            return self._kept(self.output).shape
        if name in self._params:
            value = self._params[name]
            return tuple(value) if isinstance(value, list) else value
        default = _parameters(self.row.forward)[name].default
        if default is inspect.Parameter.empty:
            raise KeyError(name)
        return default

    @staticmethod
    def _kept(value: Any) -> Any:
        if value is None:
            raise ValueError("not kept")
        return value

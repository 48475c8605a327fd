"""A row as it stands in the history of what it wrote to: PyTorch has nodes of its own for some in-place calls.

Source: tools/autograd/derivatives.yaml, where in-place functions have entries of their own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..op import Op
from .cotangents import wrapped

UNTRACKED = frozenset(("logical_not", "logical_and", "logical_or", "logical_xor"))  # they leave the history as it is
COMPARISONS = frozenset(("eq", "ne", "lt", "le", "gt", "ge"))
_WITHOUT = frozenset(("acosh", "asinh", "atanh"))  # in place they have no derivative
_UNDERIVED = frozenset(("floor_divide", "heaviside"))  # anywhere; what is said has a name of its own in place
_RENAMED = {f"{name}Backward0": f"{name}Backward1" for name in ("T", "Unsqueeze", "Transpose", "Polygamma", "Threshold")}


@cache
def written(op: Op, by_tensor: bool) -> Op:
    """The row of the node that a write by `op` makes; `by_tensor`: its first operand is a tensor, not a number."""
    if op.name in COMPARISONS:
        return blank(op.name, f"{op.name.capitalize()}Backward{int(by_tensor)}", 2)
    if op.name in _WITHOUT:
        return Op(op.name, op.forward, grad_fn=f"{op.name.capitalize()}Backward1", vjps=(_none_for(op.name),), formulas=op.formulas)
    if op.name in _UNDERIVED:
        return Op(
            op.name, op.forward, inputs=op.inputs, grad_fn=op.grad_fn, vjps=(_underived(op.name),) * len(op.inputs), formulas=op.formulas
        )
    new = _RENAMED.get(op.grad_fn)
    return op if new is None else op.named(new)


def _underived(name: str) -> Any:
    def vjp(g: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{name}_ is not implemented")

    return vjp


def _none_for(name: str) -> Any:
    def vjp(g: Any) -> Any:
        raise NotImplementedError(f"the derivative for 'inplace version of {name}' is not implemented.")

    return vjp


def nothing(g: Any) -> Any:
    """Zeros in the form of a cotangent: what was written over moves nothing, and zeros have no history."""
    return np.zeros_like(g) if isinstance(g, np.ndarray) else wrapped(np.zeros_like(g._data))


def blank(name: str, grad_fn: str, inputs: int = 1, forward: Any = None) -> Op:
    """A row whose result moves with nothing that it was given: its gradients are zeros."""
    return Op(
        name,
        forward or (lambda *_: None),
        inputs=("x", "y")[:inputs],
        grad_fn=grad_fn,
        vjps=(nothing,) * inputs,
        formulas=("0",) * inputs,
    )

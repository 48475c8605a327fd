"""From a row to what its nodes do when they fire on arrays: versions checked, vjps applied.

`firing.fire` says what firing means. A `pull` is the same for one row and one set of inputs that require
grad, generated once, because a loop over the row's plan costs as much as the arithmetic of a small tensor.

Hot path: each node of a backward pass (benchmark rows `engine/W1`, `engine/W2`, `engine/W4`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import errors
from .op import Op
from .saved import stale

Pull = Callable[[Any, Any], tuple[Any, ...]]


def pull(op: Op, mask: int) -> Pull | None:
    """A function (node, cotangent) -> gradients of the inputs: versions checked, vjps applied, not yet un-broadcast."""
    if op.variadic or op.joint is not None or op.saves_all or len(op.plans) != len(op.inputs):
        return None
    lines = ["def pull(node, g):"]
    names: dict[str, Any] = {
        "stale": stale,
        "array": np.ndarray,
        "as_array": np.asarray,
        "twice": RuntimeError,
        "text": errors.BACKWARD_TWICE,
    }
    wanted = op.wants.get(mask) or op._wants(mask)
    if op.saves:
        lines += [" saved = node.saved", " if saved is None: raise twice(text)"]
        lines.append(f" {', '.join(f'(s{k}, v{k})' for k in range(len(op.saves)))}{',' if len(op.saves) == 1 else ''} = saved")
        lines += [f" if s{k}._storage.version != v{k}: raise stale(node, s{k}, v{k})" for k, need in enumerate(wanted) if need]
    else:
        lines.append(" if node.saved is None: raise twice(text)")
    results = []
    for k, plan in enumerate(op.plans):
        if plan is None or not mask >> k & 1:
            results.append("None")
            continue
        names[f"vjp{k}"] = op.vjps[k]
        given = ", ".join(["g", *(_argument(op, name, names) for name in parameters(op.vjps[k])[1:])])
        lines += [f" r{k} = vjp{k}({given})", f" if type(r{k}) is not array and r{k} is not None: r{k} = as_array(r{k})"]
        results.append(f"r{k}")
    lines.append(f" return ({', '.join(results)},)")
    exec("\n".join(lines), names)
    made: Pull = names["pull"]
    return made


def parameters(function: Any) -> list[str]:
    """The names of a function's parameters."""
    return list(inspect.signature(function).parameters)


def _argument(op: Op, name: str, names: dict[str, Any]) -> str:
    """Where a vjp's argument of that name comes from, as an expression; `Op._caller` says the same in functions."""
    base, _, meta = name.rpartition("_")
    if name in op.saved_names:
        return f"s{op.saved_names.index(name)}._data"
    if meta == "shape" and base in op.inputs:
        return f"(node.shape if node.shapes is None else node.shapes[{op.inputs.index(base)}][0])"
    if meta == "shape" and base == "result":
        return "node.shape"
    if name == "needs":
        return "tuple([e is not None for e in node.edges])"
    if name == "node":
        return "node"
    names[f"default_{name}"] = op._default(name)
    return f"node.params.get({name!r}, default_{name})"


def pulls(op: Op) -> tuple[Pull | None, ...]:
    """`pull` for each set of inputs that require grad; rows of more than three inputs have none."""
    count = len(op.inputs)
    return tuple(pull(op, mask) if mask else None for mask in range(1 << count)) if 1 <= count <= 3 else ()


__all__ = ["Pull", "pull", "pulls"]

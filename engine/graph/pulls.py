"""From a row to what its nodes do when they fire on arrays: versions checked, vjps applied, gradients un-broadcast.

`firing.fire` says what firing means. A `pull` is the same for one row and one set of inputs that require
grad, generated once, because a loop over the row's plan costs as much as the arithmetic of a small tensor.

Hot path: each node of a backward pass (benchmark rows `engine/W1`, `engine/W2`, `engine/W4`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import errors
from ..op import UNBROADCAST, Op
from .cotangents import cast
from .saved import check_tracked, stale

Pull = Callable[[Any, Any], tuple[Any, ...]]


def pull(op: Op, mask: int) -> Pull | None:
    """A function (node, cotangent) -> gradients of the inputs; None for rows that only the general way can do."""
    if op.variadic or op.scatters or len(op.vjps if op.joint is None else op.inputs) != len(op.inputs):
        return None
    if op.joint is not None and "node" in parameters(op.joint):  # CopySlices has as many gradients as its write has inputs
        return None
    lines = ["def pull(node, g):", " saved = node.saved", " if saved is None: raise twice(text)"]
    names: dict[str, Any] = {
        "stale": stale,
        "array": np.ndarray,
        "as_array": np.asarray,
        "twice": RuntimeError,
        "text": errors.BACKWARD_TWICE,
        "unbroadcast": UNBROADCAST[0].forward,
        "cast": cast,
    }
    if op.saves:
        wanted = op.wants.get(mask) or op._wants(mask)
        lines.append(f" {', '.join(f'(s{k}, v{k})' for k in range(len(op.saves)))}{',' if len(op.saves) == 1 else ''} = saved")
        lines += [f" if s{k}._storage.version != v{k}: raise stale(node, s{k}, v{k})" for k, need in enumerate(wanted) if need]
    if op.tracks:
        names["check_tracked"] = check_tracked
        lines.append(" check_tracked(node)")
    asked = [k for k in range(len(op.inputs)) if mask >> k & 1]
    if op.joint is not None:
        names["joint"] = op.joint
        lines.append(f" {', '.join(f'r{k}' for k in range(len(op.inputs)))}, = joint({_arguments(op, op.joint, names)})")
    else:
        asked = [k for k in asked if op.vjps[k] is not None]
        for k in asked:
            names[f"vjp{k}"] = op.vjps[k]
            lines.append(f" r{k} = vjp{k}({_arguments(op, op.vjps[k], names)})")
    lines.append(" shapes = node.shapes")
    for k in asked:
        lines += _fitted(k, alike=op.elementwise)
    lines.append(f" return ({', '.join(f'r{k}' if k in asked else 'None' for k in range(len(op.inputs)))},)")
    exec(compile("\n".join(lines), f"{__file__}:pull", "exec"), names)  # the name keeps the frame out of the tracebacks of scripts
    made: Pull = names["pull"]
    return made


def _fitted(k: int, alike: bool) -> list[str]:
    """Gradient k in the shape and dtype of its input (as `firing.fitted`); `alike`: it has the output's where `shapes` is None."""
    known = [" if shapes is not None and rK is not None:", "  shape, dtype = shapes[K]"]
    if not alike:
        known = [" if rK is not None:", "  shape, dtype = (node.shape, node.dtype) if shapes is None else shapes[K]"]
    lines = [
        " if type(rK) is not array and rK is not None: rK = as_array(rK)",
        *known,
        "  if rK.shape != shape: rK = unbroadcast(rK, shape)",
        "  if rK.dtype is not dtype and dtype is not None: rK = cast(rK, dtype)",
    ]
    return [line.replace("K", str(k)) for line in lines]


def _arguments(op: Op, vjp: Any, names: dict[str, Any]) -> str:
    return ", ".join(["g", *(_argument(op, name, names) for name in parameters(vjp)[1:])])


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
    names[f"default_{name}"] = op.default(name)
    return f"node.params.get({name!r}, default_{name})"


__all__ = ["Pull", "pull"]

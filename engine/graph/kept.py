"""`grad_fn._saved_NAME` and `grad_fn._raw_saved_NAME`: what a node keeps, by the names that PyTorch has for it.

`pytorch_saved.json` (made by tools/pytorch_saved.py) says the names: of a kind of node the tensors that may have an edge, and all
that it keeps. A tensor that a vjp here does without is None.
"""

from __future__ import annotations

import json
import re
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import errors
from .saved import SavedTensor, unpack

if TYPE_CHECKING:
    from ..op import Op
    from .node import Node

_OF_A_TENSOR = re.compile(r"(.+?)_(?:sym_)?(sizes|strides|numel|argsize_\d+)(?:_opt)?")
_LETTERS = string.ascii_letters + string.digits + "_"
# what PyTorch calls the outputs that a node keeps; a second one mostly has no name of its own
_SECOND = ("indices", "exponent", "mask")
_OUTPUTS = {
    "LinalgSvdBackward0": ("U", "S", "Vh"), "LinalgQrBackward0": ("Q", "R"), "LinalgEighBackward0": ("eigenvalues", "eigenvectors"),
    "ScaledDotProductFlashAttentionForCpuBackward0": ("output",),
    "LinalgEigBackward0": ("eigenvalues", "eigenvectors"), "LinalgLuBackward0": ("P", "L", "U"), "LinalgLuFactorExBackward0": ("LU", "pivots"),
}  # fmt: skip
_RESULTS = ("result", "result1", "result2")
_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}
_SIGNED = frozenset(("padding_idx", "ignore_index"))  # all other whole numbers come out of PyTorch without a sign


# PyTorch's names of what the rows call otherwise
_CALLED = {
    "index": "idx", "indices": "places", "negative_slope": "slope", "min_val": "low", "max_val": "high", "min": "low", "max": "high",
    "kernel_size": "kernel", "ceil_mode": "ceil", "count_include_pad": "include", "divisor_override": "divisor", "p": "ord",
    "dimension": "dim", "padding": "pad", "pos_weight": "pos", "beta": "k", "delta": "k",
}  # fmt: skip


class Kept(NamedTuple):
    """What nodes of one kind keep: the tensors that may have an edge, and all names, each with its kind: "*" a tensor, "[]" a list."""

    tensors: tuple[str, ...]
    names: dict[str, str]


@cache
def _table() -> dict[str, str]:
    read: dict[str, str] = json.loads(Path(__file__).with_name("pytorch_saved.json").read_text(encoding="utf-8"))
    return read


@cache
def _of_pytorch(grad_fn: str) -> Kept | None:
    told = _table().get(grad_fn)
    if told is None:
        return None
    tensors, _, names = told.partition("|")
    return Kept(tuple(tensors.split()), {name.rstrip("*[]"): name.lstrip(_LETTERS) for name in names.split()})


def kept(op: Op) -> Kept:
    """What nodes of a row keep; of one that PyTorch does not have, what its vjps read."""
    found = _of_pytorch(op.grad_fn)
    if found is None:
        tensors = (*("self", "other")[: len(op.inputs)], *op.inputs[2:])
        shown = dict(zip(op.inputs, tensors, strict=False))
        found = Kept(tensors, {shown.get(name, name): "*" for name in op.saved_names})
    return found


def pytorch_names(op: Op) -> dict[str, str]:
    """What PyTorch calls the inputs of a row: they stand in the same order."""
    shown = op.shown or range(len(op.inputs))
    return dict(zip((op.inputs[k] for k in shown), kept(op).tensors, strict=False))


def _own_name(op: Op, name: str) -> str:
    """What a row calls what PyTorch calls so."""
    own = {called: own for own, called in pytorch_names(op).items()}
    outputs = _OUTPUTS.get(op.grad_fn, ())
    if name in outputs:
        return _RESULTS[outputs.index(name)]
    if name in _SECOND and "result1" in op.saved_names:
        return "result1"
    return own.get(name, "result" if name == "result0" else name)


def value(node: Node, name: str) -> Any:
    """`grad_fn._saved_NAME`; PyTorch's error when it was freed."""
    op = node.op
    own = _own_name(op, name)
    if kept(op).names.get(name) == "*" and node.saved is None:
        raise RuntimeError(errors.BACKWARD_TWICE)
    if own in op.saved_names and node.saved is not None:
        return unpack(node, True)[op.saved_names.index(own)]
    measured = _OF_A_TENSOR.fullmatch(name)
    if measured is not None and measured[1] in kept(op).tensors:
        return _measured(node, _own_name(op, measured[1]), measured[2])
    if own in op.inputs and not op.variadic:
        return _where_it_comes_from(node, op.inputs.index(own))
    for called in (own, _CALLED.get(name, own)):
        found = node.params.get(called, op.default(called))
        if found is not None:
            return _shown(name, (found,) if kept(op).names.get(name) == "[]" and isinstance(found, int) else found)
    return 1 if name in {"alpha", "beta"} else None


def _where_it_comes_from(node: Node, place: int) -> Any:
    """An input that the vjps here do without and PyTorch keeps: a leaf is at hand, and what its own node keeps."""
    maker = node.edges[place] if place < len(node.edges) else None
    leaf = getattr(maker, "variable", None)
    if leaf is not None or maker is None:
        return leaf
    first = node.edge_nrs is None or node.edge_nrs[place] == 0
    return value(maker, "result") if first and hasattr(maker, "_saved_result") and maker.saved is not None else None


def _measured(node: Node, own: str, what: str) -> Any:
    """The sizes of an input, its strides, its number of elements, or one of its sizes."""
    from ..op import node_shape

    op = node.op
    if op.variadic or own not in op.inputs:
        return None
    shape = node_shape(node, op.inputs.index(own))
    if what == "sizes" or shape is None:
        return shape
    if what == "numel":
        return int(np.prod(shape, dtype=np.int64))
    if what == "strides":
        return tuple(int(np.prod(shape[k + 1 :], dtype=np.int64)) for k in range(len(shape)))
    return shape[int(what.rpartition("_")[2])]


def _shown(name: str, found: Any) -> Any:
    """A parameter as PyTorch shows it."""
    if isinstance(found, np.ndarray):
        from ..creation.factories import leaf

        return leaf(found)
    if name == "reduction":
        return _REDUCTIONS.get(found, found)
    if isinstance(found, int) and found < 0 and name not in _SIGNED:
        return found + 2**64
    if isinstance(found, (tuple, list)):
        return tuple(_shown(name, each) for each in found)
    return found


def handle(node: Node, name: str) -> SavedTensor:
    """`grad_fn._raw_saved_NAME`: the handle of what is kept, for hooks."""
    return SavedTensor(node, node.op.saved_names.index(_own_name(node.op, name)))


@cache
def _property(name: str) -> property:
    # no Node.__getattr__: with that Python looks up every attribute of a node the slow way (benchmark row `engine/W4`)
    return property(lambda node: value(node, name))


@cache
def _raw_property(name: str) -> property:
    return property(lambda node: handle(node, name))


def members(op: Op) -> dict[str, property]:
    """The attributes of a row's class of nodes."""
    names = kept(op).names
    raw = [name for name, kind in names.items() if kind == "*" and _own_name(op, name) in op.saved_names]
    return {**{f"_saved_{n}": _property(n) for n in names}, **{f"_raw_saved_{n}": _raw_property(n) for n in raw}}


__all__ = ["members", "pytorch_names"]

"""What is asked of a graph: torch.autograd.backward and torch.autograd.grad."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import modes
from .. import op as rows
from .backward import Pass, run
from .cotangents import as_tensor
from .node import AccumulateGrad, Node, accumulator, passed_by
from .roots import make_roots, must_be_tensors, one, paired

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_nothing = (None,)
_CREATES_CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which can cause a memory "
    "leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use this function, make sure to reset the "
    ".grad fields of your parameters to None after use to break the cycle and avoid the leak. (Triggered internally at "
    "/__w/pytorch/pytorch/torch/csrc/autograd/engine.cpp:1307.)"
)


def backward(
    tensors: Any, grad_tensors: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """torch.autograd.backward: the gradients of `tensors` are added to the `.grad` of the leaves.

    Raises:
        RuntimeError: with PyTorch's texts; see https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
    """
    if create_graph:
        modes.warn_once(_CREATES_CYCLE)
    if grad_tensors is None and inputs is None and isinstance(tensors, rows._Tensor):
        data = tensors._data
        if not data.ndim and data.dtype.kind == "f" and tensors._requires_grad and not create_graph:
            roots = [(tensors, one(data))]
        else:
            roots = make_roots((tensors,), _nothing, create_graph)
        run(Pass(roots, create_graph if retain_graph is None else retain_graph, create_graph))
        return
    wanted = None if inputs is None else _listed(inputs, "backward")
    outs = (tensors,) if hasattr(tensors, "_node") else tuple(tensors)
    if grad_tensors is None:
        given: tuple[Any, ...] = (None,) * len(outs)
    else:
        given = (grad_tensors,) if hasattr(grad_tensors, "_node") else tuple(grad_tensors)
    roots = paired(outs, given, create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    targets: set[Node] | None = None
    if wanted is not None:
        must_be_tensors(wanted)
        for t in wanted:
            t.retain_grad()
        targets = {accumulator(t) if t._node is None else t._node for t in wanted}
    run(Pass(roots, retain, create_graph, targets=targets))


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """torch.autograd.grad: the gradients of `outputs` with respect to `inputs`, `.grad` left alone; of a dict of inputs a dict."""
    if isinstance(inputs, Mapping):
        wanted = _listed(inputs, "grad")
        found = grad(
            outputs, wanted, grad_outputs, retain_graph, create_graph, only_inputs, allow_unused, is_grads_batched, materialize_grads
        )
        return dict(zip(inputs, found, strict=True))
    if not only_inputs:
        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True)", FutureWarning, stacklevel=2)
    outs = (outputs,) if hasattr(outputs, "_node") else tuple(outputs)
    wanted = _listed(inputs, "grad")
    if grad_outputs is None:
        given: tuple[Any, ...] = (None,) * len(outs)
    else:
        given = (grad_outputs,) if hasattr(grad_outputs, "_node") else tuple(grad_outputs)
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    if allow_unused is None:
        allow_unused = materialize_grads
    retain = (create_graph if retain_graph is None else retain_graph) or modes.retains
    if is_grads_batched:
        if any(g is None for g in given):
            paired(outs, given, create_graph)  # refuses what is no scalar
            raise ValueError(
                "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of dimensionality 0 so "
                "expected in_dim to satisfy 0 <= in_dim < 0."
            )
        each = [grad(outs, wanted, tuple(g[i] for g in given), True, create_graph, allow_unused=allow_unused) for i in range(len(given[0]))]
        from ..ops.views.join import stack

        return tuple(stack([row[k] for row in each]) for k in range(len(wanted)))
    roots = paired(outs, given, create_graph)
    must_be_tensors(wanted)
    captures: dict[tuple[Node, int], int] = {}
    slots = []
    for t in wanted:
        if isinstance(t, tuple):  # a GradientEdge
            key = (t[0], t[1])
        elif not t._requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        else:
            reached = accumulator(t) if t._node is None else t._node
            key = (AccumulateGrad() if t._node is None and passed_by(t) else reached, t._output_nr)  # nothing leads to what is passed by
        slots.append(captures.setdefault(key, len(captures)))
    this = Pass(roots, retain, create_graph, captures)
    run(this)
    results = []
    for k, slot in enumerate(slots):
        g = this.captured.get(slot)
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {k} appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior."
            )
        if g is None and materialize_grads:
            g = np.zeros_like(wanted[k]._data)
        results.append(None if g is None else as_tensor(_apart(g) if type(g) is _ndarray else g))
    return tuple(results)


def _listed(inputs: Any, caller: str) -> tuple[Any, ...]:
    """The `inputs` of a call: one, several, or those of a dict."""
    if hasattr(inputs, "_node") or hasattr(inputs, "output_nr"):
        return (inputs,)
    if isinstance(inputs, Mapping):
        if type(inputs) is not dict:
            kind = type(inputs).__name__
            raise TypeError(f"`inputs` argument to `{caller}()` must be a dict, not {kind}. Other Mapping types are not supported.")
        inputs = inputs.values()
    wanted = tuple(inputs)
    if not wanted:
        raise RuntimeError(f"`inputs` argument to `{caller}()` cannot be empty.")
    return wanted


def _apart(g: Array) -> Array:
    """A cotangent in memory of its own; an expanded one stays so."""
    if 0 not in g.strides or g.size < 2:
        return g.copy()
    core = g[tuple(slice(0, 1) if step == 0 else slice(None) for step in g.strides)].copy()
    return np.broadcast_to(core, g.shape)


__all__ = ["backward", "grad"]

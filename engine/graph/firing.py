"""What happens at one node of a backward pass: its vjps are applied, or a leaf's `.grad` grows."""

from __future__ import annotations

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from .. import errors, events, modes
from .. import op as rows
from ..memory.places import loosened, overlap
from .cotangents import added, as_tensor, cast, cotangent_of, data_of, sum_to, wrapped
from .node import AccumulateGrad, Node
from .node_hooks import after_accumulate
from .owned import BASE_HELD, HELD
from .pulls import pull
from .saved import check_tracked, unpack
from .scattered import Scattered
from .steps import LINKED, linked

_ndarray = np.ndarray
_new = object.__new__


def fire(node: Node, cotangent: Any, create: bool) -> Sequence[Any]:
    """Apply a node's vjps to its cotangent: the gradients of its inputs, un-broadcast.

    Hot path: once a node of each backward pass (benchmark rows `engine/W1`, `engine/W4`).
    """
    op = node.op
    if not create:
        edges = node.edges
        mask = 1 if len(edges) == 1 else _mask(edges)
        try:
            quick = op.pulls[mask]
        except KeyError:
            quick = op.pulls[mask] = pull(op, mask)
        if quick is not None:
            grads: Sequence[Any] = quick(node, cotangent)
            return grads if events.watcher is None else _told(node, cotangent, grads)
    return _told(node, cotangent, gradients(node, cotangent, create))


def gradients(node: Node, cotangent: Any, create: bool) -> Sequence[Any]:
    """What `fire` gives for rows without a quick way and with create_graph; nobody is told."""
    op = node.op
    if op.tracks:
        check_tracked(node)
    keeps = op.saved_names or op.saves_all or node.saved is None  # a custom Function looks at what it saved by itself
    vals: Sequence[Any] = unpack(node, create) if keeps and (node.saved is None or node.saved) else ()
    grads = fitted(node, apply_vjps(node, cotangent, vals), create)
    if create and op.grad_fn in LINKED:
        grads = [None if g is None else linked(op, g, vals[k]) if k < len(vals) else g for k, g in enumerate(grads)]
    return grads


def quick_of(node: Node) -> Any:
    """The pull of a node's row (`pulls`), for its edges; None where only the general way is there."""
    op, mask = node.op, _mask(node.edges)
    try:
        return op.pulls[mask]
    except KeyError:
        quick = op.pulls[mask] = pull(op, mask)
        return quick


def _mask(edges: Sequence[Any]) -> int:
    """Which inputs require grad, as bits."""
    mask, bit = 0, 1
    for edge in edges:
        if edge is not None:
            mask += bit
        bit += bit
    return mask


def _told(node: Node, cotangent: Any, grads: Sequence[Any]) -> Sequence[Any]:
    """Tell the watcher that the node fired."""
    watcher = events.watcher
    if watcher is None:
        return grads
    given = cotangent if type(cotangent) is list else (cotangent,)
    if modes.grad or node.op.scatters:  # create_graph: they are tensors
        watcher.vjp(node, [None if c is None else data_of(c) for c in given], [None if g is None else data_of(g) for g in grads])
    else:
        watcher.vjp(node, given, grads)
    return grads


def apply_vjps(node: Node, cotangent: Any, vals: Sequence[Any]) -> list[Any]:
    """What the vjps of any row give for the saved `vals`; `pulls` has the quick way of nearly all."""
    op = node.op
    if op.joint_caller is not None:
        return list(op.joint_caller(cotangent, vals, node))
    raw: list[Any] = []
    for edge, plan in zip(node.edges, op.plans):  # noqa: B905 - a variadic row has one plan for all
        if edge is None or plan is None:
            raw.append(None)
            continue
        vjp, count, i, j = plan
        if count == 1:
            raw.append(vjp(cotangent, vals[i]))
        elif count == 0:
            raw.append(vjp(cotangent))
        elif count == 2:
            raw.append(vjp(cotangent, vals[i], vals[j]))
        else:
            raw.append(vjp(cotangent, vals, node))
    return raw


def fitted(node: Node, raw: list[Any], create: bool) -> list[Any]:
    """Gradients in the shapes and dtypes of the inputs: un-broadcast, and cast where the op promoted."""
    shapes = node.shapes
    if shapes is None and node.op.elementwise and not create:
        return [None if g is None else g if type(g) is _ndarray else np.asarray(g) for g in raw]
    edges = node.edges
    k = -1
    for g in raw:
        k += 1
        if g is None or edges[k] is None:
            continue
        if type(g) is not _ndarray and type(g) is not Scattered and not create:
            g = raw[k] = np.asarray(g)
        shape, dtype = (node.shape, node.dtype) if shapes is None else shapes[k]
        if create and not hasattr(g, "_node"):
            g = raw[k] = wrapped(g)
        data = g._data if create else g
        if data.shape != shape:
            g = raw[k] = sum_to(g, shape) if create else rows.UNBROADCAST[0].forward(g, shape)
            data = g._data if create else g
        if data.dtype is not dtype and dtype is not None:
            raw[k] = cast(g, dtype)
    return raw


def accumulate(node: AccumulateGrad, cotangent: Any, create: bool) -> None:
    """Add to the `.grad` of a leaf: the first gradient is taken over, later ones are added in place."""
    leaf = node._variable()
    if leaf is None or not leaf._requires_grad:
        return
    before = leaf._grad
    watcher = events.watcher
    increment = cotangent if type(cotangent) is _ndarray else cotangent._data
    if type(cotangent) is Scattered or (before is not None and before._places is not None and not create):
        leaf._grad = as_tensor(cotangent if before is None else added(cotangent, cotangent_of(before)))
    elif create:
        leaf._grad = rows.COPY(cotangent) if before is None else before + cotangent
    elif before is None:
        base = increment.base
        # a view of the whole of what nobody else has is as good
        alone = base is None or (
            type(base) is _ndarray and base.base is None and base.size == increment.size and getrefcount(base) <= BASE_HELD
        )
        alone = alone and getrefcount(increment) <= HELD and increment.flags.carray  # in rows, and may be written to
        leaf._grad = grad = _new(rows._Tensor)
        grad._data = increment if alone else increment.copy()
    else:
        if watcher is not None:
            watcher.before_write(before)
        into = before._data
        try:
            np.add(into, increment, out=into)
        except TypeError:  # words
            into[...] = added(into, increment)
        except ValueError:  # an expanded gradient, or what a hook gave
            if overlap(into.shape, into.strides):
                raise errors.written_twice() from None
            into = loosened(into)
            into[...] = added(into, increment)
        before._storage.version += 1
    if watcher is not None:
        watcher.accumulate(node, leaf, before is None, increment, leaf._grad._data)  # type: ignore[union-attr]
    hooks = leaf._post_accumulate_hooks
    if hooks:
        for hook in tuple(hooks.values()):
            answer = hook(leaf)
            if answer is not None:
                after_accumulate(hook, answer, leaf)
            if watcher is not None:
                watcher.hook(leaf, "post_accumulate_grad", None, None)

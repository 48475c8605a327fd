"""Hooks around a node of a backward pass: tensor hooks, prehooks and retain_grad before it fires, post hooks after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import errors, events
from .. import op as rows
from ..errors import class_name
from ..memory.places import loosened
from .cotangents import as_tensor, data_of, handed_back, wrapped
from .node import Node

_ndarray = np.ndarray


def before_fire(node: Node, cotangent: Any, create: bool) -> Any:
    """Tensor hooks, prehooks and retain_grad: they see the complete cotangent of an output."""
    attached = node.attached
    assert attached is not None
    row = cotangent if type(cotangent) is list else [cotangent]
    for nr, c in enumerate(row):
        if type(c) is _ndarray and not c.flags.writeable:
            row[nr] = loosened(c, own=True)  # the first cotangent is shared, and what is expanded from it
    watcher = events.watcher
    for nr, hooks in attached.tensor_hooks.items():
        for hook in tuple(hooks.values()):
            if row[nr] is None:
                continue
            before = data_of(row[nr])
            answer = hook(as_tensor(row[nr]))
            if answer is not None:
                row[nr] = _checked(hook, answer, node.out_meta[nr], create)
            if watcher is not None:
                watcher.hook(node, "tensor", before, data_of(row[nr]))
    for nr, held in attached.retains.items():
        tensor = held()
        if tensor is not None and tensor._node is node and row[nr] is not None:  # what was written to is another node's by now
            have: Any = tensor._grad
            mine = row[nr].clone() if create else wrapped(data_of(row[nr]).copy())
            tensor._grad = mine if have is None else have + mine
            if watcher is not None:
                watcher.hook(tensor, "retain_grad", None if have is None else have._data, tensor._grad._data)
    for hook in tuple(attached.pre_hooks.values()):
        given = tuple(None if c is None else as_tensor(c) for c in row)
        answer = hook(given)
        if answer is not None:
            row = _all_checked(hook, answer, given, create)
    if all(c is None for c in row):
        return None
    return row if type(cotangent) is list else row[0]


def _name(hook: Any) -> str:
    return getattr(hook, "__name__", "<unknown>")


def _all_checked(hook: Any, answer: Any, given: tuple[Any, ...], create: bool) -> list[Any]:
    """What a hook of a node returned in place of what it was `given`, with PyTorch's checks."""
    if not isinstance(answer, tuple):
        raise TypeError(f"expected tuple, but hook returned '{class_name(answer)}'")
    if len(answer) != len(given):
        raise RuntimeError(
            f"hook '{_name(hook)}' has returned an incorrect number of values (got {len(answer)}, but expected {len(given)})"
        )
    row: list[Any] = []
    for value, before in zip(answer, given, strict=True):
        if value is None:
            row.append(None)
            continue
        if before is None:
            raise RuntimeError("can't replace a None gradient with a non-None value")
        row.append(_checked(hook, value, (before._data.shape, before._data.dtype), create))
    return row


def after_accumulate(hook: Any, answer: Any, leaf: Any) -> None:
    """Raise where a hook that runs after `.grad` was written returned something."""
    if answer is not None:
        _checked(hook, answer, (leaf._data.shape, leaf._data.dtype), False)
        raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def _checked(hook: Any, answer: Any, meta: Any, create: bool) -> Any:
    """What a hook returned, with PyTorch's checks."""
    name = _name(hook)
    if not isinstance(answer, rows._Tensor):
        raise TypeError(f"expected Variable, but hook returned '{class_name(answer)}'")
    data = answer._data
    if data.dtype is not meta[1]:
        was, got = (errors.type_name(np.empty(0, d)) for d in (meta[1], data.dtype))
        raise RuntimeError(f"hook '{name}' has changed the type of value (was {was} got {got})")
    if data.shape != meta[0]:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    return handed_back(answer, create)


def after_fire(node: Node, grads: Sequence[Any], cotangent: Any, create: bool) -> Sequence[Any]:
    row = cotangent if type(cotangent) is list else [cotangent]
    inputs = tuple(None if g is None else as_tensor(g) for g in grads)
    for hook in tuple(node.attach().post_hooks.values()):
        answer = hook(inputs, tuple(None if c is None else as_tensor(c) for c in row))
        if answer is not None:
            _all_checked(hook, answer, inputs, create)
            inputs = answer
    return [None if g is None else handed_back(g, create) for g in inputs]

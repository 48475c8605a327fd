"""The commonest calls without the general loops: an op of one or two float tensors.

`op.apply` says what an op call means. Here stands the same for the cases that make up nearly all calls of a
script, as one function made for each row, so that a call looks nothing up; what is unusual goes to `apply`.

Hot path: each `+ - * /` and each function of one tensor (benchmark rows `engine/W1`, `engine/W2`, `engine/W4`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import errors, events, modes
from .. import op as rows
from ..graph.node import accumulator, next_number, tell_saves
from ..graph.saved import NOT_SAVED, Constant, SavedResult
from ..memory.storage import Storage
from ..op import Op, apply, constant
from ..tensor import Tensor

_ndarray = np.ndarray
_F32, _F64 = np.dtype(np.float32), np.dtype(np.float64)
_new = object.__new__
_empty: dict[str, Any] = {}
_numbers32: dict[Any, Any] = {}  # Python number -> the (array, saved pair) that stands for it
_numbers64: dict[Any, Any] = {}

Saver = Callable[[Any, Any, Any], tuple[Any, ...]]


def _number(value: Any, dtype: Any, known: dict[Any, Any]) -> Any:
    array = constant(value, dtype)
    pair = (array, (Constant(array), 0))
    if value and len(known) < 4096:  # not zero: 0.0 == -0.0
        known[value] = pair
    return pair


def _own_code(method: Any) -> None:
    """Let the method of each row be compiled for itself: Python learns at each place of a code which class comes there, for one only."""
    method.__code__ = method.__code__.replace()


def saver(op: Op, mask: int, number: bool = False) -> Saver | None:
    """What a node of the row keeps where the inputs in `mask` require grad, as a function of x, y and the new result.

    With `number` y is the (Constant, 0) pair itself.
    """
    if not op.saves:
        return None
    lines, parts = [], []
    for i, wanted in zip(op.saves, op.wants.get(mask) or op._wants(mask), strict=True):
        if not wanted:
            parts.append("nothing")
        elif i < 0:
            lines = [
                "storage = r._storage = Storage()",
                "kept = new(SavedResult)",
                "kept._data, kept._storage, kept._output_nr = r._data, storage, 0",
            ]
            parts.append("(kept, 0)")
        elif i == 1 and number:
            parts.append("y")
        else:
            name = "xy"[i]
            parts.append(f"({name}, {name}._storage.version)")
    names: dict[str, Any] = {"SavedResult": SavedResult, "Storage": Storage, "new": _new, "nothing": NOT_SAVED}
    text = "\n ".join(["def save(x, y, r):", *lines, f"return ({', '.join(parts)},)"])
    exec(compile(text, f"{__file__}:save", "exec"), names)
    made: Saver = names["save"]
    return made


def binary(op: Op, numbers: tuple[type, ...], forward: Callable[..., Any] | None = None) -> Callable[[Any, Any], Any]:
    """The method of `x OP y` for a tensor or a number y.

    Args:
        op: an elementwise row of two inputs.
        numbers: the types of numbers that are taken besides tensors.
        forward: what the row's forward comes to without params.
    """
    compute = op.forward if forward is None else forward
    node_class = op.node_class
    tracks = bool(op.vjps)
    with_number, only_x, only_y, both = saver(op, 1, True), saver(op, 1), saver(op, 2), saver(op, 3)

    def method(self: Tensor, other: Any) -> Any:
        a = self._data
        dtype = a.dtype
        kind = type(other)
        if events.intervention is not None or modes.inference:
            return _general(op, numbers, self, other)
        if kind is float or kind is int:
            if dtype is _F32:
                pair = _numbers32.get(other) or _number(other, dtype, _numbers32)
            elif dtype is _F64:
                pair = _numbers64.get(other) or _number(other, dtype, _numbers64)
            else:
                return _general(op, numbers, self, other)
            out = compute(a, pair[0])
            if type(out) is not _ndarray:
                out = np.asarray(out)
            result = _new(Tensor)
            result._data = out
            if events.watcher is not None and not events.terse:
                result._storage = Storage()  # a watcher asks for it: this is quicker than on demand
            if self._requires_grad and tracks and modes.grad:
                node = node_class()
                node.edge_nrs = node.shapes = node.outs = node.attached = node._mark = None
                node.edges = (self._node or self._accumulator or accumulator(self), None)
                node.shape = out.shape
                node.dtype = dtype
                node.sequence_nr = next_number()
                node.params = _empty
                if self._output_nr:
                    node.edge_nrs = (self._output_nr, 0)
                node.saved = () if with_number is None else with_number(self, pair[1], result)
                result._node = node
                result._requires_grad = True
                result._output_nr = 0  # as on the class, where Python looks last
        elif isinstance(other, Tensor) and (dtype is _F32 or dtype is _F64):
            b = other._data
            if b.dtype is not dtype:
                return _general(op, numbers, self, other)
            try:
                out = compute(a, b)
            except ValueError as problem:
                raise rows._explained(op, (a, b), problem) from None
            if type(out) is not _ndarray:
                out = np.asarray(out)
            result = _new(Tensor)
            result._data = out
            if events.watcher is not None and not events.terse:
                result._storage = Storage()  # a watcher asks for it: this is quicker than on demand
            if tracks and modes.grad and (self._requires_grad or other._requires_grad):
                node = node_class()
                node.edge_nrs = node.shapes = node.outs = node.attached = node._mark = None
                shape = node.shape = out.shape
                node.dtype = dtype
                if self._requires_grad:
                    edge = self._node or self._accumulator or accumulator(self)
                    if other._requires_grad:
                        node.edges = (edge, other._node or other._accumulator or accumulator(other))
                        save = both
                    else:
                        node.edges = (edge, None)
                        save = only_x
                else:
                    node.edges = (None, other._node or other._accumulator or accumulator(other))
                    save = only_y
                node.sequence_nr = next_number()
                node.params = _empty
                if self._output_nr or other._output_nr:
                    node.edge_nrs = tuple(x._output_nr if x._requires_grad else 0 for x in (self, other))
                if a.shape != shape or b.shape != shape:
                    node.shapes = ((a.shape, dtype), (b.shape, dtype))
                if save is None:
                    node.saved = ()
                else:
                    if self._inference or other._inference:
                        raise errors.inference_saved()
                    node.saved = save(self, other, result)
                result._node = node
                result._requires_grad = True
                result._output_nr = 0
        else:
            return _general(op, numbers, self, other)
        watcher = events.watcher
        if watcher is not None:
            watcher.op(op, (self, other), _empty, (result,))
            if not events.terse:
                tell_saves(result._node, result)
        return result

    _own_code(method)
    method.asks = True  # type: ignore[attr-defined]  # of what it does not take it says NotImplemented
    return method


def _general(op: Op, numbers: tuple[type, ...], x: Tensor, y: Any) -> Any:
    if isinstance(y, (Tensor, *numbers)):
        # a number of numpy would make its own dtype of what it meets in the backward
        return apply(op, (x, y.item() if isinstance(y, np.generic) else y))
    if op.name == "eq" and isinstance(y, np.ndarray) and y.dtype.kind in "biufc":  # the one operator that takes an array by itself
        return apply(op, (x, Tensor._of(y)))
    return NotImplemented


def unary(op: Op, public: str = "") -> Callable[..., Any]:
    """The method of an op with one tensor, and of its params as a dict; for floats.

    Where it has a `public` name, a tensor is all that it takes, and the call says so in PyTorch's words; not of the names
    that are called most, which Python calls 50 ns quicker with nothing but their parameters (benchmark row `engine/W4`).
    """
    compute = op.forward
    node_class = op.node_class
    tracks = op.differentiable
    save = saver(op, 1)
    view = op.view

    def method(self: Tensor, params: dict[str, Any] = _empty) -> Any:
        if params is not _empty and public:
            raise _takes_none(public, (self, params), {})
        try:
            a = self._data
        except AttributeError:
            if not public:
                raise
            raise _no_owner(public, self) from None
        dtype = a.dtype
        if (dtype is not _F32 and dtype is not _F64) or events.intervention is not None or modes.inference:
            return apply(op, (self,), params)
        out = compute(a) if params is _empty else compute(a, **params)
        if type(out) is not _ndarray:
            out = np.asarray(out)
        result = _new(Tensor)
        result._data = out
        if view:
            rows._share(result, self)
        elif events.watcher is not None and not events.terse:
            result._storage = Storage()
        if self._requires_grad and tracks and modes.grad and (out.dtype is dtype or out.dtype.kind == "f"):
            node = node_class()
            node.edge_nrs = node.shapes = node.outs = node.attached = node._mark = None
            node.edges = (self._node or self._accumulator or accumulator(self),)
            shape = node.shape = out.shape
            node.dtype = out.dtype
            node.sequence_nr = next_number()
            if self._output_nr:
                node.edge_nrs = (self._output_nr,)
            if a.shape != shape or out.dtype is not dtype:
                node.shapes = ((a.shape, dtype),)
            node.params = params
            if save is None:
                node.saved = ()
            else:
                if self._inference:
                    raise errors.inference_saved()
                node.saved = save(self, None, result)
            result._node = node
            result._requires_grad = True
            result._output_nr = 0
        watcher = events.watcher
        if watcher is not None:
            if view:
                watcher.view(op, (self,), params, (result,))
            else:
                watcher.op(op, (self,), params, (result,))
            if not events.terse:
                tell_saves(result._node, result)
        return result

    _own_code(method)
    method.asks = True  # type: ignore[attr-defined]  # what is no tensor has no such method
    made = apply_to(op) if op.variadic or len(op.inputs) != 1 or op.saves_all else method
    return made if public in _PLAIN else _alone(made, public)


_PLAIN = frozenset(("", "tanh", "exp", "log", "sin", "cos", "sqrt", "abs", "neg", "square", "sigmoid", "relu"))


def _alone(function: Callable[..., Any], public: str) -> Callable[..., Any]:
    def method(self: Tensor, *more: Any, **named: Any) -> Any:
        if more or named:
            raise _takes_none(public, (self, *more), named)
        return function(self)

    method.asks = True  # type: ignore[attr-defined]
    return method


def _no_owner(name: str, given: Any) -> TypeError:
    from .signatures import no_owner

    return no_owner(name, (given,))


def _takes_none(name: str, given: tuple[Any, ...], named: dict[str, Any]) -> TypeError:
    from .signatures import refusal

    return refusal("method", name, given, named) or TypeError(f"TensorBase.{name}() takes no arguments ({len(given) - 1} given)")


def apply_to(op: Op) -> Callable[..., Any]:
    """`apply` as a function of the one input, and of params."""
    return lambda x, params=_empty: apply(op, (x,), params)


def workings(x: Any) -> dict[str, Any]:
    """The param of a row whose forward may leave there what its vjp would compute again; {} where nobody will take it.

    Where somebody watches or intervenes, everything goes the plain way; a plan that follows both makes no call twice anyway.
    """
    plain = events.watcher is not None or events.intervention is not None
    return {} if plain or not (x._requires_grad and modes.grad) else {"workings": []}


__all__ = ["binary", "unary", "workings"]

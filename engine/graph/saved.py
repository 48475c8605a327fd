"""What a node keeps for its vjps: tensors at a version, its own outputs, numbers, and what went through pack hooks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors, modes
from ..memory.storage import Storage

if TYPE_CHECKING:
    from ..tensor import Tensor
    from .node import Node

Array = np.ndarray[Any, Any]
_Tensor: Any = None


def makes(cls: type) -> None:
    """Tell this module the Tensor class."""
    global _Tensor
    _Tensor = cls


class SavedResult:
    """An output that its own node keeps; the output itself would close a reference cycle."""

    __slots__ = ("_data", "_output_nr", "_storage")

    def __init__(self, data: Array, storage: Storage, output_nr: int = 0) -> None:
        self._data = data
        self._storage = storage
        self._output_nr = output_nr

    def tensor(self, node: Node) -> Tensor:
        """The output again, with `node` as its grad_fn."""
        made: Tensor = _Tensor._of(self._data)
        made._storage = self._storage
        if self._data.dtype.kind in "fcV":  # not the indices of sorted values
            made._node = node
            made._output_nr = self._output_nr
            made._requires_grad = True
        return made


class Packed:
    """A saved tensor that went through pack hooks (torch.autograd.graph.saved_tensors_hooks); its version is not tracked."""

    __slots__ = ("_kept", "_node", "_output_nr", "_packed", "_pair", "_result", "_unpack")
    _storage = Storage()

    def __init__(self, value: Any, hooks: tuple[Callable[[Any], Any], Callable[[Any], Any]]) -> None:
        self._result = type(value) is SavedResult
        given: Tensor = value
        if self._result:
            given = _Tensor._of(value._data)
            given._storage = value._storage
        self._output_nr = value._output_nr
        self._node = None if self._result else value._node
        # a leaf's gradient goes to the leaf, whatever the hooks make of its numbers
        self._kept = value._accumulator if not self._result and value._requires_grad and value._node is None else None
        pack, self._unpack = hooks
        mode, modes.grad = modes.grad, False
        version = given._storage.version
        try:
            self._packed = pack(given)
        finally:
            modes.grad = mode
        if given._storage.version != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by "
                "in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place "
                "operations on the input to a pack hook."
            )

    @property
    def _data(self) -> Array:
        mode, modes.grad = modes.grad, False
        try:
            made = self._unpack(self._packed)
        finally:
            modes.grad = mode
        if not isinstance(made, _Tensor):
            raise TypeError(f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {errors.class_name(made)}")
        data: Array = made._data
        return data

    def tensor(self, node: Node) -> Tensor:
        """The value with its place in the graph."""
        made: Tensor = _Tensor._of(self._data)
        made._node = node if self._result else self._node
        made._output_nr = self._output_nr
        made._accumulator = self._kept
        made._requires_grad = made._node is not None or self._kept is not None
        return made


class SavedTensor:
    """`grad_fn._raw_saved_self` and the like: a handle on what a node keeps."""

    __module__ = "torch._C._autograd"

    def __init__(self, node: Node, place: int) -> None:
        self._node = node
        self._place = place

    def register_hooks(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        """Pack what is kept with `pack_hook`; the node unpacks it when it fires."""
        saved = self._node.saved
        if saved is None:
            raise RuntimeError(
                "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph are freed when "
                "you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second "
                "time or if you need to access saved variables after calling backward."
            )
        value, _ = saved[self._place]
        if type(value) is Packed:
            raise RuntimeError(
                "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed at "
                "a time."
            )
        if value is None or type(value) is Constant:
            raise RuntimeError("Calling register_hooks on a saved tensor with value None is forbidden")
        packed = (Packed(value, (pack_hook, unpack_hook)), 0)
        self._node.saved = (*saved[: self._place], packed, *saved[self._place + 1 :])


def keep(value: Any, version: int) -> tuple[Any, int]:
    """A tensor (or SavedResult) as a node keeps it: through the pack hooks, where some are set."""
    if modes.saved_hooks:
        return Packed(value, modes.saved_hooks[-1]), 0
    return value, version


class Constant:
    """A Python number that a vjp reads."""

    __slots__ = ("_data",)
    _storage = Storage()

    def __init__(self, data: Any) -> None:
        self._data = data


NOT_SAVED = (Constant(None), 0)


def is_freed(node: Node) -> bool:
    """Whether a node that fired without retain_graph cannot fire again: PyTorch freed a tensor that it saved."""
    if node.saved:
        shown, places = node.op.shown, itertools.chain(node.op.saves, itertools.repeat(-1))
        # a number that stands where the node has no edge is none of PyTorch's saved tensors
        if any(
            pair is not NOT_SAVED and not (type(pair[0]) is Constant and shown is not None and place not in shown)
            for pair, place in zip(node.saved, places, strict=False)
        ):
            return True
    frees = node.op.frees
    if frees in node.op.inputs:
        return True
    if node.op.freed_by is not None and node.edges[node.op.freed_by] is None:
        return False
    kept = node.params.get(frees)
    return type(kept) is np.ndarray or (type(kept) is tuple and any(isinstance(part, np.ndarray) for part in kept))


def track(result: Any, *kept: Any) -> Any:
    """Let the node of a new result know the versions of what it keeps besides its inputs: indices, masks, targets."""
    if result._node is not None:
        track_on(result._node, kept)
    return result


def track_on(node: Any, kept: Sequence[Any]) -> None:
    """As `track`, for the node itself."""
    by = node.op.freed_by
    if node.op.tracks and (by is None or node.edges[by] is not None):
        node.tracked = tuple((tensor, tensor._storage.version) for tensor in kept if isinstance(tensor, _Tensor))


def check_tracked(node: Any) -> None:
    """Raise where indices that a node keeps were overwritten."""
    for tensor, version in getattr(node, "tracked", ()):
        if tensor._storage.version != version:
            raise stale(node, tensor, version)


def unpack(node: Node, differentiable: bool = False) -> list[Any]:
    """The saved values of a node as arrays (or tensors), after PyTorch's version check."""
    saved = node.saved
    if saved is None:
        raise RuntimeError(errors.BACKWARD_TWICE)
    values = []
    for s, version in saved:
        if s._storage.version != version:
            raise stale(node, s, version)
        values.append(_as_saved(node, s) if differentiable else s._data)
    return values


def _as_saved(node: Node, s: Any) -> Any:
    """A saved value as a tensor with history (or the number that it is)."""
    if type(s) is SavedResult or type(s) is Packed:
        return s.tensor(node)
    if type(s) is Constant:
        return s._data.item() if type(s._data) is np.ndarray else s._data
    return s


def unpack_one(node: Node, saved: Any, version: int) -> Any:
    """One saved value as a tensor with history, after the version check."""
    if saved._storage.version != version:
        raise stale(node, saved, version)
    return _as_saved(node, saved)


def stale(node: Node, saved: Any, version: int) -> RuntimeError:
    """The error for a saved value that was overwritten."""
    if type(saved) is SavedResult:
        maker, nr = node.name() if saved._data.dtype.kind in "fcV" else "", saved._output_nr
    else:
        made_by = saved._node
        maker, nr = (made_by.name() if made_by is not None else ""), saved._output_nr
        if made_by is not None and made_by.op.view:  # PyTorch makes the node of a view anew when its base was written to
            maker = "AsStridedBackward0"
    return errors.modified_inplace(saved._data, maker, nr, saved._storage.version, version, modes.anomaly)

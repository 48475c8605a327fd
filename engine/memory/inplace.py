"""Writing into a tensor: the checks, the version, and the new history.

An in-place op is its out-of-place row, then a write: the same forward, the same vjps. Source of the rules:
torch/csrc/autograd/VariableTypeUtils.h (check_inplace, rebase_history).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes, errors, events, modes
from ..graph.node import Node, tell_saves
from ..graph.saved import SavedResult, track_on
from ..graph.written import COMPARISONS, UNTRACKED, written
from ..half.bfloat16 import cast
from ..op import Op, _make_node, _promote, as_array
from ..tensor import Tensor
from .places import loosened
from .views import check_view_write, rebase_view, refresh_views, retain_again


def check(tensor: Tensor) -> None:
    """Raise what PyTorch raises where `tensor` may not be written to."""
    check_history(tensor)
    written_once(tensor)


def check_history(tensor: Tensor) -> None:
    """Raise where autograd forbids that `tensor` becomes another one in place."""
    if tensor._inference and not modes.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before "
            "doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        )
    try:
        follows = modes.grad and tensor._requires_grad
    except RuntimeError:  # a view that its base outdated
        raise errors.view_in_place(tensor) from None
    if follows:
        if tensor._node is None and tensor._base is None:
            raise errors.leaf_in_place()
        if tensor._base is not None:
            check_view_write(tensor)


def _dense(a: np.ndarray[Any, Any]) -> bool:
    """Whether an array's elements lie side by side in some order."""
    expected = a.itemsize
    for stride, size in sorted((stride, size) for stride, size in zip(a.strides, a.shape, strict=True) if size > 1):
        if stride != expected:
            return False
        expected *= size
    return True


def apart(target: Any, source: Any, all_of_it: bool = True) -> None:
    """Raise where an op would read a place of memory that it writes (ATen/MemoryOverlap.cpp).

    Args:
        target: the array that is written.
        source: the array that is read.
        all_of_it: also where both are the very same places, which elementwise ops allow.
    """
    if target is source or not np.may_share_memory(target, source):
        same = target is source
    else:
        if not target.size or not source.size or not _dense(target) or not _dense(source):
            return
        same = target.__array_interface__["data"][0] == source.__array_interface__["data"][0] and target.strides == source.strides
        same = same and target.size == source.size
        if not same:
            all_of_it = same = True
    if same and all_of_it:
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )


def written_once(tensor: Tensor) -> None:
    """Raise where one element of memory stands for several of a tensor that is to be written to."""
    if 0 in tensor._data.strides and tensor._data.size > 1:
        for size, stride in zip(tensor._data.shape, tensor._data.strides, strict=True):
            if size > 1 and stride == 0:
                raise errors.written_twice()


def write(
    op: Op,
    target: Tensor,
    inputs: tuple[Any, ...] = (),
    params: dict[str, Any] | None = None,
    via: str = "op",
    kept: Sequence[Any] = (),
) -> Tensor:
    """Run `op` on (target, *inputs) and put the result into target's storage; `kept` are the indices that the node keeps.

    Raises:
        RuntimeError: with PyTorch's text, for leaves that require grad, shapes and dtypes that do not fit.
    """
    params = params or {}
    if op.name in UNTRACKED:
        written_once(target)
        track = False
    else:
        check_history(target)
        if op.name not in _EVERYWHERE:
            written_once(target)
        track = modes.grad
        if (
            track
            and target._base is not None
            and not target._requires_grad
            and any(isinstance(x, Tensor) and x._requires_grad for x in inputs)
        ):
            check_view_write(target)
    all_inputs: tuple[Any, ...] = (target, *inputs)
    if events.intervention is not None:
        all_inputs, track = events.intervention.before_op(op, all_inputs, track)
    arrays = [x._data if isinstance(x, Tensor) else x for x in all_inputs]
    row = op
    needs = track and any(isinstance(x, Tensor) and x._requires_grad for x in all_inputs)
    if needs:
        row = written(op, isinstance(all_inputs[-1], Tensor))
        needs = row.differentiable
    if op.check is not None:
        try:
            op.check(*arrays)
        except RuntimeError:
            _refuse_target(op, target._data, arrays)
            raise
    if target._base is not None or target._origin is not None or any(_is_part(x, target) for x in inputs):
        for array in arrays[1:]:
            if isinstance(array, np.ndarray) and (op.elementwise or op.name in _READS_WHILE_WRITING):
                apart(arrays[0], array, not op.elementwise)
    if op.promote:
        _promote(op, arrays)
    try:
        out = as_array(op.forward(*arrays, **params))
    except ValueError as problem:
        shapes = [a.shape for a in arrays if isinstance(a, np.ndarray)]
        told = next(filter(None, (errors.cannot_broadcast(shapes[0], shape) for shape in shapes[1:])), None)
        raise (told or RuntimeError(str(problem))) from None
    except RuntimeError:
        _refuse_target(op, target._data, arrays)
        raise
    node: Node | None = None
    store(target, out)
    if needs and target._data.dtype.kind in "fcV":
        # what a vjp needs of the overwritten input must be the old numbers: saved from a copy, as PyTorch does
        sources = all_inputs
        if 0 in row.saves:
            old = Tensor._of(_before[0] if all_inputs[0] is target else arrays[0])  # in the dtype that it had, whatever it was promoted to
            old._node, old._output_nr, old._requires_grad = target._node, target._output_nr, target._requires_grad
            sources = (old, *all_inputs[1:])
        shares = any(x is target or (isinstance(x, Tensor) and x._storage is target._storage) for x in inputs)
        target._storage.version -= shares  # what is kept of the same memory is kept as it was before: backward finds it changed
        node = _make_node(row, sources, params, target._data.shape, target._data.dtype, target)
        target._storage.version += shares
        if kept:
            track_on(node, kept)
        if target._base is not None:
            rebase_view(target, node)
        else:
            target._node, target._output_nr = node, 0
            target._requires_grad = True
            refresh_views(target)
        if target._retains:
            retain_again(target)
    elif target._storage.views:
        refresh_views(target)
    if events.watcher is not None:
        events.watcher.inplace_write(op, target, all_inputs, via, params)
        if node is not None:
            tell_saves(node)
    _before.clear()
    return target


def _refuse_target(op: Op, written: np.ndarray[Any, Any], arrays: list[Any]) -> None:
    """Raise where a result would not fit into the target, in shape or in dtype: PyTorch sees that before its kernels look at anything."""
    if not op.promote:
        return
    try:
        common = np.broadcast_shapes(*(x.shape for x in arrays if isinstance(x, np.ndarray)))
    except ValueError:
        return
    if common != written.shape:
        raise errors.target_too_small(written.shape, common)
    result, target = dtypes.result_type(tuple(arrays)), dtypes.BY_NUMPY[written.dtype]
    if op.name not in COMPARISONS and result.category > target.category:
        raise errors.target_cannot_hold(result, target)


# Ops that put rows or elements of one tensor at places of another.
_READS_WHILE_WRITING = frozenset({"index_add", "index_copy", "index_put", "scatter", "scatter_add", "scatter_reduce", "put"})

# Ops that write the same to all elements that share memory, or whose caller looks after that.
_EVERYWHERE = frozenset({"fill", "zero", "copy_slices"})

_before: list[Any] = []


def _is_part(x: Any, target: Tensor) -> bool:
    """Whether an operand may look at a part of the memory that is written."""
    return x is target or (isinstance(x, Tensor) and (x._base is not None or x._origin is not None))


def store(target: Tensor, out: Any) -> None:
    """Put an array into a tensor's storage: casts and shapes checked, version counted, watcher told before."""
    data = target._data
    if out.shape != data.shape:
        try:
            out = np.broadcast_to(out, data.shape)
        except ValueError:
            raise errors.target_too_small(data.shape, out.shape) from None
    if out.dtype is not data.dtype:
        if (out.dtype.kind == "V") != (data.dtype.kind == "V"):
            out = cast(out, data.dtype) if out.dtype.kind != "c" else out
        have, want = dtypes.BY_NUMPY[out.dtype], dtypes.BY_NUMPY[data.dtype]
        if have.category > want.category:
            raise errors.target_cannot_hold(have, want)
    if events.watcher is not None:
        events.watcher.before_write(target)
    if modes.grad:
        _before[:] = [data.copy()]
    np.copyto(data if data.flags.writeable else writeable(target), out, casting="unsafe")
    target._storage.version += 1


def writeable(tensor: Tensor) -> Any:
    """The data of a tensor; of an expanded one, which numpy lets nobody write to, as it is seen through the memory of its storage."""
    return loosened(tensor._data)


_NUMBER = np.dtype(float)


def overwrite(target: Tensor, values: Any, via: str = "copy") -> None:
    """Write numbers without history (fill by random numbers, optimizers): watcher told, version counted."""
    if events.watcher is not None:
        events.watcher.before_write(target)
    if target._data.dtype.kind == "V" or getattr(values, "dtype", _NUMBER).kind == "V":
        values = cast(np.asarray(values), target._data.dtype)
    np.copyto(writeable(target), values, casting="unsafe")
    target._storage.version += 1
    if target._storage.views:
        refresh_views(target)
    if events.watcher is not None:
        events.watcher.inplace_write(None, target, (values,), via)


__all__ = ["SavedResult", "apart", "check", "check_history", "overwrite", "store", "write", "writeable", "written_once"]

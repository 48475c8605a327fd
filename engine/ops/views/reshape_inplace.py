"""In-place calls that change what a tensor looks at, not its numbers: squeeze_, unsqueeze_, t_, transpose_ and their kin."""

from __future__ import annotations

from typing import Any

from ... import events, modes
from ...graph.written import written
from ...memory.inplace import check_history
from ...memory.views import refresh_views
from ...naming.namespace import export
from ...op import Op, _make_node, as_array
from ...tensor import Tensor
from ..matrices.products import addbmm_row, check_addbmm
from ..reductions.reduce import dims
from .reshape import one_dim, squeeze_all, squeeze_dims, squeeze_written, unsqueeze
from .shape import t_, transpose

squeeze_all_written = Op("squeeze", squeeze_all.forward, view=True, grad_fn="SqueezeBackward3", vjps=squeeze_all.vjps)
squeeze_dims_written = Op("squeeze", squeeze_dims.forward, view=True, grad_fn="SqueezeBackward5", vjps=squeeze_dims.vjps)


def become(target: Tensor, row: Op, inputs: tuple[Any, ...], params: dict[str, Any]) -> Tensor:
    """Let `target` be the result of row(target, *inputs): new shape, new node, the version counted."""
    check_history(target)
    if events.watcher is not None:
        events.watcher.before_write(target)
    before: Tensor = Tensor._of(target._data)
    before._storage = target._storage
    before._node, before._output_nr, before._requires_grad = target._node, target._output_nr, target._requires_grad
    given = (before, *inputs)
    out = as_array(row.forward(*(x._data if isinstance(x, Tensor) else x for x in given), **params))
    target._data = out
    target._storage.version += 1
    if modes.grad and row.differentiable and out.dtype.kind in "fcV" and any(isinstance(x, Tensor) and x._requires_grad for x in given):
        target._node, target._output_nr = _make_node(written(row, False), given, params, out.shape, out.dtype, target), 0
        target._requires_grad = True
    if target._storage.views:
        refresh_views(target, target)
    if events.watcher is not None:
        # `before` is this file's own: the target is what was read
        events.watcher.inplace_write(row, target, (target, *inputs), "op", params)
    return target


@export("method")
def squeeze_(self: Any, dim: Any = None) -> Any:
    """Drop dimensions of size 1, in place."""
    shape = self._data.shape
    if dim is None:
        return become(self, squeeze_all_written, (), {})
    several = isinstance(dim, (tuple, list))
    given = (dims(dim, len(shape)) if dim else ()) if several else (one_dim(dim, len(shape)),)
    kept = tuple(d for d in given if shape and shape[d] == 1)
    return become(self, squeeze_dims_written if several else squeeze_written, (), {"dim": kept})


@export("method")
def unsqueeze_(self: Any, dim: int) -> Any:
    """Add a dimension of size 1, in place."""
    n = self._data.ndim + 1
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return become(self, unsqueeze, (), {"dim": dim % n})


@export("method", "transpose_", "swapaxes_", "swapdims_")
def transpose_write(self: Any, dim0: int, dim1: int) -> Any:
    """Swap two dimensions, in place."""
    a, b = dims((dim0,), self._data.ndim) or (0,), dims((dim1,), self._data.ndim) or (0,)
    return become(self, transpose, (), {"dim0": a[0], "dim1": b[0]})


@export("method", "t_")
def t_write(self: Any) -> Any:
    """Transpose of a matrix, in place."""
    check_history(self)
    if self._data.ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {self._data.ndim}D")
    return become(self, t_, (), {})


@export("method", "addbmm_")
def addbmm_write(self: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """addbmm in place; the one product whose target grows with the summand's broadcasting."""
    check_addbmm(self, batch1, batch2)
    return become(self, addbmm_row, (batch1, batch2), {"beta": beta, "alpha": alpha})


__all__ = ["become"]

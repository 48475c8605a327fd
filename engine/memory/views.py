"""Views and autograd: a write through a view changes the history of its base (CopySlices).

Source of the rules: torch/csrc/autograd/variable.h ("View + Inplace"), functions/tensor.cpp (CopySlices).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors, modes
from ..graph.cotangents import added
from ..graph.node import Node, accumulator, new_node
from ..op import Op
from ..tensor import Tensor
from .places import in_line, overlap

Array = np.ndarray[Any, Any]


def check_view_write(view: Tensor, through: str = "") -> None:
    """Raise what PyTorch raises where a view may not be written to in grad mode; `through` names a view of it that is written to."""
    if view._made_in or view._multi_view or view._made_in_no_grad:
        raise errors.view_in_place(view, through)
    base = view._base
    # a leaf may be a view of what requires nothing: torch.arange(6.0).view(2, 3).requires_grad_()
    if base is not None and base._node is None and (base._requires_grad or view._requires_grad):
        raise errors.leaf_in_place(is_view=True)


class Window:
    """Where a view lies in its base. An object of its own, because arrays among the settings of a row may be copied, and lie elsewhere then."""

    __slots__ = ("base", "view")

    def __init__(self, view: Array, base: Array) -> None:
        self.view, self.base = view, base

    def laid_out(self, whole: Any, part: Any) -> tuple[Array, Array]:
        """Zeros of dtype `whole` that lie in memory as the base does, and of them, as numbers of dtype `part`, what the view looks at."""
        line = in_line(self.base)
        start = line.__array_interface__["data"][0]
        memory = np.zeros(line.size, whole)
        wide = memory.itemsize / self.base.itemsize

        def look(like: Array, dtype: Any) -> Array:
            offset = like.__array_interface__["data"][0] - start if like.size else 0
            strides = like.strides if wide == 1 else [int(stride * wide) for stride in like.strides]
            return np.ndarray(like.shape, dtype, memory, int(offset * wide), strides)  # raises where it would look beyond the memory

        return look(self.base, memory.dtype), look(self.view, part)


def _kind(dtype: Any, like: Array, of: Array) -> Any:
    """The dtype of a cotangent in the form of `like`, where one in the form of `of` has `dtype`: a complex number may be looked at as two."""
    if like.dtype.kind == of.dtype.kind or "c" not in (like.dtype.kind, of.dtype.kind):
        return dtype
    return np.result_type(dtype, np.complex64) if like.dtype.kind == "c" else np.empty(0, dtype).real.dtype


def _embedded(x: Array, window: Window) -> Array:
    """Zeros in the form of the base, with `x` where the view looks."""
    whole, part = window.laid_out(_kind(x.dtype, window.base, window.view), x.dtype)
    if overlaps(part):
        np.add.at(part, tuple(np.indices(part.shape, sparse=True)), x)
    else:
        part[...] = x
    return whole


def overlaps(view: Array) -> bool:
    """Whether a view may look at an element twice."""
    return overlap(view.shape, view.strides)


def _outside(x: Array, window: Window) -> Array:
    """`x`, in the form of the base, with zeros where the view looks."""
    whole, part = window.laid_out(x.dtype, _kind(x.dtype, window.view, window.base))
    whole[...] = x
    part[...] = 0
    return whole


def _part(x: Array, window: Window) -> Array:
    """The elements of `x`, in the form of the base, at which the view looks."""
    whole, part = window.laid_out(x.dtype, _kind(x.dtype, window.view, window.base))
    whole[...] = x
    return part.copy()


# What CopySlices does with cotangents, as rows, so that it can be differentiated itself.
PART: Op = Op(
    "as_strided",
    _part,
    vjps=(lambda g, window: EMBED(g, window=window),),
)
EMBED: Op = Op("as_strided_scatter", _embedded, vjps=(lambda g, window: PART(g, window=window),))
OUTSIDE: Op = Op("slice_scatter", _outside, vjps=(lambda g, window: OUTSIDE(g, window=window),))
for _row in (PART, EMBED, OUTSIDE):
    _row.antilinear = True  # they only move numbers, and may make reals of complex ones


def _copy_slices(g: Any, node: Node) -> tuple[Any, ...]:
    """Cotangent of the base: outside the written region as it came, inside what the write's own vjp gives."""
    from ..graph.firing import fire

    window = node.params["window"]
    grads = fire(node.params["inner"], PART(g, window=window), isinstance(g, Tensor))
    whole = OUTSIDE(g, window=window)
    if grads[0] is not None:
        whole = added(whole, EMBED(grads[0], window=window))
    return (whole, *grads[1:])


COPY_SLICES = Op("copy_slices", lambda *_: None, inputs=("base",), grad_fn="CopySlices", frees="base", joint=_copy_slices)


def _shown_edges(node: Node) -> tuple[tuple[Node | None, int], ...]:
    """As of the write: what it never differentiates is no edge here either."""
    shown = node.params["inner"].op.shown
    return tuple((node.edges[k], node.edge_nrs[k]) for k in (range(len(node.edges)) if shown is None else shown))  # type: ignore[index]


COPY_SLICES.node_class.next_functions = property(_shown_edges)  # type: ignore[assignment,method-assign]


def rebase_view(view: Tensor, inner: Node) -> None:
    """A view was written to: the base gets CopySlices as its grad_fn, and the view a node that looks into the base."""
    base = view._base
    assert base is not None
    into: list[Any] = [base._node if base._node is not None else (accumulator(base) if base._requires_grad else None)]
    numbers = [base._output_nr]
    own = inner.edges[0]
    inner.edges = (own if own is not None else view._node, *inner.edges[1:])
    for k, edge in enumerate(inner.edges[1:], 1):
        into.append(edge)
        numbers.append(0 if inner.edge_nrs is None else inner.edge_nrs[k])
    own_shapes = ((inner.shape, inner.dtype),) * len(inner.edges) if inner.shapes is None else inner.shapes
    node = new_node(COPY_SLICES.node_class, tuple(into), base._data.shape, base._data.dtype)
    node.edge_nrs = tuple(numbers)
    node.shapes = ((base._data.shape, base._data.dtype), *own_shapes[1 : len(inner.edges)])
    node.params = {"inner": inner, "window": Window(view._data, base._data)}
    base._node = node
    base._output_nr = 0
    base._requires_grad = True
    retain_again(base)
    refresh_views(base)
    look_again(view)


def look_again(view: Tensor) -> None:
    """Give a view of a rewritten base the grad_fn that PyTorch regenerates for it (AsStridedBackward0)."""
    base = view._base
    assert base is not None
    into = base._node if base._node is not None else (accumulator(base) if base._requires_grad else None)
    node = new_node(AS_STRIDED.node_class, (into,), view._data.shape, view._data.dtype)
    node.edge_nrs = (base._output_nr,)
    node.shapes = ((base._data.shape, base._data.dtype),)
    node.params = {"window": Window(view._data, base._data)}
    view._node, view._output_nr, view._requires_grad = node, 0, True
    retain_again(view)


def retain_again(tensor: Tensor) -> None:
    """A tensor has another node: its gradient is kept there from now on, if it is kept."""
    if tensor._retains:
        tensor._retains = False
        tensor.retain_grad()


AS_STRIDED = Op(
    "as_strided_view",
    lambda *_, **__: None,
    inputs=("x",),
    grad_fn="AsStridedBackward0",
    vjps=(lambda g, window: EMBED(g, window=window),),
)


class Outdated(Tensor):
    """A view whose base was written to, and that autograd cannot make anew: whoever asks for its history is told so."""

    _outdated = True

    @property
    def _requires_grad(self) -> bool:  # type: ignore[override]
        if modes.grad:
            raise errors.view_in_place(self, indirect=True)
        return True

    @property  # type: ignore[misc]  # read only here
    def requires_grad(self) -> bool:
        return True

    @property
    def is_leaf(self) -> bool:
        raise errors.view_in_place(self, indirect=True)

    @property
    def grad_fn(self) -> Node | None:
        raise errors.view_in_place(self, indirect=True)


Outdated.__name__ = Outdated.__qualname__ = "Tensor"


def refresh_views(written: Tensor, looks_right: Tensor | None = None) -> None:
    """The memory of a tensor was written to: views with a history (but `looks_right`) look into it again, as PyTorch lets them by the version."""
    for held in written._storage.views:
        view = held()
        if (
            view is None
            or view is looks_right
            or view._outdated
            or view._base is None
            or not (view._base._requires_grad or view._node is not None)
        ):
            continue
        if (view._multi_view or view._made_in_no_grad) and type(view) is Tensor:
            view.__class__ = Outdated
        else:
            look_again(view)

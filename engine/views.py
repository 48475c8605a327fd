"""Views and autograd: a write through a view changes the history of its base (CopySlices).

Source of the rules: torch/csrc/autograd/variable.h ("View + Inplace"), functions/tensor.cpp (CopySlices).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import errors
from .graph import Node, accumulator, new_node
from .op import Op, node_shape
from .tensor import Tensor

Array = np.ndarray[Any, Any]


def check_view_write(view: Tensor) -> None:
    """Raise what PyTorch raises where a view may not be written to in grad mode."""
    base = view._base
    if view._made_in:
        raise RuntimeError(
            f"Output {view._output_nr} of {view._made_in} is a view and is being modified inplace. This view was created inside a custom "
            "Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom "
            "backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by "
            "cloning the output of the custom Function."
        )
    if view._multi_view:
        name = view._multi_view.split("Backward")[0]
        raise RuntimeError(
            f"Output {view._output_nr} of {name} is a view and is being modified inplace. This view is the output of a function that returns "
            "multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation "
            "by an out-of-place one."
        )
    if base is not None and base._requires_grad and base._node is None:
        raise errors.leaf_in_place(is_view=True)
    if view._made_in_no_grad:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous "
            "and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the "
            "no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
        )


def region(view: Array, base: Array, like: Array) -> Array:
    """The elements of `like` (shaped and laid out as `base`, contiguous) at which `view` looks."""
    offset = view.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    flat = like.reshape(-1)
    return np.lib.stride_tricks.as_strided(flat[offset // base.itemsize :], view.shape, view.strides)


def _embedded(x: Array, view: Array, base: Array) -> Array:
    """Zeros in the form of the base, with `x` where the view looks."""
    whole = np.zeros(base.shape, x.dtype)
    region(view, base, whole)[...] = x
    return whole


def _outside(x: Array, view: Array, base: Array) -> Array:
    """`x`, in the form of the base, with zeros where the view looks."""
    whole = np.array(x, order="C")
    region(view, base, whole)[...] = 0
    return whole


# What CopySlices does with cotangents, as rows, so that it can be differentiated itself.
PART: Op = Op(
    "as_strided",
    lambda x, view, base: region(view, base, np.ascontiguousarray(x)).copy(),
    vjps=(lambda g, view, base: EMBED(g, view=view, base=base),),
)
EMBED: Op = Op("as_strided_scatter", _embedded, vjps=(lambda g, view, base: PART(g, view=view, base=base),))
OUTSIDE: Op = Op("slice_scatter", _outside, vjps=(lambda g, view, base: OUTSIDE(g, view=view, base=base),))


def _copy_slices(g: Any, node: Node) -> tuple[Any, ...]:
    """Cotangent of the base: outside the written region as it came, inside what the write's own vjp gives."""
    from .firing import fire

    where = {"view": node.params["view"], "base": node.params["base"]}
    grads = fire(node.params["inner"], PART(g, **where), isinstance(g, Tensor))
    whole = OUTSIDE(g, **where)
    if grads[0] is not None:
        whole = whole + EMBED(grads[0], **where)
    return (whole, *grads[1:])


COPY_SLICES = Op("copy_slices", lambda *_: None, inputs=("base",), grad_fn="CopySlices", joint=_copy_slices)


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
    shapes = ((base._data.shape, base._data.dtype), *((node_shape(inner, k), base._data.dtype) for k in range(1, len(inner.edges))))
    if inner.edges[0] is None:  # the old numbers need no gradient; the region's cotangent is dropped
        inner.edges = (inner, *inner.edges[1:])
    node = new_node(COPY_SLICES.node_class, tuple(into), base._data.shape, base._data.dtype)
    node.edge_nrs = tuple(numbers)
    node.shapes = shapes
    node.params = {"inner": inner, "view": view._data, "base": base._data}
    base._node = node
    base._output_nr = 0
    base._requires_grad = True
    refresh_views(base)
    look_again(view)


def look_again(view: Tensor) -> None:
    """Give a view of a rewritten base the grad_fn that PyTorch regenerates for it (AsStridedBackward0)."""
    base = view._base
    assert base is not None
    node = new_node(AS_STRIDED.node_class, (base._node,), view._data.shape, view._data.dtype)
    node.edge_nrs = (base._output_nr,)
    node.shapes = ((base._data.shape, base._data.dtype),)
    node.params = {"view": view._data, "base": base._data}
    view._node, view._output_nr, view._requires_grad = node, 0, True


AS_STRIDED = Op(
    "as_strided_view",
    lambda *_, **__: None,
    inputs=("x",),
    grad_fn="AsStridedBackward0",
    vjps=(lambda g, view, base: EMBED(g, view=view, base=base),),
)


def refresh_views(base: Tensor) -> None:
    """The other views of a rewritten tensor look into it again."""
    for held in base._storage.views:
        other = held()
        if other is not None and other is not base and other._base is base:
            look_again(other)

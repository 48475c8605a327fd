"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import events, modes
from ...calls import quick
from ...errors import cannot_broadcast, sizes
from ...graph.node import accumulator, new_node, tell_saves
from ...graph.saved import NOT_SAVED
from ...memory.storage import Storage
from ...naming.namespace import export
from ...naming.rows import into, must_be_tensor
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import mul
from ..reductions.reduce import expand_to, sum_dim
from ..views.reshape import squeeze_written
from ..views.shape import permute, t_, transpose, unsafe_view

_new = object.__new__
_empty: dict[str, Any] = {}


def _right(g: Any, x: Any, node: Any) -> Any:
    """x^T g; for a transposed weight as the transpose of g^T x, so that the weight's own gradient is contiguous (as in PyTorch)."""
    transposed = getattr(node.edges[-1], "op", None) is t_
    if type(g) is np.ndarray and type(x) is np.ndarray:
        return np.dot(g.T, x).T if transposed else np.dot(x.T, g)
    return t_(mm(t_(g), x)) if transposed else mm(t_(x), g)


def _left(g: Any, y: Any) -> Any:
    """g y^T."""
    return np.dot(g, y.T) if type(g) is np.ndarray and type(y) is np.ndarray else mm(g, t_(y))


mm = Op(
    "mm", np.dot, inputs=("x", "y"), vjps=(lambda g, y: _left(g, y), lambda g, x, node: _right(g, x, node)),
    formulas=(r"\bar{x} = \bar{z}\,y^{\mathsf{T}}", r"\bar{y} = x^{\mathsf{T}}\,\bar{z}"),
)  # fmt: skip
bmm = Op(
    "bmm", np.matmul, inputs=("x", "y"),
    vjps=(lambda g, y: bmm(g, transpose(y, dim0=1, dim1=2)), lambda g, x: bmm(transpose(x, dim0=1, dim1=2), g)),
    formulas=(r"\bar{x} = \bar{z}\,y^{\mathsf{T}}", r"\bar{y} = x^{\mathsf{T}}\,\bar{z}"),
)  # fmt: skip
mv = Op(
    "mv", np.dot, inputs=("x", "y"), vjps=(lambda g, y: mul(g.reshape(-1, 1), y), lambda g, x: mv(t_(x), g)),
    formulas=(r"\bar{x} = \bar{z}\,y^{\mathsf{T}}", r"\bar{y} = x^{\mathsf{T}}\,\bar{z}"),
)  # fmt: skip
dot = Op(
    "dot", np.dot, inputs=("x", "y"), vjps=(lambda g, y: g * y, lambda g, x: g * x),
    formulas=(r"\bar{x} = \bar{z}\,y", r"\bar{y} = \bar{z}\,x"),
)  # fmt: skip
addmm = Op(
    "addmm", lambda bias, x, y: np.dot(x, y) + bias, inputs=("bias", "x", "y"),
    vjps=(lambda g: g, lambda g, y: _left(g, y), lambda g, x, node: _right(g, x, node)),
    formulas=(r"\bar{b} = \textstyle\sum \bar{z}", r"\bar{x} = \bar{z}\,y^{\mathsf{T}}", r"\bar{y} = x^{\mathsf{T}}\,\bar{z}"),
)  # fmt: skip


@export("torch method", "mm")
def mm_(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """Product of two matrices."""
    a, b = input._data, mat2._data
    if a.ndim != 2 or b.ndim != 2:
        raise RuntimeError("self must be a matrix" if a.ndim != 2 else "mat2 must be a matrix")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})")
    if a.dtype is not b.dtype and modes.autocast is None:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {input.dtype.c_name} != {mat2.dtype.c_name}")
    if out is None:
        return apply(mm, (input, mat2))
    if modes.autocast is not None:  # which casts nothing that is written elsewhere
        return modes.autocast.run(mm_, None, (input, mat2), {"out": out})
    return into(out, apply(mm, (input, mat2)), "mm")


_BOOL = np.dtype(bool)


def _numbers(made: Any, kernel: str) -> Any:
    """A product, which PyTorch has for no masks."""
    if made._data.dtype is _BOOL:
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")
    return made


@export("torch method")
def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """torch.matmul: vectors, matrices and batches of them, each by the row that PyTorch takes."""
    a, b = input._data, other._data
    if a.ndim == 2 and b.ndim == 2:
        return _numbers(mm_(input, other, out=out), "addmm_impl_cpu_") if a.dtype is _BOOL else mm_(input, other, out=out)
    if a.ndim == 0 or b.ndim == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D")
    if modes.autocast is not None and out is None:
        return modes.autocast.run(matmul, modes.autocast.lower, (input, other), {})
    if a.ndim == 1 and b.ndim == 1:
        return into(out, _numbers(dot_(input, other), "dot"), "matmul")
    if a.ndim == 2 and b.ndim == 1:
        return into(out, _numbers(mv_(input, other), "addmv_impl_cpu"), "matmul")
    return into(out, _batched(input, other), "matmul")


@export("torch method", "dot")
def dot_(input: Any, tensor: Any, *, out: Any = None) -> Any:
    """Inner product of two vectors."""
    a, b = input._data, tensor._data
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {input.dtype.scalar_name} and {tensor.dtype.scalar_name}"
        )
    if a.size != b.size:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor {sizes(a.shape)} and src {sizes(b.shape)} to have the same number of elements, but got {a.size} and {b.size} elements respectively"
        )
    return into(out, apply(dot, (input, tensor)), "dot")


@export("torch method", "mv")
def mv_(input: Any, vec: Any, *, out: Any = None) -> Any:
    """A matrix times a vector."""
    a, b = input._data, vec._data
    if not a.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})")
    if a.dtype is not b.dtype:
        have, want = vec.dtype.scalar_name, input.dtype.scalar_name
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {have}, {want}, and {have}")
    return into(out, apply(mv, (input, vec)), "mv")


def _matrix_vector(x: Any, y: Any) -> None:
    """Of a batch times a vector PyTorch speaks as of one matrix, the batch folded into its rows."""
    shape, n = x._data.shape, y._data.shape[0]
    if shape[-1] != n:
        rows = math.prod(shape[:-1])
        raise RuntimeError(f"size mismatch, got input ({rows}), mat ({rows}x{shape[-1]}), vec ({n})")


def _batched(x: Any, y: Any) -> Any:
    """Batches broadcast, then one bmm."""
    if x._data.ndim == 1 and y._data.ndim == 2:
        return apply(squeeze_written, (matmul(x.unsqueeze(0), y),), {"dim": -2})
    if x._data.ndim == 1 and (x._requires_grad or not y._data.size):
        return matmul(y.mT, x)
    if y._data.ndim == 1:
        _matrix_vector(x, y)
        flat = apply(mv, (x.reshape(math.prod(x._data.shape[:-1]), x._data.shape[-1]), y))
        return apply(unsafe_view, (_numbers(flat, "addmv_impl_cpu"),), {"size": x._data.shape[:-1]})
    if y._data.ndim == 2:  # fold the batch into the rows, as PyTorch does
        flat = _numbers(mm_(x.reshape(math.prod(x._data.shape[:-1]), x._data.shape[-1]), y), "addmm_impl_cpu_")
        return apply(unsafe_view, (flat,), {"size": (*x._data.shape[:-1], y._data.shape[-1])})
    if x._data.ndim == 2 and x._requires_grad:  # so that its gradient is made without a batch of matrices (ATen's should_fold)
        return matmul(y.mT, x.t()).mT.contiguous()
    if x._data.ndim == y._data.ndim == 3 and x._data.shape[0] != y._data.shape[0]:  # so are the matrices that are alone in their batch
        if y._data.shape[0] == 1 and y._requires_grad:
            return matmul(x, y.squeeze(0))
        if x._data.shape[0] == 1 and x._requires_grad:
            return matmul(x.squeeze(0), y)
    shape = x._data.shape[-2:-1]  # of a vector nothing is left
    if x._data.ndim == 1:
        x = x.unsqueeze(0)
    told = cannot_broadcast(x._data.shape[:-2], y._data.shape[:-2])
    if told is not None:
        raise told
    batch = np.broadcast_shapes(x._data.shape[:-2], y._data.shape[:-2])
    count = math.prod(batch)
    a, b = _spread(x, batch).reshape(count, *x._data.shape[-2:]), _spread(y, batch).reshape(count, *y._data.shape[-2:])
    if a._data.shape[2] != b._data.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a._data.shape[0]}, {a._data.shape[2]}] but got: "
            f"[{b._data.shape[0]}, {b._data.shape[1]}]."
        )
    if x._data.dtype is not y._data.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {y.dtype.scalar_name}")
    return _unsafe_view(_numbers(apply(bmm, (a, b)), "bmm"), {"size": (*batch, *shape, y._data.shape[-1])})


def _spread(x: Any, batch: tuple[int, ...]) -> Any:
    """A stack of matrices, stretched to a batch of stacks; a node also where there is nothing to stretch, as in PyTorch."""
    size = (*batch, *x._data.shape[-2:])
    return _expand(x, {"size": size}) if x._data.shape == size else x.expand(*size)


_expand, _unsafe_view = quick.unary(expand_to), quick.unary(unsafe_view)


def _plain_linear(x: Any, weight: Any, bias: Any) -> Any:
    """The two op calls of `linear` as one; the transposed weight lives in the graph only.

    Hot path: each layer of a network (benchmark rows `engine/W2`, `engine/W3`).
    """
    a, w, b = x._data, weight._data, bias._data
    dtype = a.dtype
    if (
        dtype.char not in "fd"
        or w.dtype is not dtype
        or b.dtype is not dtype
        or b.ndim != 1
        or b.shape[0] != w.shape[0]
        or x._inference
        or weight._inference
    ):
        _must_agree(x, weight, bias)
        return apply(addmm, (bias, x, apply(t_, (weight,))))
    turned = w.T
    out = np.dot(a, turned)
    out += b
    result = _new(Tensor)
    result._data = out
    watcher = events.watcher
    tracked = modes.grad and (x._requires_grad or weight._requires_grad or bias._requires_grad)
    if not tracked and watcher is None:
        return result
    view = _new(Tensor)
    view._data = turned
    view._storage = weight._storage
    into = node = None
    shape = turned.shape
    if tracked and weight._requires_grad:
        into = view._node = new_node(t_.node_class, (weight._node or weight._accumulator or accumulator(weight),), shape, dtype)
        into.shapes = ((w.shape, dtype),)
        if weight._output_nr:
            into.edge_nrs = (weight._output_nr,)
        view._requires_grad = True
    if watcher is not None:
        if not events.terse:
            result._storage = Storage()
        watcher.view(t_, (weight,), _empty, (view,))
    if tracked:
        before = (x._node or x._accumulator or accumulator(x)) if x._requires_grad else None
        last = (bias._node or bias._accumulator or accumulator(bias)) if bias._requires_grad else None
        node = new_node(addmm.node_class, (last, before, into), out.shape, dtype)
        if x._output_nr or bias._output_nr:
            node.edge_nrs = (bias._output_nr if last is not None else 0, x._output_nr if before is not None else 0, 0)
        node.shapes = ((b.shape, dtype), (a.shape, dtype), (shape, dtype))
        kept = NOT_SAVED if into is None else (x, x._storage.version)
        node.saved = (kept, NOT_SAVED if before is None else (view, view._storage.version))
        result._node = node
        result._requires_grad = True
    if watcher is not None:
        watcher.op(addmm, (bias, x, view), _empty, (result,))
        if not events.terse:
            tell_saves(node, result)
    return result


def _must_agree(x: Any, weight: Any, bias: Any) -> None:
    """addmm's words: a bias (self) and two matrices of one dtype."""
    if not isinstance(bias, Tensor):
        raise must_be_tensor("linear", "bias", 3, bias)
    if bias._data.dtype is not weight._data.dtype:
        raise RuntimeError(f"self and mat2 must have the same dtype, but got {bias.dtype.scalar_name} and {weight.dtype.scalar_name}")
    if x._data.dtype is not weight._data.dtype:
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {x.dtype.scalar_name} and {weight.dtype.scalar_name}")
    if weight._data.ndim == 1:
        raise RuntimeError("mat2 must be a matrix, got 1-D tensor")


def _must_fit(bias: Any, shape: tuple[int, int]) -> None:
    """The error of expand for a bias that does not fit."""
    try:
        np.broadcast_to(bias._data, shape)
    except ValueError:
        bias.expand(shape)


@export("functional")
def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """x @ weight.T + bias; one addmm node for a matrix with a bias, as in PyTorch."""
    try:
        dims = input._data.ndim, weight._data.ndim
    except AttributeError:
        raise must_be_tensor("linear", *(("weight", 2, weight) if isinstance(input, Tensor) else ("input", 1, input))) from None
    if not all(dims):
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {dims[0]}D and {dims[1]}D")
    if dims[1] > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {dims[1]}D")
    if bias is not None and input._data.ndim == 2 and dims[1] == 2:
        if input._data.shape[1] != weight._data.shape[1]:
            a, b = input._data.shape, weight._data.shape
            raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a[0]}x{a[1]} and {b[1]}x{b[0]})")
        try:
            if events.intervention is None and not modes.inference:
                return _plain_linear(input, weight, bias)
            if modes.autocast is not None:
                return modes.autocast.run(linear, modes.autocast.lower, (input, weight, bias), {})
            _must_agree(input, weight, bias)
            return apply(addmm, (bias, input, apply(t_, (weight,))))
        except (AttributeError, ValueError, RuntimeError) as caught:
            problem = caught
        # said out here, so that numpy's own words do not stand above PyTorch's
        _must_agree(input, weight, bias)
        _must_fit(bias, (input._data.shape[0], weight._data.shape[0]))
        raise problem
    if modes.autocast is not None:
        return modes.autocast.run(linear, modes.autocast.lower, (input, weight, bias), {})
    if bias is not None and weight._data.ndim == 2 and input._data.flags.c_contiguous and input._data.ndim and input._data.size:
        width = input._data.shape[-1]  # as in PyTorch: the batch folded into the rows
        flat = input.view(-1, width) if width == weight._data.shape[1] else None
        if flat is not None:
            return linear(flat, weight, bias).view(*input._data.shape[:-1], weight._data.shape[0])
    if bias is not None:
        _must_agree(input, weight, bias)
    result = matmul(input, apply(t_, (weight,)) if weight._data.ndim == 2 else weight)
    return result if bias is None else result + bias


export("method", "__matmul__")(lambda self, other: matmul(self, other) if isinstance(other, Tensor) else NotImplemented)
__all__ = ["addmm", "bmm", "dot", "linear", "matmul", "mm", "mv", "permute", "sum_dim"]

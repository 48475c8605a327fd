"""Products with a summand (addmm and its kin), outer products, and tensordot."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import modes
from ...calls.signatures import spoken_class
from ...errors import expanded, no_real_number, sizes
from ...memory.inplace import check_history, write
from ...naming.namespace import export
from ...naming.rows import into, must_be_tensor
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import mul
from ..reductions.reduce import dims as dims_of
from ..views.reshape import one_dim
from ..views.shape import t_, unsafe_view
from .linalg import bmm, dot, matmul, mv
from .matrix import column, plain, product, row, tr


def _times(x: Any, factor: Any) -> Any:
    kind = plain(x).dtype.kind
    if kind in "iub":  # PyTorch casts the factor to the tensors' type first
        factor = bool(factor) if kind == "b" else int(factor)
    return x if factor == 1 else x * factor


def _with_summand(name: str, multiply: Callable[[Any, Any], Any], left: Callable[[Any, Any], Any], right: Callable[[Any, Any], Any]) -> Op:
    """beta * bias + alpha * (x times y); with beta 0 the bias is not read, not even a nan in it."""

    def forward(bias: Any, x: Any, y: Any, beta: Any = 1, alpha: Any = 1) -> Any:
        z = _times(multiply(x, y), alpha)
        if beta == 0:
            return np.broadcast_to(z, np.broadcast_shapes(z.shape, bias.shape))
        return (_times(bias, beta) + z).astype(z.dtype, copy=False)

    return Op(
        name, forward, inputs=("bias", "x", "y"),
        vjps=(
            lambda g, beta: _times(g, beta),
            lambda g, y, alpha: _times(left(g, y), alpha),
            lambda g, x, alpha: _times(right(g, x), alpha),
        ),
        formulas=(r"\bar{b} = \beta\,\bar{z}", r"\bar{x} = \alpha\,\bar{z}\,y^{\mathsf{T}}", r"\bar{y} = \alpha\,x^{\mathsf{T}}\,\bar{z}"),
    )  # fmt: skip


def _left(g: Any, y: Any) -> Any:
    return product(g, tr(y))


def _right(g: Any, x: Any) -> Any:
    return product(tr(x), g)


addmm_row = _with_summand("addmm", np.matmul, _left, _right)
baddbmm_row = _with_summand("baddbmm", np.matmul, _left, _right)
addmv_row = _with_summand("addmv", np.matmul, lambda g, y: column(g) * row(y), lambda g, x: mv(t_(x), g))
addr_row = _with_summand("addr", lambda x, y: x[:, None] * y[None, :], lambda g, y: mv(g, y), lambda g, x: mv(t_(g), x))
addbmm_row = _with_summand("addbmm", lambda x, y: np.matmul(x, y).sum(0, dtype=x.dtype), _left, _right)


def _same_dtype(a: Tensor, b: Tensor) -> None:
    if a._data.dtype is not b._data.dtype:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {a.dtype.c_name} != {b.dtype.c_name}")


def _check_addmm(bias: Tensor, x: Tensor, y: Tensor) -> None:
    a, b = x._data.shape, y._data.shape
    if len(a) != 2:
        raise RuntimeError(f"mat1 must be a matrix, got {len(a)}-D tensor")
    if len(b) != 2:
        raise RuntimeError(f"mat2 must be a matrix, got {len(b)}-D tensor")
    if a[1] != b[0]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a[0]}x{a[1]} and {b[0]}x{b[1]})")
    _same_dtype(x, y)
    expanded(bias._data, (a[0], b[1]))


def _check_addmv(bias: Tensor, x: Tensor, y: Tensor) -> None:
    a, b = x._data.shape, y._data.shape
    if len(a) != 2 or len(b) != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {bias._data.ndim}, {len(a)}, {len(b)}")
    n = bias._data.shape[0] if bias._data.ndim else 1
    if a[1] != b[0] or n not in (1, a[0]):
        raise RuntimeError(f"size mismatch, got input ({n}), mat ({a[0]}x{a[1]}), vec ({b[0]})")
    expanded(bias._data, (a[0],))


def _check_addr(bias: Tensor, x: Tensor, y: Tensor) -> None:
    a, b = x._data.shape, y._data.shape
    if len(a) != 1:
        raise RuntimeError(f"addr: Expected 1-D argument vec1, but got {len(a)}-D")
    if len(b) != 1:
        raise RuntimeError(f"addr: Expected 1-D argument vec2, but got {len(b)}-D")
    expanded(bias._data, (a[0], b[0]))


def _check_addr_sizes(bias: Tensor, x: Tensor, y: Tensor) -> None:
    """In place the summand is a matrix as large as the product."""
    own, a, b = bias._data.shape, x._data.shape, y._data.shape
    if len(a) == len(b) == 1:
        if len(own) != 2:
            raise RuntimeError(f"2D tensor expected, got {len(own)}D tensor for input")
        if own != a + b:
            raise RuntimeError(f"size mismatch, input: {sizes(own)}, v1: {sizes(a)}, v2: {sizes(b)}")


def _check_batches(bias: Tensor, x: Tensor, y: Tensor) -> None:
    a, b = x._data.shape, y._data.shape
    if len(a) != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    if len(b) != 3:
        raise RuntimeError("batch2 must be a 3D tensor")
    if a[0] != b[0] or a[2] != b[1]:
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: [{b[0]}, {b[1]}].")


def check_addbmm(bias: Tensor, x: Tensor, y: Tensor) -> None:
    _expand_first(bias, (x, 1), (y, 2))
    a, b = x._data.shape, y._data.shape
    if len(a) == len(b) == 3 and a[0] != b[0]:
        raise RuntimeError(f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}")
    if len(a) == len(b) == 3 and a[2] != b[1]:
        raise RuntimeError(f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})")
    _check_batches(bias, x, y)


def _expand_first(bias: Tensor, *places: tuple[Tensor, int]) -> None:
    """PyTorch sees to the summand before it looks at the factors; `places` are the dimensions that it is as large as."""
    expanded(bias._data, tuple(t._data.shape[one_dim(d, t._data.ndim)] if t._data.ndim else _nowhere(d) for t, d in places))


def _check_baddbmm(bias: Tensor, x: Tensor, y: Tensor) -> None:
    _expand_first(bias, (x, 0), (x, 1), (y, 2))
    if modes.autocast is None and x._data.dtype is not bias._data.dtype:
        raise RuntimeError(
            f"Input dtypes must be the same, got: input {bias.dtype.c_name}, batch1: {x.dtype.c_name}, batch2: {y.dtype.c_name}"
        )
    _check_batches(bias, x, y)
    if modes.autocast is None and x._data.dtype is not y._data.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {y.dtype.scalar_name}")


def _nowhere(dim: int) -> int:
    raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")


_IN_PLACE_SIZES = frozenset(("addmm", "addmv", "baddbmm"))  # in place the summand is as large as the product


def _must_weigh(x: Tensor, *weights: Any) -> None:
    if x._data.dtype.kind != "c" and any(type(weight) is complex for weight in weights):
        raise no_real_number(x.dtype)


def _public(name: str, op: Op, check: Callable[[Tensor, Tensor, Tensor], None]) -> None:
    first, second = {"addmv": ("mat", "vec"), "addr": ("vec1", "vec2")}.get(
        name, ("mat1", "mat2") if name == "addmm" else ("batch1", "batch2")
    )

    def function(input: Any, x: Any, y: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
        for argument, given in ((first, x), (second, y)):
            if not isinstance(given, Tensor):
                raise must_be_tensor(name, argument, 1 if given is x else 2, given)
        check(input, x, y)
        _must_weigh(x, beta, alpha)
        return into(out, apply(op, (input, x, y), {"beta": beta, "alpha": alpha}), name)

    def write_method(self: Any, x: Any, y: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
        check_history(self)
        if name == "addr":
            _check_addr_sizes(self, x, y)
        a, b = x._data.shape, y._data.shape
        if name != "addmm" or len(a) != 2 or len(b) != 2 or a[1] != b[0]:  # of matrices that fit the sum's size is looked at first
            check(self, x, y)
        if name in _IN_PLACE_SIZES:
            made = a[:-1] if name == "addmv" else (*a[:-1], b[-1])
            if self._data.shape != made:
                raise RuntimeError(
                    f"Bad in-place call: input tensor size {sizes(self._data.shape)} and output tensor size {sizes(made)} should match"
                )
        if name == "addmm":
            check(self, x, y)
        _must_weigh(x, beta, alpha)
        return write(op, self, (x, y), {"beta": beta, "alpha": alpha})

    function.__name__ = name
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_public("addmm", addmm_row, _check_addmm)
_public("addmv", addmv_row, _check_addmv)
_public("addr", addr_row, _check_addr)
_public("addbmm", addbmm_row, check_addbmm)
_public("baddbmm", baddbmm_row, _check_baddbmm)


@export("torch method", "bmm")
def bmm_(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """Products of matrices, pair by pair of two batches."""
    _check_batches(input, input, mat2)
    if input._data.dtype is not mat2._data.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {mat2.dtype.scalar_name}")
    return into(out, apply(bmm, (input, mat2)), "bmm")


vdot = Op("vdot", dot.forward, inputs=dot.inputs, vjps=dot.vjps, formulas=dot.formulas)


@export("torch method linalg", "vdot")
def vdot_(input: Any, other: Any, *, out: Any = None) -> Any:
    """Inner product of two vectors."""
    a, b = input._data, other._data
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {input.dtype.scalar_name} and {other.dtype.scalar_name}"
        )
    if a.size != b.size:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor {sizes(a.shape)} and src {sizes(b.shape)} to have the same number of elements, but "
            f"got {a.size} and {b.size} elements respectively"
        )
    return into(out, apply(vdot, (input.conj() if a.dtype.kind == "c" else input, other)), "vdot")


@export("torch method", "outer", "ger")
def outer(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """All products of two vectors' elements."""
    for place, v in (("self", input), ("vec2", vec2)):
        if v._data.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {place}, but got {v._data.ndim}-D")
    return into(out, apply(mul, (input.reshape(-1, 1), vec2)), "outer")


def _must_be_alike(a: Any, b: Any) -> None:
    if a._data.dtype is not b._data.dtype and modes.autocast is None:
        raise RuntimeError("both inputs should have same dtype")


@export("torch method")
def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """Sums of products over the last dimension of both."""
    a, b = input._data, other._data
    if a.ndim == 0 or b.ndim == 0:
        return input * other
    if a.shape[-1] != b.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {sizes(a.shape)} and {sizes(b.shape)}"
        )
    _must_be_alike(input, other)
    return into(out, tensordot(input, other, [[-1], [-1]]), "inner")


@export("torch")
def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """Sums of products over pairs of dimensions: permute, fold into two matrices, multiply, unfold."""
    _must_be_alike(a, b)
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims._data.ndim else int(dims.item())
    if isinstance(dims, (int, np.integer)):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a._data.ndim, b._data.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        first, second = list(range(-dims, 0)), list(range(dims))
    elif isinstance(dims, (tuple, list)):
        first, second = dims
        for k, given in enumerate((first, second)):
            if not isinstance(given, (tuple, list)):
                argument = ("dims_self", "dims_other")[k]
                raise TypeError(f"tensordot(): argument '{argument}' (position {k + 3}) must be tuple of ints, not {spoken_class(given)}")
    else:
        raise RuntimeError(
            f"tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, but got dims={dims}"
        )
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    for j, k in zip(first, second, strict=True):
        n, m = a._data.shape[one_dim(j, a._data.ndim)], b._data.shape[one_dim(k, b._data.ndim)]
        if n != m and 1 not in (n, m):
            raise RuntimeError(f"contracted dimensions need to match, but first has size {n} in dim {j} and second has size {m} in dim {k}")
        if n != m:
            a = a.sum(j, keepdim=True, dtype=a.dtype) if m == 1 else a
            b = b.sum(k, keepdim=True, dtype=b.dtype) if n == 1 else b
    first, second = list(dims_of(first, a._data.ndim)), list(dims_of(second, b._data.ndim))
    free_a = [k for k in range(a._data.ndim) if k not in first]
    free_b = [k for k in range(b._data.ndim) if k not in second]
    size = [a._data.shape[k] for k in free_a] + [b._data.shape[k] for k in free_b]
    rows = math.prod([a._data.shape[k] for k in free_a])
    cols = math.prod([b._data.shape[k] for k in free_b])
    mid = math.prod([a._data.shape[k] for k in first])
    x = a.permute((*free_a, *first)).reshape(rows, mid)
    y = b.permute((*second, *free_b)).reshape(mid, cols)
    return into(out, matmul(x, y).reshape(size), "tensordot")


@export("torch method")
def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """Each element of the first times the whole second."""
    n = max(input._data.ndim, other._data.ndim)
    a = (1,) * (n - input._data.ndim) + input._data.shape
    b = (1,) * (n - other._data.ndim) + other._data.shape
    wide = apply(
        unsafe_view, (input,), {"size": tuple(k for size in a for k in (size, 1))}
    )  # no views: writes to the inputs are not noticed
    tall = apply(unsafe_view, (other,), {"size": tuple(k for size in b for k in (1, size))})
    return into(out, apply(unsafe_view, (apply(mul, (wide, tall)),), {"size": tuple(p * q for p, q in zip(a, b, strict=True))}), "kron")


export("method", "__rmatmul__")(lambda self, other: matmul(other, self) if isinstance(other, Tensor) else NotImplemented)
__all__ = ["addbmm_row", "addmm_row", "addmv_row", "addr_row", "baddbmm_row", "tensordot"]
